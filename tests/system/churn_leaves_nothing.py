# SPDX-License-Identifier: Apache-2.0
"""200 logins, a third of them killed with -9 on either side, up to 8 at once: everything is as before."""
import concurrent.futures
import os
import random
import signal
import time

from harness import invariants

TIMEOUT = 400
LONG_TIMEOUT = 1800


def sshd_processes():
    found = []
    for pid in invariants.pids():
        text = invariants.describe(pid)
        if "sshd" in text and ("stu" in text or "joint" in text):
            found.append(pid)
    return found


def one(env, n):
    dice = random.Random(n)
    user = dice.choice(("stu1", "stu2", "joint"))
    command = dice.choice(("true", "sleep 0.2; exit 3", "(setsid sleep 100 &) ; echo x", "cat /proc/self/status"))
    kind = n % 6
    if kind not in (0, 3):
        done = env.ssh(user, command, timeout=60)
        env.check(done.rc in (0, 3), user, command, done)
        return
    child = env.ssh_popen(user, "echo up; sleep 30")
    if child.stdout.readline() != b"up\n":
        raise AssertionError(f"login {n} of {user}: {child.communicate()}")
    if kind == 0:
        child.kill()
    else:
        with_user = [pid for pid in sshd_processes() if user in invariants.describe(pid)]
        if with_user:
            try:
                os.kill(dice.choice(with_user), signal.SIGKILL)
            except ProcessLookupError:
                pass
        time.sleep(0.05)
        child.kill()
    child.wait()


def test(env):
    count = 2000 if env.long else 200
    for _ in range(6):
        env.ssh_ok("stu1", "true")
    memory = invariants.broker_memory(env.broker.pid)
    survivors = []

    def guarded(n):
        try:
            one(env, n)
        except AssertionError as error:  # a login whose sshd another one killed is no failure of ours
            survivors.append(str(error))

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(guarded, range(count)))
    env.check(len(survivors) <= count // 6, "too many logins failed:", len(survivors), survivors[:3])
    env.wait_gone()
    grown = invariants.broker_memory(env.broker.pid) - memory
    env.check(grown < invariants.MEMORY_SLACK, "the broker's private memory grew by", grown, "KiB")
