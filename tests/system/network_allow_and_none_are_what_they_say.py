# SPDX-License-Identifier: Apache-2.0
"""network.allow opens one host port and nothing else; mode = "none" leaves only lo."""


def test(env):
    for port in (7001, 7003):
        env.popen(["socat", f"TCP-LISTEN:{port},fork,reuseaddr", "SYSTEM:echo host"])
    host = env.machine.HOST4
    env.config(defaults=f'network: {{ allow = ( "{host}:7001/tcp" ); }};')
    env.equal(env.ssh("stu1", f"nc -w 3 {host} 7001; nc -w 2 {host} 7003").text, "host")
    env.config(defaults='network: { mode = "none"; };')
    env.equal(env.ssh_ok("stu1", "ls /sys/class/net; ip -o link | wc -l").split()[0], "lo")
    env.check(env.ssh("stu1", f"nc -w 2 {host} 7001").rc != 0, "network in mode none")
