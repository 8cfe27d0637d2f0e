# SPDX-License-Identifier: Apache-2.0
"""Scope user: tmux started over a line that is cut is attached again by the next login."""


def test(env):
    tty = env.shell_tty("joint")
    tty.sendline("TERM=xterm tmux new -s work")
    env.wait_for("tmux runs", lambda: env.ssh("joint", "tmux has-session -t work").rc == 0)
    tty.sendline("echo kept-$((40+2)) > ~/typed")
    env.wait_for("typed into tmux", lambda: env.ssh("joint", "cat ~/typed").text == "kept-42")
    tty.kill(9)
    tty.close(force=True)
    env.wait_gone("joint")
    again = env.spawn_tty("joint", "tmux attach -t work")
    again.expect("kept-", timeout=10)
    again.sendline("exit")
    again.expect("exited")
