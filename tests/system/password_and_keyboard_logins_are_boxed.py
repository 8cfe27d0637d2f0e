# SPDX-License-Identifier: Apache-2.0
"""P06: password and keyboard-interactive authentication lead into the same box as a key; -N holds a session."""


def test(env):
    for method in ("password", "keyboard-interactive"):
        tty = env.spawn(["ssh", "-F", "/root/.ssh/test_config", "-o", f"PreferredAuthentications={method}", "-o",
                         "BatchMode=no", "-o", "PubkeyAuthentication=no", "stu1@lab", "hostname; id -u"])
        tty.expect("(?i)password:", timeout=15)
        tty.sendline(env.machine.PASSWORD)
        tty.expect("stu1-lab", timeout=15)
        tty.expect("1000")
    child = env.ssh_popen("stu1", None, ["-N"])
    env.wait_for("the session of -N", lambda: env.sessions("stu1"))
    child.kill()
    env.wait_gone("stu1")
