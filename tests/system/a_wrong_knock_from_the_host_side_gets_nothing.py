# SPDX-License-Identifier: Apache-2.0
"""P19, B05: the door knocked at by root or another user from the host: refused, whoever's session is named."""
import os
import pathlib


def test(env):
    env.session("stu1")
    pid1 = env.sessions("stu1")[0]["pid"]
    shims = [p for p in pathlib.Path("/proc").glob("[0-9]*") if p.name != "self"
             and _in_view(p) and _uid(p) == 1000]
    env.check(shims, "no process of stu1 in a view")
    door = f"/proc/{shims[0].name}/root/run/sandbox/door"
    env.check(os.path.exists(door), "no door in the view")
    for prefix in ([], ["setpriv", "--reuid=1001", "--regid=1001", "--clear-groups"]):
        done = env.execute([*prefix, env.probe("door"), door, "all"], timeout=110,
                           env={**os.environ, "PROBE_ON_HOST": "1"})
        for line in done.text.splitlines():
            env.check("answered" not in line or line.split()[-1].startswith(("78ff", "787e", "787f", "78")),
                      prefix, "the door let it in:", line)
    env.check(os.path.exists(f"/proc/{pid1}"), "PID 1 ended")
    env.equal(env.ssh_ok("stu1", "hostname"), "stu1-lab")


def _in_view(process):
    try:
        return os.readlink(process / "ns/mnt") != os.readlink("/proc/self/ns/mnt") \
            and os.readlink(process / "ns/pid") == os.readlink("/proc/self/ns/pid")
    except OSError:
        return False


def _uid(process):
    return process.stat().st_uid


TIMEOUT = 240
