# SPDX-License-Identifier: Apache-2.0
"""P11: the module's file and the broker are replaced and restarted between open and close: sessions end cleanly."""
import os
import shutil


def test(env):
    child = env.session("stu1")
    su = env.popen(["su", "-", "stu2", "-c", "echo up; exec cat"])
    env.equal(su.stdout.readline(), b"up\n")
    module = env.machine.pam_module()
    shutil.copy(module, module + ".new")
    os.rename(module + ".new", module)
    env.broker.restart(kill=False)
    env.equal(len(env.sessions()), 2)
    env.equal(env.ssh_ok("stu1", "hostname"), "stu1-lab")
    for process in (child, su):
        process.stdin.close()
        env.equal(process.wait(10), 0)
    env.wait_gone()
