# SPDX-License-Identifier: Apache-2.0
"""Terminals of the sandbox, which are handed over, those of the host, which are relayed, and notices."""
import fcntl
import os
import signal
import struct
import subprocess
import termios
import time

from door_login import SH, end_of, eventually, holds, init_pid, inside_count, login, on_terminal, run, same, test


# A terminal of the sandbox: handed over.

def try_job_control(screen, terminal):
    screen.sendline("PS1='ready> '; bind 'set enable-bracketed-paste off'; cd /")
    screen.sendline("echo ma''rk")
    screen.expect("mark\r")
    screen.sendline("tty")
    screen.expect(terminal)
    screen.sendline("stty size")
    screen.expect("24 80")
    fcntl.ioctl(screen.child_fd, termios.TIOCSWINSZ, struct.pack("4H", 31, 99, 0, 0))
    time.sleep(0.2)
    screen.sendline("stty size")
    screen.expect("31 99")
    screen.sendline("sleep 1000")
    time.sleep(0.3)
    screen.send("\x1a")
    screen.expect("Stopped")
    screen.sendline("jobs; fg")
    screen.expect("Stopped.*sleep 1000")
    time.sleep(0.3)
    screen.send("\x03")
    screen.sendline("echo aft''er $?")
    screen.expect("after 130")
    screen.sendline("ps -o sid=,tpgid=,pid= -p $$; exit 42")
    screen.expect(r"\n +(\d+) +(\d+) +(\d+)\r")
    same(screen.match.group(1), screen.match.group(3))
    same(end_of(screen), 42)


@test()
def a_terminal_is_handed_over():
    screen = on_terminal("/dev/ptmx")
    screen.expect("memory 2G, processes 1024\r\n")
    try_job_control(screen, "/dev/pts/0")


@test()
def a_command_on_a_terminal_reads_no_notice():
    screen = on_terminal("/dev/ptmx", ["bash", "-c", "echo only"])
    screen.expect("only")
    same(screen.before, b"")
    same(end_of(screen), 0)


@test()
def what_still_runs_is_told():
    p = login("sleep 1001")
    eventually(lambda: inside_count("sleep 1001") == 1)
    screen = on_terminal("/dev/ptmx")
    screen.expect("1 process of yours is still running\r\n")
    screen.sendline("exit")
    end_of(screen)
    p.kill()


@test()
def a_terminal_that_goes_hangs_up():
    screen = on_terminal("/dev/ptmx")
    screen.sendline("sleep 1002")
    eventually(lambda: inside_count("sleep 1002") == 1)
    os.close(screen.slave)
    os.close(screen.child_fd)
    end_of(screen)
    eventually(lambda: inside_count("sleep 1002") == 0)


# A terminal of the host: relayed.

@test()
def a_hosts_terminal_is_relayed():
    screen = on_terminal("/run/hostpts/ptmx")
    screen.expect("memory 2G, processes 1024\r\n")
    try_job_control(screen, "/dev/pts/0")
    same(termios.tcgetattr(screen.slave), screen.modes)


@test()
def a_relays_last_words_are_shown():
    for _ in range(20):
        screen = on_terminal("/run/hostpts/ptmx", ["bash", "-c", "seq 1 3000; sleep 1003 & echo last"])
        screen.expect("\r\n3000\r\nlast\r\n")
        same(end_of(screen), 0)
    run("pkill -f 'sleep 1003'")


@test()
def a_relayed_terminal_that_goes_hangs_up():
    screen = on_terminal("/run/hostpts/ptmx")
    screen.sendline("trap '' HUP; sleep 1004")
    eventually(lambda: inside_count("sleep 1004") == 1)
    os.close(screen.slave)
    os.close(screen.child_fd)
    same(end_of(screen) in (129, -1), True)


@test()
def a_stopped_or_signalled_relay_goes_on():
    screen = on_terminal("/run/hostpts/ptmx")
    screen.expect("1024")
    for number in (signal.SIGTSTP, signal.SIGSTOP, signal.SIGCONT):
        os.kill(screen.shim, number)
        time.sleep(0.1)
    screen.sendline("echo st''ill")
    screen.expect("still\r")
    os.kill(screen.shim, signal.SIGHUP)
    same(end_of(screen), -1)


@test()
def a_pipe_beside_a_hosts_terminal_stays_a_pipe():
    reader, writer = os.pipe()
    master, slave = os.open("/run/hostpts/ptmx", os.O_RDWR | os.O_NOCTTY), None
    fcntl.ioctl(master, 0x40045431, struct.pack("i", 0))
    slave = fcntl.ioctl(master, 0x5441, os.O_RDWR | os.O_NOCTTY)
    p = login("tty; readlink /proc/self/fd/1 | cut -c-5; echo there >&2", stdin=slave, stdout=writer,
              stderr=slave)
    os.close(writer)
    same(p.wait(timeout=10), 0)
    same(os.read(reader, 1000), b"/dev/pts/0\npipe:\n")
    holds(os.read(master, 1000), b"there")


@test()
def a_job_in_the_background_leaves_the_typed_to_others():
    screen = on_terminal("/run/hostpts/ptmx", ["bash", "-c", "echo started; sleep 1"])
    screen.expect("started")
    same(end_of(screen), 0)
    for options in ({"stdin": subprocess.DEVNULL}, {"stdin": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}):
        output = os.open(os.ttyname(screen.slave).replace("/dev/pts", "/run/hostpts"), os.O_WRONLY | os.O_NOCTTY)
        for fd in (screen.slave, output):
            p = login("echo there; sleep 0.5; exit 4", stdout=fd, **options)
            screen.expect("there")
            same(termios.tcgetattr(screen.slave), screen.modes)
            same(p.wait(timeout=5), 4)


# Notices and limits.

@test()
def the_brokers_message_is_shown():
    screen = on_terminal("/dev/ptmx")
    screen.expect("1024")
    for _ in range(2):
        os.kill(init_pid(), signal.SIGUSR1)
        screen.expect_exact("sandbox: it is ? late\r")
    for _ in range(200):
        os.kill(init_pid(), signal.SIGUSR1)
        time.sleep(0.001)
    screen.sendline("exit 3")
    same(end_of(screen), 3)
    shown = open(screen.child_fd, "rb", buffering=0, closefd=False).read(100_000).count(b"late")
    same(shown <= 14, True)


@test(DOOR_CGROUP="/sys/fs/cgroup/pids/door")
def a_login_at_the_limit_gets_in_and_is_told():
    screen = on_terminal("/dev/ptmx")
    screen.expect("1024")
    p = login("for i in $(seq 40); do sleep 1005 & done; wait; sleep 60")
    screen.expect(r"sandbox: no process could be started: limit \(quota.pids = 24\) reached\r+\n")
    begin = time.monotonic()
    same(run("pkill -9 sleep; echo in")[1], b"in\n")
    same(time.monotonic() - begin < 2, True)
    p.kill()
    same(run("cat /proc/self/cgroup | grep pids")[1][-10:], b"/sessions\n")
    screen.sendline("exit 0")
    end_of(screen)


@test()
def it_is_fast_and_small():
    times = []
    for _ in range(200):
        t = time.monotonic()
        same(run(["sh", "-c", "exit 0"], executable=SH)[0], 0)
        times.append(time.monotonic() - t)
    p = login("echo ready; sleep 100")
    p.stdout.readline()

    def dirty(pid):
        return next(line.split()[1] for line in open(f"/proc/{pid}/smaps_rollup")
                    if line.startswith("Anonymous"))  # the file's own pages may be dirty after a build
    print(f"    a command: {sorted(times)[100] * 1000:.2f} ms; private memory: PID 1 {dirty(init_pid())} kB,"
          f" shim {dirty(p.pid)} kB")
    p.kill()
