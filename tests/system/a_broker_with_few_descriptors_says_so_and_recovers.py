# SPDX-License-Identifier: Apache-2.0
"""B07: RLIMIT_NOFILE small: logins are refused in words, the broker does not spin, and recovers."""
import time


def test(env):
    env.broker.stop()
    env.broker.start(wrapper=["prlimit", "--nofile=110:110"])
    sessions = []
    refused = None
    for _ in range(60):
        child = env.ssh_popen("stu1", "echo up; exec cat")
        line = child.stdout.readline()
        if line != b"up\n":
            refused = line + child.communicate()[1]
            break
        sessions.append(child)
    env.check(sessions and refused, "110 descriptors hold", len(sessions), "sessions; the refusal:", refused)
    with open(f"/proc/{env.broker.pid}/stat") as file:
        before = sum(map(int, file.read().rsplit(")", 1)[1].split()[11:13]))
    time.sleep(2)
    with open(f"/proc/{env.broker.pid}/stat") as file:
        used = sum(map(int, file.read().rsplit(")", 1)[1].split()[11:13])) - before
    env.check(used < 50, "the broker spins:", used, "ticks in 2 s")
    for child in sessions:
        child.kill()
    env.wait_for("logins again", lambda: env.ssh("stu1", "echo in").text == "in", 15, 0.3)
    env.broker.restart(kill=False)
