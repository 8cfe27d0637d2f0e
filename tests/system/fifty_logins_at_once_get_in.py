# SPDX-License-Identifier: Apache-2.0
"""50 first logins at once, of one user and of many, each in one box of its own or in the one they share (B08)."""
import concurrent.futures


def test(env):
    env.config(defaults="quota: { sessions = 60; };", joint="quota: { sessions = 60; };")
    for users in (["stu1"] * 50, ["joint"] * 50, ["stu1", "stu2", "joint"] * 17):
        with concurrent.futures.ThreadPoolExecutor(50) as pool:
            done = list(pool.map(lambda user: (user, env.ssh(user, "readlink /proc/self/ns/pid; sleep 2")), users))
        failed = [(user, r) for user, r in done if r.rc]
        env.check(not failed, len(failed), "logins failed, the first:", failed[:1])
        for user in set(users):
            spaces = {r.text for who, r in done if who == user}
            if user == "joint":
                env.equal(len(spaces), 1, "boxes of joint")
            else:
                env.equal(len(spaces), users.count(user), f"boxes of {user}")
        env.wait_gone()
