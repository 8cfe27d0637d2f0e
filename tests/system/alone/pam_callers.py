# SPDX-License-Identifier: Apache-2.0
"""Hostile callers: pamtester, a small C program, started as su's caller might start su; and Python itself."""
import os
import resource
import shutil
import signal
import subprocess
import tempfile
import time

from pam_login import (DEADLINE, SESSION_ERR, SOCKET, SUCCESS, Broker, Handle, in_child, libc, log_drain, open_fds,
                       serve)


def hostile(prepare, user="student", broker="good"):
    with Broker(broker):
        start = time.monotonic()
        process = subprocess.run(["/usr/bin/pamtester", "sshd", user, "open_session", "close_session"],
                                 preexec_fn=prepare, close_fds=False, capture_output=False,
                                 stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL, timeout=DEADLINE + 5, check=False)
        seconds = time.monotonic() - start
    log_drain()
    assert process.returncode >= 0, f"died of signal {-process.returncode}"
    assert seconds < DEADLINE + 1.5, seconds
    return process.returncode


def limit(kind, value):
    return lambda: resource.setrlimit(kind, (value, value))


def close_low(*which):
    def close():
        for fd in which:
            os.close(fd)
    return close


def block_all():
    signal.pthread_sigmask(signal.SIG_BLOCK, range(1, signal.NSIG))


def ignore_all():
    for number in (signal.SIGCHLD, signal.SIGPIPE, signal.SIGHUP, signal.SIGALRM):
        signal.signal(number, signal.SIG_IGN)


def gone_directory():
    path = tempfile.mkdtemp()
    os.chdir(path)
    os.rmdir(path)


def test_hostile_callers_get_in_or_are_refused():
    for name, prepare, expected in (
            ("plain", lambda: None, 0),
            ("no stdin", close_low(0), None),
            ("no stdout", close_low(1), None),
            ("no descriptors", close_low(0, 1, 2), None),
            ("NOFILE 3", limit(resource.RLIMIT_NOFILE, 3), None),
            ("NOFILE 4", limit(resource.RLIMIT_NOFILE, 4), None),
            ("NOFILE 6", limit(resource.RLIMIT_NOFILE, 6), None),
            ("NOFILE 8", limit(resource.RLIMIT_NOFILE, 8), None),
            ("FSIZE 0", limit(resource.RLIMIT_FSIZE, 0), 0),
            ("AS 64M", limit(resource.RLIMIT_AS, 64 << 20), 0),
            ("STACK 64K", limit(resource.RLIMIT_STACK, 128 << 10), 0),
            ("NPROC 0", limit(resource.RLIMIT_NPROC, 0), 0),
            ("all signals blocked", block_all, 0),
            ("signals ignored", ignore_all, 0),
            ("umask 0777", lambda: os.umask(0o777), 0),
            ("no directory", gone_directory, 0)):
        for broker in ("good", "refuses"):
            code = hostile(prepare, broker=broker)
            # 127: without descriptors the loader cannot even start the program.
            assert code in (0, 1, 127) if expected is None else code == (expected if broker == "good" else 1), \
                (name, broker, code)


def test_descriptor_limits_at_each_number_leak_nothing():
    """With each limit on descriptors the login gets in or is refused in one line, and all is closed."""
    def at(number):
        def run():
            handle, last = Handle("student"), max(open_fds())
            while os.dup(2) < last:  # no gaps below the limit
                pass
            before = open_fds()
            Handle("other").open()
            soft = resource.getrlimit(resource.RLIMIT_NOFILE)
            resource.setrlimit(resource.RLIMIT_NOFILE, (len(before) + number, soft[1]))
            result = handle.open()
            resource.setrlimit(resource.RLIMIT_NOFILE, soft)
            messages = len(handle.messages)
            handle.close()
            return {"result": result, "messages": messages, "left": sorted(open_fds() - before)}
        return in_child(run)
    with Broker("good"):
        results = [at(number) for number in range(9)]
    for got in results:
        assert not got["left"], results
        assert got["messages"] == (0 if got["result"] == SUCCESS else 1), results
    assert results[0]["result"] != SUCCESS and results[-1]["result"] == SUCCESS, results


def test_closed_low_descriptors_are_never_ours():
    def run():
        os.closerange(0, 3)
        handle = Handle("student")
        result = handle.open()
        low = sorted(open_fds() & {0, 1, 2})
        handle.close()
        return {"result": result, "low": low}
    for broker, expected in (("good", SUCCESS), ("refuses", SESSION_ERR)):
        with Broker(broker):
            got = in_child(run)
        assert got["result"] == expected and not got["low"], got


def test_signals_do_not_lengthen_the_wait():
    def run():
        signal.signal(signal.SIGALRM, lambda *_: None)
        libc.siginterrupt(signal.SIGALRM, 1)
        signal.setitimer(signal.ITIMER_REAL, 0.01, 0.01)
        handle = Handle("student")
        start = time.monotonic()
        result = handle.open()
        signal.setitimer(signal.ITIMER_REAL, 0)
        return {"result": result, "seconds": time.monotonic() - start}
    for broker in ("never", "closes"):
        with Broker(broker):
            got = in_child(run)
        assert got["result"] == SESSION_ERR and got["seconds"] < DEADLINE + 0.5, got


def test_pamtester_reads_one_line():
    with Broker("refuses"):
        process = subprocess.run(["pamtester", "sshd", "student", "open_session"], text=True,
                                 capture_output=True, timeout=10, check=False)
    lines = (process.stdout + process.stderr).splitlines()
    assert process.returncode == 1 and len([x for x in lines if "sandboxd: " in x]) == 1, lines
    assert "sandboxd: 16 of 16 sessions are open: close one" in lines, lines


def test_a_broker_that_comes_back_costs_a_login_nothing():
    def run():
        pid = os.fork()
        if pid == 0:
            time.sleep(DEADLINE / 3)
            serve("good")
        handle = Handle("student")
        result = handle.open()
        os.kill(pid, signal.SIGKILL)
        return {"result": result, "messages": handle.messages}
    shutil.rmtree(os.path.dirname(SOCKET), ignore_errors=True)
    os.makedirs(os.path.dirname(SOCKET), 0o711)
    got = in_child(run)
    assert got["result"] == SUCCESS and not got["messages"], got
