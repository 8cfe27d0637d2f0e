# SPDX-License-Identifier: Apache-2.0
"""A line that is cut without FIN: the session is over within ClientAliveInterval x CountMax, and what it held."""


def test(env):
    env.sshd_config("ClientAliveInterval 1\nClientAliveCountMax 2\n")
    ssh = "exec ssh -F /root/.ssh/test_config -o HostName=203.0.113.1 stu1@lab 'echo up; sleep 1000'"
    child = env.popen(["ip", "netns", "exec", env.machine.WORLD, "sh", "-c", ssh])
    env.equal(child.stdout.readline(), b"up\n", "login from the world")
    env.machine.run("ip", "link", "set", "up0", "down")
    try:
        env.wait_for("the session ends", lambda: not env.sessions("stu1"), 15, 0.2)
        env.wait_for("the box ends", lambda: not env.boxed_processes(), 6)
    finally:
        run = env.machine.run
        run("ip", "link", "set", "up0", "up")
        run("ip", "-6", "addr", "replace", env.machine.HOST6 + "/64", "dev", "up0", "nodad")
        run("ip", "route", "replace", "default", "via", env.machine.WORLD4)
        run("ip", "-6", "route", "replace", "default", "via", env.machine.WORLD6)
