# SPDX-License-Identifier: Apache-2.0
"""sandboxctl kill SESSION and USER end sshd's process too, with the reason on the terminal and in the log."""
import pexpect


def test(env):
    tty = env.shell_tty("stu1")
    other = env.session("stu1")
    first = [row["session"] for row in env.sessions("stu1")]
    env.equal(len(first), 2)
    env.check(all(name.startswith("lab-") and len(name) == 12 for name in first), first)
    done = env.ctl("kill", "stu1", "--reason", "exam is over", json_output=False)
    env.equal(done.rc, 0, done)
    tty.expect("exam is over", timeout=5)
    tty.expect(pexpect.EOF, timeout=8)
    other.wait(8)
    env.wait_gone("stu1")
    env.check(env.log_lines("exam is over"), "the log has no reason")
    one, two = env.session("joint"), env.session("joint")
    names = [row["session"] for row in env.sessions("joint")]
    env.equal(env.ctl("kill", names[0], json_output=False).rc, 0)
    env.wait_for("one session ends", lambda: (one.poll() is None) + (two.poll() is None) == 1, 8)
    env.equal(len(env.sessions("joint")), 1)
    env.equal(env.ctl("kill", "nobody-there", json_output=False).rc, 1)
    env.equal(env.ctl("kill", json_output=False).rc, 2)
