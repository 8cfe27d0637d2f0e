# SPDX-License-Identifier: Apache-2.0
"""Real cron: a line of a student's crontab runs inside, with its own environment; others' run on the host."""
import pathlib


def test(env):
    env.cron("stu1", "@reboot hostname > ~/out; id -u >> ~/out; echo $SHELL >> ~/out")
    env.equal(pathlib.Path("/home/stu1/out").read_text().split(), ["stu1-lab", "1000", "/bin/sh"])
    env.cron("plain", "@reboot hostname > ~/out")
    env.equal(pathlib.Path("/home/plain/out").read_text(), "lab\n")
