# SPDX-License-Identifier: Apache-2.0
"""kill -9 of the broker: sessions live, new channels work while it is down, the next broker finds them all."""


def test(env):
    options, _ = env.master("stu1")
    tty = env.shell_tty("stu2")
    joint = env.session("joint")
    ended = env.session("stu1")
    names = sorted(row["session"] for row in env.sessions())
    env.equal(len(names), 4)
    env.broker.kill()
    env.equal(env.ssh("stu1", "hostname", options=options).text, "stu1-lab")
    env.equal(env.tty_run(tty, "hostname"), "stu2-lab")
    ended.kill()
    ended.wait()
    env.equal(env.ssh_ok("plain", "echo in"), "in")
    done = env.ssh("joint", "echo in", timeout=12)
    env.check(done.rc != 0 and b"in\n" != done.out, "a fresh login with no broker:", done)
    env.broker.start()
    env.wait_for("three sessions", lambda: len(env.sessions()) == 3, 10)
    env.check(set(row["session"] for row in env.sessions()) < set(names), "sessions have other names")
    env.equal(env.tty_run(tty, "echo still"), "still")
    env.check(joint.poll() is None, "the session of joint ended")
    env.equal(env.ssh_ok("joint", "pgrep -xc cat"), "1", "the second login of joint is in the same box")
    env.config(defaults="quota: { pids = 66; };")
    env.wait_for("quotas of the three", lambda: [row["pids_max"] for row in env.sessions()] == [66] * 3)
