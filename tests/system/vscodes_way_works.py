# SPDX-License-Identifier: Apache-2.0
"""Scope user: a server on the box's loopback, started by one connection, reached by -D and -L of another."""


def test(env):
    env.ssh_ok("joint", "(setsid socat TCP-LISTEN:8765,bind=127.0.0.1,fork,reuseaddr SYSTEM:'echo vscode' "
               "</dev/null >/dev/null 2>&1 &); sleep 0.3")
    _, child = env.master("joint", ["-D", "6080", "-L", "6081:127.0.0.1:8765"])
    env.equal(env.execute(["nc", "-w", "5", "-X", "5", "-x", "127.0.0.1:6080", "127.0.0.1", "8765"]).text, "vscode")
    env.equal(env.execute(["nc", "-w", "5", "127.0.0.1", "6081"]).text, "vscode")
    env.check(env.execute(["nc", "-w", "2", "127.0.0.1", "8765"]).rc != 0, "the server listens on the host")
    child.kill()
