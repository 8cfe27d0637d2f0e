# SPDX-License-Identifier: Apache-2.0
"""list, show and enter: what runs, what a setting is and which line set it, a shell in a running box; exit codes."""


def test(env):
    env.config(defaults='quota: { memory = "300M"; };', users='{ name = "stu1"; quota: { pids = 77; }; }')
    env.session("stu1")
    row, = env.sessions("stu1")
    env.equal((row["uid"], row["service"], row["scope"], row["pids_max"], row["memory_max"]),
              (1000, "sshd", "session", 77, 300 << 20), row)
    env.check(row["address"].startswith("10.213."), row)
    shown = {s["key"]: s for s in env.ctl("show", "stu1")["settings"]}
    env.equal(shown["quota.memory"]["value"].strip('"'), "300M")
    env.equal(shown["quota.pids"]["value"], "77")
    env.check("sandboxd.conf:" in shown["quota.pids"]["origin"], shown["quota.pids"])
    env.equal(shown["quota.cpus"]["origin"], None)
    env.check(env.ctl("show", "stu2")["settings"], "no policy of a user without a sandbox")
    done = env.ctl("enter", "stu1", "id -un; hostname; readlink /proc/self/ns/pid; grep NoNewPrivs /proc/self/status",
                   json_output=False)
    env.equal(done.rc, 0, done)
    env.equal(done.text.split()[:2], ["stu1", "stu1-lab"])
    env.check(done.text.split()[2] != env.namespaces()["pid"], "enter ran on the host")
    env.check(env.log_lines("enter"), "enter is not logged")
    env.equal(env.ctl("enter", "stu2", "true", json_output=False).rc, 1)
    env.equal(env.ctl("no-such-command", json_output=False).rc, 2)
    env.broker.stop()
    env.equal(env.ctl("list", json_output=False).rc, 3)
    env.broker.start()
