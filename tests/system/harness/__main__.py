# SPDX-License-Identifier: Apache-2.0
"""Runs system tests: python3 tests/system/harness --build DIR [--long] [--jobs N] [NAME]...

Outer half: installs the build below a temporary directory, makes cgroups for the run, starts the inner
half in namespaces of its own and removes all that afterwards, however it ended. Inner half: makes the
machine, runs each test file of tests/system in it, and checks the invariants after each.
"""

import argparse
import contextlib
import importlib.util
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback

TESTS = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TESTS))
sys.dont_write_bytecode = True

from harness import env as environment  # noqa: E402
from harness import invariants, machine  # noqa: E402

MARK = "sandboxd-test-"


class TestTimeout(Exception):
    pass


def arguments():
    parser = argparse.ArgumentParser(prog="tests/system/harness")
    parser.add_argument("--build", required=True, help="meson build directory, prefix " + machine.PREFIX)
    parser.add_argument("--long", action="store_true", help="the full counts of the catalogue")
    parser.add_argument("--results", help="where to write the results, JSON")
    parser.add_argument("--timeout", type=float, default=120, help="seconds for one test, unless it sets TIMEOUT")
    parser.add_argument("--fail-fast", action="store_true")
    parser.add_argument("--shell", action="store_true", help="a shell in the machine, with everything running")
    parser.add_argument("--inner", help=argparse.SUPPRESS)
    parser.add_argument("names", nargs="*", help="tests to run, without .py; all if none is given")
    return parser.parse_args()


# ---- outer half: on the real host


def make_cgroups(name):
    """The run's directory in each hierarchy; with v2's controllers, leaves in it."""
    made = []
    for root in invariants.cgroup_roots().values():
        place = root / name
        place.mkdir(exist_ok=True)
        if invariants.has_controllers(place):
            (place / "cgroup.subtree_control").write_text("+cpu +memory +pids")
            for leaf in invariants.LEAVES:
                (place / leaf).mkdir(exist_ok=True)
        for knob in ("cpus", "mems"):  # a new v1 cpuset is empty and takes nobody
            if (place / f"cpuset.{knob}").exists() and (root / f"cpuset.{knob}").exists():
                (place / f"cpuset.{knob}").write_text((root / f"cpuset.{knob}").read_text())
        made.append(place)
    return made


def remove_stale():
    """What a run that was killed with -9 left."""
    for root in invariants.cgroup_roots().values():
        for place in root.glob(MARK + "*"):
            if not os.path.exists(f"/proc/{place.name.removeprefix(MARK)}"):
                remove_cgroup_tree(place)


def remove_cgroup_tree(top):
    found = [pathlib.Path(path) for path, _, _ in os.walk(top, topdown=False)]
    for place in invariants.remove_cgroups(found):
        print(f"could not remove the cgroup {place}", file=sys.stderr)


def lowest_processor():
    """The processor on which a new mount namespace gets the lowest id.

    A mount namespace can be bound only in one of a lower id, and since kernel 6.18 each processor hands out
    ids from a batch of its own: the machine's has to be lower than all that come later.
    """
    ids = {}
    for processor in os.sched_getaffinity(0):
        done = subprocess.run(["unshare", "--mount", sys.executable, "-c",
                               "import fcntl; b = bytearray(8); "
                               "fcntl.ioctl(open('/proc/self/ns/mnt'), 0x8008b705, b); "
                               "print(int.from_bytes(b, 'little'))"],  # NS_GET_MNTNS_ID
                              preexec_fn=lambda p=processor: os.sched_setaffinity(0, {p}),
                              capture_output=True, check=False)
        ids[int(done.stdout or 0)] = processor
    return ids[min(ids)]


def outer(options):
    if os.geteuid() != 0:
        sys.exit("system tests need root")
    remove_stale()
    made = make_cgroups(MARK + str(os.getpid()))
    installed = tempfile.mkdtemp(prefix=MARK)
    child = None

    processor = lowest_processor()

    def enter():
        os.sched_setaffinity(0, {processor})
        for place in made:
            if (place / "machine").exists():
                place = place / "machine"
            file = place / ("tasks" if (place / "tasks").exists() else "cgroup.procs")
            file.write_text("0")

    def interrupted(number, frame):
        if child is not None:
            child.kill()

    signal.signal(signal.SIGTERM, interrupted)
    signal.signal(signal.SIGINT, interrupted)
    try:
        if os.path.isdir(options.build + "/installed"):  # not the machine that built it: tests/guest
            shutil.copytree(options.build + "/installed", installed, symlinks=True, dirs_exist_ok=True)
        else:
            machine.run("meson", "install", "-C", options.build, "--destdir", installed, "--no-rebuild",
                        "--quiet")
        for part in ("system", "bench"):
            shutil.copytree(f"{options.build}/tests/{part}", installed + "/probes", dirs_exist_ok=True,
                            ignore=lambda d, names: [n for n in names if os.path.isdir(os.path.join(d, n))])
        command = ["unshare", "--mount", "--net", "--pid", "--ipc", "--uts", "--fork", "--kill-child",
                   "--propagation", "private", "--", sys.executable, str(pathlib.Path(__file__).parent),
                   "--inner", installed, *sys.argv[1:]]
        child = subprocess.Popen(command, preexec_fn=enter)
        return child.wait()
    finally:
        shutil.rmtree(installed, ignore_errors=True)
        for place in made:
            remove_cgroup_tree(place)


# ---- inner half: in the namespaces


def become_init():
    """PID 1 of the namespace only reaps; the tests run in its child, which this returns in."""
    child = os.fork()
    if child == 0:
        return
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        pid, status = os.wait()
        if pid == child:
            os._exit(os.waitstatus_to_exitcode(status) & 0xff)


def find_tests(names):
    if names and all(os.path.isabs(name) for name in names):  # no tests of ours: tests/bench
        return [pathlib.Path(name) for name in names]
    files = sorted(path for path in TESTS.glob("*.py") if "\ndef test(env)" in path.read_text())
    if names:
        wanted = {name.removesuffix(".py").rsplit("/", 1)[-1] for name in names}
        missing = wanted - {path.stem for path in files}
        if missing:
            sys.exit("no such test: " + ", ".join(sorted(missing)))
        files = [path for path in files if path.stem in wanted]
    return files


def load(path):
    spec = importlib.util.spec_from_file_location("system_" + path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run_one(env, path, timeout):
    """Returns (outcome, text): passed, failed or skipped, and why."""
    def on_alarm(number, frame):
        raise TestTimeout(f"over {timeout:.0f} s")

    marks = len(env.broker.log()), len(env.syslog.log())
    try:
        module = load(path)
        timeout = getattr(module, "LONG_TIMEOUT" if env.long else "TIMEOUT", timeout)
        signal.signal(signal.SIGALRM, on_alarm)
        signal.alarm(int(timeout))
        try:
            module.test(env)
            env.settle()
            env.check_invariants()
        finally:
            signal.alarm(0)
        return "passed", ""
    except environment.Skip as skip:
        env.settle()
        return "skipped", str(skip)
    except Exception:
        text = traceback.format_exc()
        for name, daemon, mark in (("broker", env.broker, marks[0]), ("syslog", env.syslog, marks[1])):
            text += f"--- {name}\n{daemon.log()[mark:][-4000:]}\n"
        return "failed", text


def run_all(env, options):
    results = []
    for path in find_tests(options.names):
        began = time.monotonic()
        outcome, text = run_one(env, path, options.timeout)
        seconds = time.monotonic() - began
        results.append({"name": path.stem, "outcome": outcome, "seconds": round(seconds, 1), "text": text})
        note = f": {text}" if outcome == "skipped" else ""
        print(f"{outcome:8} {seconds:6.1f}s {path.stem.replace('_', ' ')}{note}", flush=True)
        if options.results:
            pathlib.Path(options.results).write_text(json.dumps(results, indent=1))
        if outcome == "failed":
            print(text, flush=True)
            if options.fail_fast:
                break
            env.reset()
    return results


def inner(options):
    os.sched_setaffinity(0, range(os.cpu_count()))
    become_init()
    os.environ.pop("SSH_AUTH_SOCK", None)
    os.environ.update(LANG="C.UTF-8", TERM="xterm", HOME="/root", PATH="/usr/sbin:/usr/bin:/sbin:/bin")
    results_file = open(options.results, "w") if options.results else None  # before /tmp is hidden
    if results_file:
        options.results = f"/proc/{os.getpid()}/fd/{results_file.fileno()}"
    probes = [path for path in pathlib.Path(options.inner, "probes").iterdir() if os.access(path, os.X_OK)]
    machine.make(options.inner, probes)
    os.chdir("/root")
    env = environment.Env(options.long)
    env.start()
    try:
        if options.shell:
            print("sandboxd runs; students stu1, stu2, joint (scope user); others plain, boss. "
                  "ssh -F /root/.ssh/test_config stu1@lab", flush=True)
            subprocess.run(["bash"], check=False)
            return 0
        results = run_all(env, options)
    finally:
        with contextlib.suppress(AssertionError):
            env.stop()
    failed = [r for r in results if r["outcome"] == "failed"]
    return 1 if failed else 0


def main():
    options = arguments()
    sys.exit(inner(options) if options.inner else outer(options))


if __name__ == "__main__":
    main()
