# SPDX-License-Identifier: Apache-2.0
"""EOF on stdin reaches the program and its later output still arrives; a closed stdout does not end stdin."""


def test(env):
    env.equal(env.ssh("stu1", "cat > /dev/null; sleep 0.3; echo after", stdin=b"x" * 100000).text, "after")
    env.equal(env.ssh("stu1", "read line; echo got $line; read line || echo end", stdin=b"one\n").text,
              "got one\nend")
    env.equal(env.ssh("stu1", "exec >&-; wc -c >&2", stdin=b"y" * 4096).err.strip(), b"4096")
    done = env.ssh("stu1", "echo first; exec <&-; sleep 0.2; echo second", stdin=b"z" * 1000000)
    env.equal((done.rc, done.text), (0, "first\nsecond"))
