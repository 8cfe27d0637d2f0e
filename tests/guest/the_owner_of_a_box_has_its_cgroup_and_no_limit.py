# SPDX-License-Identifier: Apache-2.0
"""cgroup v2: a box's cgroup is its root's, as far as delegation goes; each limit in it and above is host root's.

PID 1 is in the box's own cgroup, which is the root of its cgroup namespace, what a login starts in `sessions`.
"""

import os
import pathlib

from harness import invariants

DELEGATED = {"cgroup.procs", "cgroup.threads", "cgroup.subtree_control"}


def processes(place):
    return (place / "cgroup.procs").read_text().split()


def test(env):
    env.session("stu1")
    places = [path for path in invariants.cgroup_directories("memory") if path.parent.name == "boxes"]
    env.equal(len(places), 1, "boxes")
    box = places[0]
    pid = processes(box)
    env.equal(len(pid), 1, "processes in the box's own cgroup")
    zero = [line.split()[1] for line in pathlib.Path(f"/proc/{pid[0]}/uid_map").read_text().splitlines()
            if line.split()[0] == "0"]
    for place in (box, box / "init", box / "sessions"):
        env.equal([str(place.stat().st_uid)], zero, f"owner of {place}")
        for file in place.iterdir():
            if file.is_file():
                expected = zero if file.name in DELEGATED else ["0"]
                env.equal([str(file.stat().st_uid)], expected, f"owner of {file}")
    for place in (box.parent, box.parent.parent):
        env.equal({file.stat().st_uid for file in place.iterdir() if file.is_file()}, {0}, f"owners in {place}")
    env.check(processes(box / "sessions"), "no process in sessions")
    env.equal(env.ssh_ok("stu1", "cat /proc/self/cgroup"), "0::/sessions")
    bounds = {name: (box / name).read_text().strip() for name in ("cgroup.max.descendants", "cgroup.max.depth")}
    env.check("max" not in bounds.values(), "no bound:", bounds)
    env.check(os.stat("/sys/fs/cgroup").st_dev == os.stat(box).st_dev, "another hierarchy")
