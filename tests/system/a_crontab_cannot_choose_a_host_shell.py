# SPDX-License-Identifier: Apache-2.0
"""I28: SHELL= in a crontab, MAILTO and a pipe in ~/.forward never start a program of the student's on the host."""
import pathlib
import shutil


def test(env):
    home = pathlib.Path("/home/stu1")
    marker = home / "marker"

    def ran():
        return [line for path in home.glob("*.ran") for line in path.read_text().splitlines()]

    for shell in ("/bin/bash", "/bin/dash", "/usr/bin/python3", "/home/stu1/marker", "/usr/bin/env"):
        shutil.copy(env.probe("marker"), marker)
        env.cron("stu1", f"SHELL={shell}\nMAILTO=stu1\n@reboot {marker} /home/stu1/x; echo output")
        for line in ran():
            env.check(line.startswith("host=stu1-lab "), shell, "ran on the host:", line)
        for path in home.glob("*.ran"):
            path.unlink()
    # cron executes sendmail as the student for a line with output; this one would run what ~/.forward says.
    if env.machine.is_private("/usr"):
        shutil.copy(env.probe("marker"), "/usr/sbin/sendmail")
        env.cron("stu1", "MAILTO=stu1\n@reboot echo output to mail")
        pathlib.Path("/usr/sbin/sendmail").unlink()
        env.check(not pathlib.Path("/usr/sbin/sendmail.ran").exists(), "sendmail ran on the host")
    env.cron("stu1", "@reboot /home/stu1/marker /home/stu1/control")
    env.check(ran(), "the marker never ran: this test would not see anything")
