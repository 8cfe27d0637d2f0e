# SPDX-License-Identifier: Apache-2.0
"""-L, -W, -D and -R meet the box's network (I04): host TCP ports and host unix sockets are out of reach."""
import socket

BOX = "socat TCP-LISTEN:5000,fork,reuseaddr SYSTEM:'echo box' & " \
      "socat UNIX-LISTEN:/tmp/s,fork SYSTEM:'echo boxsocket' & sleep 0.3; echo open; exec cat"


def ask(port, request=b""):
    """What a connection to a forwarded port says; b"" if it is closed or refused."""
    try:
        with socket.create_connection(("127.0.0.1", port), 5) as s:
            s.settimeout(5)
            s.sendall(request)
            return s.recv(100)
    except OSError:
        return b""


def host_listener(env, address, text):
    env.popen(["socat", address, f"SYSTEM:echo {text}"])


def test(env):
    for address in ("TCP-LISTEN:5000,fork,reuseaddr,bind=127.0.0.1", "TCP-LISTEN:5001,fork,reuseaddr",
                    "UNIX-LISTEN:/tmp/host.sock,fork,mode=777", "UNIX-LISTEN:/run/host.sock,fork,mode=777",
                    "UNIX-LISTEN:/home/stu1/host.sock,fork,mode=777"):
        host_listener(env, address, "host")
    env.wait_for("host listeners", lambda: ask(5000) == b"host\n" and ask(5001) == b"host\n")
    options = []
    for port, target in ((6000, "127.0.0.1:5000"), (6001, "127.0.0.1:5001"), (6002, "203.0.113.1:5001"),
                         (6003, "/tmp/s"), (6004, "/tmp/host.sock"), (6005, "/run/host.sock"),
                         (6006, "/run/sandboxd/sandboxd.sock"), (6007, "localhost:5000"), (6008, "127.0.0.1:22"),
                         (6009, "/dev/log")):
        options += ["-L", f"{port}:{target}"]
    child = env.ssh_popen("stu1", BOX, [*options, "-D", "6080", "-R", "5002:127.0.0.1:5001"])
    env.equal(child.stdout.readline(), b"open\n")
    for port, expected in ((6000, b"box\n"), (6001, b""), (6002, b""), (6003, b"boxsocket\n"), (6004, b""),
                           (6005, b""), (6006, b""), (6007, b"box\n"), (6008, b""), (6009, b"")):
        env.equal(ask(port), expected, f"-L {port}")

    for port, expected in ((5000, "box"), (5001, ""), (22, "")):
        done = env.execute(["nc", "-w", "5", "-X", "5", "-x", "127.0.0.1:6080", "127.0.0.1", str(port)])
        env.equal(done.text, expected, f"-D {port}")
    env.equal(ask(5002), b"", "-R opened a port of the host")
    for port in ("22", "5000", "5001"):
        done = env.execute(env.ssh_command("stu1", None, ["-W", f"127.0.0.1:{port}"]))
        env.equal(done.out, b"", f"-W {port}")
    # No tunnel device of the host.
    env.ssh("stu1", "true", options=["-w", "5:5"])
    env.check("tun5" not in env.machine.run("ip", "link"), "-w made a device on the host")
