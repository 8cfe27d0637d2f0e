#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The door with both of its sides and no broker: the real shim in a login view, the real PID 1 in a sandbox,
both made by door_harness (its arguments: door_harness, sandbox-init, sandbox-shim, and names of tests, none
for all). Needs root; touches nothing of the machine.
"""
import os
import subprocess
import sys
import time

import door_hostile  # noqa: F401
import door_streams  # noqa: F401
import door_terminals  # noqa: F401
from door_login import tests

HARNESS, INIT, SHIM = (os.path.abspath(p) for p in sys.argv[1:4])
WANTED = sys.argv[4:]


def main():
    failed = 0
    if "DOOR_TEST" in os.environ:
        function = next(f for name, _, f in tests if name == os.environ["DOOR_TEST"])
        return function()
    os.setpriority(os.PRIO_PROCESS, 0, 0)  # what a login has
    for name, environment, _ in tests:
        if WANTED and name not in WANTED:
            continue
        if cgroup := environment.get("DOOR_CGROUP"):
            if not os.access(os.path.dirname(cgroup) + "/tasks", os.W_OK):
                print(f"skip {name}: no pids controller of cgroup v1")
                continue
        begin = time.monotonic()
        try:
            code = subprocess.run([HARNESS, INIT, SHIM, sys.executable, *sys.argv],
                                  env=os.environ | environment | {"DOOR_TEST": name}, timeout=90).returncode
        except subprocess.TimeoutExpired:
            code = "timeout"
        failed += code != 0
        print(f"{'ok' if code == 0 else 'FAILED'} {name} {time.monotonic() - begin:.1f}", flush=True)
    sys.exit(failed != 0)


main()
