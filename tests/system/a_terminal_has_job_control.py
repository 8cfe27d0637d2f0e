# SPDX-License-Identifier: Apache-2.0
"""ssh -tt: the box's own terminal, ^C, ^Z, fg, jobs, ^D with the right status, the session's leader."""
import pexpect


def test(env):
    tty = env.shell_tty("stu1")
    env.equal(env.tty_run(tty, "tty"), "/dev/pts/0")
    env.equal(env.tty_run(tty, "hostname"), "stu1-lab")
    env.equal(env.tty_run(tty, "test $(ps -o sid= -p $$) = $$ && echo leader"), "leader")
    tty.sendline("sleep 100")
    tty.expect_exact("sleep 100\r\n")
    env.wait_for("sleep runs", lambda: any("sleep 100" in line for line in env.boxed_processes().values()))
    tty.send(b"\x1a")
    tty.expect("Stopped.*sleep 100")
    tty.expect_exact("READY> ")
    tty.sendline("fg")
    tty.expect_exact("sleep 100\r\n")
    tty.send(b"\x03")
    tty.expect_exact("READY> ")
    env.equal(env.tty_run(tty, "echo $?"), "130")
    env.check("Done" in env.tty_run(tty, "sleep 0.1 & sleep 0.5"), "no report of a job's end")
    env.tty_run(tty, "(exit 7)")
    tty.send(b"\x04")
    tty.expect(pexpect.EOF)
    tty.close()
    env.equal(tty.exitstatus, 7)
