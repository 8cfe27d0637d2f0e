# SPDX-License-Identifier: Apache-2.0
"""A limit below what is in use is not set for now (Q16): reload says so, and the broker tries again."""

from harness.invariants import kernel_limit


def test(env):
    env.config(defaults='quota: { memory = "512M"; };')
    child = env.ssh_popen("stu1", "python3 -c \"x=bytearray(300<<20); print(1, flush=True); input(); del x; "
                          "print(2, flush=True); input()\"")
    env.equal(child.stdout.readline(), b"1\n")
    env.write_config(defaults='quota: { memory = "128M"; };')
    env._dirty.add(env._undo_config)
    done = env.ctl("reload", json_output=False)
    env.equal(done.rc, 0, done)
    env.check(b"memory" in done.out + done.err, "reload does not say that memory has to wait:", done)
    env.equal(kernel_limit(1000, "memory"), 512 << 20)
    child.stdin.write(b"\n")
    child.stdin.flush()
    env.equal(child.stdout.readline(), b"2\n")
    env.wait_for("the limit is applied", lambda: kernel_limit(1000, "memory") == 128 << 20, 30, 0.2)
