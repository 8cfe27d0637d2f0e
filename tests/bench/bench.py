# SPDX-License-Identifier: Apache-2.0
"""The measurements of tests/bench/run, inside the private machine of tests/system/harness.

What is compared is run in turns, a few rounds of each, so that a machine that gets slower meanwhile spoils
neither side. Times are medians. Prints a table and a line "JSON {...}".
"""

import contextlib
import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import time

from harness import invariants, machine
from harness.env import check, execute

BROKER_SOCKET = "/run/sandboxd/sandboxd.sock"
STUDENT, UID = "stu1", 1000
ROUNDS = 6
# crun 1.8 refuses hosts that have cgroup v1 and v2 beside each other: it is shown v1 alone.
WITHOUT_UNIFIED = ["unshare", "--mount", "sh", "-c", "umount -l /sys/fs/cgroup/unified 2>&-; exec \"$@\"", "sh"]
CRUN_CGROUPS = "cgroupfs"


class Report:
    """Rows of the table: what, its value, unit, and the target that it is compared with."""

    def __init__(self):
        self.rows, self.skipped = [], []

    def value(self, name, value, unit, samples=None):
        row = {"name": name, "value": round(value, 3), "unit": unit}
        if samples and len(samples) > 9:
            row["p90"] = round(statistics.quantiles(samples, n=10)[8], 3)
            row["samples"] = len(samples)
        self.rows.append(row)
        print(f"  {name:58} {value:10.2f} {unit}" + (f"   p90 {row['p90']:.2f}" if "p90" in row else ""),
              flush=True)

    def target(self, name, value, unit, limit):
        held = value <= limit
        self.rows.append({"name": name, "value": round(value, 3), "unit": unit, "target": limit, "held": held})
        print(f"  {name:58} {value:10.2f} {unit}   target {limit}: {'held' if held else 'MISSED'}", flush=True)

    def skip(self, name, reason):
        self.skipped.append({"name": name, "reason": reason})
        print(f"  {name}: skipped: {reason}", flush=True)


def numbers(command, timeout=300):
    done = execute(command, timeout=timeout)
    if done.rc:
        raise AssertionError(f"{command}: {done}")
    return [float(line) for line in done.text.split()]


def program(name):
    return f"{machine.PROBES}/bench-{name}"


def open_command(count, *more):
    return [program("open"), BROKER_SOCKET, str(count), STUDENT, str(UID), str(UID), f"/home/{STUDENT}", *more]


@contextlib.contextmanager
def held(count):
    """COUNT sessions held open; yields what each open took, in microseconds."""
    child = subprocess.Popen(open_command(count, "hold"), stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE, text=True)
    try:
        yield [float(child.stdout.readline()) for _ in range(count)]
    finally:
        child.stdin.close()
        child.wait()


def start_to_exit(command):
    """Milliseconds from posix_spawn(3) to the end of a command that has to succeed."""
    files = [(os.POSIX_SPAWN_OPEN, fd, "/dev/null", os.O_RDWR, 0) for fd in (0, 1, 2)]
    began = time.perf_counter()
    pid = os.posix_spawnp(command[0], command, os.environ, file_actions=files)
    _, status = os.waitpid(pid, 0)
    if status:
        raise AssertionError(f"{command}: {os.waitstatus_to_exitcode(status)}")
    return (time.perf_counter() - began) * 1000


# ---- a sandbox: the broker against the kernel


def sandbox_ids():
    return set(os.listdir("/run/sandboxd/info")) if os.path.isdir("/run/sandboxd/info") else set()


def cgroups_of_a_sandbox(whole_user):
    """The directories that the broker makes for a sandbox, as bench-kernel's arguments."""
    with held(1):
        identity = [name for name in sandbox_ids() if re.fullmatch("[0-9a-f]{8}", name)]
        found = sorted(str(path) for path in invariants.cgroup_directories())
    if not identity:
        raise AssertionError("no sandbox in /run/sandboxd/info")
    arguments = []
    for path in found:
        if whole_user and f"/u{UID}" in path:
            arguments.append(path.replace(f"/u{UID}", "/bench%"))
        elif identity[0] in path:
            arguments.append(path.replace(identity[0], "bench%"))
    if not whole_user:  # they stand beside the broker's own, so a session of the same user is held meanwhile
        return arguments + ["=" + path + "/tasks" for path in arguments if path.endswith("/init")]
    return [path.replace(identity[0], "sandbox") for path in arguments] + [
        "=" + path.replace(identity[0], "sandbox") + "/tasks" for path in arguments if path.endswith("/init")]


def measure_sandbox(env, report):
    print("a sandbox, from the request to the reply (us)")
    cgroups = cgroups_of_a_sandbox(True)
    kernel, broker = [], []
    for _ in range(ROUNDS):
        kernel += numbers([program("kernel"), "8", program("leaf"), *cgroups])[1:]
        broker += numbers(open_command(8))[1:]
    report.value("kernel alone: namespaces, mounts, veth, cgroups", statistics.median(kernel), "us", kernel)
    report.value("broker: OPEN to reply, first session of a user", statistics.median(broker), "us", broker)
    report.target("broker / kernel", statistics.median(broker) / statistics.median(kernel), "x", 1.5)
    return statistics.median(broker) / 1000


# ---- peers: start to exit of a static program that does nothing


def crun_bundle(place):
    rootfs = pathlib.Path(place, "rootfs")
    for name in ("proc", "dev", "sys", "tmp"):
        (rootfs / name).mkdir(parents=True, exist_ok=True)
    shutil.copy(program("leaf"), rootfs / "leaf")
    done = execute(["crun", "spec"], cwd=place)
    if done.rc:
        raise AssertionError(str(done))
    path = pathlib.Path(place, "config.json")
    spec = json.loads(path.read_text())
    spec["process"].update(args=["/leaf", "exit"], terminal=False)
    spec["mounts"] = [mount for mount in spec["mounts"] if mount["type"] != "cgroup"]
    names = {space["type"] for space in spec["linux"]["namespaces"]}
    if "network" not in names:
        spec["linux"]["namespaces"].append({"type": "network"})
    path.write_text(json.dumps(spec))
    return rootfs


def measure_peers(env, report, open_ms):
    print("peers: start to exit of a static program, own network namespace without a link (ms)")
    place = "/var/lib/bench"
    os.makedirs(place, exist_ok=True)
    try:
        rootfs = crun_bundle(place) if shutil.which("crun") else pathlib.Path("/")
        commands = {
            "crun": ["crun", "--root", "/run/bench-crun", "--cgroup-manager", CRUN_CGROUPS, "run", "-b", place,
                     "bench"],
            "bwrap": ["bwrap", "--unshare-all", "--ro-bind", "/usr", "/usr", "--proc", "/proc", "--dev", "/dev",
                      "--tmpfs", "/tmp", "--ro-bind", str(rootfs / "leaf"), "/leaf", "/leaf", "exit"],
        }
        for name, command in commands.items():
            if not shutil.which(name):
                report.skip(name, f"the package of {name} is not installed")
                continue
            samples = [us / 1000 for us in numbers([*WITHOUT_UNIFIED, program("spawn"), "30", *command])[5:]]
            report.value(f"{name} run", statistics.median(samples), "ms", samples)
            if name == "crun" and open_ms:
                report.target("broker's OPEN (with a veth) / crun run",
                              open_ms / statistics.median(samples), "x", 1.0)
    finally:
        shutil.rmtree(place, ignore_errors=True)
        shutil.rmtree("/run/bench-crun", ignore_errors=True)


# ---- ssh: a boxed user against a plain one


def in_turns(commands, count):
    samples = {name: [] for name in commands}
    for turn in range(count):
        order = list(commands) if turn % 2 else list(reversed(commands))
        for name in order:
            samples[name].append(start_to_exit(commands[name]))
    return samples


def measure_ssh(env, report):
    print("ssh: start to exit of `true` (ms)")
    users = {"plain": "plain", "boxed": STUDENT}
    fresh = in_turns({name: env.ssh_command(user, "true") for name, user in users.items()}, 25)
    medians = {name: statistics.median(values) for name, values in fresh.items()}
    for name, values in fresh.items():
        report.value(f"fresh login, {name}", medians[name], "ms", values)
    report.target("fresh login, boxed - plain", medians["boxed"] - medians["plain"], "ms", 6)
    masters = {name: env.master(user)[0] for name, user in users.items()}
    channels = in_turns({name: env.ssh_command(user, "true", masters[name]) for name, user in users.items()}, 100)
    medians = {name: statistics.median(values) for name, values in channels.items()}
    for name, values in channels.items():
        report.value(f"channel over a ControlMaster, {name}", medians[name], "ms", values)
    report.target("channel, boxed / plain", medians["boxed"] / medians["plain"], "x", 1.25)


# ---- memory


def rollup(pid, field):
    for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1])
    return 0


def processes_of(name):
    """Processes that execute one of our programs, whatever name it was bound over."""
    program_stat = os.stat(f"{machine.PREFIX}/libexec/sandboxd/{name}")
    found = []
    for pid in invariants.pids():
        with contextlib.suppress(OSError):
            if os.path.samestat(os.stat(f"/proc/{pid}/exe"), program_stat):
                found.append(pid)
    return found


def measure_idle(env, report):
    sessions = [env.session(STUDENT) for _ in range(50)]
    time.sleep(1)
    inits, waiting = processes_of("sandbox-init"), processes_of("sandbox-shim")
    check(len(inits) == 50 and len(waiting) == 50, "50 sessions have", len(inits), "PID 1s and", len(waiting), "shims")
    dirty = (statistics.median(rollup(pid, "Private_Dirty") for pid in inits)
             + statistics.median(rollup(pid, "Private_Dirty") for pid in waiting))
    shared = sum(rollup(pid, "Pss") for pid in inits + waiting) / len(inits)
    report.target("idle session: private dirty of shim and init", dirty, "KiB", 120)
    report.target("idle session: PSS of shim and init, mean of 50", shared, "KiB", 300)
    for child in sessions:
        child.kill()
    env.wait_gone(STUDENT, 60)


def measure_broker(env, report):
    for count in (1, 50, 200):
        env.broker.restart(kill=False)
        with held(count) as times:
            dirty = rollup(env.broker.pid, "Private_Dirty")
            if count < 200:
                report.value(f"broker: private dirty with {count} sessions", dirty, "KiB")
        env.wait_gone(STUDENT, 120)
    report.target("broker: private dirty with 200 sessions", dirty / 1024, "MiB", 4)
    first, last = statistics.median(times[2:22]), statistics.median(times[-20:])
    report.value("OPEN with 3 to 22 sessions open", first, "us")
    report.value("OPEN with 181 to 200 sessions open", last, "us")
    report.target("OPEN, the 200th / the first", last / first, "x", 1.25)


def measure_memory(env, report):
    print("memory")
    measure_idle(env, report)
    measure_broker(env, report)


def test(env):
    parts = os.environ.get("BENCH_PARTS", "sandbox peers ssh memory").split()
    report, open_ms = Report(), None
    env.config(defaults='quota: { sessions = 300; pids = 4096; };')
    if "sandbox" in parts:
        open_ms = measure_sandbox(env, report)
    if "peers" in parts:
        measure_peers(env, report, open_ms)
    if "ssh" in parts:
        measure_ssh(env, report)
    if "memory" in parts:
        measure_memory(env, report)
    missed = [row["name"] for row in report.rows if row.get("held") is False]
    print(f"{len(missed)} targets missed" + (": " + "; ".join(missed) if missed else ""), flush=True)
    print("JSON " + json.dumps({"rows": report.rows, "skipped": report.skipped}), flush=True)
