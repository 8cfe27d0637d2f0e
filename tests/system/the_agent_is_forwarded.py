# SPDX-License-Identifier: Apache-2.0
"""ssh -A: keys of the client's agent are listed and used inside; the socket lies in the box's /tmp."""
import os


def test(env):
    agent = "/root/agent.sock"
    env.popen(["ssh-agent", "-D", "-a", agent])
    env.wait_for("ssh-agent", lambda: os.path.exists(agent))
    known = {**os.environ, "SSH_AUTH_SOCK": agent}
    done = env.execute(["ssh-add", "/root/.ssh/other"], env=known)
    env.check(done.rc == 0, done)
    fingerprint = env.execute(["ssh-keygen", "-lf", "/root/.ssh/other"]).text.split()[1]
    command = env.ssh_command("stu1", "ssh-add -l; ls -d $SSH_AUTH_SOCK; ls -A /tmp", ["-A"])
    done = env.execute(command, env=known)
    env.check(done.rc == 0 and fingerprint in done.text, "agent inside:", done)
    env.check("/tmp/ssh-" in done.text, "the socket is not in /tmp:", done)
    env.equal([name for name in os.listdir("/tmp") if name.startswith("ssh-")], [], "the host's /tmp")
    os.unlink(agent)
