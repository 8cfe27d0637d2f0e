# SPDX-License-Identifier: Apache-2.0
"""reload: memory, pids and cpus of running sandboxes change at once; a bad config changes nothing and says so."""

from harness.invariants import kernel_limit


def test(env):
    env.config(defaults='quota: { memory = "256M"; pids = 100; cpus = 1.0; };')
    tty = env.shell_tty("stu1")
    env.equal(kernel_limit(1000, "memory"), 256 << 20)
    env.equal(kernel_limit(1000, "cpus"), 1)
    env.config(defaults='quota: { memory = "512M"; pids = 20; cpus = 0.5; };')
    env.equal(kernel_limit(1000, "memory"), 512 << 20)
    env.equal(kernel_limit(1000, "cpus"), 0.5)
    tty.sendline("for i in $(seq 40); do sleep 30 & done 2>/dev/null")
    tty.expect("quota.pids")
    env.check(sum("sleep 30" in p for p in env.boxed_processes().values()) <= 20, "pids = 20 does not bind")
    env.write_config(defaults='quota: { memory = "lots"; };')
    done = env.ctl("reload", json_output=False)
    env.check(done.rc == 1 and b"memory" in done.err + done.out, "a bad config:", done)
    env.equal(kernel_limit(1000, "memory"), 512 << 20)
    tty.kill(9)
