# SPDX-License-Identifier: Apache-2.0
"""I18: shared memory, queues, abstract sockets, /tmp, signals, ptrace, cgroups of another user: not seen."""


def test(env):
    holder = env.ssh_popen("stu1", f"{env.probe('ipc')} make meet 30 & sleep 1; echo held; wait")
    lines = []
    while (line := holder.stdout.readline()) not in (b"held\n", b""):
        lines.append(line)
    env.check(any(b" ok" in line for line in lines), "nothing was made:", lines)
    for user in ("stu2", "stu1", "joint"):
        found = env.ssh(user, [env.probe("ipc"), "find", "meet"]).text
        env.check(found and not any(line.endswith(" ok") for line in found.splitlines()), user, "found", found)
    pid = env.sessions("stu1")[0]["pid"]
    env.check(env.ssh("stu2", f"kill -0 {pid}; cat /proc/{pid}/status; ls /sys/fs/cgroup/*/u1000").rc != 0, "seen")
