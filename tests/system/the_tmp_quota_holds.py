# SPDX-License-Identifier: Apache-2.0
"""quota.tmp bounds /tmp, /var/tmp, /run and /dev/shm of a sandbox; what they hold is gone after it (Q03)."""


def test(env):
    env.config(defaults='quota: { tmp = "16M"; };')
    done = env.ssh("stu1", "cd /tmp; head -c 64M /dev/zero > a; stat -c %s a; head -c 64M /dev/zero > /dev/shm/b; "
                   "head -c 64M /dev/zero > /var/tmp/c; cat a /dev/shm/b /var/tmp/c | wc -c")
    sizes = [int(n) for n in done.text.split()]
    env.check(sizes[0] <= 16 << 20 and sizes[1] <= 17 << 20, "tmp = 16M, and stored", sizes, done)
    env.check(b"No space" in done.err, "no error:", done)
    done = env.ssh("stu1", "i=0; while [ $i -lt 200000 ] && : > /tmp/f$i; do i=$((i+1)); done 2>/dev/null; echo $i",
                   timeout=60)
    env.check(int(done.text) < 200000, "no bound on the number of files")
