# SPDX-License-Identifier: Apache-2.0
"""Two 180 MB programs in two sessions under memory = "256M": one of them is killed, the other lives (v1: within)."""

HOG = "python3 -c \"import sys,time; x=bytearray(180<<20); print('full', flush=True); time.sleep(60)\""


def test(env):
    env.config(defaults='quota: { memory = "256M"; swap = "0"; };')
    env.equal(env.ssh_ok("stu1", "python3 -c 'x=bytearray(180<<20); print(len(x))'"), str(180 << 20))
    first = env.ssh_popen("stu1", HOG)
    env.equal(first.stdout.readline(), b"full\n")
    second = env.ssh_popen("stu1", HOG + "; echo ended $?")
    env.wait_for("one of the two is killed", lambda: first.poll() is not None or second.poll() is not None, 20)
    alive = [p for p in (first, second) if p.poll() is None]
    env.equal(len(alive), 1, "programs that live")
    env.equal(env.ssh_ok("stu2", "python3 -c 'x=bytearray(180<<20); print(1)'"), "1", "another user")
    env.check(env.ssh("stu1", "echo in").text == "in", "no login while memory is used up")
