# SPDX-License-Identifier: Apache-2.0
"""A login on a terminal prints one line with the quotas; a command prints nothing; notice = false is silent."""
import pexpect


def test(env):
    def shown():
        tty = env.spawn_tty("stu1")
        env.quiet(tty)
        before = tty.before.decode()
        tty.sendline("exit")
        tty.expect(pexpect.EOF)
        tty.close()
        return before

    env.config(defaults='quota: { memory = "512M"; pids = 321; };')
    text = shown()
    env.check("512M" in text and "321" in text, "the notice does not name the quotas:", text)
    env.config(defaults='notice = false; quota: { memory = "512M"; pids = 321; };')
    text = shown()
    env.check("512M" not in text, "notice = false, and yet:", text)
