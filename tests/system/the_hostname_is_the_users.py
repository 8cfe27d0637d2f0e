# SPDX-License-Identifier: Apache-2.0
"""hostname = "%u-%h" by default; another pattern holds for the next sandbox."""


def test(env):
    env.equal(env.ssh_ok("stu1", "hostname; cat /proc/sys/kernel/hostname; uname -n").split(), ["stu1-lab"] * 3)
    env.equal(env.execute(["hostname"]).text, "lab")
    env.check(env.ssh("stu1", "getent hosts $(hostname)").rc == 0, "the box does not know its own name")
    env.config(defaults='hostname = "box-%u";')
    env.equal(env.ssh_ok("stu1", "hostname"), "box-stu1")
