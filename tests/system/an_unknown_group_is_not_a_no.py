# SPDX-License-Identifier: Apache-2.0
"""P15: the group `sandboxed` deleted or its lookup failing: everyone but root and the exempt is refused, in words."""
import os


def test(env):
    group = open("/etc/group").read()
    try:
        env.machine.write("/etc/group", "".join(line for line in group.splitlines(True)
                                                if not line.startswith("sandboxed:")))
        for user in ("stu1", "plain"):
            done = env.ssh(user, "echo in")
            env.check(done.rc == 254 and b"in\n" not in done.out, user, "with the group deleted:", done)
            env.check((done.out + done.err).strip(), user, "was refused without a word")
        for user in ("root", "boss"):
            env.equal(env.ssh_ok(user, "hostname"), "lab", user)
        os.unlink("/etc/group")
        env.check(env.ssh("stu1", "echo in").rc != 0, "no group file at all")
        env.equal(env.ssh_ok("root", "hostname"), "lab")
    finally:
        env.machine.write("/etc/group", group)
    env.equal(env.ssh_ok("stu1", "hostname"), "stu1-lab")
    env.equal(env.ssh_ok("plain", "hostname"), "lab")
