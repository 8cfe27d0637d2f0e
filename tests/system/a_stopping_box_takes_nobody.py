# SPDX-License-Identifier: Apache-2.0
"""B10: logins that meet a sandbox about to end get a fresh one or a clear refusal, never half of one."""
import time


def test(env):
    env.config(joint='stop_timeout = "2s";')
    refused = 0
    for n in range(12):
        child = env.ssh_popen("joint", "(trap '' TERM HUP; while :; do sleep 0.1; done) & echo up; exec cat")
        env.equal(child.stdout.readline(), b"up\n")
        env.ctl("kill", "joint", json_output=False) if n % 2 else child.kill()
        time.sleep(n * 0.05)
        done = env.ssh("joint", "hostname; cat /proc/1/comm; ps -e | wc -l; touch /tmp/x ~/x && echo whole")
        if done.rc:
            refused += 1
            env.check((done.out + done.err).strip(), "refused without a word")
        else:
            env.equal(done.text.split()[:2] + done.text.split()[-1:], ["joint-lab", "sandbox-init", "whole"], done)
    env.check(refused <= 6, refused, "of 12 logins were refused")


TIMEOUT = 240
