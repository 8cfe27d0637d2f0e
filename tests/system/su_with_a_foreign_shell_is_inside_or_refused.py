# SPDX-License-Identifier: Apache-2.0
"""I30: su -s, su -p with SHELL, runuser -u: inside, or refused in words; nothing runs on the host."""
import os
import pathlib
import shutil


def test(env):
    home = pathlib.Path("/home/stu1")
    shutil.copy(env.probe("marker"), home / "marker")
    os.chmod(home, 0o755)
    tries = (
        ["su", "-s", "/bin/dash", "stu1", "-c", "hostname > ~stu1/out"],
        ["su", "-s", "/usr/bin/python3", "stu1", "-c", "open('/home/stu1/out', 'w').write('host')"],
        ["su", "-s", "/home/stu1/marker", "stu1"],
        ["su", "-s", env.probe("marker"), "stu1", "/home/stu1/x"],
        ["su", "-s", "/lib64/ld-linux-x86-64.so.2", "stu1", "/usr/bin/touch", "/home/stu1/out"],
        ["su", "-p", "stu1", "-c", "hostname > /home/stu1/out"],
        ["runuser", "-u", "stu1", "--", "sh", "-c", "hostname > /home/stu1/out"],
        ["runuser", "-u", "stu1", "--", "/home/stu1/marker"],
        ["runuser", "-u", "stu1", "--", "id"],
    )
    for command in tries:
        if not shutil.which(command[0]):
            continue
        done = env.execute(command, env={**os.environ, "SHELL": "/bin/dash"})
        seen = [path.read_text() for path in home.glob("*") if path.name == "out" or path.name.endswith(".ran")]
        for text in seen:
            env.check("stu1-lab" in text, command, "ran on the host:", text, done)
        env.check(seen or done.rc != 0, command, "neither ran nor was refused:", done)
        env.check(seen or done.err.strip() or done.out.strip(), command, "was refused without a word:", done)
        for path in home.glob("*"):
            if path.name != "marker":
                path.unlink()
