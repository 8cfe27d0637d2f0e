# SPDX-License-Identifier: Apache-2.0
"""A file whose permissions keep the user out on the host keeps them out inside, whoever owns it."""


def test(env):
    write = env.machine.write
    write("/opt/root-only", "secret", 0o600)
    write("/opt/root-group", "secret", 0o640)
    write("/opt/of-stu2", "secret", 0o600, (1001, 1001))
    write("/opt/of-daemon", "secret", 0o640, (1, 1))
    write("/opt/for-all", "public", 0o644)
    try:
        for path in ("/opt/root-only", "/opt/root-group", "/opt/of-stu2", "/opt/of-daemon",
                     "/etc/shadow", "/etc/gshadow", "/etc/ssh/test_host_key", "/etc/shadow-"):
            done = env.ssh("stu1", f"cat {path}")
            env.check(done.rc != 0 and not done.out, path, "was read:", done)
        env.equal(env.ssh_ok("stu1", "cat /opt/for-all"), "public")
    finally:
        env.execute(["sh", "-c", "rm -f /opt/root-* /opt/of-* /opt/for-all"])
