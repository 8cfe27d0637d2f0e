# SPDX-License-Identifier: Apache-2.0
"""quota.session_time: the session and sshd's process end, and the terminal reads why (P05)."""
import pexpect


def test(env):
    env.config(defaults='quota: { session_time = "3s"; };')
    tty = env.shell_tty("stu1")
    options, master = env.master("stu1")
    tty.expect("(?i)session_time|3s|time", timeout=10)
    tty.expect(pexpect.EOF, timeout=10)
    master.wait(10)
    env.wait_gone("stu1")
    env.check(env.log_lines("session_time|time limit|time is up"), "the log has no reason")
