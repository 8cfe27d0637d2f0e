# SPDX-License-Identifier: Apache-2.0
"""Scope session: a login shares no namespace with the host, nor with a second session of the same user."""


def test(env):
    host = env.namespaces()
    # The first stays open: the number of a namespace that is gone may be given to a new one.
    held = env.ssh_popen("stu1", "readlink " + " ".join(f"/proc/self/ns/{n}" for n in host) + "; exec cat")
    first = {name: held.stdout.readline().decode().strip() for name in host}
    second = env.namespaces_of("stu1")
    for name in host:
        env.check(first[name].startswith(name), "not a namespace:", first[name])
        env.check(first[name] != host[name], name, "is the host's")
        env.check(first[name] != second[name], name, "is shared by two sessions")
