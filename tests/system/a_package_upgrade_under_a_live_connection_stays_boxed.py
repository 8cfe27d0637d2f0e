# SPDX-License-Identifier: Apache-2.0
"""I29: a new file renamed over bash, sh or the shim while a ControlMaster is open: boxed or refused."""
import os
import shutil


def test(env):
    if not env.machine.is_private("/usr"):
        raise env.Skip("/usr cannot be made private here (its file system is an overlay)")
    options, _ = env.master("stu1")
    env.equal(env.ssh("stu1", "hostname", options=options).text, "stu1-lab")
    for path in ("/usr/bin/bash", "/usr/bin/dash", f"{env.prefix}/libexec/sandboxd/sandbox-shim",
                 f"{env.prefix}/libexec/sandboxd/sandbox-init"):
        shutil.copy(path, path + ".new")
        os.rename(path + ".new", path)
        for _ in range(3):
            done = env.ssh("stu1", "hostname", options=options)
            env.check(done.text == "stu1-lab" or done.rc != 0 and done.text == "",
                      path, "replaced, and the next channel was", done)
        env.equal(env.ssh_ok("stu1", "hostname"), "stu1-lab", "a fresh login")
        env.equal(env.execute(["su", "-", "stu1", "-c", "hostname"]).text, "stu1-lab", path)
