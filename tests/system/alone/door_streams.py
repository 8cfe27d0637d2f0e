# SPDX-License-Identifier: Apache-2.0
"""What passes between a login and its program without a terminal, and how both end."""
import os
import resource
import select
import signal
import struct
import subprocess
import time

from door_login import BASH, SH, eventually, holds, init_fds, init_pid, knock, login, run, same, test, text

ROUNDS = int(os.environ.get("DOOR_ROUNDS", 3))  # of a hundred channels


# What passes: status, signals, streams, arguments.

@test()
def exit_codes_come_back():
    for code in range(256):
        same(run(f"exit {code}")[0], code)


@test()
def signals_come_back():
    for number in (1, 2, 3, 6, 9, 11, 13, 14, 15, 24, 31, 34, 64):
        same(run(["sh", "-c", f"kill -{number} $$"], executable=SH)[0], -number)


@test()
def signals_are_passed_on():
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGUSR1,
                   signal.SIGUSR2, signal.SIGCONT, signal.SIGWINCH, signal.SIGTSTP):
        p = login(f"trap 'echo got; exit 3' {number.value}; echo ready; while :; do sleep 0.01; done")
        same(p.stdout.readline(), b"ready\n")
        p.send_signal(number)
        same(p.communicate(timeout=10)[0], b"got\n")
        same(p.returncode, 3)


@test()
def streams_are_apart_and_exact():
    data = os.urandom(3_000_000)
    same(run("cat; echo err >&2", input=data), (0, data, b"err\n"))
    same(run("read -r line; cat >/dev/null; echo after", input=b"x\n"), (0, b"after\n", b""))


@test()
def no_end_of_a_pipe_stays_with_the_shim():
    for command, fd in (("exec >&-; sleep 3", 1), ("exec 2>&-; sleep 3", 2)):
        p, begin = login(command), time.monotonic()
        (p.stdout if fd == 1 else p.stderr).read()
        if time.monotonic() - begin > 2:
            raise AssertionError(f"descriptor {fd} was still open")
        p.kill()
    p = login("exec <&-; echo closed; sleep 3", stdin=subprocess.PIPE)
    p.stdout.readline()
    try:
        time.sleep(0.3)
        p.stdin.write(b"x" * 100_000)
        p.stdin.flush()
        raise AssertionError("standard input was still open")
    except BrokenPipeError:
        p.kill()


@test()
def arguments_and_environment_pass():
    environment = {f"V{i}": "x" * 100_000 for i in range(10)}
    environment |= {"XDG_SESSION_ID": "1", "XDG_RUNTIME_DIR": "/x", "HOME": "/root", "LD_PRELOAD": "/no.so",
                    "Xnothing": "é\x01"}
    got = run(["-bash", "-c", 'env -0; printf "%s|" "$0" "$@"', "zero", "", "a b", "\x7f"], env=environment)[1]
    *variables, arguments = got.split(b"\0")
    got = dict(v.split(b"=", 1) for v in variables)
    same(arguments, b"zero||a b|\x7f|")
    same(len(got[b"V9"]), 100_000)
    same(got[b"HOME"], b"/home/student")
    same(got[b"XAUTHORITY"], b"/tmp/.Xauthority-0123abcd")
    same(got[b"LD_PRELOAD"], b"/no.so")
    for name in (b"XDG_SESSION_ID", b"XDG_RUNTIME_DIR"):
        same(name in got, False)
    same(run(["bash", "-c", "echo ${#0}", "y" * 131_000])[1], b"131000\n")


@test()
def the_callers_state_is_what_is_asked_for_and_no_more():
    def caller():
        os.umask(0o027)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 32))
        signal.setitimer(signal.ITIMER_REAL, 0.5)
        resource.setrlimit(resource.RLIMIT_NOFILE, (200, 300))
        os.nice(5)
        os.dup2(0, 77)
        os.chdir("/home/student")
    code, out, err = run("umask; pwd; ulimit -Sn; sleep 0.7; grep -E 'Sig(Blk|Ign)|Cap(Prm|Eff|Bnd|Amb)|Groups|NoNew"
                         "|Seccomp:' /proc/self/status; nice; ls /proc/self/fd", preexec_fn=caller)
    same((code, err), (0, b""))
    lines = [" ".join(line.split()) for line in out.decode().splitlines()]
    zero = "0" * 16
    same(lines[:3], ["0027", "/home/student", "200"])
    holds(lines, "Groups:")
    for name in ("SigBlk", "SigIgn", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        holds(lines, f"{name}: {zero}")
    holds(lines, "NoNewPrivs: 1")
    holds(lines, "Seccomp: 2")
    same(lines[-5:], ["0", "0", "1", "2", "3"])


@test()
def the_program_follows_how_the_shim_was_executed():
    name = "readlink /proc/$$/exe; :"
    same(run(name)[1], b"/usr/bin/bash\n")
    same(run(["sh", "-c", name], executable=SH)[1], b"/usr/bin/dash\n")


@test(DOOR_SHELL="/bin/nosuchshell")
def a_missing_shell_is_replaced():
    same(run(["-nosuchshell", "-c", "readlink /proc/$$/exe; echo $0 $SHELL"])[1],
         b"/usr/bin/bash\n-bash /bin/bash\n")


@test(DOOR_SHELL="/bin/nosuchshell", DOOR_FALLBACK="/etc")
def what_cannot_be_executed_is_said():
    same(run("x"), (126, b"", b"sandbox: /etc: Permission denied\n"))


@test(DOOR_SHELL="/bin/nosuchshell", DOOR_FALLBACK="/bin/neither")
def what_does_not_exist_is_said():
    same(run("x"), (127, b"", b"sandbox: /bin/neither: No such file or directory\n"))


@test(DOOR_HOME="/home/nowhere")
def a_missing_home_is_said_in_sshds_words():
    def caller():
        os.mkdir("/tmp/gone.door")
        os.chdir("/tmp/gone.door")
        os.rmdir("/tmp/gone.door")
    same(run("pwd", preexec_fn=caller),
         (0, b"/\n", b"Could not chdir to home directory /home/nowhere: No such file or directory\n"))


@test()
def too_many_arguments_are_said():
    reader, writer = os.pipe()
    variables = b"".join(text("x" * 120_000) for _ in range(30))
    body = text("0123abcd") + text(BASH) + text("/") + struct.pack("5I", 0o22, 0, 0, 0, 0)
    body += struct.pack("I", 1) + text("bash") + struct.pack("I", 30) + variables
    data = struct.pack("IHHI", 0x524F4F44, 1, 0, len(body)) + body
    null = os.open("/dev/null", os.O_RDWR)
    same(knock(data, [null, null, writer]), b"x\x7e")
    same(os.read(reader, 100), b"sandbox: /bin/bash: Argument list too long\n")


# What the shim refuses.

@test()
def descriptors_of_other_kinds_are_refused():
    directory, handle = os.open("/", os.O_RDONLY), os.open("/dev/null", os.O_PATH)
    for fd in (directory, handle, select.epoll().fileno(), os.pidfd_open(1)):
        for option in ("stdin", "stdout"):
            code, out, err = run("echo in", **{option: fd})
            same(code, 126)
            holds(err, b"sandbox: standard")
    for closed in (0, 1, 2):
        code, out, err = run("echo in", preexec_fn=lambda: os.close(closed))
        same(code, 126)


@test()
def root_is_refused():
    p = subprocess.run(["bash", "-c", "id"], executable=BASH, capture_output=True)
    same((p.returncode, p.stdout, p.stderr), (126, b"", b"sandbox: root has no sandbox\n"))


@test()
def hard_callers_get_an_error_or_success():
    limits = [(resource.RLIMIT_NOFILE, 3), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_AS, 64 << 20),
              (resource.RLIMIT_DATA, 0), (resource.RLIMIT_STACK, 0), (resource.RLIMIT_CPU, 1),
              (resource.RLIMIT_MSGQUEUE, 0), (resource.RLIMIT_SIGPENDING, 0), (resource.RLIMIT_MEMLOCK, 0)]
    for which, value in limits:
        code, out, err = run("exit 4", preexec_fn=lambda: resource.setrlimit(which, (value, value)))
        if code not in (4, 126, 127, -9, -11, -6):
            raise AssertionError(f"limit {which}: {code} {err}")

    def gone():
        os.mkdir("/tmp/gone.door")
        os.chdir("/tmp/gone.door")
        os.rmdir("/tmp/gone.door")
    same(run("pwd", preexec_fn=gone)[:2], (0, b"/home/student\n"))
    same(run([], input=b"echo $0\n")[:2], (0, b"bash\n"))


# Ends that nobody asked for.

@test()
def a_killed_shim_hangs_the_program_up():
    p = login("trap 'echo hup > hup; exit' HUP; cd; rm -f hup; echo ready; while :; do sleep 0.01; done")
    p.stdout.readline()
    p.kill()
    eventually(lambda: os.path.exists("/home/student/hup"))


@test()
def pid_1_ends_with_its_last_process():
    p = login("trap 'exit 9' TERM; trap '' HUP; echo ready; while :; do sleep 0.01; done")
    p.stdout.readline()
    os.kill(init_pid(), signal.SIGTERM)
    same(p.wait(timeout=5), 9)
    eventually(lambda: open(f"/proc/{init_pid()}/stat").read().split()[2] == "Z")
    code, out, err = run("echo in")
    same((code, out, err), (126, b"", b"sandbox: the sandbox has ended\n"))


@test()
def an_idle_pid_1_ends_at_once():
    os.kill(init_pid(), signal.SIGTERM)
    eventually(lambda: open(f"/proc/{init_pid()}/stat").read().split()[2] == "Z", 1)


@test()
def a_killed_sandbox_is_told():
    p = login("echo ready; sleep 100")
    p.stdout.readline()
    os.kill(init_pid(), signal.SIGKILL)
    same(p.wait(timeout=5), 255)


@test()
def a_stopped_shim_holds_nobody_up():
    stopped = login("echo ready; exec >&-; sleep 0.3; exit 8")
    stopped.stdout.readline()
    stopped.send_signal(signal.SIGSTOP)
    same(run("exit 3")[0], 3)
    time.sleep(0.5)
    stopped.send_signal(signal.SIGCONT)
    same(stopped.wait(timeout=5), 8)


@test()
def a_student_who_kills_all_ends_the_logins_alone():
    other = login("echo ready; sleep 1006; :")
    other.stdout.readline()
    code, out, err = run("kill -9 -1; echo survived")
    same((code, out) in ((0, b"survived\n"), (-9, b"")), True)
    same(other.wait(timeout=5), -9)
    same(run("exit 3")[0], 3)


@test()
def many_channels_leave_nothing():
    same(run("exit 3")[0], 3)
    before = init_fds()
    for _ in range(ROUNDS):
        logins = [login("exit 5") for _ in range(30)] + [login("kill -9 $$") for _ in range(30)]
        for killed in (login("sleep 1007") for _ in range(40)):
            killed.kill()
            killed.communicate()
        for p in logins:
            p.communicate()
            same(p.returncode in (5, -9), True)
    eventually(lambda: init_fds() == before)
    eventually(lambda: not open(f"/proc/{init_pid()}/task/{init_pid()}/children").read())
