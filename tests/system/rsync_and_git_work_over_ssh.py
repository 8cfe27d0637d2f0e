# SPDX-License-Identifier: Apache-2.0
"""rsync in both directions, git push and git clone."""
import pathlib

GIT = {"GIT_SSH_COMMAND": "ssh -F /root/.ssh/test_config", "HOME": "/root", "PATH": "/usr/bin:/bin",
       "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b"}


def test(env):
    def run(*command):
        done = env.execute(list(command), env=GIT)
        env.check(done.rc == 0, command, done)

    tree = pathlib.Path("/root/tree")
    tree.mkdir()
    for n in range(50):
        (tree / f"f{n}").write_bytes(bytes([n]) * 5000)
    ssh = "ssh -F /root/.ssh/test_config"
    run("rsync", "-a", "-e", ssh, "/root/tree/", "stu1@lab:tree/")
    run("rsync", "-a", "-e", ssh, "stu1@lab:tree/", "/root/back/")
    run("diff", "-r", "/root/tree", "/root/back")
    env.ssh_ok("stu1", "git init -q --bare repo.git")
    run("git", "-C", "/root/tree", "init", "-q")
    run("git", "-C", "/root/tree", "add", ".")
    run("git", "-C", "/root/tree", "commit", "-qm", "one")
    run("git", "-C", "/root/tree", "push", "-q", "stu1@lab:repo.git", "HEAD:refs/heads/master")
    run("git", "clone", "-q", "stu1@lab:repo.git", "/root/clone")
    run("diff", "-r", "-x", ".git", "/root/tree", "/root/clone")
    run("rm", "-rf", "/root/tree", "/root/back", "/root/clone")
