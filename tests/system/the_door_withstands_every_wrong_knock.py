# SPDX-License-Identifier: Apache-2.0
"""B02 to B05, I19: garbage, floods and descriptors at the door of PID 1, from inside and through -L: it lives on."""
import os


def test(env):
    for user in ("stu1", "joint"):
        options, _ = env.master(user)
        inside = env.ssh(user, f"find / -xdev -type s 2>/dev/null; cat /proc/net/unix | grep -c sandboxd.sock || true",
                         options=options)
        env.check("sandboxd.sock" not in inside.text and inside.text.split()[-1] == "0", "broker's socket:", inside)
        pid1 = env.sessions(user)[0]["pid"]
        fds = len(os.listdir(f"/proc/{pid1}/fd"))
        done = env.ssh(user, f"{env.probe('door')} /run/sandbox/door all; {env.probe('door')} "
                       "/run/sandboxd/sandboxd.sock all", options=options, timeout=90)
        env.check(b"answered" not in done.out, "a knock from inside was answered:", done)
        env.equal(env.ssh(user, "hostname", options=options).text, f"{user}-lab")
        env.equal(len(os.listdir(f"/proc/{pid1}/fd")), fds, "descriptors of PID 1")


TIMEOUT = 240
