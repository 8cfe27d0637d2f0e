# SPDX-License-Identifier: Apache-2.0
"""Subsystem internal-sftp runs in sshd itself: it works, in the login view, and reads nothing of the host."""
import os
import pathlib


def test(env):
    env.sshd_config("Subsystem sftp internal-sftp\n")
    data = os.urandom(1 << 20)
    pathlib.Path("/root/file").write_bytes(data)
    env.machine.write("/tmp/of-host", "host")
    env.machine.write("/run/of-host", "host")
    sftp = ["sftp", "-q", "-F", "/root/.ssh/test_config", "-b", "-", "stu1@lab"]
    done = env.execute(sftp, stdin=b"put /root/file f\nget f /root/back\nput /root/file /tmp/t\nls /home\nls /run\n")
    env.check(done.rc == 0 and pathlib.Path("/root/back").read_bytes() == data, "internal sftp:", done)
    env.equal(os.listdir("/tmp"), ["of-host"])
    for path in ("/home/stu2", "/proc/kallsyms", "/proc/self/maps", "/tmp/of-host", "/run/of-host",
                 "/run/sandboxd/sandboxd.sock", "/etc/shadow", "/root/.ssh/id"):
        done = env.execute(sftp, stdin=f"get {path} /root/stolen\n".encode())
        env.check(done.rc != 0 and not os.path.exists("/root/stolen"), path, "was read:", done)
    env.check(env.execute(sftp, stdin=b"put /root/file /usr/bin/x\n").rc != 0, "/usr can be written")
    os.unlink("/run/of-host")
