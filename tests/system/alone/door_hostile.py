# SPDX-License-Identifier: Apache-2.0
"""A hostile shim, which PID 1 must survive, and a hostile PID 1, which the shim must survive."""
import array
import contextlib
import os
import signal
import socket
import struct
import threading
import time

from door_login import (DOOR, STUDENT, end_of, eventually, holds, init_fds,
                        knock, login, on_terminal, request, run, same, test)


# A hostile shim.

@test()
def garbage_at_the_door_costs_nothing():
    null, directory = os.open("/dev/null", os.O_RDWR), os.open("/", os.O_RDONLY)
    handle = os.open("/dev/null", os.O_PATH)
    three, refused, before = [null] * 3, b"x\x7e", init_fds()
    same(knock(request(), three), b"x\x05")
    good = request()
    cases = [(b"", three), (b"x", three), (os.urandom(5000), three), (good, []), (good, [null] * 2),
             (good, [null] * 4), (good, [null] * 200), (good, [null, null, directory]), (good, [handle] * 3),
             (good[:-1] + b"x", three), (good + b"x", three), (request("0123ABCD"), three),
             (request("../../xy"), three), (request(umask=0o1000), three), (request(relay=8), three),
             (request(count=17), three), (b"D" + b"\xff" * 60, three),
             (struct.pack("IHHI", 0x524F4F44, 2, 0, 10) + b"0" * 10, three),
             (struct.pack("IHHI", 0x524F4F44, 1, 0, 1 << 30), three)]
    for data, fds in cases:
        answer = knock(data, fds)
        if answer not in (refused, b"close"):
            raise AssertionError(f"{data[:40]!r} {fds}: {answer}")
    for user in (0, 2002):
        same(knock(good, three, user), b"close")
    same(knock(request(rlimits=struct.pack("<IQ", 0xFFFFFFFF, 5) * 2, count=2), three), b"x\x05")
    eventually(lambda: init_fds() == before)
    same(run("exit 3")[0], 3)


@test()
def silent_knockers_do_not_keep_others_out_for_ever():
    begin = time.monotonic()
    held = []

    def hold():
        s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        s.connect(DOOR)
        return s
    os.setresuid(STUDENT, STUDENT, 0)
    try:
        held = [hold() for _ in range(100)]
    finally:
        os.setresuid(0, 0, 0)
    same(run("exit 3")[0] in (3, 126), True)
    same(time.monotonic() - begin < 16, True)
    for s in held:
        s.close()
    same(run("exit 3")[0], 3)


@test()
def a_flood_of_tokens_is_harmless():
    p = login("trap : WINCH; echo ready; sleep 2; exit 6")
    p.stdout.readline()
    for _ in range(20_000):
        p.send_signal(signal.SIGWINCH)
    same(p.wait(timeout=10), 6)


# A hostile PID 1.

@contextlib.contextmanager
def fake(serve):
    os.rename(DOOR, DOOR + ".real")
    s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    s.bind(DOOR)
    os.chmod(DOOR, 0o666)
    s.listen(5)

    def work():
        with contextlib.suppress(OSError):
            peer = s.accept()[0]
            serve(peer)
    thread = threading.Thread(target=work, daemon=True)
    if serve:
        thread.start()
    try:
        yield
    finally:
        s.close()
        os.unlink(DOOR)
        os.rename(DOOR + ".real", DOOR)


def take(peer):
    for _, _, fds in peer.recvmsg(70_000, 1000)[1]:
        for fd, in struct.iter_unpack("i", fds):
            os.close(fd)


def answering(data, fds=()):
    def serve(peer):
        take(peer)
        peer.sendmsg([data], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds else [])
        time.sleep(0.5)
        peer.close()
    return serve


@test()
def nonsense_from_pid_1_is_refused():
    null = os.open("/dev/null", os.O_RDWR)
    escape = b"\x1b]0;evil\x07"
    for data, fds in ((escape, ()), (b"x", ()), (b"x\x00y", ()), (b"A" * 100_000, ()), (b"x\x00", [null]),
                      (b"x\x00", [null] * 250), (b"p", [null]), (b"p", ()), (b"k\x00", ()), (b"k\xff", ()),
                      (b"k\x13", ()), (b"k\x14", ()), (b"z\x01", ()), (b"f", ())):
        with fake(answering(data, fds)):
            code, out, err = run("x")
            same((data[:9], code, out), (data[:9], 126, b""))
            same(err.replace(b"sandbox: the sandbox answers nonsense\n", b""), b"")
    for data, expected in ((b"x\x2a", 42), (b"k\x0f", -15), (b"k\x12", 128 + 18), (b"k\x1c", 128 + 28)):
        with fake(answering(data)):
            same(run("x")[0], expected)


@test()
def a_start_that_failed_is_told():
    reason = b"sandbox: the sandbox could not start a program: Permission denied\n"
    # The request stays unread: the shim may still complain.
    with fake(lambda peer: (peer.send(b"f\x0d"), time.sleep(1), peer.recv(70_000), peer.close())):
        same(run("x"), (126, b"", reason))


@test()
def a_false_pty_is_refused():
    null, master = os.open("/dev/null", os.O_RDWR), os.open("/dev/ptmx", os.O_RDWR)
    for data, fds in ((b"p", [null]), (b"p", [master, null]), (b"\x1b[31m", ()), (b"p", ())):
        with fake(answering(data, fds)):
            screen = on_terminal("/run/hostpts/ptmx")
            same(end_of(screen), 126)
            same(os.read(screen.child_fd, 1000), b"sandbox: the sandbox answers nonsense\r\n")


@test()
def a_pid_1_that_never_answers_is_given_up():
    begin = time.monotonic()
    # What was sent stays open in the queue: a pipe would not end.
    with fake(None), open("/home/student/err", "w+b") as err:
        same(login("x", stderr=err).wait(timeout=30), 126)
        err.seek(0)
        same(err.read(), b"sandbox: no answer from the sandbox\n")
    same(14 < time.monotonic() - begin < 17, True)


@test()
def a_pid_1_that_closes_is_told():
    with fake(lambda peer: peer.close()):
        code, out, err = run("x")
        same(code, 126)
        holds(err, b"sandbox: the sandbox")
