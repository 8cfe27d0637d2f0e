# SPDX-License-Identifier: Apache-2.0
"""20 channels of one connection at once are one session, one sandbox, 20 shells; -tt ones too."""
import pexpect


def test(env):
    options, _ = env.master("stu1")
    channels = [env.ssh_popen("stu1", f"echo {n}; readlink /proc/self/ns/pid; exec cat", options)
                for n in range(20)]
    spaces = set()
    for n, channel in enumerate(channels):
        env.equal(channel.stdout.readline(), b"%d\n" % n)
        spaces.add(channel.stdout.readline())
    env.equal(len(spaces), 1, "PID namespaces")
    env.equal(len(env.sessions("stu1")), 1)
    for n, channel in enumerate(channels):
        text = b"line %d\n" % n * 1000
        out, _ = channel.communicate(text)
        env.equal(out, text)
        env.equal(channel.returncode, 0)
    ttys = [env.spawn_tty("stu1", "tty; read x; exit 3", options) for _ in range(6)]
    names = set()
    for tty in ttys:
        tty.expect(rb"(/dev/pts/\d+)")
        names.add(tty.match.group(1))
    env.equal(len(names), 6, names)
    for tty in ttys:
        tty.sendline("")
        tty.expect(pexpect.EOF)
        tty.close()
        env.equal(tty.exitstatus, 3)
