# SPDX-License-Identifier: Apache-2.0
"""I22, Q01: bombs of namespaces, processes and threads: bounded, and another user logs in meanwhile."""


def test(env):
    env.config(defaults="quota: { pids = 200; };")
    for kind in ("user", "net", "mnt", "pid", "ipc", "uts", "cgroup", "depth"):
        bomb = env.ssh_popen("stu1", [env.probe("bomb"), kind, "100000", "1"])
        env.equal(env.ssh_ok("stu2", "echo in", timeout=20), "in", kind)
        out, err = bomb.communicate(timeout=60)
        env.check(b"100000" not in out, kind, "is unbounded:", out, err)
        env.wait_gone("stu1")
    for kind in ("fork", "thread"):
        bomb = env.ssh_popen("stu1", [env.probe("forks"), kind, "5000", "2"])
        env.equal(env.ssh_ok("stu2", "echo in", timeout=20), "in", kind)
        env.equal(env.ssh_ok("stu1", "echo in", timeout=20), "in", kind)
        out, _ = bomb.communicate(timeout=60)
        made = int(out.split()[1])
        env.check(made <= 200, kind, "made", made)


TIMEOUT = 240
