# SPDX-License-Identifier: Apache-2.0
"""Every exit code from 0 to 255, and death by a signal, reach the client as they do for a plain user."""


def test(env):
    options, _ = env.master("stu1")
    for code in range(256):
        env.equal(env.ssh("stu1", f"exit {code}", options=options).rc, code)
    plain, _ = env.master("plain")
    for name in ("HUP", "INT", "KILL", "SEGV", "TERM", "USR1", "ABRT", "PIPE"):
        command = f"ulimit -c 0; kill -{name} $$; sleep 5"
        env.equal(env.ssh("stu1", command, options=options).rc, env.ssh("plain", command, options=plain).rc, name)
    env.equal(env.ssh("stu1", "no-such-program", options=options).rc, 127)
    env.equal(env.ssh("stu1", "/etc/passwd", options=options).rc, 126)
