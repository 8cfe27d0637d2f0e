# SPDX-License-Identifier: Apache-2.0
"""Q02, Q03: anonymous, file, memfd, shm and pipe memory end at the quota; all is given back after the logout."""
from harness import invariants


def test(env):
    env.config(defaults='quota: { memory = "128M"; tmp = "256M"; };')
    for kind in ("anon", "file", "memfd", "shm", "pipe"):
        path = ["/tmp/eaten"] if kind == "file" else []
        done = env.ssh("stu1", [env.probe("eat"), kind, "400", "0", *path])
        held = [int(line.split()[1]) for line in done.text.splitlines() if line.startswith("held")]
        env.check("done 400" not in done.text and (not held or max(held) <= 128), kind, "held over the quota:", done)
        env.equal(env.ssh_ok("stu2", "echo in"), "in", kind)
        env.wait_gone("stu1")
        env.wait_for(f"{kind}: the memory is given back",
                     lambda: not any("u1000" in str(p) for p in invariants.cgroup_directories("memory")), 15, 0.2)


TIMEOUT = 240
