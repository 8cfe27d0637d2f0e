# SPDX-License-Identifier: Apache-2.0
"""Every session has display 10: the second login's cookie must not replace the first's."""
import os


def test(env):
    known = {**os.environ, "DISPLAY": "127.0.0.1:7"}
    first = env.ssh_popen("stu1", "xauth list | sort; echo; read x; xauth list | sort", ["-Y"], env=known)

    def block():
        lines = []
        while (line := first.stdout.readline().strip()):
            lines.append(line)
        return lines

    before = block()
    env.check(before, "no cookie inside")
    done = env.execute(env.ssh_command("stu1", "xauth list", ["-Y"]), env=known)
    env.check(done.rc == 0 and b"MIT-MAGIC" in done.out, done)
    first.stdin.write(b"\n")
    first.stdin.flush()
    env.equal(block(), before, "cookies of the first session")
