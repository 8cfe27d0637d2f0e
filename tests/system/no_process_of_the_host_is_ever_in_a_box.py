# SPDX-License-Identifier: Apache-2.0
"""I01: while channels and logins open and close, a watcher inside sees nobody from outside, nothing to trace."""

TIMEOUT = 300
LONG_TIMEOUT = 1800


def test(env):
    seconds, channels = (600, 5000) if env.long else (15, 100)
    watcher = env.ssh_popen("joint", [env.probe("race"), str(seconds)])
    options, _ = env.master("joint")
    for n in range(channels):
        if watcher.poll() is not None:
            break
        env.ssh("joint", "true", options=options, timeout=90)
        if n % 10 == 0:
            env.ssh("joint", "true", timeout=90)
    out, err = watcher.communicate(timeout=seconds + 60)
    last = out.decode().strip().splitlines()[-1].split()
    seen = dict(zip(last[::2], map(int, last[1::2])))
    env.check(watcher.returncode == 0, out[-3000:], err[-500:])
    env.check(seen["seen"] >= 10, "the watcher saw too little to prove anything:", seen)
