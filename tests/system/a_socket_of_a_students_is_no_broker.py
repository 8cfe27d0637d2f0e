# SPDX-License-Identifier: Apache-2.0
"""B12, P19: the module talks to root alone; a listener of a student's at the socket's path is refused."""
import os
import sys

LISTENER = r"""
import os, socket, sys, time
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
os.setgid(1000); os.setuid(1000)
s.bind(sys.argv[1])
os.chmod(sys.argv[1], 0o777)
s.listen(5)
print("ready", flush=True)
peer, _ = s.accept()
print("got %d" % len(peer.recv(70000)), flush=True)
time.sleep(20)
"""


def test(env):
    path = "/tmp/false.sock"
    child = env.popen([sys.executable, "-c", LISTENER, path])
    env.equal(child.stdout.readline(), b"ready\n")
    env.pam(f"socket={path} deadline=3s")
    done = env.execute(["su", "-", "stu1", "-c", "echo in"], timeout=20)
    env.check(done.rc != 0 and b"in\n" not in done.out, "got in:", done)
    os.set_blocking(child.stdout.fileno(), False)
    env.check(not child.stdout.read(), "the module told a student's process who logs in")
