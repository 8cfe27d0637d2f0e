# SPDX-License-Identifier: Apache-2.0
"""I02: what sshd, su or cron set arrives, less env_drop; loader variables never touch the shim; a big one passes."""
import os
import shutil


def test(env):
    out = env.ssh_ok("stu1", "env", options=["-o", "SetEnv=TEST_A=1 LD_AUDIT=/nowhere XDG_RUNTIME_DIR=/run/user/0"])
    lines = out.splitlines()
    env.check("TEST_A=1" in lines, "a variable of the client's is missing:", out)
    env.check(not any(line.startswith(("XDG_RUNTIME_DIR=", "KRB5CCNAME=")) for line in lines), "env_drop:", out)
    env.check(any(line.startswith("SSH_CONNECTION=127.0.0.1 ") for line in lines), out)
    # A library named in the environment may run inside, and nowhere else.
    shutil.copy(env.probe("marker"), "/home/stu1/evil")
    env.machine.write("/home/stu1/.pam_environment", "LD_PRELOAD=/home/stu1/evil\nTEST_C=3\n", 0o644, (1000, 1000))
    for variable in ("LD_PRELOAD", "LD_LIBRARY_PATH", "GLIBC_TUNABLES", "GCONV_PATH", "LOCPATH", "MALLOC_TRACE_"):
        done = env.ssh("stu1", "hostname", options=["-o", f"SetEnv={variable}=/home/stu1/evil"])
        env.check(done.text in ("stu1-lab", ""), variable, done)
    env.equal([name for name in os.listdir("/home/stu1") if name.endswith(".ran")], [])
    big = "x" * 120000
    env.equal(env.ssh_ok("stu1", f": {big}; echo ${{#TEST_BIG}}", options=["-o", "SetEnv=TEST_BIG=" + "y" * 5000]),
              "5000")
    env.config(defaults='env_drop = ( "TEST_*" );')
    env.check("TEST_A" not in env.ssh_ok("stu1", "env", options=["-o", "SetEnv=TEST_A=1"]), "env_drop of our own")
