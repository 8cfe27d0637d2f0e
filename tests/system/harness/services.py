# SPDX-License-Identifier: Apache-2.0
"""The daemons of the test machine: the broker under test, Debian's sshd, and something that reads /dev/log."""

import contextlib
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time

from . import invariants, machine

SOCKET = "/run/sandboxd/sandboxd.sock"


class Daemon:
    """A process in the foreground whose output goes to a file."""

    name = "daemon"

    def __init__(self):
        self.process = None
        self.log_path = f"/var/log/{self.name}.log"

    @property
    def pid(self):
        return self.process.pid

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def log(self):
        with contextlib.suppress(FileNotFoundError):
            return pathlib.Path(self.log_path).read_text(errors="replace")
        return ""

    def _spawn(self, command, **kw):
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            cwd="/", start_new_session=True, **kw)

    def _wait_ready(self, ready, timeout):
        end = time.monotonic() + timeout
        while not ready():
            if self.process.poll() is not None:
                raise AssertionError(f"{self.name} ended with {self.process.returncode}: {self.log()[-3000:]}")
            if time.monotonic() > end:
                raise AssertionError(f"{self.name} is not ready after {timeout} s: {self.log()[-3000:]}")
            time.sleep(0.01)

    def signal(self, number):
        self.process.send_signal(number)

    def stop(self, timeout=15):
        """An orderly stop; returns the exit status."""
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.terminate()
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"{self.name} did not stop within {timeout} s") from None

    def kill(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()


class Broker(Daemon):
    name = "sandboxd"

    def __init__(self, config):
        super().__init__()
        self.config = config
        self.binary = machine.PREFIX + "/sbin/sandboxd"

    def start(self, wrapper=(), wait=True, environment=None):
        """Starts it, optionally under a WRAPPER (strace), and waits until it answers."""
        env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", **(environment or {})}
        self._spawn([*wrapper, self.binary, "-c", self.config], env=env, preexec_fn=self._enter_cgroup)
        if wait:
            self._wait_ready(self.answers, 60)

    @staticmethod
    def _enter_cgroup():
        """On v2 a cgroup of its own, as a unit has; after a restart with sandboxes, beside them."""
        for root in filter(invariants.has_controllers, invariants.cgroup_roots().values()):
            for place in (root / "unit", root / "unit/broker"):
                with contextlib.suppress(OSError):
                    place.mkdir(exist_ok=True)
                    (place / "cgroup.procs").write_text("0")
                    break

    @staticmethod
    def answers():
        """True if something listens at the socket."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as s:
            try:
                s.connect(SOCKET)
            except OSError:
                return False
        return True

    def restart(self, kill=True):
        if kill:
            self.kill()
        else:
            self.stop()
        self.start()


class Sshd(Daemon):
    name = "sshd"

    def start(self):
        self._spawn(["/usr/sbin/sshd", "-D", "-f", "/etc/ssh/sshd_test_config"])
        self._wait_ready(self.answers, 10)

    @staticmethod
    def answers():
        try:
            socket.create_connection(("127.0.0.1", 22), 1).close()
        except OSError:
            return False
        return True

    def restart(self):
        self.stop()
        self.start()


class Syslog(Daemon):
    """Writes each datagram of /dev/log as a line of /var/log/syslog."""

    name = "syslog"
    PROGRAM = (
        "import os, socket\n"
        "s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)\n"
        "os.path.lexists('/dev/log') and os.unlink('/dev/log')\n"
        "s.bind('/dev/log')\n"
        "os.chmod('/dev/log', 0o666)\n"
        "while True:\n"
        "    os.write(1, s.recv(65536).replace(b'\\0', b'?').replace(b'\\n', b' ') + b'\\n')\n"
    )

    def start(self):
        self._spawn([sys.executable, "-c", self.PROGRAM])
        self._wait_ready(lambda: os.path.exists("/dev/log"), 10)
