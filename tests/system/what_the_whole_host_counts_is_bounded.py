# SPDX-License-Identifier: Apache-2.0
"""Numbers that the kernel has once for all users: a login takes a small part of the terminals, no AIO request."""

TERMINALS = """
import os
taken = []
try:
    while True:
        taken.append(os.open("/dev/ptmx", os.O_RDWR | os.O_NOCTTY))
except OSError as error:
    print(len(taken), error.strerror)
"""
REQUESTS = """
import ctypes, platform
context = ctypes.c_ulong(0)
number = {"x86_64": 206, "aarch64": 0}[platform.machine()]
print(ctypes.CDLL(None).syscall(number, 1000, ctypes.byref(context)))
"""


def test(env):
    for user, most in (("stu1", 64), ("joint", 256)):
        done = env.ssh(user, ["/usr/bin/python3", "-c", TERMINALS])
        env.equal(done.text, f"{most} No space left on device", user)
    env.equal(env.ssh_ok("stu1", ["/usr/bin/python3", "-c", REQUESTS]), "-1")
