# SPDX-License-Identifier: Apache-2.0
"""I32: -L and -W to what another session, of the same or another user, listens on: by scope, else refused."""


def test(env):
    listen = "socat TCP-LISTEN:7000,fork SYSTEM:'echo there' & socat UNIX-LISTEN:/tmp/s,fork SYSTEM:'echo there' & " \
             "sleep 0.3; echo up; exec cat"
    for user in ("stu1", "joint"):
        child = env.ssh_popen(user, listen)
        env.equal(child.stdout.readline(), b"up\n")
    for user, expected in (("stu1", b""), ("stu2", b""), ("joint", b"there\n")):
        done = env.execute(env.ssh_command(user, None, ["-W", "127.0.0.1:7000"]), timeout=20)
        env.equal(done.out, expected, user)
    master = env.popen([*env.ssh_command("stu2", "sleep 20", ["-L", "6000:/tmp/s", "-L", "6001:/run/sandbox/door"])])
    env.wait_for("the forward", lambda: env.execute(["nc", "-z", "127.0.0.1", "6000"]).rc == 0)
    for port in ("6000", "6001"):
        env.equal(env.execute(["nc", "-w", "3", "127.0.0.1", port], stdin=b"x").out, b"", port)
    master.kill()
