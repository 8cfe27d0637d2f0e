# SPDX-License-Identifier: Apache-2.0
"""drain: new sessions of students are refused in words, over a restart too; running ones stay; --off ends it."""


def test(env):
    running = env.session("stu1")
    try:
        env.equal(env.ctl("drain", json_output=False).rc, 0)
        for _ in range(2):
            done = env.ssh("stu2", "echo in")
            env.check(done.rc != 0 and b"in\n" not in done.out, "a login while draining:", done)
            env.check(done.out + done.err, "refused without a word")
            env.equal(env.ssh_ok("plain", "echo in"), "in")
            env.equal(env.ssh_ok("boss", "echo in"), "in")
            env.check(running.poll() is None, "drain ended a running session")
            env.broker.restart()
        env.equal(env.ctl("drain", "--kill", "1", json_output=False).rc, 0)
        running.wait(10)
    finally:
        env.equal(env.ctl("drain", "--off", json_output=False).rc, 0)
    env.equal(env.ssh_ok("stu2", "echo in"), "in")
