# SPDX-License-Identifier: Apache-2.0
"""What the tests of the door share: a login through the real shim, a terminal, a knock of our own."""
import array
import contextlib
import fcntl
import os
import socket
import struct
import subprocess
import termios
import time

import pexpect.fdpexpect

STUDENT = 2001
BASH, SH = "/bin/bash", "/bin/sh"
DOOR = "/run/sandbox/door"
tests = []


def test(**environment):
    def keep(function):
        tests.append((function.__name__, environment, function))
        return function
    return keep


def login(command, executable=BASH, **options):
    options.setdefault("stdin", subprocess.DEVNULL)
    options.setdefault("stdout", subprocess.PIPE)
    options.setdefault("stderr", subprocess.PIPE)
    argv = command if isinstance(command, list) else ["bash", "-c", command]
    return subprocess.Popen(argv, executable=executable, user=STUDENT, group=STUDENT, extra_groups=[],
                            **options)


def run(command, input=None, **options):
    if input is not None:
        options["stdin"] = subprocess.PIPE
    process = login(command, **options)
    out, err = process.communicate(input, timeout=30)
    return process.returncode, out, err


def same(got, expected):
    if got != expected:
        raise AssertionError(f"{got!r}, not {expected!r}")


def holds(text, part):
    if part not in text:
        raise AssertionError(f"{part!r} is not in {text!r}")


def init_pid():
    return int(os.environ["DOOR_INIT_PID"])


def eventually(predicate, seconds=5):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if predicate():
            return
        time.sleep(0.02)
    raise AssertionError("did not come true")


def inside_count(pattern):
    return int(run(f"pgrep -cf '{pattern[:-1]}[{pattern[-1]}]'", executable=SH)[1])


def on_terminal(ptmx, argv=("-bash",), size=(24, 80)):
    """The shim as sshd or login start it: leader of a session on a new terminal of PTMX's instance."""
    master = os.open(ptmx, os.O_RDWR | os.O_NOCTTY)
    fcntl.ioctl(master, 0x40045431, struct.pack("i", 0))  # TIOCSPTLCK
    slave = fcntl.ioctl(master, 0x5441, os.O_RDWR | os.O_NOCTTY)  # TIOCGPTPEER
    os.fchown(slave, STUDENT, -1)
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("4H", *size, 0, 0))
    modes = termios.tcgetattr(slave)
    pid = os.fork()
    if pid == 0:
        os.setsid()
        fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
        for fd in range(3):
            os.dup2(slave, fd)
        os.setgroups([])
        os.setresgid(STUDENT, STUDENT, STUDENT)
        os.setresuid(STUDENT, STUDENT, STUDENT)
        os.execve(BASH, list(argv), {"PS1": "ready> ", "TERM": "dumb", "PATH": "/usr/bin:/bin"})
    screen = pexpect.fdpexpect.fdspawn(master, timeout=8)
    screen.slave, screen.modes, screen.shim = slave, modes, pid
    return screen


def end_of(screen):
    return os.waitstatus_to_exitcode(os.waitpid(screen.shim, 0)[1])


def knock(data=b"", fds=(), user=STUDENT, wait=3):
    """Sends one packet as USER does; what came back, b"" for a close."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.setresuid(user, user, user)
            s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            s.connect(DOOR)
            s.settimeout(wait)
            with contextlib.suppress(OSError):
                passed = (socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))
                s.sendmsg([data[:65536]], [passed] if fds else [])
                for at in range(65536, len(data), 65536):
                    s.send(data[at:at + 65536])
            answer = s.recv(100)
        except TimeoutError:
            answer = b"silence"
        except OSError as e:
            answer = b"" if isinstance(e, ConnectionResetError) else str(e).encode()
        os.write(writer, answer or b"close")
        os._exit(0)
    os.close(writer)
    os.waitpid(pid, 0)
    answer = os.read(reader, 100)
    os.close(reader)
    return answer


def text(s):
    s = s.encode() if isinstance(s, str) else s
    return struct.pack("I", len(s)) + s + b"\0"


def request(session="0123abcd", argv=("bash", "-c", "exit 5"), umask=0o22, relay=0, rlimits=b"", count=0):
    body = text(session) + text(BASH) + text("/") + struct.pack("5I", umask, relay, 0, 0, count) + rlimits
    body += struct.pack("I", len(argv)) + b"".join(map(text, argv)) + struct.pack("I", 0)
    return struct.pack("IHHI", 0x524F4F44, 1, 0, len(body)) + body


def init_fds():
    return sorted(os.listdir(f"/proc/{init_pid()}/fd"))
