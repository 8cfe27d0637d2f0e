# SPDX-License-Identifier: Apache-2.0
"""P05: SIGKILL of sshd's monitor, of its child, of the shim, of PID 1: over within 5 s, no orphan, no channel."""
import os
import signal

from harness import invariants


def process(pattern, uid=None):
    for pid in invariants.pids():
        text = invariants.describe(pid)
        if pattern in text and (uid is None or f"uid={uid} " in text):
            return pid
    raise AssertionError(f"no process like {pattern}")


def test(env):
    victims = (
        ("monitor", lambda: process("stu1 [priv]", 0)),
        ("child of sshd", lambda: process("stu1@", 1000)),
        ("PID 1", lambda: env.sessions("stu1")[0]["pid"]),
    )
    for name, find in victims:
        for command in ("echo up; sleep 1000", "echo up; trap '' HUP TERM; (setsid sleep 1000 &); sleep 1000"):
            child = env.ssh_popen("stu1", command)
            env.equal(child.stdout.readline(), b"up\n")
            os.kill(find(), signal.SIGKILL)
            env.wait_for(f"{name} killed: every process in the box ends", lambda: not env.boxed_processes(), 6)
            env.wait_for(f"{name} killed: the client sees the end", lambda: child.poll() is not None, 6)
            env.wait_gone("stu1", 6)
    # The shim alone: what it started is hung up, the rest of the session goes on.
    options, _ = env.master("stu1")
    child = env.ssh_popen("stu1", "echo up; sleep 1000", options)
    env.equal(child.stdout.readline(), b"up\n")
    own = os.readlink("/proc/self/ns/pid")
    shims = [pid for pid in invariants.pids() if "uid=1000 " in invariants.describe(pid)
             and "sshd" not in invariants.describe(pid) and os.readlink(f"/proc/{pid}/ns/pid") == own]
    env.equal(len(shims), 1, [invariants.describe(pid) for pid in shims])
    os.kill(shims[0], signal.SIGKILL)
    env.wait_for("the shell is hung up", lambda: not any("sleep 1000" in p for p in env.boxed_processes().values()))
    env.equal(env.ssh("stu1", "echo on", options=options).text, "on")
