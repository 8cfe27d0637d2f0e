# SPDX-License-Identifier: Apache-2.0
"""What has to be true after every test (security.md, section 5), and a broom for when it is not.

A snapshot is a dict from the name of a thing to a set of lines; two snapshots are compared line by line,
so that a failure names the very process, mount, cgroup or link that was left.
"""

import contextlib
import os
import pathlib
import signal
import stat
import time

from . import machine

RUN_DIR = pathlib.Path("/run/sandboxd")
STATE_DIR = pathlib.Path("/var/lib/sandboxd")
# How much the broker's private memory may grow over one test, in KiB: caches and arenas, not a leak.
MEMORY_SLACK = 512
# With v2's controllers only leaves have processes: below the run's directory, the machine's and the broker's own.
LEAVES = ("machine", "unit")


def _read(path):
    try:
        return pathlib.Path(path).read_text(errors="replace")
    except OSError:
        return ""


def pids():
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def describe(pid):
    """A process for a person: pid, uid, state, parent, command."""
    status = dict(line.split(":\t", 1) for line in _read(f"/proc/{pid}/status").splitlines() if ":\t" in line)
    command = _read(f"/proc/{pid}/cmdline").replace("\0", " ").strip() or status.get("Name", "?")
    return (f"{pid} uid={status.get('Uid', '?').split(chr(9))[0]} {status.get('State', '?')[:1]} "
            f"parent={status.get('PPid', '?')} {command[:120]}")


def is_zombie(pid):
    return "\nState:\tZ" in _read(f"/proc/{pid}/status")


def parent(pid):
    for line in _read(f"/proc/{pid}/status").splitlines():
        if line.startswith("PPid:"):
            return int(line.split()[1])
    return 0


def processes_below():
    """pid -> description of every process whose PID namespace is not the machine's own."""
    own, found = os.readlink("/proc/self/ns/pid"), {}
    for pid in pids():
        with contextlib.suppress(OSError):
            if os.readlink(f"/proc/{pid}/ns/pid") != own:
                found[pid] = describe(pid)
    return found


def cgroup_roots():
    """controller -> the machine's own directory in that hierarchy (cgroup v1), or {"unified": ...} for v2."""
    roots = {}
    for line in _read("/proc/self/cgroup").splitlines():
        _, controllers, path = line.split(":", 2)
        name = controllers.removeprefix("name=") if controllers else "unified"
        for mount in (f"/sys/fs/cgroup/{name}", "/sys/fs/cgroup"):
            place = pathlib.Path(mount + path)
            if (place / "cgroup.procs").exists():
                roots[name] = place.parent if place.name in LEAVES else place
                break
    return roots


def has_controllers(place):
    """True for a directory of a v2 hierarchy that has controllers: not on v1 and hybrid hosts."""
    return "memory" in _read(place / "cgroup.controllers").split()


def cgroup_directories(controller=None):
    """Every cgroup below the machine's own, deepest first, without its leaves."""
    found = []
    for name, root in cgroup_roots().items():
        if controller in (None, name) or name == "unified" and has_controllers(root):
            found += [pathlib.Path(path) for path, _, _ in os.walk(root, topdown=False)
                      if pathlib.Path(path) not in (root, *(root / leaf for leaf in LEAVES))]
    return found


def kernel_limit(uid, quota):
    """What the kernel's own file has for `memory` (bytes) or `cpus` of a user, on v1 or v2."""
    files = {"memory": ("memory", ("memory.limit_in_bytes", "memory.max")),
             "cpus": ("cpu", ("cpu.cfs_quota_us", "cpu.max"))}
    controller, names = files[quota]
    for place in cgroup_directories(controller):
        if place.name == f"u{uid}":
            value = next(text for text in (_read(place / name) for name in names) if text).split()
            if quota == "cpus":
                return int(value[0]) / int(value[1] if value[1:] else _read(place / "cpu.cfs_period_us"))
            return int(value[0])
    raise AssertionError(f"no cgroup of uid {uid} for {controller}")


def _infrastructure(env):
    """Processes that may stay: the machine's init, the test program, its daemons and children."""
    known = {1, os.getpid()}
    for daemon in (env.syslog, env.broker, env.sshd):
        if daemon.process is not None:
            known.add(daemon.pid)
    return known


def _processes(env):
    known = _infrastructure(env)
    return {describe(pid) for pid in pids()
            if pid not in known and not (is_zombie(pid) and parent(pid) in (1, os.getpid()))
            and os.path.exists(f"/proc/{pid}")}


def _mounts(pid):
    """Lines of mountinfo without the ids, which change."""
    return {" ".join(line.split()[3:]) for line in _read(f"/proc/{pid}/mountinfo").splitlines()}


def _tree(root):
    found = set()
    for path, names, files in os.walk(root):
        names[:] = [name for name in names if name != "trees"]  # the host's own trees, as the broker sees them
        found |= {os.path.join(path, name) for name in names + files}
    return found


def _privileged_files():
    """setuid, setgid or capability-carrying files where a student can write."""
    found = set()
    for root in ("/home", "/tmp", "/var/tmp", "/dev/shm", "/srv"):
        for path, _, files in os.walk(root):
            for name in files:
                place = os.path.join(path, name)
                with contextlib.suppress(OSError):
                    info = os.lstat(place)
                    if stat.S_ISREG(info.st_mode) and (
                            (info.st_mode & 0o6000 and info.st_uid == 0)
                            or "security.capability" in os.listxattr(place, follow_symlinks=False)):
                        found.add(f"{place} {info.st_mode:o} uid={info.st_uid}")
    return found


def broker_memory(pid):
    """Private dirty memory in KiB."""
    for line in _read(f"/proc/{pid}/smaps_rollup").splitlines():
        if line.startswith("Private_Dirty:"):
            return int(line.split()[1])
    return 0


def _count(path):
    try:
        return len(os.listdir(path))
    except OSError:
        return 0


def snapshot(env):
    pid = env.broker.pid
    links = {line.split(":")[1].strip() for line in machine.run("ip", "-o", "link").splitlines()}
    return {
        "process": _processes(env),
        "process in a sandbox": set(processes_below().values()),
        "mount of the broker": _mounts(pid),
        "mount of the machine": _mounts("self"),
        "cgroup": {str(path) for path in cgroup_directories()},
        "link": links,
        "nftables": {f"{n}: {line}" for n, line in
                     enumerate(machine.run("nft", "list", "ruleset").splitlines())},
        "file of run_dir": _tree(RUN_DIR),
        "System V object": set(_read("/proc/sysvipc/msg").splitlines()[1:]
                               + _read("/proc/sysvipc/shm").splitlines()[1:]
                               + _read("/proc/sysvipc/sem").splitlines()[1:]),
        "privileged file": _privileged_files(),
        "descriptors of the broker": _count(f"/proc/{pid}/fd"),
        "threads of the broker": _count(f"/proc/{pid}/task"),
    }


def baseline(env, timeout=15):
    """A snapshot that has stopped changing: two in a row are equal."""
    end, last = time.monotonic() + timeout, None
    while time.monotonic() < end:
        now = snapshot(env)
        if now == last:
            return now
        last = now
        time.sleep(0.3)
    raise AssertionError("the machine does not come to rest: " + str(difference(last, snapshot(env))))


def difference(before, after):
    """What appeared (+) and what is missing (-), one line each."""
    lines = []
    for kind, seen in after.items():
        if isinstance(seen, int):  # a broker that has just started has fewer: that is no leak
            if seen > before[kind]:
                lines.append(f"+ {kind}: {seen}, before {before[kind]}")
            continue
        lines += [f"+ {kind}: {line}" for line in sorted(seen - before[kind])]
        lines += [f"- {kind}: {line}" for line in sorted(before[kind] - seen)]
    return lines


def check(env, timeout=15):
    """Compares with the baseline until they are equal or TIMEOUT seconds have passed."""
    if not env.broker.is_running():
        raise AssertionError("invariants: the broker is not running: " + env.broker.log()[-2000:])
    end, pause = time.monotonic() + timeout, 0.02
    while True:
        lines = difference(env.baseline, snapshot(env))
        if not lines:
            break
        if time.monotonic() > end:
            raise AssertionError("invariants, what differs from before:\n  " + "\n  ".join(lines[:60])
                                 + extra_descriptors(env, lines))
        time.sleep(pause)
        pause = min(pause * 1.5, 0.5)
    left = env.sessions()
    if left:
        raise AssertionError(f"invariants: sandboxctl still lists {left}")


def extra_descriptors(env, lines):
    if not any("descriptors" in line for line in lines):
        return ""
    place = f"/proc/{env.broker.pid}/fd"
    shown = []
    for name in sorted(os.listdir(place), key=int):
        with contextlib.suppress(OSError):
            shown.append(f"{name} -> {os.readlink(place + '/' + name)}")
    return "\n  descriptors: " + ", ".join(shown)


def _kill_leftovers(env):
    keep = {1, os.getpid(), *((env.syslog.pid,) if env.syslog.process else ())}
    for pid in pids():
        if pid not in keep and parent(pid) != 0:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def remove_cgroups(directories, timeout=10):
    """Kills what is in them and removes them; returns those that could not be removed."""
    end = time.monotonic() + timeout
    while True:
        left = []
        for path in directories:
            for line in _read(path / "cgroup.procs").split():
                with contextlib.suppress(ProcessLookupError, ValueError):
                    os.kill(int(line), signal.SIGKILL)
            try:
                path.rmdir()
            except FileNotFoundError:
                pass
            except OSError:
                left.append(path)
        if not left or time.monotonic() > end:
            return left
        directories = left
        time.sleep(0.05)


def remove_all(env):
    """After a failed test and with the broker dead: whatever the product left."""
    _kill_leftovers(env)
    time.sleep(0.2)
    remove_cgroups(cgroup_directories())
    for line in machine.run("ip", "-o", "link").splitlines():
        name = line.split(":")[1].strip().split("@")[0]
        if name.startswith("sb"):
            with contextlib.suppress(RuntimeError):
                machine.run("ip", "link", "delete", name)
    machine.run("nft", "flush", "ruleset")
    for line in reversed(_read("/proc/self/mountinfo").splitlines()):
        place = line.split()[4]
        if place.startswith(str(RUN_DIR)):
            with contextlib.suppress(RuntimeError):
                machine.run("umount", "-l", place)
    for root in (RUN_DIR, STATE_DIR):
        machine.run("rm", "-rf", str(root))
