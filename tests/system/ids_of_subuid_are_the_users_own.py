# SPDX-License-Identifier: Apache-2.0
"""service.ids = "subuid": the range of /etc/subuid and /etc/subgid, or a refusal in words."""


def test(env):
    for path in ("/etc/subuid", "/etc/subgid"):
        with open(path, "w") as file:
            file.write("stu1:500000000:65536\n")
    with open("/etc/subuid", "a") as file:
        file.write("stu2:500065536:65536\n")
    env.broker.stop()
    env.write_config(service='ids = "subuid";')
    env.broker.start()
    lines = env.ssh_ok("stu1", "cat /proc/self/uid_map").split("\n")
    seen = [tuple(map(int, line.split())) for line in lines]
    env.check((0, 500000000, 1000) in seen, "uid_map:", seen)
    env.check((1000, 1000, 1) in seen, "uid_map:", seen)
    env.check((1001, 500001001, 64535) in seen, "uid_map:", seen)
    refused = env.ssh("stu2", "true")
    env.check(refused.rc == 254, "stu2 has no range in /etc/subgid, and got in:", refused)
    env.check("/etc/subgid" in refused.text, "the refusal names no file:", refused)
    env.wait_gone()
    env.broker.stop()
    env.write_config()
    env.broker.start()
