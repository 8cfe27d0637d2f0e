#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The network of sandboxes with real traffic: a host, an outside, another network and sandboxes, each
a network namespace of this test's own.

    network.py NETWORK_TOOL     as root

Touches nothing of the machine: everything is below `unshare -mn`.
"""
import atexit
import contextlib
import ctypes
import errno
import os
import socket
import struct
import subprocess
import sys
import time

from packets import checksum, datagram6, packet4, packet6, udp_packet

TOOL = os.path.abspath(sys.argv[1])
CLONE_NEWNET = 0x40000000
libc = ctypes.CDLL(None, use_errno=True)
HOST4, HOST6 = "192.0.2.2", "2001:db8::2"
OUT4, OUT6 = "192.0.2.1", "2001:db8::1"
FORWARDING = "net.ipv4.ip_forward net.ipv6.conf.all.forwarding"
results = []


def sh(command, ns=None, check=True):
    if ns:
        command = f"ip netns exec {ns} {command}"
    done = subprocess.run(command, shell=True, capture_output=True, text=True)
    if check and done.returncode:
        raise SystemExit(f"{command}: {done.stderr}")
    return done.stdout if check else (done.returncode, done.stderr.strip())


@contextlib.contextmanager
def inside(ns):
    """What the body opens belongs to the network namespace NS (a path)."""
    home, there = os.open("/proc/self/ns/net", os.O_RDONLY), os.open(ns, os.O_RDONLY)
    if libc.setns(there, CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")
    try:
        yield
    finally:
        libc.setns(home, CLONE_NEWNET)
        os.close(home)
        os.close(there)


def named(name):
    return f"/run/netns/{name}"


def family(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def listen(ns, address, port):
    with inside(ns):
        s = socket.socket(family(address), socket.SOCK_STREAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind((address, port))
    s.listen(64)
    s.settimeout(1)
    return s


def udp(ns, address, port):
    with inside(ns):
        s = socket.socket(family(address), socket.SOCK_DGRAM)
    s.bind((address, port))
    s.settimeout(0.3)
    return s


def connect(ns, address, port, keep=False, timeout=0.5):
    """What becomes of a connection: "ok" (or the socket), "refused", "dropped" or the error's name."""
    with inside(ns):
        s = socket.socket(family(address), socket.SOCK_STREAM)
    s.settimeout(timeout)
    try:
        s.connect((address, port))
        if keep:
            return s
        s.close()
        return "ok"
    except TimeoutError:
        return "dropped"
    except ConnectionRefusedError:
        return "refused"
    except OSError as e:
        return errno.errorcode[e.errno]


def ask(ns, address, port, server):
    """"ok" if a datagram arrives at SERVER, "refused" if told so, else "dropped"."""
    with inside(ns):
        s = socket.socket(family(address), socket.SOCK_DGRAM)
    s.settimeout(0.2)
    s.connect((address, port))
    s.send(b"x")
    try:
        server.recv(10)
        return "ok"
    except TimeoutError:
        pass
    try:
        s.send(b"x")
        s.recv(10)
    except TimeoutError:
        return "dropped"
    except ConnectionRefusedError:
        return "refused"
    except OSError as e:
        told = e.errno in (errno.EHOSTUNREACH, errno.EACCES)
        return "refused" if told else errno.errorcode[e.errno]


def ping(ns, address):
    v6 = ":" in address
    with inside(ns):
        s = socket.socket(family(address), socket.SOCK_DGRAM,
                          socket.IPPROTO_ICMPV6 if v6 else socket.IPPROTO_ICMP)
    s.settimeout(0.5)
    try:
        s.sendto(struct.pack("!BBHHH", 128 if v6 else 8, 0, 0, 0, 1) + b"hello", (address, 0))
        return "ok" if s.recv(100)[0] == (129 if v6 else 0) else "other"
    except TimeoutError:
        return "dropped"
    except OSError as e:
        return errno.errorcode[e.errno]


class Sandbox:
    """A user and a network namespace, as a student's; its root may send what it likes."""

    def __init__(self, id, index, host="host", run="/run/a"):
        self.id, self.link = id, f"sb{id}h"
        self.v4, self.gate4 = f"10.213.0.{index * 2 + 1}", f"10.213.0.{index * 2}"
        self.v6, self.gate6 = f"fd73:616e:6462::{index * 2 + 1:x}", f"fd73:616e:6462::{index * 2:x}"
        self.process = subprocess.Popen(["unshare", "-Unr", "sleep", "600"])
        atexit.register(self.end)
        while os.stat(f"/proc/{self.process.pid}/ns/net").st_ino == os.stat("/proc/self/ns/net").st_ino:
            time.sleep(0.01)
        self.ns = f"/proc/{self.process.pid}/ns/net"
        sh(f"{TOOL} {run} setup {id} {index} {self.ns}", host)

    def run(self, command):
        return sh(f"nsenter -t {self.process.pid} -U -n --preserve-credentials {command}")

    def send_raw(self, packet):
        with inside(self.ns):
            s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
            s.bind(("eth0", 0))
        mac = bytes([0x02, 0x73]) + bytes.fromhex(self.id)
        s.send(mac + mac + (b"\x86\xdd" if packet[0] >> 4 == 6 else b"\x08\x00") + packet)

    def end(self):
        self.process.kill()
        self.process.wait()


def expect(what, got, wanted):
    results.append(got == wanted)
    print(f"ok    {what}" if got == wanted else f"FAIL  {what}: {got}, not {wanted}", flush=True)


def arrives(server):
    try:
        server.recv(2000)
        return True
    except TimeoutError:
        return False


def build():
    sh("mount -t tmpfs none /run && mkdir -p /run/netns /run/a /run/b && ip link set lo up")
    for name in ("host", "outside", "other", "host2"):
        sh(f"ip netns add {name}")
        sh("ip link set lo up", name)
        sh("sysctl -q net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0", name)
    for net, peer, v4, v6 in (("h0", "outside", "192.0.2.", "2001:db8::"),
                              ("x0", "other", "10.9.9.", "2001:db8:9::")):
        sh(f"ip link add {net} netns host type veth peer name e0 netns {peer}")
        for ns, link, last in (("host", net, 2), (peer, "e0", 1)):
            sh(f"ip addr add {v4}{last}/24 dev {link}", ns)
            sh(f"ip addr add {v6}{last}/64 dev {link} nodad", ns)
            sh(f"ip link set {link} up", ns)
    for family_, gate in (("", OUT4), ("-6", OUT6)):
        sh(f"ip {family_} route add default via {gate}", "host")
    for address in ("169.254.169.254/32", "198.51.100.53/32", "203.0.113.5/32", "fd00:ec2::254/128",
                    "2001:db8:53::53/128"):
        sh(f"ip addr add {address} dev lo", "outside")
    sh("ip route add 10.213.0.0/16 via 192.0.2.2", "outside")
    sh("ip -6 route add fd73:616e:6462::/48 via 2001:db8::2", "outside")
    sh("ip route add default via 10.9.9.2", "other")
    sh("ip route add 10.9.9.0/24 via 192.0.2.2", "outside")
    # A new namespace has the machine's own setting.
    sh("sysctl -q net.ipv4.ip_forward=0", "host")
    sh("sysctl -q net.ipv4.ip_forward=0", "host2")
    sh("ip link set h0 mtu 1420", "host")


def check_start():
    server = listen(named("outside"), OUT4, 84)
    sh("sysctl -q net.ipv4.ip_forward=1", "host")
    expect("a host that forwards forwards", connect(named("other"), OUT4, 84), "ok")
    sh(f'sh -c "{TOOL} /run/b start && {TOOL} /run/b stop"', "host")
    expect("and still does after us", sh(f"sysctl -n {FORWARDING}", "host").split(), ["1", "0"])
    sh(f"{TOOL} /run/b start", "host")
    expect("and beside us", connect(named("other"), OUT4, 84), "ok")
    sh(f"{TOOL} /run/b stop", "host")
    sh("sysctl -q net.ipv4.ip_forward=0", "host")
    server.close()
    sh("ip route add 10.213.128.0/17 via 192.0.2.1", "host")
    code, words = sh(f"{TOOL} /run/a start", "host", check=False)
    expect("an overlapping route is named", code == 1 and "10.213.128.0/17 by h0" in words, True)
    sh("ip route del 10.213.128.0/17", "host")
    sh("ip link add sbr0 type veth", "host")
    code, words = sh(f"{TOOL} /run/a start", "host", check=False)
    expect("a link named like a sandbox's is refused", code == 1 and "sbr0" in words, True)
    sh("ip link del sbr0", "host")
    sh("nft 'table inet foreign { set s { type ipv4_addr; elements = { 192.0.2.77 } }; chain c { type filter hook"
       " input priority 0; ip saddr @s drop; }; }'", "host")
    sh("nft 'table inet sandboxd { set allow4 { type ipv4_addr; }; chain guard { type filter hook input"
       " priority 0; drop; }; }'", "host")
    sh(f"{TOOL} /run/a start 192.0.2.1 198.51.100.53 {HOST4} 2001:db8:53::53", "host")
    expect("a table of another shape is replaced", "hook input priority filter; policy accept"
           in sh("nft list chain inet sandboxd guard", "host"), False)
    expect("forwarding is on", sh(f"sysctl -n {FORWARDING}", "host").split(), ["1", "1"])
    expect("routers are still heard", sh("sysctl -n net.ipv6.conf.h0.accept_ra", "host").strip(), "2")


def check_out(a, outside, host):
    for address in (OUT4, "203.0.113.5", OUT6):
        expect(f"TCP out to {address}", connect(a.ns, address, 80), "ok")
    expect("UDP out", ask(a.ns, "203.0.113.5", 5000, outside["udp4"]), "ok")
    expect("UDP out, v6", ask(a.ns, OUT6, 5000, outside["udp6"]), "ok")
    c = connect(a.ns, OUT4, 81, keep=True)
    peer, source = outside["tcp81"].accept()
    expect("the outside sees the host's address", source[0], HOST4)
    c = connect(a.ns, OUT6, 81, keep=True)
    expect("the outside sees the host's v6 address", outside["tcp81_6"].accept()[1][0], HOST6)
    for address in (OUT4, OUT6, a.gate4, a.gate6, HOST4, HOST6):
        expect(f"ping {address}", ping(a.ns, address), "ok")
    sysctls = a.run("sysctl -n net.ipv4.ip_unprivileged_port_start net.ipv6.conf.eth0.accept_ra").split()
    expect("ports from 0 are free, no router is heard", sysctls, ["0", "0"])
    expect("the MTU is the uplink's", "mtu 1420" in a.run("ip link show eth0"), True)
    expect("ifalias names the user", "sandboxd student id" in sh(f"ip link show {a.link}", "host"), True)


def check_closed(a, b, host, outside):
    for address in (b.v4, b.v6):
        expect(f"another sandbox {address}", connect(a.ns, address, 7000), "refused")
    expect("an unused sandbox address", connect(a.ns, "10.213.77.77", 80), "refused")
    expect("another sandbox, UDP", ask(a.ns, b.v4, 7001, host["b_udp"]), "refused")
    expect("another sandbox, ping", ping(a.ns, b.v4) in ("EHOSTUNREACH", "dropped", "EACCES"), True)
    for address in (HOST4, HOST6, a.gate4, a.gate6, b.gate4, "10.9.9.2"):
        expect(f"the host's TCP service at {address}", connect(a.ns, address, 9000), "refused")
    expect("the host's UDP service", ask(a.ns, HOST4, 9001, host["udp4"]), "refused")
    for address in ("169.254.169.254", "fd00:ec2::254"):
        expect(f"metadata at {address}", connect(a.ns, address, 80), "refused")
    a.send_raw(udp_packet(a.v4, "127.0.0.1", 9002, b"lo"))
    expect("the host's loopback", arrives(host["lo4"]), False)
    a.send_raw(udp_packet(a.v6, "::1", 9002, b"lo"))
    expect("the host's v6 loopback", arrives(host["lo6"]), False)
    expect("from outside to a sandbox", connect(named("outside"), a.v4, 7000), "dropped")
    expect("from outside to a sandbox, v6", connect(named("outside"), a.v6, 7000), "dropped")
    expect("from the host to a sandbox", connect(named("host"), a.v4, 7000) in ("dropped", "EPERM"), True)
    expect("from the host to a sandbox, v6", connect(named("host"), a.v6, 7000) in ("dropped", "EPERM"), True)
    expect("between two foreign links", connect(named("other"), OUT4, 80), "dropped")


def check_allow(a, b, host):
    tool = f"{TOOL} /run/a"
    expect("resolver outside, TCP", connect(a.ns, "198.51.100.53", 53), "ok")
    expect("resolver on the host, UDP", ask(a.ns, HOST4, 53, host["dns"]), "ok")
    expect("only port 53 of it", connect(a.ns, HOST4, 9000), "refused")
    for version, address in ((4, HOST4), (6, HOST6), (4, "169.254.169.254")):
        port = 9000 if version == 6 or address == HOST4 else 80
        expect(f"{address} before allow", connect(a.ns, address, port), "refused")
        sh(f"{tool} allow {a.id} {version} {address} {port} tcp", "host")
        expect(f"{address} after allow", connect(a.ns, address, port), "ok")
        expect(f"{address} for the other sandbox", connect(b.ns, address, port), "refused")
        expect(f"{address}, the next port", connect(a.ns, address, port + 3), "refused")
    sh(f"{tool} start 192.0.2.1", "host")
    expect("a restart keeps what is allowed", connect(a.ns, HOST4, 9000), "ok")
    expect("a restart puts the new resolvers", ask(a.ns, HOST4, 53, host["dns"]), "refused")
    sh(f"{tool} resolvers {HOST4}", "host")
    expect("other resolvers", ask(a.ns, HOST4, 53, host["dns"]), "ok")
    for _ in range(2):
        sh(f"{tool} forbid {a.id} 4 {HOST4} 9000 tcp", "host")
    expect("removed, twice", connect(a.ns, HOST4, 9000), "refused")
    expect("the others stay", connect(a.ns, HOST6, 9000), "ok")


def check_spoofing(a, b, outside):
    """Ports are open for the sandbox: only the source decides."""
    host4, host6 = udp(named("host"), HOST4, 9100), udp(named("host"), HOST6, 9100)
    for version, address in ((4, HOST4), (6, HOST6)):
        sh(f"{TOOL} /run/a allow {a.id} {version} {address} 9100 udp", "host")
    sources4 = [b.v4, a.gate4, b.gate4, HOST4, OUT4, "203.0.113.5", "127.0.0.1", "0.0.0.0", "10.9.9.2",
                "10.213.200.1", "255.255.255.255", "224.0.0.1", "169.254.1.1"]
    sources6 = [b.v6, a.gate6, b.gate6, HOST6, OUT6, "::1", "::", "fe80::73ff:fe00:1", "ff02::1",
                "fd73:616e:6462::9999", "::ffff:10.213.0.3"]
    for own, sources, server, target, far, far_target in (
            (a.v4, sources4, host4, HOST4, outside["udp4"], "203.0.113.5"),
            (a.v6, sources6, host6, HOST6, outside["udp6"], OUT6)):
        for source in [own] + sources:
            a.send_raw(udp_packet(source, target, 9100, b"spoof"))
            a.send_raw(udp_packet(source, far_target, 5000, b"spoof"))
            expect(f"from {source} to the host and out", [arrives(server), arrives(far)], [source == own] * 2)


def check_headers(a, outside):
    server = outside["udp4"]
    text = struct.pack("!HHHH", 4000, 5000, 8 + 24, 0) + b"f" * 24
    a.send_raw(packet4(a.v4, "203.0.113.5", 17, text[:16], fragment=0x2000, ident=9))
    a.send_raw(packet4(a.v4, "203.0.113.5", 17, text[16:], fragment=2, ident=9))
    expect("fragments are put together", arrives(server), True)
    a.send_raw(packet4(a.v4, "203.0.113.5", 17, text[:16], fragment=0x2000, ident=10))
    a.send_raw(packet4("10.213.0.5", "203.0.113.5", 17, text[16:], fragment=2, ident=10))
    expect("not with another's", arrives(server), False)
    for name, options in (("record route", b"\x07\x07\x04\0\0\0\0\0"),
                          ("source route", b"\x83\x07\x04" + socket.inet_aton(OUT4) + b"\0"),
                          ("timestamp", b"\x44\x08\x05\0\0\0\0\0")):
        a.send_raw(udp_packet(a.v4, "203.0.113.5", 5000, b"options", options=options))
        expect(f"IP option {name}", arrives(server), False)
    advert = struct.pack("!BBHBBHII", 134, 0, 0, 64, 0, 1800, 0, 0)
    sh(f"sysctl -q net.ipv6.conf.{a.link}.accept_ra=2", "host")
    for source in ("fe80::1", a.v6):
        body = datagram6(source, "ff02::1", 58, advert, 2)
        a.send_raw(packet6(source, "ff02::1", 58, body, hops=255))
    time.sleep(0.1)
    expect("router advertisements", a.link in sh("ip -6 route show default", "host"), False)
    inner = packet4(HOST4, OUT4, 17, text[:8])
    body = b"\x05\x01\0\0" + socket.inet_aton(a.v4) + inner
    a.send_raw(packet4(a.v4, HOST4, 1, body[:2] + struct.pack("!H", checksum(body)) + body[4:]))
    expect("redirects", a.v4 in sh(f"ip route get {OUT4}", "host"), False)


def check_published(a):
    """A port that a DNAT rule of the host publishes is the host's."""
    other = listen(named("other"), "10.9.9.1", 8000)
    sh("nft 'table ip published { chain c { type nat hook prerouting priority -100;"
       " tcp dport 8080 dnat to 10.9.9.1:8000; }; }'", "host")
    expect("the network behind is outside", connect(a.ns, "10.9.9.1", 8000), "ok")
    expect("a published port", connect(a.ns, HOST4, 8080), "refused")
    sh("nft delete table ip published", "host")
    other.close()


def check_life(a, outside):
    c = connect(a.ns, OUT4, 81, keep=True)
    peer = outside["tcp81"].accept()[0]
    before = sh("nft list table inet foreign", "host")
    sh(f"{TOOL} /run/a start 192.0.2.1", "host")
    c.send(b"still here")
    peer.settimeout(1)
    expect("a connection lives over a restart", peer.recv(20), b"still here")
    peer.send(b"and back")
    expect("both ways", c.recv(20), b"and back")
    expect("another table is left alone", sh("nft list table inet foreign", "host"), before)
    mine = sh("nft list ruleset", "host")
    sh("env NETWORK_NAME=second " + TOOL + " /run/b start", "host2")
    twin = Sandbox(a.id, 1, "host2", "/run/b")
    expect("the same link in another instance's namespace", ping(twin.ns, twin.gate4), "ok")
    sh(f"env NETWORK_NAME=second {TOOL} /run/b stop", "host2")
    expect("the first instance does not notice",
           [sh("nft list ruleset", "host") == mine, ping(a.ns, OUT4)], [True, "ok"])
    twin.end()


def check_forgotten(a, b):
    """Who has an address next cannot go on with the connections of the last one."""
    for address, version in ((HOST4, 4), (HOST6, 6)):
        server = listen(named("host"), address, 9300)
        both = []
        for box in (a, b):
            sh(f"{TOOL} /run/a allow {box.id} {version} {address} 9300 tcp", "host")
            client = connect(box.ns, address, 9300, keep=True)
            both.append((client, server.accept()[0]))
            sh(f"{TOOL} /run/a forbid {box.id} {version} {address} 9300 tcp", "host")
        sh(f"{TOOL} /run/a forget 1", "host")
        alive = []
        for client, peer in both:
            client.send(b"more")
            peer.settimeout(0.3)
            alive.append(arrives(peer))
        expect(f"a sandbox's connections to {address} are forgotten, others not", alive, [False, True])


def check_flood(a, b, outside):
    """One address cannot fill the host's table of connections."""
    with inside(a.ns):
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    for port in range(10000, 14600):
        with contextlib.suppress(OSError):
            s.sendto(b"x", ("203.0.113.5", port))
    expect("4096 connections are the bound", connect(a.ns, OUT4, 80), "refused")
    expect("of one sandbox", connect(b.ns, OUT4, 80), "ok")
    sh(f"{TOOL} /run/a forget 1", "host")
    time.sleep(1)
    expect("and are freed with it", connect(a.ns, OUT4, 80), "ok")


def check_end(a, b):
    fresh = Sandbox("00000003", 3)
    expect("the first packet of a fresh sandbox", ping(fresh.ns, OUT4), "ok")
    fresh.run("ip link set eth0 name wan0 address 02:00:00:00:00:01")
    fresh.run("ip link set wan0 up")
    expect("a student who breaks the link breaks only that",
           [ping(fresh.ns, OUT4) == "ok", ping(a.ns, OUT4)], [False, "ok"])
    fresh.end()
    for _ in range(100):
        if fresh.link not in sh("ip -o link", "host"):
            break
        time.sleep(0.02)
    expect("the pair goes with the namespace", fresh.link in sh("ip -o link", "host"), False)
    sh(f"{TOOL} /run/a delete {b.id}", "host")
    sh(f"{TOOL} /run/a delete {b.id}", "host")
    expect("a pair is deleted", b.link in sh("ip -o link", "host"), False)
    none = Sandbox("00000009", 0)
    expect("network none has lo alone",
           [len(none.run("ip -o link").splitlines()), "UP" in none.run("ip link show lo")], [1, True])
    none.end()
    sh(f"{TOOL} /run/a stop", "host")
    expect("after stop: no table", "sandboxd" in sh("nft list tables", "host"), False)
    expect("after stop: no forwarding", sh(f"sysctl -n {FORWARDING}", "host").split(), ["0", "0"])


def check_without_ipv6():
    sh("sysctl -q net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1", "host2")
    sh(f"{TOOL} /run/b start", "host2")
    box = Sandbox("00000007", 7, "host2", "/run/b")
    expect("a host without IPv6 has sandboxes without",
           [ping(box.ns, box.gate4), "fd73" in box.run("ip -6 addr show dev eth0")], ["ok", False])
    box.end()
    sh("nft flush ruleset", "host2")
    sh(f"{TOOL} /run/b start", "host2")
    expect("a flushed table is put again", "guard" in sh("nft list table inet sandboxd", "host2"), True)
    sh(f"{TOOL} /run/b stop", "host2")


def main():
    if len(sys.argv) < 3:
        os.execvp("unshare", ["unshare", "-mn", "/usr/bin/python3", os.path.abspath(__file__), TOOL, "inside"])
    build()
    check_start()
    a, b = Sandbox("00000001", 1), Sandbox("00000002", 2)
    here, far = named("host"), named("outside")
    outside = {"udp4": udp(far, "203.0.113.5", 5000), "udp6": udp(far, OUT6, 5000),
               "tcp": [listen(far, "0.0.0.0", p) for p in (80, 83)], "tcp6": listen(far, "::", 82),
               "tcp81": listen(far, OUT4, 81), "tcp81_6": listen(far, OUT6, 81), "tcp80_6": listen(far, OUT6, 80),
               "meta6": listen(far, "fd00:ec2::254", 80), "dns": listen(far, "198.51.100.53", 53)}
    host = {"tcp": listen(here, "0.0.0.0", 9000), "tcp3": listen(here, "0.0.0.0", 9003), "udp4": udp(here, HOST4, 9001),
            "lo4": udp(here, "127.0.0.1", 9002), "lo6": udp(here, "::1", 9002), "dns": udp(here, HOST4, 53),
            "b": listen(b.ns, b.v4, 7000), "b6": listen(b.ns, b.v6, 7000), "b_udp": udp(b.ns, b.v4, 7001),
            "a": listen(a.ns, a.v4, 7000), "a6": listen(a.ns, a.v6, 7000)}
    host["tcp6"] = [listen(here, address, 9000) for address in (HOST6, a.gate6)]
    check_out(a, outside, host)
    check_closed(a, b, host, outside)
    check_allow(a, b, host)
    check_spoofing(a, b, outside)
    check_headers(a, outside)
    check_published(a)
    check_life(a, outside)
    check_forgotten(a, b)
    check_flood(a, b, outside)
    check_end(a, b)
    check_without_ipv6()
    a.end()
    b.end()
    print(f"{sum(results)} of {len(results)}")
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
