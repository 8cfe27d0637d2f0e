# SPDX-License-Identifier: Apache-2.0
"""quota.sessions (Q17) counts the logins that are still being opened, too: ten at once are two."""
import signal
import time


def test(env):
    env.config(defaults="quota: { sessions = 2; };")
    env.pam("deadline=40s")
    env.broker.signal(signal.SIGSTOP)
    logins = [env.ssh_popen("stu1", "echo in; exec sleep 5") for _ in range(10)]
    other = env.ssh_popen("stu2", "echo in")
    time.sleep(5)  # all of them ask, and are read in one turn
    env.broker.signal(signal.SIGCONT)
    seen = [login.communicate(timeout=60) for login in logins]
    env.equal(sum(out == b"in\n" for out, _ in seen), 2, seen)
    env.equal(other.communicate(timeout=60)[0], b"in\n")
