# SPDX-License-Identifier: Apache-2.0
"""scp over both protocols and the external sftp server move files into and out of the home, byte by byte."""
import os
import pathlib


def test(env):
    data = os.urandom(3 << 20)
    pathlib.Path("/root/file").write_bytes(data)
    ssh = ["-F", "/root/.ssh/test_config"]
    for flags in ([], ["-O"]):
        target = "stu1@lab:copied" + "".join(flags)
        done = env.execute(["scp", "-q", *ssh, *flags, "/root/file", target])
        env.check(done.rc == 0, "scp", flags, done)
        copied = pathlib.Path("/home/stu1/" + target.split(":")[1])
        env.equal(copied.read_bytes() == data and copied.stat().st_uid, 1000)
        done = env.execute(["scp", "-q", *ssh, *flags, target, "/root/back"])
        env.check(done.rc == 0 and pathlib.Path("/root/back").read_bytes() == data, "scp back", flags, done)
        os.unlink("/root/back")
    batch = b"put /root/file f1\nmkdir d\nrename f1 d/f2\nget d/f2 /root/back\nls /home\nput /root/file /tmp/t\n"
    done = env.execute(["sftp", "-q", *ssh, "-b", "-", "stu1@lab"], stdin=batch)
    env.check(done.rc == 0 and pathlib.Path("/root/back").read_bytes() == data, "sftp", done)
    env.check(b"stu2" not in done.out, "sftp sees other homes:", done)
    env.check(not os.path.exists("/tmp/t"), "sftp wrote to the host's /tmp")
