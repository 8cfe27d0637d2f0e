# SPDX-License-Identifier: Apache-2.0
"""su -, su -c, runuser -l and login on a terminal: boxed, with job control, resize and the right status."""
import pexpect


def test(env):
    for command in (["su", "-", "stu1", "-c", "hostname; id -u"], ["su", "stu1", "-c", "hostname; id -u"],
                    ["runuser", "-l", "stu1", "-c", "hostname; id -u"],
                    ["su", "-P", "stu1", "-c", "hostname; id -u"]):
        done = env.execute(command)
        env.equal((done.rc, done.text.split()), (0, ["stu1-lab", "1000"]), command)
    env.equal(env.execute(["su", "-", "stu1", "-c", "exit 9"]).rc, 9)
    for command in (["su", "-", "stu1"], ["login", "-f", "stu1"], ["runuser", "-l", "stu1"]):
        tty = env.quiet(env.spawn(command, dimensions=(30, 90)))
        env.equal(env.tty_run(tty, "hostname; id -u").split(), ["stu1-lab", "1000"], command)
        env.equal(env.tty_run(tty, "stty size"), "30 90", command)
        tty.setwinsize(31, 91)
        env.wait_for("resize", lambda: env.tty_run(tty, "stty size") == "31 91")
        # readline draws its prompt anew after a resize: one more than there are answers.
        env.wait_for(f"{command}: a terminal inside", lambda: env.tty_run(tty, "tty").startswith("/dev/pts/"))
        tty.sendline("sleep 50")
        tty.expect_exact("sleep 50\r\n")
        env.wait_for("sleep", lambda: any("sleep 50" in p for p in env.boxed_processes().values()))
        tty.send(b"\x1a")
        tty.expect("Stopped")
        tty.expect_exact("READY> ")
        tty.sendline("kill -9 %1")
        env.wait_for("no sleep", lambda: not any("sleep 50" in p for p in env.boxed_processes().values()))
        tty.sendline("jobs; exit 5")
        tty.expect(pexpect.EOF)
        tty.close()
        env.check(command[0] == "login" or tty.exitstatus == 5, command, "ended with", tty.exitstatus)
    env.equal(env.execute(["su", "-", "plain", "-c", "hostname"]).text, "lab")
