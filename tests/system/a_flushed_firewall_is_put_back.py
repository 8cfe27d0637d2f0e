# SPDX-License-Identifier: Apache-2.0
"""`nft flush ruleset`, or of our table alone, does not open sandboxes: the table and what it allows come back."""
import subprocess

RULES = "nft list table inet sandboxd"


def rules():
    done = subprocess.run(RULES.split(), capture_output=True, text=True, check=False)
    return [line.strip() for line in done.stdout.splitlines() if "elements" not in line]


def test(env):
    env.config(defaults='network: { allow = ( "10.99.0.1:5000/tcp" ); };')
    before = rules()
    env.check(len(before) > 20, "there is no table", before)
    held = env.session("stu1")
    for command in ("nft flush ruleset", "nft flush table inet sandboxd", "nft delete table inet sandboxd"):
        env.check(subprocess.run(command.split(), check=False).returncode == 0, command)
        env.wait_for(f"the rules after `{command}`", lambda: rules() == before, 10)
        listed = subprocess.run(RULES.split(), capture_output=True, text=True, check=False).stdout
        env.check("5000" in listed, "what the live sandbox is allowed has gone after", command, listed)
        subprocess.run(["sleep", "1.1"], check=False)
    env.check("is put back" in env.broker.log(), "the log does not say so")
    held.kill()
