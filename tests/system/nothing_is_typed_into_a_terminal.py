# SPDX-License-Identifier: Apache-2.0
"""I08: TIOCSTI and TIOCLINUX, with every upper bit, through ssh -tt, `su -` and a channel: EPERM, nothing arrives."""
import pexpect


def test(env):
    for command in (env.ssh_command("stu1", [env.probe("terminal")], ["-tt"]),
                    ["su", "-", "stu1", "-c", env.probe("terminal")]):
        tty = env.spawn(command)
        tty.expect(pexpect.EOF, timeout=30)
        tty.close()
        env.check(b"TIOCSTI" in tty.before, "the probe did not run:", tty.before[-500:])
        env.equal(tty.exitstatus, 0, tty.before[-2000:])
    # A root shell that runs su: what the student leaves in its terminal's queue is not typed into it.
    root = env.quiet(env.spawn(["bash", "--norc"]))
    env.tty_run(root, f"su - stu1 -c {env.probe('terminal')} > /dev/null")
    env.equal(env.tty_run(root, "echo clean"), "clean")
