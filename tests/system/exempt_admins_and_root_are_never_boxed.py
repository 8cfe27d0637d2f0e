# SPDX-License-Identifier: Apache-2.0
"""root and members of the exempt group are left alone by every service, with the broker up."""


def test(env):
    for user, uid in (("boss", "1101"), ("root", "0"), ("plain", "1100")):
        env.equal(env.ssh_ok(user, "hostname; id -u").split(), ["lab", uid])
        env.equal(env.execute(["su", "-", user, "-c", "hostname"]).text, "lab")
    env.equal(env.sessions(), [])
    env.pam("exempt=nobody-at-all")
    env.equal(env.ssh_ok("boss", "hostname"), "boss-lab")
