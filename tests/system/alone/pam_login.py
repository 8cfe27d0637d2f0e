# SPDX-License-Identifier: Apache-2.0
"""What the tests of pam_sandbox.so share: a machine of their own with its accounts and /dev/log, a PAM
transaction, a login told as a table, and what may be expected of it.
"""
import ctypes
import json
import os
import select
import shutil
import signal
import socket
import tempfile
import time

import fake_broker

DEADLINE = fake_broker.DEADLINE
SOCKET = "/run/sandboxd/sandboxd.sock"
SUCCESS, SESSION_ERR = 0, 14
USER, TTY, RHOST, RUSER = 2, 3, 4, 8
SILENT_DATA = 0x40000000
TEST_SECONDS = 30
FAST = 0.5  # seconds, on a busy machine

ACCOUNTS = {  # name: uid, gid, shell
    "root": (0, 0, "/bin/bash"),
    "toor": (0, 0, "/bin/bash"),
    "student": (2001, 2001, "/bin/bash"),
    "primary": (2002, 3000, "/bin/bash"),
    "teacher": (2003, 2003, "/bin/bash"),
    "other": (2004, 2004, "/bin/bash"),
    "nologin": (2005, 3000, "/usr/sbin/nologin"),
    "false": (2006, 3000, "/bin/false"),
    "missing": (2007, 3000, "/bin/missing"),
    "unlisted": (2008, 3000, "/usr/bin/python3"),
    "directory": (2009, 3000, "/usr"),
    "plain": (2010, 3000, ""),
    "many": (2011, 3000, "/bin/bash"),
    "most": (2012, 3000, "/bin/bash"),
    "bigid": (3000000000, 3000, "/bin/bash"),
    "a.b@c": (2014, 3000, "/bin/bash"),
}
GROUPS = {  # name: gid, members
    "root": (0, []),
    "sudo": (27, ["teacher"]),
    "sandboxed": (3000, ["student", "teacher", "toor"]),
    "cs101": (3001, ["student"]),
}
GROUPS |= {f"g{n}": (10000 + n, ["many"] + (["most"] if n < 1000 else [])) for n in range(1100)}


class Message(ctypes.Structure):
    _fields_ = [("style", ctypes.c_int), ("text", ctypes.c_char_p)]


CONVERSE = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int, ctypes.POINTER(ctypes.POINTER(Message)),
                            ctypes.POINTER(ctypes.c_void_p), ctypes.c_void_p)


class Conversation(ctypes.Structure):
    _fields_ = [("converse", CONVERSE), ("data", ctypes.c_void_p)]


libc = ctypes.CDLL(None, use_errno=True)
libc.calloc.restype = ctypes.c_void_p
libpam = ctypes.CDLL("libpam.so.0")


class Handle:
    """A PAM transaction; what the module says is in messages."""

    def __init__(self, user, service="sshd"):
        self.messages = []
        self.pamh = ctypes.c_void_p()
        self.conversation = Conversation(CONVERSE(self.converse), None)
        user = user.encode() if isinstance(user, str) else user
        assert libpam.pam_start(service.encode(), user, ctypes.byref(self.conversation),
                                ctypes.byref(self.pamh)) == 0

    def converse(self, count, messages, responses, _):
        for i in range(count):
            self.messages.append([messages[i].contents.style,
                                  messages[i].contents.text.decode("latin-1")])
        responses[0] = libc.calloc(count, 16)
        return 0

    def set(self, item, value):
        assert libpam.pam_set_item(self.pamh, item, value) == 0

    def open(self):
        return libpam.pam_open_session(self.pamh, 0)

    def close(self):
        return libpam.pam_close_session(self.pamh, 0)

    def end(self, status=0):
        return libpam.pam_end(self.pamh, status)


def open_fds():
    found = set()
    for fd in range(1024):
        try:
            os.fstat(fd)
            found.add(fd)
        except OSError:
            pass
    return found


def namespaces():
    return [os.stat(f"/proc/thread-self/ns/{name}").st_ino for name in ("mnt", "net")]


def in_child(function):
    """Runs FUNCTION in a child; returns what it returned (JSON) and the log lines of that time."""
    log_drain()
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            libc.openlog(b"test", 0x08, 0)  # LOG_NDELAY: its descriptor is no leak
            result = function()
        except BaseException as error:  # noqa: BLE001: reported by the parent
            result = {"error": repr(error)}
        os.write(write, json.dumps(result).encode())
        os._exit(0)
    os.close(write)
    data, lines = b"", []
    while True:
        # A full /dev/log would hold up the login.
        ready, _, _ = select.select([read, LOG], [], [], TEST_SECONDS)
        assert ready, "the login hangs"
        if LOG in ready:
            lines += log_drain()
        elif not (part := os.read(read, 65536)):
            break
        else:
            data += part
    os.close(read)
    _, status = os.waitpid(pid, 0)
    assert status == 0 and data, f"the login's process ended by {status}"
    result = json.loads(data)
    if isinstance(result, dict):
        assert "error" not in result, result["error"]
        result["log"] = lines + log_drain()
    return result


def login(user, service="sshd", prepare=None):
    def run():
        handle = Handle(user, service)
        if prepare:
            prepare(handle)
        before, spaces = open_fds(), namespaces()
        start = time.monotonic()
        result = handle.open()
        seconds = time.monotonic() - start
        during, joined = open_fds(), namespaces()
        cloexec = all(not os.get_inheritable(fd) for fd in during - before)
        messages = list(handle.messages)
        closed = handle.close()
        return {"result": result, "seconds": seconds, "messages": messages, "new": sorted(during - before),
                "lost": sorted(before - during), "cloexec": cloexec, "joined":
                [a != b for a, b in zip(spaces, joined)], "close": closed,
                "left": sorted(open_fds() - before), "later": len(handle.messages) - len(messages),
                "end": handle.end()}
    return in_child(run)


def expect_line(text):
    assert all(" " <= c <= "~" for c in text), f"unprintable: {text!r}"


def expect_refused(got, within=FAST, words=None, result=SESSION_ERR):
    assert got["result"] == result, got
    assert got["seconds"] < within, got
    assert len(got["messages"]) == 1 and got["messages"][0][0] == 3, got
    expect_line(got["messages"][0][1])
    assert got["messages"][0][1].startswith("sandboxd: "), got
    assert words is None or words in got["messages"][0][1], got
    assert len(got["log"]) == 1, got["log"]
    expect_line(got["log"][0])
    assert "refused: " in got["log"][0] and "service" in got["log"][0], got["log"]
    assert not got["new"] and not got["lost"] and got["joined"] == [False, False], got
    assert not got["left"] and not got["later"], got


def expect_untouched(got):
    assert got["result"] == SUCCESS and got["seconds"] < FAST, got
    assert not got["messages"] and not got["log"] and not got["new"] and not got["lost"], got
    assert got["joined"] == [False, False] and got["close"] == SUCCESS, got


def expect_in(got):
    assert got["result"] == SUCCESS, got
    assert not got["messages"] and not got["log"], got
    assert got["joined"] == [True, True] and not got["lost"], got
    assert len(got["new"]) == 1 and got["new"][0] > 2 and got["cloexec"], got
    assert got["close"] == SUCCESS and not got["left"] and got["end"] == SUCCESS, got


MODULE = LOG = FDS = None


def log_drain():
    lines = []
    while True:
        try:
            lines.append(LOG.recv(65536).decode("latin-1").rstrip("\0\n"))
        except BlockingIOError:
            return lines


def write(path, content):
    with open(path, "w", encoding="utf-8") as file:
        file.write(content)


def pam_service(name, arguments=f"deadline={DEADLINE * 1000:.0f}ms"):
    write(f"/etc/pam.d/{name}", "auth required pam_permit.so\naccount required pam_permit.so\n"
          f"session required pam_permit.so\nsession required {MODULE} {arguments}\n")


def write_groups(without=()):
    write("/etc/group", "".join(f"{name}:x:{gid}:{','.join(members)}\n" for name, (gid, members)
                                in GROUPS.items() if name not in without))


def mount(source, target, kind, flags=0):
    if libc.mount(source.encode(), target.encode(), kind, flags, None) < 0:
        raise OSError(ctypes.get_errno(), f"mount {target}")


def set_up(module):
    """The machine as these tests want it, in namespaces of its own."""
    global MODULE, LOG, FDS
    MODULE = module
    bind, private = 4096, 0x4000 | 1 << 18
    assert libc.unshare(fake_broker.CLONE_NEWNS | fake_broker.CLONE_NEWNET) == 0, "root is needed"
    assert libc.mount(None, b"/", None, private, None) == 0
    work = tempfile.mkdtemp()
    mount("tmpfs", work, b"tmpfs")
    for name in ("null", "zero", "urandom", "tty"):
        write(f"{work}/{name}", "")
        mount(f"/dev/{name}", f"{work}/{name}", None, bind)
    for name in ("pts", "shm"):
        os.mkdir(f"{work}/{name}")
        mount(f"/dev/{name}", f"{work}/{name}", None, bind)
    os.symlink("pts/ptmx", f"{work}/ptmx")
    mount(work, "/dev", None, bind | 16384)
    mount("tmpfs", "/run", b"tmpfs")
    # All of /etc: a file bound over one that somebody renames meanwhile would be uncovered.
    os.mkdir("/run/etc")
    shutil.copytree("/etc/security", "/run/etc/security")
    shutil.copy("/etc/ld.so.cache", "/run/etc")
    os.mkdir("/run/etc/pam.d")
    mount("/run/etc", "/etc", None, bind)
    write("/etc/nsswitch.conf", "passwd: files\ngroup: files\ninitgroups: files\n")
    write("/etc/shells", "/bin/sh\n/bin/bash\n/bin/missing\n/bin/false\n/usr/sbin/nologin\n/usr\n")
    write("/etc/passwd", "".join(f"{name}:x:{uid}:{gid}:A,B:/home/{name}:{shell}\n" for
                                 name, (uid, gid, shell) in ACCOUNTS.items()))
    write_groups()
    for service in ("sshd", "su", "su-l", "cron", "login", "other"):
        pam_service(service)
    LOG = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    LOG.bind("/dev/log")
    LOG.setblocking(False)
    FDS = fake_broker.Fds()


class Broker:
    """A fake broker while the block runs, in a process group of its own."""

    def __init__(self, name=None, behave=None, place=None):
        self.name, self.place, self.behave = name, place, behave

    def __enter__(self):
        shutil.rmtree(os.path.dirname(SOCKET), ignore_errors=True)
        os.makedirs(os.path.dirname(SOCKET), 0o711)
        ready, end = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.setpgid(0, 0)
            libc.prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
            os.close(ready)
            if self.place:
                self.kept = self.place(SOCKET)
                os.write(end, b"x")
                time.sleep(3600)
            if self.behave:
                self.name = "custom"
                fake_broker.BEHAVIOURS["custom"] = ("", self.behave)
            fake_broker.serve(SOCKET, self.name, end, FDS)
        os.close(end)
        assert os.read(ready, 1) == b"x", "no fake broker"
        os.close(ready)

    def __exit__(self, *_):
        os.killpg(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


def serve(name):
    """A fake broker at the socket, in the calling process, until it is killed."""
    fake_broker.serve(SOCKET, name, None, FDS)
