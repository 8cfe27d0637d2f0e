# SPDX-License-Identifier: Apache-2.0
"""C10: the broker stopped for a while, a home that hangs: others log in; afterwards all is well."""
import os
import signal
import time


def test(env):
    options, _ = env.master("stu1")
    env.broker.signal(signal.SIGSTOP)
    env.equal(env.ssh("stu1", "hostname", options=options).text, "stu1-lab", "a channel while the broker hangs")
    env.equal(env.ssh_ok("plain", "hostname"), "lab")
    env.check(env.ssh("stu2", "hostname", timeout=15).rc != 0, "a login while the broker hangs")
    env.broker.signal(signal.SIGCONT)
    env.wait_for("logins again", lambda: env.ssh("stu2", "hostname").text == "stu2-lab", 10)

    # A home on a FUSE file system whose server never answers. runuser: pam_env of sshd and su reads the home itself.
    server = env.popen(["/usr/bin/python3", "-c", HANG, "/home/hung"]) if hang_possible(env) else None
    if server:
        env.wait_for("the mount", lambda: " /home/hung " in open("/proc/self/mountinfo").read())
        hung = [env.popen(["runuser", "-l", "hung", "-c", "echo in"]) for _ in range(5)]
        time.sleep(0.3)
        began = time.monotonic()
        env.equal(env.ssh_ok("stu2", "hostname"), "stu2-lab", "while a home hangs")
        env.check(time.monotonic() - began < 3, "a hung home delays others")
        for child in hung:
            out, err = child.communicate(timeout=20)
            env.check(child.returncode != 0 and (out + err).strip(), "a hung home:", child.returncode, out, err)
        server.kill()
        env.execute(["umount", "-l", "/home/hung"])


HANG = r"""
import ctypes, os, sys, time
fd = os.open("/dev/fuse", os.O_RDWR)
libc = ctypes.CDLL(None, use_errno=True)
data = b"fd=%d,rootmode=40755,user_id=0,group_id=0,allow_other" % fd
if libc.mount(b"hang", sys.argv[1].encode(), b"fuse", 0, data):
    sys.exit(os.strerror(ctypes.get_errno()))
time.sleep(60)
"""


def hang_possible(env):
    if not os.path.exists("/dev/fuse"):
        try:
            os.mknod("/dev/fuse", 0o20666, os.makedev(10, 229))
        except OSError:
            return False
    try:
        os.close(os.open("/dev/fuse", os.O_RDWR))
    except OSError:
        return False
    env.add_user("hung", 1500)
    return True


TIMEOUT = 150
