# SPDX-License-Identifier: Apache-2.0
"""-R: the port and the unix socket are the box's, and lead to the client's side."""


def test(env):
    env.popen(["socat", "TCP-LISTEN:5001,fork,reuseaddr,bind=127.0.0.1", "SYSTEM:echo client"])
    out = env.ssh_ok("stu1", "nc -w 5 127.0.0.1 5002; nc -w 5 -U /tmp/remote.sock",
                     options=["-R", "5002:127.0.0.1:5001", "-R", "/tmp/remote.sock:127.0.0.1:5001"])
    env.equal(out.split(), ["client", "client"])
    low = env.ssh("stu1", "true", options=["-R", "80:127.0.0.1:5001", "-o", "ExitOnForwardFailure=no"])
    env.equal(low.rc, 0)
