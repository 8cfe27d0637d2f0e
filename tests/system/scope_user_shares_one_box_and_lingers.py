# SPDX-License-Identifier: Apache-2.0
"""Scope user: two logins are in one box, see each other's processes, localhost and /tmp; it outlives them."""


def test(env):
    first = env.session("joint")
    env.equal(env.namespaces_of("joint"), env.namespaces_of("joint"))
    env.ssh_ok("joint", "echo shared > /tmp/f; (setsid socat TCP-LISTEN:7000,fork SYSTEM:'echo local' "
               "</dev/null >/dev/null 2>&1 &); sleep 0.2")
    env.equal(env.ssh_ok("joint", "cat /tmp/f; socat -u TCP:127.0.0.1:7000 -; pgrep -xc cat").split(),
              ["shared", "local", "1"])
    space = env.namespaces_of("joint")["pid"]
    env.wait_for("one session is left", lambda: len(env.sessions("joint")) == 1)
    first.kill()
    env.wait_gone("joint")
    env.equal(env.namespaces_of("joint")["pid"], space, "within linger")
    env.equal(env.ssh_ok("joint", "cat /tmp/f; socat -u TCP:127.0.0.1:7000 -").split(), ["shared", "local"])
    env.wait_for("the box ends after linger", lambda: not env.boxed_processes(), 10, 0.2)
    env.equal(env.ssh("joint", "cat /tmp/f").rc, 1)
