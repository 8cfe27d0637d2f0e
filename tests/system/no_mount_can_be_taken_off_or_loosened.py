# SPDX-License-Identifier: Apache-2.0
"""I31, I05: every mount that the sandbox was given refuses umount, remount and moves, for a student's own root too."""


def test(env):
    done = env.ssh("stu1", [env.probe("mounts")])
    env.check(done.rc == 0 and done.text, done)
    done = env.ssh("stu1", f"unshare -rm {env.probe('mounts')}")
    env.check(b"umount" not in done.out or done.rc == 0, "with a user namespace:", done)
