# SPDX-License-Identifier: Apache-2.0
"""A broker that was started in some directory of the host does not hand it to PID 1 (I07, CVE-2024-21626)."""
import os


def test(env):
    env.broker.stop()
    env.broker.start(wrapper=("sh", "-c", 'cd /srv && exec "$@"', "sh"))
    env.equal(os.readlink(f"/proc/{env.broker.pid}/cwd"), "/srv")
    for user in ("stu1", "joint"):
        env.session(user)
    boxed = env.boxed_processes()
    env.check(len(boxed) >= 4, boxed)
    for pid in boxed:
        env.check(not os.path.samefile(f"/proc/{pid}/cwd/", "/srv"), pid, boxed[pid], "is in /srv of the host")
    env.broker.restart(kill=False)
