# SPDX-License-Identifier: Apache-2.0
"""What a system test works with: `def test(env)` gets an Env.

An Env has the services of the private machine (broker, sshd, cron), ways to log in (ssh, a terminal,
su), the config, sandboxctl, and checks that fail with what they saw.
"""

import contextlib
import json
import os
import pathlib
import re
import shlex
import signal
import subprocess
import time

import pexpect

from . import invariants, machine
from .services import Broker, Sshd, Syslog

CONFIG = "/etc/sandboxd/sandboxd.conf"
RUN_DIR = "/run/sandboxd"
STATE_DIR = "/var/lib/sandboxd"
SSH = ("ssh", "-F", "/root/.ssh/test_config")
NAMESPACES = ("user", "mnt", "pid", "ipc", "uts", "net", "cgroup")
# No colours, no titles, a prompt that nothing else prints.
PROMPT = "READY> "
QUIET_BASH = "exec bash --norc --noprofile -i"


class Skip(Exception):
    """Raised by a test that cannot be run here; its text is the reason."""


class Result:
    """How a command ended: rc, out, err (bytes); `text` is out, decoded and stripped."""

    def __init__(self, rc, out, err):
        self.rc, self.out, self.err = rc, out, err

    @property
    def text(self):
        return self.out.decode(errors="replace").strip()

    def __repr__(self):
        return f"rc={self.rc} out={self.out[-2000:]!r} err={self.err[-2000:]!r}"


def execute(command, stdin=b"", timeout=60, **kw):
    """Runs a command to its end. Over TIMEOUT it is killed and the test fails."""
    kw.setdefault("start_new_session", True)
    if isinstance(stdin, bytes):
        kw["stdin"] = subprocess.PIPE
    else:
        kw["stdin"], stdin = stdin, None
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **kw) as process:
        try:
            out, err = process.communicate(stdin, timeout=timeout)
        except BaseException as error:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            out, err = process.communicate()
            if isinstance(error, subprocess.TimeoutExpired):
                raise AssertionError(f"{command!r} took over {timeout} s; out={out[-500:]!r} "
                                     f"err={err[-500:]!r}") from None
            raise
        return Result(process.returncode, out, err)


def wait_for(what, condition, timeout=10, pause=0.05):
    """Waits until CONDITION() is true and returns its value; fails with the words of WHAT."""
    end = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {timeout} s: {what}")
        time.sleep(pause)


def check(truth, *what):
    """An assertion that survives -O and says what was seen."""
    if not truth:
        raise AssertionError(" ".join(w if isinstance(w, str) else repr(w) for w in what) or "check failed")


def equal(seen, expected, what=""):
    check(seen == expected, what, "saw", seen, "expected", expected)


class Env:
    Skip, check, equal = Skip, staticmethod(check), staticmethod(equal)
    wait_for, execute = staticmethod(wait_for), staticmethod(execute)
    machine = machine

    def __init__(self, long=False):
        self.long = long
        self.prefix = machine.PREFIX
        self.syslog, self.broker, self.sshd = Syslog(), Broker(CONFIG), Sshd()
        self._children = []
        self._dirty = set()
        self.baseline = None

    # ---- life of the environment

    def start(self):
        self.syslog.start()
        self.write_config()
        self._start_services()

    def _start_services(self):
        """Broker and sshd, a first login of each scope for what is made once only, and the baseline."""
        self.broker.start()
        self.sshd.start()
        for user in ("stu1", "joint", "plain"):
            self.ssh(user, "true")
        self.wait_for("the first boxes end", lambda: not self.boxed_processes(), 15)
        self.baseline = invariants.baseline(self)

    def stop(self):
        self._kill_children()
        self.sshd.stop()
        self.broker.stop()
        self.syslog.stop()

    def settle(self):
        """After a test: its own leftovers are ended, its changes undone, and the broker is as at the start."""
        self._kill_children()
        for undo in self._dirty:
            undo()
        self._dirty.clear()
        for path in ("/tmp", "/var/tmp", "/srv", "/dev/shm"):
            execute(["find", path, "-mindepth", "1", "-xdev", "-delete"])
        execute(["find", "/root", "-mindepth", "1", "-xdev", "-not", "-path", "/root/.ssh*", "-delete"])
        for name, _, _ in machine.USERS:
            execute(["find", f"/home/{name}", "-mindepth", "1", "-xdev", "-delete"])

    def reset(self):
        """After a failure: nothing that the test or the product left may reach the next one."""
        self._kill_children()
        self.sshd.stop()
        self.broker.kill()
        invariants.remove_all(self)
        self._dirty.clear()
        machine.write_pam()
        machine.write_sshd_config()
        self.settle()
        self.write_config()
        self._start_services()

    def check_invariants(self, timeout=15):
        """Everything of the product is as it was when the environment started: security.md, section 5."""
        invariants.check(self, timeout)

    def _kill_children(self):
        for child in self._children:
            if isinstance(child, pexpect.spawn):
                with contextlib.suppress(Exception):
                    child.kill(signal.SIGKILL)
                    child.close(force=True)
            elif child.poll() is None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(child.pid, signal.SIGKILL)
            if isinstance(child, subprocess.Popen):
                child.wait()
                for stream in (child.stdin, child.stdout, child.stderr):
                    if stream:
                        with contextlib.suppress(OSError):
                            stream.close()
        self._children.clear()

    # ---- config

    def write_config(self, defaults="", users="", groups="", service="", joint=""):
        """Writes the config file: TEXT of each part in libconfig's own words."""
        os.makedirs(os.path.dirname(CONFIG), exist_ok=True)
        people = f'{{ name = "joint"; scope = "user"; linger = "2s"; {joint} }}'
        if users:
            people += ", " + users
        machine.write(CONFIG, f"defaults: {{ stop_timeout = \"1s\"; {defaults} }};\n"
                      f"groups: ( {groups} );\nusers: ( {people} );\n"
                      f"service: {{ optional = ( \"io\" ); {service} }};\n")

    def config(self, reload=True, **parts):
        """Changes the config until the end of the test; the running broker reads it again."""
        self.write_config(**parts)
        self._dirty.add(self._undo_config)
        if reload:
            done = self.ctl("reload", json_output=False)
            check(done.rc == 0, "reload:", done)

    def _undo_config(self):
        self.write_config()
        if self.broker.is_running():
            self.ctl("reload", json_output=False)

    def pam(self, options):
        """The entering line with other options, until the end of the test."""
        machine.write_pam(options)
        self._dirty.add(machine.write_pam)

    def sshd_config(self, more):
        """More lines for sshd_config, until the end of the test. sshd is started again."""
        machine.write_sshd_config(more)
        self.sshd.restart()
        self._dirty.add(self._undo_sshd)

    def _undo_sshd(self):
        machine.write_sshd_config()
        self.sshd.restart()

    def add_user(self, name, uid, groups=("sandboxed",), **kw):
        """A further user; taken away after the test."""
        machine.add_user(name, uid, groups, **kw)

        def undo():
            execute(["userdel", "-r", name])
            pathlib.Path(f"/etc/ssh/keys/{name}").unlink(missing_ok=True)

        self._dirty.add(undo)

    # ---- logging in

    def ssh_command(self, user, command=None, options=()):
        argv = [*SSH, *options, f"{user}@{machine.HOSTNAME}"]
        if command is not None:
            argv += ["--", command if isinstance(command, str) else shlex.join(command)]
        return argv

    def ssh(self, user, command, stdin=b"", options=(), timeout=60):
        """One command over a fresh connection."""
        return execute(self.ssh_command(user, command, options), stdin, timeout)

    def ssh_ok(self, user, command, **kw):
        """The same, which has to succeed; returns its output as text."""
        done = self.ssh(user, command, **kw)
        check(done.rc == 0, f"ssh {user} {command!r}:", done)
        return done.text

    def popen(self, command, **kw):
        """A process that the end of the test ends. Its pipes are binary."""
        for stream in ("stdin", "stdout", "stderr"):
            kw.setdefault(stream, subprocess.PIPE)
        child = subprocess.Popen(command, start_new_session=True, **kw)
        self._children.append(child)
        return child

    def ssh_popen(self, user, command=None, options=(), **kw):
        return self.popen(self.ssh_command(user, command, options), **kw)

    def session(self, user, options=()):
        """A connection that is open and stays so until the end of the test or .kill()."""
        child = self.ssh_popen(user, "echo open; exec cat", options)
        line = child.stdout.readline()
        check(line == b"open\n", f"session of {user}: saw", line,
              b"" if line else child.communicate()[1])
        return child

    def spawn(self, command, timeout=20, **kw):
        """A program on a terminal of its own (pexpect)."""
        kw.setdefault("dimensions", (24, 80))
        child = pexpect.spawn(command[0], list(command[1:]), timeout=timeout, encoding=None, **kw)
        child.delaybeforesend = None
        self._children.append(child)
        return child

    def spawn_tty(self, user, command=None, options=(), **kw):
        return self.spawn(self.ssh_command(user, command, ("-tt", *options)), **kw)

    def shell_tty(self, user, options=()):
        """A bash on a terminal over ssh that has printed its first PROMPT; see tty_run()."""
        return self.quiet(self.spawn_tty(user, None, options))

    def quiet(self, tty):
        """Makes the shell behind TTY one whose output can be read by a program."""
        tty.sendline(f"PS1='{PROMPT[:2]}''{PROMPT[2:]}' TERM=dumb; bind 'set enable-bracketed-paste off'")
        tty.expect_exact(PROMPT)
        return tty

    def tty_run(self, tty, line):
        """Types LINE at the prompt and returns what it printed."""
        tty.sendline(line)
        tty.expect_exact(PROMPT)
        shown = tty.before.decode(errors="replace").replace("\r", "")
        return shown.split("\n", 1)[1].strip() if "\n" in shown else ""

    def master(self, user, options=()):
        """A ControlMaster connection; returns the options of further channels over it."""
        path = f"/run/master-{len(self._children)}-{time.monotonic_ns()}"
        child = self.popen([*SSH, "-M", "-N", "-S", path, *options, f"{user}@{machine.HOSTNAME}"])
        wait_for("ControlMaster's socket", lambda: os.path.exists(path) or child.poll() is not None)
        check(child.poll() is None, "ControlMaster ended")
        self.ssh_ok(user, "true", options=("-S", path))  # the socket is there before sshd has opened the session
        return ("-S", path), child

    def cron(self, user, lines, timeout=20):
        """Runs @reboot LINES of USER's crontab by a real cron and waits until cron's children are gone."""
        machine.write(f"/var/spool/cron/crontabs/{user}", lines + "\n", 0o600,
                      (pathlib.Path(f"/home/{user}").stat().st_uid, 0))
        pathlib.Path("/run/crond.reboot").unlink(missing_ok=True)
        daemon = self.popen(["cron", "-f", "-L", "15"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            time.sleep(0.7)
            wait_for("cron's children end",
                     lambda: not pathlib.Path(f"/proc/{daemon.pid}/task/{daemon.pid}/children").read_text(),
                     timeout)
        finally:
            daemon.kill()
            daemon.wait()
            pathlib.Path(f"/var/spool/cron/crontabs/{user}").unlink()

    # ---- looking

    def ctl(self, *arguments, json_output=True, timeout=30):
        """sandboxctl; with JSON_OUTPUT what it listed, else the Result."""
        command = [f"{machine.PREFIX}/sbin/sandboxctl", *arguments, *(["--json"] if json_output else [])]
        done = execute(command, timeout=timeout)
        if not json_output:
            return done
        check(done.rc == 0, f"sandboxctl {arguments}:", done)
        return json.loads(done.out)

    def sessions(self, user=None):
        """The rows of `sandboxctl list` that are sessions."""
        rows = self.ctl("list")
        rows = rows.get("sessions", []) if isinstance(rows, dict) else rows
        return [row for row in rows if row.get("session") and user in (None, row.get("user"))]

    def probe(self, name):
        """Path of a static test program that host and sandbox can execute."""
        path = f"{machine.PROBES}/probe-{name}"
        check(os.path.exists(path), "no such probe", name)
        return path

    def namespaces(self, pid="self"):
        return {name: os.readlink(f"/proc/{pid}/ns/{name}") for name in NAMESPACES}

    def namespaces_of(self, user, options=()):
        """Those of a login, as the login itself sees them."""
        out = self.ssh_ok(user, "for n in " + " ".join(NAMESPACES)
                          + "; do echo $n $(readlink /proc/self/ns/$n); done", options=options)
        return dict(line.split() for line in out.splitlines())

    def boxed_processes(self):
        """pid -> command of every process that is in a PID namespace below the machine's."""
        return invariants.processes_below()

    def wait_gone(self, user=None, timeout=10):
        """Waits until the broker lists no session (of USER)."""
        wait_for(f"sessions of {user or 'anybody'} end", lambda: not self.sessions(user), timeout, 0.1)

    def log_lines(self, pattern):
        return [line for line in (self.broker.log() + self.syslog.log()).splitlines()
                if re.search(pattern, line)]
