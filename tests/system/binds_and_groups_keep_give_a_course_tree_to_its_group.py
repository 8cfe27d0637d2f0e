# SPDX-License-Identifier: Apache-2.0
"""binds and groups_keep: a course tree is readable and writable for its group's members, and for nobody else."""
import os


def test(env):
    env.machine.add_group("cs101", 4000)
    try:
        env.execute(["usermod", "-aG", "cs101", "stu1"])
        os.makedirs("/srv/cs101")
        env.machine.write("/srv/cs101/sheet", "read me\n", 0o640, (0, 4000))
        os.chown("/srv/cs101", 0, 4000)
        os.chmod("/srv/cs101", 0o2770)
        tree = 'binds = ( { source = "/srv/cs101"; target = "/srv/cs101"; write = %s; } );'
        env.config(groups='{ name = "cs101"; groups_keep = ( "cs101" ); ' + tree % "true" + " }")
        env.equal(env.ssh_ok("stu1", "cat /srv/cs101/sheet; id -G").split(), ["read", "me", "1000", "4000"])
        env.ssh_ok("stu1", "echo mine > /srv/cs101/mine")
        info = os.stat("/srv/cs101/mine")
        env.equal((info.st_uid, info.st_gid), (1000, 4000))
        env.check(env.ssh("stu2", "ls /srv/cs101").rc != 0, "who is not in the group sees the tree")
        env.config(defaults=tree % "true")
        for user in ("stu1", "stu2"):
            env.check(env.ssh(user, "cat /srv/cs101/sheet").rc != 0, user, "reads it without groups_keep")
        env.config(groups='{ name = "cs101"; groups_keep = ( "cs101" ); ' + tree % "false" + " }")
        env.equal(env.ssh_ok("stu1", "cat /srv/cs101/sheet"), "read me")
        env.check(env.ssh("stu1", "echo x > /srv/cs101/mine").rc != 0, "write = false, and yet written")
    finally:
        env.execute(["gpasswd", "-d", "stu1", "cs101"])
        env.execute(["groupdel", "cs101"])
