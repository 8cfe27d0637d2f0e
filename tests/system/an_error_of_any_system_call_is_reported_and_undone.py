# SPDX-License-Identifier: Apache-2.0
"""C05: ENOSPC, EMFILE, ENOMEM, EIO, EPERM on the broker's calls during a login: refused in words, retry works."""
import subprocess
import time

TIMEOUT = 300
LONG_TIMEOUT = 1200
FAULTS = (("mkdirat", "ENOSPC"), ("mkdir", "ENOSPC"), ("mknodat", "ENOSPC"), ("openat", "EMFILE"), ("openat2", "EIO"),
          ("clone3", "EAGAIN"), ("clone", "ENOMEM"), ("mount", "EPERM"), ("unshare", "ENOSPC"), ("renameat", "EIO"),
          ("rename", "ENOSPC"), ("memfd_create", "EMFILE"), ("socket", "EMFILE"), ("sendmsg", "ENOBUFS"),
          ("pidfd_open", "EMFILE"), ("fsync", "EIO"), ("open_tree", "ENOMEM"), ("mount_setattr", "EPERM"),
          ("pivot_root", "EINVAL"), ("sethostname", "EPERM"))


def test(env):
    times = range(1, 12) if env.long else (1, 3)
    failed_once = 0
    for call, error in FAULTS:
        for n in times:
            tracer = env.popen(["strace", "-f", "-qq", "-o", "/dev/null", "-p", str(env.broker.pid),
                                "-e", f"inject={call}:error={error}:when={n}"],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(0.15)
            done = env.ssh("stu1", "hostname", timeout=30)
            tracer.terminate()
            tracer.wait()
            env.check(env.broker.is_running(), call, error, n, "ended the broker:", env.broker.process.poll(),
                      env.broker.log()[-1500:])
            if done.rc:
                failed_once += 1
                # strace follows PID 1 too, whose last sendmsg is the exit status: without it the shim ends with 255.
                lost = call == "sendmsg" and done.rc == 255
                env.check(lost or b"lab\n" not in done.out, call, error, "got in halfway:", done)
                env.check((done.out + done.err).strip(), call, error, n, "refused without a word")
            else:
                env.equal(done.text, "stu1-lab", f"{call} {error} {n}")
            env.equal(env.ssh_ok("stu1", "hostname", timeout=30), "stu1-lab", f"retry after {call} {error} {n}")
    env.check(failed_once, "no fault ever hit: this proves nothing")
    env.wait_gone()
