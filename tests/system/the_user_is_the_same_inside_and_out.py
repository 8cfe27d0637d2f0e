# SPDX-License-Identifier: Apache-2.0
"""uid 1000 is 1000 inside, owns its files on both sides, has no capability and is alone on its id range."""
import os


def test(env):
    env.equal(env.ssh_ok("stu1", "id -u; id -g; id -un; echo $HOME; pwd; umask").split(),
              ["1000", "1000", "stu1", "/home/stu1", "/home/stu1", "0022"])
    env.ssh_ok("stu1", "echo mine > ~/made; stat -c %u:%g ~/made")
    info = os.stat("/home/stu1/made")
    env.equal((info.st_uid, info.st_gid), (1000, 1000))
    os.chown("/home/stu1/made", 0, 0)
    env.equal(env.ssh_ok("stu1", "stat -c %u ~/made"), "65534")

    maps = [line.split() for line in env.ssh_ok("stu1", "cat /proc/self/uid_map").splitlines()]
    env.check(["1000", "1000", "1"] in maps, "uid 1000 is not itself:", maps)
    others = [line.split() for line in env.ssh_ok("stu2", "cat /proc/self/uid_map").splitlines()]

    def ids(rows):
        return {int(first) + n for inside, first, count in rows for n in range(int(count))}
    env.check(0 not in ids(maps), "host root is in the map:", maps)
    env.check(not ids(maps) & ids(others), "two users share ids:", maps, others)
    env.equal(env.ssh_ok("stu1", "grep CapEff /proc/self/status").split()[1], "0" * 16)
