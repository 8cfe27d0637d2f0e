# SPDX-License-Identifier: Apache-2.0
"""P17, B09: big uids, a shared primary group, names with a dot, a home by symlink or missing: right, or in words."""
import os


def test(env):
    env.machine.add_group("class", 5000)
    try:
        env.add_user("a.b", 70000)
        env.add_user("huge", 3000000000)
        for name, uid in (("a.b", 70000), ("huge", 3000000000)):
            out = env.ssh_ok(name, "id -un; id -u; hostname; touch ~/f; stat -c %U ~/f; ls -A /home").split()
            env.equal(out[:2], [name, str(uid)])
            env.equal(out[3:], [name, name])
            env.equal(os.stat(f"/home/{name}/f").st_uid, uid)
        env.execute(["usermod", "-g", "class", "stu1"])
        env.execute(["usermod", "-g", "class", "stu2"])
        env.equal(env.ssh_ok("stu1", "id -g; id -gn; touch ~/g; stat -c %g ~/g").split(), ["5000", "class", "5000"])
        env.equal(env.ssh_ok("stu2", "id -g"), "5000")
        env.add_user("linked", 1300, home="/home/linked")
        os.rename("/home/linked", "/home/real-linked")
        os.symlink("/home/real-linked", "/home/linked")
        done = env.ssh("linked", "touch ~/f; pwd")
        env.check(done.rc == 0 and os.path.exists("/home/real-linked/f") or (done.out + done.err).strip(), done)
        env.add_user("homeless", 1301)
        os.rmdir("/home/homeless")
        done = env.ssh("homeless", "hostname")
        env.check(done.text.endswith("homeless-lab") or done.rc != 0 and (done.out + done.err).strip(),
                  "a missing home:", done)
        env.add_user("inside", 655400000)  # in the range that sandboxes' ids are taken from
        done = env.ssh("inside", "hostname")
        env.check(done.rc != 0 and (done.out + done.err).strip(), "a uid inside `ids`:", done)
    finally:
        env.execute(["usermod", "-g", "1000", "stu1"])
        env.execute(["usermod", "-g", "1001", "stu2"])
        env.execute(["groupdel", "class"])
        env.execute(["rm", "-rf", "/home/linked", "/home/real-linked"])
