# SPDX-License-Identifier: Apache-2.0
"""I09: groups, limits, umask, signals, scheduling, capabilities: a login is the same whoever calls it."""
import os
import resource
import signal


def state(env, command, prepare=None):
    done = env.execute(command, preexec_fn=prepare)
    env.check(done.rc == 0, command, done)
    lines = [line for line in done.text.splitlines() if not line.startswith(("fd ", "SigPnd"))]
    return dict(line.replace("\t", " ").split(" ", 1) for line in lines if " " in line.replace("\t", " "))


def hostile():
    os.nice(7)
    os.umask(0)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGUSR1, signal.SIGCHLD, signal.SIGHUP, signal.SIGPIPE):
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR2, signal.SIGTERM, signal.SIGALRM})
    os.sched_setaffinity(0, {0})


def test(env):
    command = ["su", "-", "stu1", "-c", env.probe("state")]
    calm, rough = state(env, command), state(env, command, hostile)
    login = state(env, env.ssh_command("stu1", [env.probe("state")]))
    for seen in (calm, rough, login):
        env.equal(seen["NoNewPrivs:"], "1")
        env.equal(seen["Seccomp:"], "2")
        for name in ("CapInh:", "CapPrm:", "CapEff:", "CapAmb:", "CapBnd:"):
            env.equal(seen[name], "0" * 16, name)
        env.equal(seen["Groups:"].split() or ["1000"], ["1000"], "groups")
        env.equal((seen["Uid:"].split(), seen["Gid:"].split()), (["1000"] * 4, ["1000"] * 4))
        env.equal((seen["SigBlk:"], seen["SigIgn:"]), ("0" * 16, "0" * 16), "signals")
        for name, value in (("oom_score_adj", "0"), ("timer", "0"), ("subreaper", "0"), ("policy", "0"),
                            ("pdeathsig", "0"), ("personality", "0")):
            env.equal(seen[name], value, name)
        env.equal(seen["cwd"], "/home/stu1")
    # su leaves the umask as it found it, for a plain user too.
    plain = state(env, ["su", "-", "plain", "-c", env.probe("state")], hostile)
    env.equal(rough["umask"], plain["umask"], "umask")
    env.equal(calm["Cpus_allowed_list:"], rough["Cpus_allowed_list:"])
