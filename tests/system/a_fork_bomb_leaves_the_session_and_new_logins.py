# SPDX-License-Identifier: Apache-2.0
"""pids = 64: a fork bomb meets the limit; the session lives, and a new login can look and clean up (Q15)."""

BOMB = "python3 -c \"\nimport os,time\nn=0\nwhile n<2000:\n try:\n  pid=os.fork()\n except OSError:\n  n+=1; " \
       "time.sleep(0.005); continue\n if pid==0: time.sleep(100); os._exit(0)\n\""


def test(env):
    for user in ("stu1", "joint"):
        env.config(defaults="quota: { pids = 64; };")
        tty = env.shell_tty(user)
        bomb = env.ssh_popen(user, BOMB)
        env.wait_for("the bomb is at the limit", lambda: len(env.boxed_processes()) >= 62, 20)
        env.check(len(env.boxed_processes()) <= 64 + 16, "over the limit:", len(env.boxed_processes()))
        env.equal(env.tty_run(tty, "echo alive").splitlines()[-1], "alive", "after a notice about pids")
        env.equal(env.ssh_ok(user, "echo in", timeout=10), "in")
        env.equal(env.ssh_ok("stu2", "echo in; ls / | wc -l", timeout=10).split()[0], "in")
        if user == "joint":
            env.check("python3" in env.ssh_ok(user, "ps -e -o comm="), "ps in a new login")
            env.ssh(user, "kill -9 -1", timeout=10)
        else:
            bomb.kill()
        env.wait_for("the bomb is gone", lambda: len(env.boxed_processes()) < 10, 20)
        env.equal(env.ssh_ok(user, "sh -c 'echo a | cat | cat'"), "a")
        tty.kill(9)
        env.wait_gone(user)
