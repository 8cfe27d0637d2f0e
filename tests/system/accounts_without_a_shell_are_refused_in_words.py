# SPDX-License-Identifier: Apache-2.0
"""P14: nologin, false, a missing shell, one that is not in /etc/shells: refused in words by sshd, su, runuser, cron."""
import os


def test(env):
    env.machine.write("/opt/odd-shell", "#!/bin/sh\nhostname > /home/odd/out\n", 0o755)
    shells = {"no": "/usr/sbin/nologin", "fa": "/bin/false", "mi": "/bin/missing-shell", "odd": "/opt/odd-shell"}
    for n, (name, shell) in enumerate(shells.items()):
        env.add_user(name, 1200 + n, shell=shell)
        for command in (env.ssh_command(name, "hostname"), ["su", "-", name, "-c", "hostname"],
                        ["su", "-s", "/bin/sh", name, "-c", "hostname"], ["runuser", "-l", name, "-c", "hostname"]):
            done = env.execute(command, timeout=20)
            env.check(done.rc != 0 and b"lab\n" not in done.out, name, command, "got in:", done)
            env.check((done.out + done.err).strip(), name, command, "was refused without a word")
        env.cron(name, f"@reboot hostname > /home/{name}/out")
        env.check(not os.path.exists(f"/home/{name}/out"), name, "cron ran a line")
    for user, change, undo in (("stu1", ["-L", "stu1"], ["-U", "stu1"]),
                               ("stu1", ["-e", "1", "stu1"], ["-e", "", "stu1"])):
        env.execute(["usermod", *change])
        boxed = env.ssh(user, "echo in")
        env.execute(["usermod", *undo])
        env.equal(boxed.rc, 0 if change[0] == "-L" else 255, change)
    os.unlink("/opt/odd-shell")
