# SPDX-License-Identifier: Apache-2.0
"""ssh -Y: a client inside reaches the X server of the user with the cookie that xauth stored inside."""
import os
import socket

CLIENT = r"""
import os, socket, struct, subprocess
cookies = subprocess.run(["xauth", "list"], capture_output=True, text=True).stdout.split()
cookie = bytes.fromhex(cookies[cookies.index("MIT-MAGIC-COOKIE-1") + 1])
host, display = os.environ["DISPLAY"].split(":")
s = socket.create_connection((host, 6000 + int(display.split(".")[0])), 5)
name = b"MIT-MAGIC-COOKIE-1"
s.sendall(struct.pack("<BxHHHHxx", 0x6c, 11, 0, len(name), len(cookie)) + name + b"\0\0" + cookie)
print(s.recv(100).decode())
"""


def test(env):
    server = socket.create_server(("127.0.0.1", 6007))
    server.settimeout(20)
    with server:
        known = {**os.environ, "DISPLAY": "127.0.0.1:7"}
        for user in ("stu1", "joint"):
            env.machine.write("/root/client.py", CLIENT)
            child = env.ssh_popen(user, "python3 -", ["-Y"], env=known, stdin=open("/root/client.py", "rb"))
            peer, _ = server.accept()
            with peer:
                env.equal(peer.recv(12)[:2], b"l\0", "first bytes at the X server")
                peer.sendall(b"hello-from-X")
                out, err = child.communicate(timeout=20)
            env.equal(out.strip(), b"hello-from-X", err)
