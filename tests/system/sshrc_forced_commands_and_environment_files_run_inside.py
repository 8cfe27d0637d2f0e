# SPDX-License-Identifier: Apache-2.0
"""I03: ~/.ssh/rc, command= and environment= in authorized_keys, ProxyCommand-like programs: each runs inside."""
import pathlib
import shutil


def test(env):
    home = pathlib.Path("/home/stu1")
    (home / ".ssh").mkdir(mode=0o700)
    key = pathlib.Path("/root/.ssh/other.pub").read_text().strip()
    env.machine.write(home / ".ssh/rc", "hostname > ~/rc-ran; readlink /proc/self/ns/pid >> ~/rc-ran\n", 0o644)
    env.machine.write(home / ".ssh/authorized_keys", 'command="hostname; echo forced $TEST_K $LD_X",'
                      f'environment="TEST_K=key" {key}\n', 0o600)
    env.execute(["chown", "-R", "stu1:stu1", str(home / ".ssh")])
    done = env.ssh("stu1", "echo not this", options=["-i", "/root/.ssh/other", "-o", "IdentityAgent=none", "-o",
                                                     "IdentityFile=/root/.ssh/other"])
    env.check(done.rc == 0, done)
    env.ssh_ok("stu1", "true")
    ran = (home / "rc-ran").read_text().split()
    env.equal(ran[0], "stu1-lab", "~/.ssh/rc")
    env.check(ran[1] != env.namespaces()["pid"], "~/.ssh/rc ran in the host's PID namespace")
    shutil.move(home / ".ssh/authorized_keys", "/root/forced")
    shutil.move("/etc/ssh/keys/stu1", "/root/usual")
    try:
        env.machine.write("/etc/ssh/keys/stu1", pathlib.Path("/root/forced").read_text())
        done = env.ssh("stu1", "echo not this", options=["-o", "IdentityFile=/root/.ssh/other"])
        env.equal(done.text.split(), ["stu1-lab", "forced", "key"], done)
    finally:
        shutil.copy("/root/usual", "/etc/ssh/keys/stu1")
