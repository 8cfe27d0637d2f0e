# SPDX-License-Identifier: Apache-2.0
"""What pam_sandbox.so tells the broker, and what its options, the accounts and NSS make of a login."""
import json
import os
import pty
import struct

import fake_broker
from pam_login import (DEADLINE, RHOST, TTY, Broker, expect_in, expect_refused, expect_untouched, login,
                       pam_service, write, write_groups)


def decode_open(data):
    at = 0

    def number():
        nonlocal at
        at += 4
        return struct.unpack_from("=I", data, at - 4)[0]

    def string():
        nonlocal at
        length = number()
        at += length + 1
        return data[at - length - 1:at - 1].decode()
    assert (number(), number(), number()) == (fake_broker.MAGIC, fake_broker.VERSION, 0)
    found = {key: number() for key in ("deadline", "uid", "gid")}
    for key in ("service", "user", "gecos", "home", "shell", "tty", "rhost"):
        found[key] = string()
    found["groups"] = {}
    for _ in range(number()):
        gid = number()
        found["groups"][gid] = string()
    assert at == len(data)
    return found


def record(call):
    data = call.receive()
    found = decode_open(data)
    found["terminals"] = [os.ttyname(fd) if os.isatty(fd) else "?" for fd in call.received]
    write("/run/record.new", json.dumps(found))
    os.rename("/run/record.new", "/run/record")
    call.send(fake_broker.reply(), call.fds.good())


def recorded(user, service="sshd", prepare=None):
    with Broker(behave=record):
        expect_in(login(user, service, prepare))
    with open("/run/record", encoding="utf-8") as file:
        return json.load(file)


def test_open_tells_the_account():
    got = recorded("student", prepare=lambda h: (h.set(TTY, b"ssh"), h.set(RHOST, b"192.0.2.7")))
    assert 0 < got.pop("deadline") <= DEADLINE * 1000
    assert got == {"uid": 2001, "gid": 2001, "service": "sshd", "user": "student", "gecos": "A,B",
                   "home": "/home/student", "shell": "/bin/bash", "tty": "ssh", "rhost": "192.0.2.7",
                   "groups": {"2001": "", "3000": "sandboxed", "3001": "cs101"}, "terminals": []}, got
    assert recorded("plain")["shell"] == "/bin/sh"
    assert recorded("bigid")["uid"] == 3000000000
    assert recorded("a.b@c")["user"] == "a.b@c"
    assert recorded("primary")["groups"] == {"3000": "sandboxed"}


def test_many_groups_are_told_and_too_many_refused():
    assert len(recorded("most")["groups"]) == 1001
    with Broker("good"):
        expect_refused(login("many"), 2, "1101 groups")


def test_a_terminal_goes_along_where_the_service_has_one():
    def on_terminal(handle):
        terminal = os.open(name, os.O_RDWR | os.O_NOCTTY)
        os.dup2(terminal, 0)
        os.close(terminal)
        handle.set(TTY, name.encode())
    controller, terminal = pty.openpty()
    name = os.ttyname(terminal)
    for service, expected in (("su", [name]), ("su-l", [name]), ("login", [name]), ("sshd", []), ("cron", [])):
        got = recorded("student", service, on_terminal)
        assert got["terminals"] == expected and got["tty"] == name[5:], (service, got)
    os.close(controller)
    os.close(terminal)


def test_as_names_the_service():
    pam_service("sshd2", f"as=su deadline={DEADLINE * 1000:.0f}ms")
    assert recorded("student", "sshd2")["service"] == "su"
    pam_service("sshd2")
    assert recorded("student", "sshd2")["service"] == "sshd2"


# Options and accounts.

def test_options_that_are_wrong_refuse_all_but_root_and_the_exempt():
    for words in ("nonsense", "gruop=x", "group=", "group", "deadline=0", "deadline=x", "deadline=2h",
                  "gate=1", "socket=relative", "socket=/" + "x" * 200, "exempt=", "as=a/b",
                  "GROUP=sandboxed", "="):
        pam_service("wrong", words)
        with Broker("good"):
            expect_refused(login("student", "wrong"), words="pam_sandbox(8)")
            expect_refused(login("other", "wrong"), words="pam_sandbox(8)")
            for user in ("root", "toor", "teacher"):
                expect_untouched(login(user, "wrong"))


def test_exempt_holds_beside_a_mistake():
    pam_service("wrong", "nonsense exempt=cs101")
    expect_untouched(login("student", "wrong"))
    expect_refused(login("teacher", "wrong"))


def test_the_gate_lets_no_sandboxed_user_through():
    pam_service("gated", "group=sandboxed gate")
    with Broker("good"):
        expect_refused(login("student", "gated"), words="gate: not in this version")
        for user in ("root", "toor", "teacher", "other"):
            expect_untouched(login(user, "gated"))


def test_shells_that_are_none_are_refused():
    with Broker("good"):
        for user, words in (("nologin", "not for logins"), ("false", "not for logins"),
                            ("missing", "not a program"), ("directory", "not a program"),
                            ("unlisted", "/etc/shells")):
            for service in ("sshd", "su", "cron"):
                expect_refused(login(user, service), words=words)


def test_a_group_that_is_gone_refuses_all_but_root_and_the_exempt():
    write_groups(without=["sandboxed"])
    try:
        with Broker("good"):
            for user in ("student", "primary", "other"):
                expect_refused(login(user), words='"sandboxed"')
            for user in ("root", "toor", "teacher"):
                expect_untouched(login(user))
    finally:
        write_groups()


def test_nss_that_fails_refuses_all_but_root_and_the_exempt():
    write("/etc/nsswitch.conf", "passwd: files\ngroup: nosuchmodule\n")
    try:
        with Broker("good"):
            for user in ("student", "other"):
                expect_refused(login(user))
            for user in ("root", "toor", "teacher"):
                expect_untouched(login(user))
    finally:
        write("/etc/nsswitch.conf", "passwd: files\ngroup: files\ninitgroups: files\n")


def test_exempt_is_read_from_the_file_alone():
    """An NSS that knows better, an exempt group that is nobody's primary one, a file that is none."""
    pam_service("own", f"exempt=cs101 deadline={DEADLINE * 1000:.0f}ms")
    expect_untouched(login("student", "own"))
    pam_service("own", f"exempt=sandboxed deadline={DEADLINE * 1000:.0f}ms")
    with Broker("good"):
        expect_in(login("primary", "own"))
    pam_service("own", f"exempt=nobodys deadline={DEADLINE * 1000:.0f}ms")
    with Broker("good"):
        expect_in(login("teacher", "own"))
