# SPDX-License-Identifier: Apache-2.0
"""Ten sessions of a user who has many processes end at once, and will not: the broker does not spend itself on it."""
import os
import pathlib
import time


def processor_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test(env):
    crowd = env.ssh_popen("stu1", "for i in $(seq 700); do sleep 300 & done; echo in; wait")
    env.equal(crowd.stdout.readline(), b"in\n")
    sessions = [env.ssh_popen("stu1", "trap '' HUP TERM; echo in; exec sleep 300") for _ in range(10)]
    for session in sessions:
        env.equal(session.stdout.readline(), b"in\n")
    before = processor_seconds(env.broker.pid)
    for session in sessions:
        session.kill()
    env.wait_for("they have ended", lambda: len(env.sessions("stu1")) == 1, 30, 0.5)
    spent = processor_seconds(env.broker.pid) - before
    print(f"the broker took {spent:.2f} s")
    env.check(spent < 0.8, "the broker took", spent, "s of processor time")
    began = time.monotonic()
    env.equal(env.ssh_ok("stu2", "echo in"), "in")
    env.check(time.monotonic() - began < 5, "a login took", time.monotonic() - began)
