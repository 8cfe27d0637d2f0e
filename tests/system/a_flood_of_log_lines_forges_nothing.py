# SPDX-License-Identifier: Apache-2.0
"""Q12: control characters and newlines in what a user names reach no log as such, and there is no flood."""


def test(env):
    before = len(env.broker.log())
    options, _ = env.master("stu1")
    for n in range(30):
        env.ssh("stu1", f"echo 'a\n<1>forged {n}\x1b[31m\x07'; logger 'x' 2>/dev/null", options=options)
    env.ctl("kill", "no\nsuch\x1b[31muser", json_output=False)
    text = env.broker.log()[before:]
    env.check("\x1b" not in text and "\nsuch" not in text and "\n<1>forged" not in text, "control characters:", text)
    env.check(len(text) < 20000, "30 channels wrote", len(text), "bytes of log")
