# SPDX-License-Identifier: Apache-2.0
"""I01: while channels and logins open and close, a watcher inside sees nobody from outside, nothing to trace."""
import collections

TIMEOUT = 300
LONG_TIMEOUT = 1800
LEAST = 20  # processes caught alive, to prove anything
ROUNDS = 8  # on a busy machine the watcher misses most


def watch(env, options, seconds, channels):
    """What a watcher has counted in SECONDS, during which at most CHANNELS were opened."""
    watcher = env.ssh_popen("joint", [env.probe("race"), str(seconds)])
    for n in range(channels):
        if watcher.poll() is not None:
            break
        env.ssh("joint", "true", options=options, timeout=90)
        if n % 10 == 0:
            env.ssh("joint", "true", timeout=90)
    out, err = watcher.communicate(timeout=seconds + 60)
    env.check(watcher.returncode == 0, out[-3000:], err[-500:])
    last = out.decode().strip().splitlines()[-1].split()
    return collections.Counter(dict(zip(last[::2], map(int, last[1::2]))))


def test(env):
    seconds, channels = (600, 5000) if env.long else (15, 1000)
    options, _ = env.master("joint")
    seen = collections.Counter()
    for _ in range(ROUNDS):
        seen += watch(env, options, seconds, channels)
        if seen["seen"] > LEAST:
            return
    env.check(False, "the watcher saw too little to prove anything:", dict(seen))
