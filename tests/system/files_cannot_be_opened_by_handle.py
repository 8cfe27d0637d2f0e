# SPDX-License-Identifier: Apache-2.0
"""I25: name_to_handle_at and open_by_handle_at on the home and on the host's trees: refused."""


def test(env):
    done = env.ssh("stu1", [env.probe("handle"), "/", "/usr", "/etc", "/home/stu1", "/tmp", "/opt"])
    env.equal(done.rc, 0, done)
