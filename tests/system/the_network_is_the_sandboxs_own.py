# SPDX-License-Identifier: Apache-2.0
"""An address of its own, out through NAT, ping and DNS; no other sandbox, no host service, no metadata address."""
import ipaddress

DNS = r"""
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("203.0.113.2", 53))
while True:
    query, peer = s.recvfrom(512)
    end = query.index(b"\0", 12) + 5
    answer = b"\xc0\x0c\0\x01\0\x01\0\0\0\x3c\0\x04\xcb\0\x71\x02" if query[end - 4:end - 2] == b"\0\x01" else b""
    count = b"\0\x01" if answer else b"\0\0"
    s.sendto(query[:2] + b"\x81\x80\0\x01" + count + b"\0\0\0\0" + query[12:end] + answer, peer)
"""


def test(env):
    world = ["ip", "netns", "exec", env.machine.WORLD]
    for address in ("TCP4-LISTEN:7000", "TCP6-LISTEN:7000"):
        env.popen([*world, "socat", address + ",fork,reuseaddr" + (",ipv6only=1" if "6" in address[:4] else ""),
                   "SYSTEM:echo from $SOCAT_PEERADDR"])
    env.popen([*world, "/usr/bin/python3", "-c", DNS])
    env.popen(["socat", "TCP-LISTEN:7001,fork,reuseaddr", "SYSTEM:echo host"])
    addresses = env.ssh_ok("stu1", "ip -4 -o addr show dev eth0 | awk '{print $4}'; nc -w 5 203.0.113.2 7000; "
                           "nc -w 5 2001:db8:5::2 7000; ping -c1 -W3 203.0.113.2 >/dev/null && echo pinged; "
                           "getent ahostsv4 name.lab.example | head -1").splitlines()
    env.check(ipaddress.ip_interface(addresses[0]).ip in ipaddress.ip_network("10.213.0.0/16"), addresses)
    env.equal(addresses[1], "from " + env.machine.HOST4, "NAT")
    env.check(env.machine.HOST6.split("::")[0] in addresses[2].replace("0db8", "db8").replace("0005", "5"), addresses)
    env.check("pinged" in addresses, "no ping:", addresses)
    env.check("203.0.113.2" in addresses[-1], "no DNS:", addresses)

    env.ssh_popen("stu2", "socat TCP-LISTEN:7002,fork SYSTEM:'echo other' & socat TCP6-LISTEN:7002,fork,ipv6only=1 "
                  "SYSTEM:'echo other'")
    other = env.wait_for("stu2's box", lambda: env.sessions("stu2"))[0]
    env.wait_for("stu2 listens", lambda: "other" in env.ctl(
        "enter", "stu2", "nc -w 2 127.0.0.1 7002", json_output=False).text, 15)
    for target in ((other["address"], 7002), (other["address6"], 7002), (env.machine.HOST4, 7001),
                   (env.machine.HOST4, 22), (env.machine.HOST6, 22), ("169.254.169.254", 80)):
        done = env.ssh("stu1", f"nc -w 2 {target[0].split('/')[0]} {target[1]}", timeout=20)
        env.equal(done.out, b"", f"reached {target}")
    gateway = env.ssh_ok("stu1", "ip -4 route | awk '/^default/ {print $3}'")
    env.equal(env.ssh("stu1", f"nc -w 2 {gateway} 7001; nc -w 2 {gateway} 22").out, b"", "the host by its veth")


TIMEOUT = 150
