# SPDX-License-Identifier: Apache-2.0
"""Who was OOM-killed, or met pids, reads one line about it on a terminal of the session."""


def test(env):
    env.config(defaults='quota: { memory = "128M"; pids = 40; };')
    tty = env.shell_tty("stu1")
    tty.sendline("python3 -c 'x=bytearray(300<<20)'")
    tty.expect_exact("quota.memory = 128M", timeout=15)
    tty.sendline("")
    tty.expect_exact("READY> ")
    tty.sendline("for i in $(seq 60); do sleep 3 & done")
    tty.expect_exact("quota.pids = 40", timeout=15)
