# SPDX-License-Identifier: Apache-2.0
"""quota.sessions (Q17): the one more is refused with the limit's name; channels count once, cron not at all."""
import pathlib


def test(env):
    env.config(defaults="quota: { sessions = 2; };")
    options, _ = env.master("stu1")
    for _ in range(5):
        env.equal(env.ssh("stu1", "echo in", options=options).text, "in")
    second = env.session("stu1")
    done = env.ssh("stu1", "echo in")
    env.check(done.rc == 254 and b"sessions" in done.out + done.err, "the third session:", done)
    env.equal(env.execute(["su", "-", "stu1", "-c", "echo in"]).text.count("in\n"), 0)
    env.cron("stu1", "@reboot hostname > ~/out")
    env.equal(pathlib.Path("/home/stu1/out").read_text(), "stu1-lab\n")
    env.equal(env.ssh_ok("stu2", "echo in"), "in")
    second.kill()
    env.wait_for("a place is free", lambda: env.ssh("stu1", "echo in").text == "in")
