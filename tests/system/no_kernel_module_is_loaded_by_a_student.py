# SPDX-License-Identifier: Apache-2.0
"""I12: a socket of every family and protocol: no new module, and netlink's dangerous protocols are refused."""


def test(env):
    def modules():
        with open("/proc/modules") as file:
            return {line.split()[0] for line in file}

    try:
        before = modules()
    except FileNotFoundError:
        before = None
    done = env.ssh("stu1", [env.probe("sockets")])
    env.check(done.rc == 0 and b"socket" in done.out, done)
    if before is not None:
        env.equal(modules() - before, set(), "modules")
    # AF_ALG, AF_VSOCK, AF_KEY, AF_RDS, AF_TIPC, AF_SMC, AF_XDP, AF_PACKET
    for family in (38, 40, 15, 21, 30, 43, 44, 17):
        opened = [line for line in done.text.splitlines()
                  if line.startswith(f"socket {family} ") and line.endswith("ok")]
        env.equal(opened, [], f"family {family}")
