# SPDX-License-Identifier: Apache-2.0
"""P22: who, last and lastlog of the host show boxed sessions on lines of their own; a logout ends the right one."""


def test(env):
    def who():
        return [line.split()[:2] for line in env.execute(["who"]).text.splitlines()]

    before = who()
    first, second = env.shell_tty("stu1"), env.shell_tty("stu2")

    def seen():
        return [row for row in who() if row not in before]

    # A child of the broker writes the record, after the login has its answer.
    env.wait_for("both records", lambda: sorted(user for user, _ in seen()) == ["stu1", "stu2"])
    env.equal(len({line for _, line in seen()}), 2, f"lines of {seen()}")
    first.sendline("exit")
    first.wait()
    env.wait_for("stu1's record ends", lambda: not any(user == "stu1" for user, _ in who()))
    env.check(any(user == "stu2" for user, _ in who()), "another session's record ended")
    last = env.execute(["last", "-w"]).text
    env.check("stu1" in last and "stu2" in last, "last:", last)
    env.check("still logged in" in next(line for line in last.splitlines() if line.startswith("stu2")), last)
    env.check("still" not in next(line for line in last.splitlines() if line.startswith("stu1")), last)
    done = env.execute(["lastlog", "-u", "stu1"])
    env.check("Never" not in done.text, "lastlog:", done)
    second.sendline("exit")
    second.wait()
