# SPDX-License-Identifier: Apache-2.0
"""stdout and stderr stay apart, nothing of ours is printed without a terminal, descriptors are 0, 1, 2 (I07)."""


def test(env):
    done = env.ssh("stu1", "echo out; echo err >&2")
    env.equal((done.rc, done.out, done.err), (0, b"out\n", b"err\n"))
    env.equal(env.ssh("stu1", "true").out, b"")
    seen = env.ssh_ok("stu1", [env.probe("state")])
    descriptors = [line.split()[1] for line in seen.splitlines() if line.startswith("fd ")]
    env.equal(sorted(descriptors), ["0", "1", "2"], seen)
