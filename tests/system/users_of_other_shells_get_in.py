# SPDX-License-Identifier: Apache-2.0
"""A login shell that is not sh: the account's own shell runs inside where it exists, else `shell`."""


def test(env):
    for n, shell in enumerate(("/bin/dash", "/usr/bin/rbash", "/usr/bin/bash")):
        with open("/etc/shells") as file:
            listed = shell in file.read().split()
        if not listed:
            continue
        env.add_user(f"sh{n}", 1400 + n, shell=shell)
        env.equal(env.ssh_ok(f"sh{n}", "hostname"), f"sh{n}-lab")
        env.equal(env.ssh_ok(f"sh{n}", "echo $0").split("/")[-1].lstrip("-"), shell.split("/")[-1])
