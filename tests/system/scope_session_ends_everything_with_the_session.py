# SPDX-License-Identifier: Apache-2.0
"""Scope session: what was started with nohup, setsid or a trap on HUP is gone with the login that started it."""


def test(env):
    env.ssh_ok("stu1", "(setsid sh -c 'trap \"\" HUP TERM; while :; do sleep 1; done' </dev/null >/dev/null 2>&1 &)"
               "; nohup sleep 1000 </dev/null >/dev/null 2>&1 & sleep 0.2")
    env.wait_for("every process ends", lambda: not env.boxed_processes(), 8)
    env.wait_gone("stu1")
