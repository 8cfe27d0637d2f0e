# SPDX-License-Identifier: Apache-2.0
"""Scope session: a login shares no namespace with the host, nor with a second session of the same user."""


def test(env):
    host = env.namespaces()
    one = env.session("stu1")
    first = env.namespaces_of("stu1")
    second = env.namespaces_of("stu1")
    env.equal(sorted(first), sorted(host))
    for name in host:
        env.check(first[name] != host[name], name, "is the host's")
        env.check(first[name] != second[name], name, "is shared by two sessions")
    env.check(one.poll() is None, "the other session ended")
