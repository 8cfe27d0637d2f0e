# SPDX-License-Identifier: Apache-2.0
"""Inside, process 1 is sandbox-init, and nothing of the host or of another session is in the list."""


def test(env):
    env.session("stu1")
    env.session("stu2")
    table = env.ssh_ok("stu1", "ps -e -o pid=,comm=")
    rows = [line.split(None, 1) for line in table.splitlines()]
    env.equal(rows[0], ["1", "sandbox-init"])
    env.check(len(rows) <= 4, "too many processes:", table)
    env.check(not any("sshd" in name or "cat" in name for _, name in rows), "others are seen:", table)
    env.equal(env.ssh_ok("stu1", "cat /proc/1/comm"), "sandbox-init")
    env.check(env.ssh("stu1", "kill -9 1; kill -STOP 1; readlink /proc/1/exe /proc/1/cwd; cat /proc/1/maps").rc != 0,
              "PID 1 can be touched by the student")
