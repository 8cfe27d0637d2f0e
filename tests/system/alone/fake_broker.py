#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""
A broker that misbehaves: what pam_sandbox.so must survive (rows P01, P02 and B12 of the security
tests). Runs as root, on a machine or in a mount namespace that a test made for it.

    fake_broker.py SOCKET BEHAVIOUR      serves until it is killed; "list" prints the behaviours

PLACES are what can lie at the socket's path without any broker; BEHAVIOURS, what one may answer.
Each says how a login must end: "in", "at once" (refused, in less than a second), or "deadline"
(refused, when the deadline has passed).
"""
import array
import ctypes
import os
import signal
import socket
import stat
import struct
import sys
import tempfile
import time

MAGIC, VERSION, OPEN = 0x58424453, 1, 0
CLONE_NEWNS, CLONE_NEWNET, CLONE_NEWUSER = 0x00020000, 0x40000000, 0x10000000
STUDENT = 65533
EACCES = 13


def text(s):
    s = s if isinstance(s, bytes) else s.encode()
    return struct.pack("=I", len(s)) + s + b"\0"


def reply(status=0, words="", session="lab-0123abcd", magic=MAGIC, version=VERSION, op=OPEN):
    message = struct.pack("=IIII", magic, version, op, status) + text(words)
    return message + (text(session) if status == 0 else b"")


def namespace(flags, name):
    """A descriptor of a new namespace: a child makes it and goes; the descriptor keeps it alive."""
    ready, gone = os.pipe(), os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(gone[1])
        if ctypes.CDLL(None, use_errno=True).unshare(flags) < 0:
            os._exit(1)
        os.write(ready[1], b"x")
        os.read(gone[0], 1)
        os._exit(0)
    os.read(ready[0], 1)
    fd = os.open(f"/proc/{pid}/ns/{name}", os.O_RDONLY)
    os.close(gone[1])
    os.waitpid(pid, 0)
    for end in (ready[0], ready[1], gone[0]):
        os.close(end)
    return fd


class Fds:
    """What a real broker would hand over, and what else it might."""

    def __init__(self):
        self.directory = tempfile.mkdtemp()
        fifo = os.path.join(self.directory, "lease")
        os.mkfifo(fifo, 0o600)
        self.lease_reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
        self.lease = os.open(fifo, os.O_WRONLY)
        self.lease_path = os.open(fifo, os.O_PATH)
        self.view = namespace(CLONE_NEWNS, "mnt")
        self.network = namespace(CLONE_NEWNET, "net")
        self.user = namespace(CLONE_NEWUSER, "user")
        self.own_view = os.open("/proc/self/ns/mnt", os.O_RDONLY)
        self.own_network = os.open("/proc/self/ns/net", os.O_RDONLY)
        regular = os.path.join(self.directory, "file")
        self.file = os.open(regular, os.O_RDWR | os.O_CREAT, 0o600)
        self.dir = os.open("/", os.O_RDONLY)
        self.null = os.open("/dev/null", os.O_RDWR)
        self.pidfd = os.pidfd_open(os.getpid())
        self.socket = socket.socketpair()[0].detach()
        self.memfd = os.memfd_create("x")

    def good(self):
        return [self.lease, self.view, self.network]


class Call:
    """One connection: the request as bytes, and how to answer it."""

    def __init__(self, connection, fds, count):
        self.connection, self.fds, self.count = connection, fds, count
        self.request, self.received = b"", []

    def receive(self):
        data, received, _, _ = socket.recv_fds(self.connection, 65536 + 1, 8)
        self.request, self.received = data, received
        return data

    def send(self, data, fds=()):
        ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds else []
        self.connection.sendmsg([data], ancillary, socket.MSG_NOSIGNAL)


def answering(data, pick=lambda fds: fds.good()):
    def behave(call):
        call.receive()
        call.send(data, pick(call.fds))
    return behave


def never(call):
    call.receive()
    time.sleep(3600)


def never_reads(call):
    time.sleep(3600)


def drip(call):
    call.receive()
    for byte in reply():
        call.send(bytes([byte]))
        time.sleep(0.2)


def late(call):
    call.receive()
    time.sleep(DEADLINE + 0.5)
    call.send(reply(), call.fds.good())


def closes(call):
    call.receive()


def closes_unread(call):
    pass


def closes_twice(call):
    call.receive()
    if call.count > 2:
        call.send(reply(), call.fds.good())


def twice(call):
    call.receive()
    call.send(reply(), call.fds.good())
    call.send(b"\xff" * 100, call.fds.good())


def stops(call):
    os.kill(os.getpid(), signal.SIGSTOP)


def cut(length):
    return answering(reply()[:length])


def with_fds(*names):
    return answering(reply(), lambda fds: [getattr(fds, name) for name in names])


DEADLINE = float(os.environ.get("FAKE_DEADLINE", "1"))
ESCAPES = "no\x1b[2J\x1b]0;owned\x07 room\r\nroot:x:0:0\x00\x7f\u009b31m".replace("\x00", "")

BEHAVIOURS = {
    "good": ("in", answering(reply())),
    "good after two closes": ("in", closes_twice),
    "good, then more": ("in", twice),
    "no session id": ("in", answering(reply(session=""))),
    "never": ("deadline", never),
    "never reads": ("deadline", never_reads),
    "late": ("deadline", late),
    "SIGSTOP": ("deadline", stops),
    "closes": ("deadline", closes),
    "closes unread": ("deadline", closes_unread),
    "drip": ("at once", drip),
    "one byte": ("at once", answering(b"S", lambda fds: [])),
    "empty": ("deadline", answering(b"", lambda fds: [])),
    "empty with descriptors": ("at once", answering(b"")),
    "garbage": ("at once", answering(bytes(range(256)) * 8)),
    "zeros": ("at once", answering(bytes(512))),
    "4096 bytes": ("at once", answering(reply() + bytes(4096 - len(reply())))),
    "4097 bytes": ("at once", answering(reply() + bytes(4097 - len(reply())))),
    "128 KiB": ("at once", answering(reply() + b"x" * 131072)),
    "wrong magic": ("at once", answering(reply(magic=MAGIC + 1))),
    "version 0": ("at once", answering(reply(version=0))),
    "version 2": ("at once", answering(reply(version=2))),
    "another operation": ("at once", answering(reply(op=5))),
    "unknown operation": ("at once", answering(reply(op=0xFFFFFFFF))),
    "status 4096": ("at once", answering(reply(status=4096))),
    "status -13": ("at once", answering(reply(status=0xFFFFFFF3))),
    "one byte more": ("at once", answering(reply() + b"\0")),
    "long session id": ("at once", answering(reply(session="x" * 81))),
    "NUL in session id": ("at once", answering(reply(session="a\0b"))),
    "NUL in text": ("at once", answering(reply(status=EACCES, words="a\0b"))),
    "huge string length": ("at once", answering(
        struct.pack("=IIIII", MAGIC, VERSION, OPEN, 0, 0xFFFFFFFF) + b"x" * 64)),
    "refuses": ("at once", answering(reply(EACCES, "16 of 16 sessions are open: close one"),
                                     lambda fds: [])),
    "refuses without words": ("at once", answering(reply(EACCES), lambda fds: [])),
    "refuses with descriptors": ("at once", answering(reply(EACCES, "no"))),
    "refuses in escapes": ("at once", answering(reply(EACCES, ESCAPES), lambda fds: [])),
    "refuses at length": ("at once", answering(reply(EACCES, "%s%n" * 900), lambda fds: [])),
    "0 descriptors": ("at once", with_fds()),
    "1 descriptor": ("at once", with_fds("lease")),
    "2 descriptors": ("at once", with_fds("lease", "view")),
    "4 descriptors": ("at once", with_fds("lease", "view", "network", "null")),
    "253 descriptors": ("at once", answering(reply(), lambda fds: [fds.null] * 253)),
    "lease, network, view": ("at once", with_fds("lease", "network", "view")),
    "view, lease, network": ("at once", with_fds("view", "lease", "network")),
    "view, network, lease": ("at once", with_fds("view", "network", "lease")),
    "network, lease, view": ("at once", with_fds("network", "lease", "view")),
    "network, view, lease": ("at once", with_fds("network", "view", "lease")),
    "lease to read": ("at once", with_fds("lease_reader", "view", "network")),
    "lease by path": ("at once", with_fds("lease_path", "view", "network")),
    "lease a file": ("at once", with_fds("file", "view", "network")),
    "lease a socket": ("at once", with_fds("socket", "view", "network")),
    "lease a directory": ("at once", with_fds("dir", "view", "network")),
    "view a file": ("at once", with_fds("lease", "file", "network")),
    "view a directory": ("at once", with_fds("lease", "dir", "network")),
    "view a pidfd": ("at once", with_fds("lease", "pidfd", "network")),
    "view a user namespace": ("at once", with_fds("lease", "user", "network")),
    "view the host's": ("at once", with_fds("lease", "own_view", "network")),
    "network a device": ("at once", with_fds("lease", "view", "null")),
    "network a memfd": ("at once", with_fds("lease", "view", "memfd")),
    "network the host's": ("at once", with_fds("lease", "view", "own_network")),
}
# A datagram cut at each offset; one of no bytes is a close, which is tried again.
BEHAVIOURS.update({f"cut at {n}": ("at once", cut(n)) for n in range(1, len(reply()))})


def place_nothing(path):
    pass


def place_no_directory(path):
    os.rmdir(os.path.dirname(path))


def bind(path, kind=socket.SOCK_SEQPACKET, listen=True):
    listener = socket.socket(socket.AF_UNIX, kind)
    listener.bind(path)
    if listen:
        listener.listen(8)
    return listener


def place_stale(path):
    bind(path).close()


def place_unlistened(path):
    return bind(path, listen=False)


def place_file(path):
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))


def place_directory(path):
    os.mkdir(path)


def place_fifo(path):
    os.mkfifo(path)


def place_link(path):
    real = path + ".real"
    os.symlink(real, path)
    return bind(real)


def place_dangling_link(path):
    os.symlink(path + ".none", path)


def place_link_loop(path):
    os.symlink(path, path)


def place_device(path):
    os.mknod(path, stat.S_IFCHR | 0o600, os.makedev(1, 3))


def place_stream(path):
    return bind(path, socket.SOCK_STREAM)


def place_datagram(path):
    return bind(path, socket.SOCK_DGRAM, listen=False)


def place_students(path):
    """The socket's file is a student's, whoever listens."""
    listener = bind(path)
    os.chown(path, STUDENT, STUDENT)
    return listener


def place_students_listener(path):
    """The file was given to root, but a student listens."""
    os.chmod(os.path.dirname(path), 0o777)
    ready, end = os.pipe()
    if os.fork() == 0:
        os.setresuid(STUDENT, STUDENT, STUDENT)
        listener = bind(path)
        os.write(end, b"x")
        time.sleep(60)
        listener.close()
        os._exit(0)
    os.read(ready, 1)
    os.close(ready)
    os.close(end)
    os.chmod(os.path.dirname(path), 0o711)
    os.chown(path, 0, 0)


def place_full(path):
    """Nobody accepts, and the queue is full."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    listener.bind(path)
    listener.listen(0)
    waiting = []
    try:
        while len(waiting) < 64:
            one = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            waiting.append(one)
            one.setblocking(False)
            one.connect(path)
    except BlockingIOError:
        pass
    return [listener] + waiting


PLACES = {
    "nothing": ("deadline", place_nothing),
    "no directory": ("deadline", place_no_directory),
    "stale socket": ("deadline", place_stale),
    "unlistened socket": ("deadline", place_unlistened),
    "full queue": ("deadline", place_full),
    "file": ("at once", place_file),
    "directory": ("at once", place_directory),
    "FIFO": ("at once", place_fifo),
    "device": ("at once", place_device),
    "link to a socket": ("at once", place_link),
    "dangling link": ("at once", place_dangling_link),
    "link to itself": ("at once", place_link_loop),
    "stream socket": ("at once", place_stream),
    "datagram socket": ("at once", place_datagram),
    "a student's socket": ("at once", place_students),
    "a student listens": ("at once", place_students_listener),
}


def serve(path, name, ready=None, fds=None):
    """Never returns. Each connection is served by a child, so that the next one is met at once."""
    _, behave = BEHAVIOURS[name]
    fds = fds or Fds()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    listener = bind(path)
    os.chmod(path, 0o600)
    if ready is not None:
        os.write(ready, b"x")
        os.close(ready)
    count = 0
    while True:
        connection, _ = listener.accept()
        count += 1
        if behave is stops:
            behave(None)
        if os.fork() == 0:
            listener.close()
            try:
                behave(Call(connection, fds, count))
            except OSError:
                pass
            os._exit(0)
        connection.close()


if __name__ == "__main__":
    if sys.argv[1:] == ["list"]:
        for key, (outcome, _) in (PLACES | BEHAVIOURS).items():
            print(f"{outcome:9} {key}")
    elif len(sys.argv) == 3 and sys.argv[2] in BEHAVIOURS:
        serve(sys.argv[1], sys.argv[2])
    else:
        sys.exit(__doc__)
