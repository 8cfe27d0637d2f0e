# SPDX-License-Identifier: Apache-2.0
"""P02, B12: a false broker that says nothing, garbage, too much or half: the deadline holds."""
import array
import os
import socket
import struct
import threading
import time

TIMEOUT = 180
PATH = "/run/sandboxd/sandboxd.sock"
HEADER = struct.pack("=IHH", 0x58424453, 1, 0)


def reply(status=0, text=b"", more=b""):
    return HEADER + struct.pack("=I", status) + struct.pack("=I", len(text)) + text + b"\0" + more


def behaviours():
    """name, what to send after the request (None: nothing), descriptors to attach, then close or hold."""
    yield "silence", None, (), "hold"
    yield "close", None, (), "close"
    yield "garbage", os.urandom(200), (), "hold"
    yield "empty", b"", (), "hold"
    yield "1 MiB", b"\0" * (200 << 10), (), "close"
    yield "ok without descriptors", reply(more=struct.pack("=I", 8) + b"12345678\0"), (), "hold"
    yield "ok with files", reply(more=struct.pack("=I", 8) + b"12345678\0"), ("file",) * 3, "hold"
    yield "ok with directories", reply(more=struct.pack("=I", 8) + b"12345678\0"), ("dir",) * 3, "hold"
    yield "200 descriptors", reply(), ("file",) * 200, "hold"
    yield "other version", struct.pack("=IHH", 0x58424453, 9, 0) + b"\0" * 16, (), "hold"
    whole = reply(more=struct.pack("=I", 8) + b"12345678\0")
    for cut in range(1, len(whole), 3):
        yield f"cut at {cut}", whole[:cut], (), "close"


def serve(behaviour, stop):
    _, data, kinds, end = behaviour
    if os.path.exists(PATH):
        os.unlink(PATH)
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as s:
        s.bind(PATH)
        os.chmod(PATH, 0o600)
        s.listen(20)
        s.settimeout(0.05)
        held = []
        while not stop.is_set():
            try:
                peer, _ = s.accept()
            except TimeoutError:
                continue
            held.append(peer)
            peer.settimeout(1)
            try:
                peer.recv(70000)
                if data is not None:
                    send(peer, data, kinds)
            except OSError:
                pass
            if end == "close":
                peer.close()
        for peer in held:
            peer.close()


def send(peer, data, kinds):
    place = {"file": "/etc/passwd", "dir": "/"}
    made = [os.open(place[kind], os.O_RDONLY) for kind in kinds]
    ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", made))] if made else []
    try:
        peer.sendmsg([data], ancillary)
    finally:
        for fd in made:
            os.close(fd)


def test(env):
    env.pam("deadline=2s")
    env.broker.stop()
    for behaviour in behaviours():
        name = behaviour[0]
        stop = threading.Event()
        thread = threading.Thread(target=serve, args=(behaviour, stop))
        thread.start()
        try:
            env.wait_for("the false broker", lambda: os.path.exists(PATH))
            began = time.monotonic()
            done = env.execute(["su", "-", "stu1", "-c", "echo in $(hostname)"], timeout=20)
            took = time.monotonic() - began
            env.check(done.rc != 0 and b"in " not in done.out, name, "got in:", done)
            env.check(done.err.strip() or done.out.strip(), name, "refused without a word")
            env.check(took < 4, name, "took", took)
            env.equal(env.execute(["su", "-", "plain", "-c", "echo in"]).text, "in", name)
        finally:
            stop.set()
            thread.join()
            os.unlink(PATH)
    env.broker.start()
