# SPDX-License-Identifier: Apache-2.0
"""C01: SIGKILL at the N-th system call during the first login, the logout, a quota change and the start."""
import subprocess
import time

TIMEOUT = 400
LONG_TIMEOUT = 1800
# What changes the host; a kill between two of these is a state of its own.
CALLS = "mkdir,mkdirat,openat,mount,unshare,clone,clone3,sendmsg,rename,renameat,unlink,unlinkat,rmdir,write,setns"


def killed_at(env, n, action):
    """Runs ACTION while strace kills the broker (not its children) at its Nth call; True if it was killed."""
    tracer = env.popen(["strace", "-qq", "-o", "/dev/null", "-p", str(env.broker.pid),
                        "-e", f"inject={CALLS}:signal=KILL:when={n}"],
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(0.15)
    action()
    dead = not env.broker.is_running()
    tracer.terminate()
    tracer.wait()
    return dead


def test(env):
    # Steps between two kills: all of them with --long.
    step = 1 if env.long else 5
    settled = env.session("stu2")

    def log_in():
        env.ssh("stu1", "true", timeout=20)
        time.sleep(0.3)

    def reload():
        env.write_config(defaults="quota: { pids = 55; };")
        env.ctl("reload", json_output=False)
        env.write_config()

    for name, action, calls in (("login and logout", log_in, range(1, 400, step)), ("reload", reload, range(1, 20))):
        hits = 0
        for n in calls:
            if not killed_at(env, n, action):
                break
            hits += 1
            env.broker.start()
            env.check(settled.poll() is None, name, n, "a session ended")
            env.equal([row["user"] for row in env.sessions() if row["user"] == "stu2"], ["stu2"], f"{name} {n}")
            env.wait_gone("stu1")
        env.check(hits, name, "the broker was never killed: this proves nothing")
    env.equal(env.ssh_ok("stu1", "hostname"), "stu1-lab")
