# SPDX-License-Identifier: Apache-2.0
"""cpus = 0.5: three busy loops in two sessions get half a processor together, within a tenth."""
import time


def ticks(env):
    """Processor seconds of all boxed processes."""
    total = 0
    for pid in env.boxed_processes():
        try:
            with open(f"/proc/{pid}/stat") as file:
                fields = file.read().rsplit(")", 1)[1].split()
        except OSError:
            continue
        total += int(fields[11]) + int(fields[12])
    return total / 100


def test(env):
    env.config(defaults="quota: { cpus = 0.5; };")
    loop = "while :; do :; done"
    env.ssh_popen("stu1", f"{loop} & {loop}")
    env.ssh_popen("stu1", loop)
    env.wait_for("three loops", lambda: sum("while" in p for p in env.boxed_processes().values()) >= 3)
    time.sleep(1)
    began, before = time.monotonic(), ticks(env)
    time.sleep(8)
    share = (ticks(env) - before) / (time.monotonic() - began)
    env.check(0.45 <= share <= 0.55, "three loops used", share, "processors")
