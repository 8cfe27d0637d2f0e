# SPDX-License-Identifier: Apache-2.0
"""The size at the start and every change reach the programs inside; a storm of changes ends at the last."""


def test(env):
    tty = env.spawn_tty("stu1", dimensions=(33, 101))
    env.quiet(tty)
    env.equal(env.tty_run(tty, "stty size"), "33 101")
    env.tty_run(tty, "trap 'got=1' WINCH")
    tty.setwinsize(44, 120)
    env.wait_for("the new size", lambda: env.tty_run(tty, "stty size") == "44 120")
    tty.sendline("echo got=$got.")
    tty.expect_exact("got=1.")
    tty.expect_exact("READY> ")
    for n in range(200):
        tty.setwinsize(20 + n % 30, 60 + n % 90)
    tty.setwinsize(25, 81)
    env.wait_for("the last size", lambda: env.tty_run(tty, "stty size") == "25 81")
