# SPDX-License-Identifier: Apache-2.0
"""System V queues, segments and semaphores and POSIX shared memory and queues are not the host's."""
import os


def test(env):
    env.execute(["ipcmk", "-Q"])
    env.execute(["ipcmk", "-M", "4096"])
    try:
        env.equal(env.ssh_ok("stu1", "cat /proc/sysvipc/msg /proc/sysvipc/shm | grep -vc key || true"), "0")
        env.ssh_ok("stu1", "ipcmk -Q >/dev/null && ipcmk -S 2 >/dev/null && "
                   "test $(wc -l < /proc/sysvipc/msg) = 2")
        with open("/proc/sysvipc/msg") as file:
            env.equal(len(file.readlines()), 2, "queues of the host")
        open("/dev/mqueue/of-host", "w").close()
        env.equal(env.ssh_ok("stu1", "ls -A /dev/mqueue /dev/shm | grep -c of-host || true"), "0")
    finally:
        env.execute(["ipcrm", "-a"])
        if os.path.exists("/dev/mqueue/of-host"):
            os.unlink("/dev/mqueue/of-host")
