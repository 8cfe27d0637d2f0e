# SPDX-License-Identifier: Apache-2.0
"""/tmp, /var/tmp, /run and /dev/shm are the sandbox's own, writable where they have to be."""
import os


def test(env):
    for place in ("/tmp", "/var/tmp", "/dev/shm"):
        env.machine.write(f"{place}/of-host", "host\n")
        session = env.ssh_ok("stu1", f"ls -A {place}; echo box > {place}/of-box && ls {place}")
        env.equal(session, "of-box", place)
        env.equal(os.listdir(place), ["of-host"], place)
        env.equal(env.ssh_ok("stu1", f"ls -A {place}"), "", place)
    env.check("sandboxd" not in env.ssh_ok("stu1", "ls /run"), "the host's /run is seen")
