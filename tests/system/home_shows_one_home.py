# SPDX-License-Identifier: Apache-2.0
"""/home has the user's own home alone; no path leads to another's or to root's."""


def test(env):
    env.machine.write("/home/stu2/secret", "secret\n", 0o644, (1001, 1001))
    env.execute(["chmod", "755", "/home/stu2"])
    env.equal(env.ssh_ok("stu1", "ls -A /home"), "stu1")
    for path in ("/home/stu2/secret", "/home/stu1/../stu2/secret", "/root/.ssh/id"):
        env.check(env.ssh("stu1", f"cat {path}").rc != 0, path, "can be read")
    env.equal(env.ssh_ok("stu1", "ls /srv; ls -A /root 2>/dev/null | wc -l").split(), ["0"])
    env.execute(["chmod", "750", "/home/stu2"])
