# SPDX-License-Identifier: Apache-2.0
"""P01: broker stopped, hung or deaf: a student is refused within the deadline and reads why; others get in."""
import os
import signal
import socket
import time

PATH = "/run/sandboxd/sandboxd.sock"


def expect_refusal(env, what):
    began = time.monotonic()
    done = env.ssh("stu1", "echo in", timeout=20)
    took = time.monotonic() - began
    env.check(done.rc == 254 and b"in\n" not in done.out, what, done)
    lines = (done.out + done.err).decode().strip().splitlines()
    env.check(len(lines) == 1 and len(lines[0]) > 20, what, "is not told in one line:", lines)
    env.check(took < 6.5, what, "took", took)
    for command in (["su", "-", "stu1", "-c", "echo in"], ["runuser", "-l", "stu1", "-c", "echo in"]):
        done = env.execute(command, timeout=20)
        env.check(done.rc != 0 and b"in\n" not in done.out, what, command, done)
    for user in ("plain", "boss", "root"):
        began = time.monotonic()
        env.equal(env.ssh_ok(user, "echo in"), "in", f"{what}, {user}")
        env.check(time.monotonic() - began < 2.5, what, user, "was delayed")


def test(env):
    env.broker.signal(signal.SIGSTOP)
    expect_refusal(env, "broker stopped by a signal")
    env.broker.signal(signal.SIGCONT)
    env.wait_for("the broker is back", lambda: env.ssh("stu1", "echo in").text == "in")
    env.broker.stop()
    if os.path.exists(PATH):
        os.unlink(PATH)
    expect_refusal(env, "no socket")
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as s:
        s.bind(PATH)
        expect_refusal(env, "connection refused")
    os.unlink(PATH)
    os.mkdir(PATH)
    expect_refusal(env, "a directory")
    os.rmdir(PATH)
    env.broker.start()
    env.equal(env.ssh_ok("stu1", "hostname"), "stu1-lab")
