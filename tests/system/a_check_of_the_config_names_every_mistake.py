# SPDX-License-Identifier: Apache-2.0
"""--check-config prints file, line, key, what was expected and the nearest key, and exits 1; a good one exits 0."""


def test(env):
    binary = env.broker.binary

    def check(text):
        env.machine.write("/tmp/c.conf", text)
        done = env.execute([binary, "--check-config", "/tmp/c.conf"])
        return done.rc, (done.out + done.err).decode()

    env.equal(check("defaults: { };\n")[0], 0)
    rc, text = check('defaults: {\n  memmory = 1;\n  scope = "both";\n  quota: { memory = "lots"; pids = -1; };\n};\n')
    env.equal(rc, 1)
    for words in ("c.conf:2", "memmory", "c.conf:3", "scope", "session", "c.conf:4", "memory", "pids"):
        env.check(words in text, "missing", words, "in", text)
    rc, text = check('users: ( { name = "no-such-user"; } );\n')
    env.check(rc == 1 and "no-such-user" in text, text)
    rc, text = check('defaults: { quota: { disk = "5G"; }; };\n')
    env.check(rc == 1 and "disk" in text, text)
    rc, text = check("defaults: { scope = \n")
    env.check(rc == 1 and "c.conf:" in text, text)
    env.equal(env.execute([binary, "--check-config", "/nowhere"]).rc, 1)
    env.equal(env.execute([binary, "--check-config"]).rc, 0, "the file in place")
