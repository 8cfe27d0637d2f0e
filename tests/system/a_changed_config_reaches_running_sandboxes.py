# SPDX-License-Identifier: Apache-2.0
"""reload: memory, pids and cpus of running sandboxes change at once; a bad config changes nothing and says so."""


def test(env):
    env.config(defaults='quota: { memory = "256M"; pids = 100; cpus = 1.0; };')
    tty = env.shell_tty("stu1")
    memory = env.user_cgroup(1000, "memory") / "memory.limit_in_bytes"
    quota = env.user_cgroup(1000, "cpu") / "cpu.cfs_quota_us"
    period = int((quota.parent / "cpu.cfs_period_us").read_text())
    env.equal(int(memory.read_text()), 256 << 20)
    env.equal(int(quota.read_text()), period)
    env.config(defaults='quota: { memory = "512M"; pids = 20; cpus = 0.5; };')
    env.equal(int(memory.read_text()), 512 << 20)
    env.equal(int(quota.read_text()), period // 2)
    env.tty_run(tty, "for i in $(seq 40); do sleep 30 & done 2>/dev/null")
    env.check(sum("sleep 30" in p for p in env.boxed_processes().values()) <= 20, "pids = 20 does not bind")
    env.write_config(defaults='quota: { memory = "lots"; };')
    done = env.ctl("reload", json_output=False)
    env.check(done.rc == 1 and b"memory" in done.err + done.out, "a bad config:", done)
    env.equal(int(memory.read_text()), 512 << 20)
    tty.kill(9)
