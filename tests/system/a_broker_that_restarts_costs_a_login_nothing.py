# SPDX-License-Identifier: Apache-2.0
"""A connection closed without a reply is tried again until the deadline: logins during restarts get in."""
import threading


def test(env):
    results = []

    def log_in():
        results.append(env.ssh("stu1", "hostname", timeout=30))

    threads = [threading.Thread(target=log_in) for _ in range(8)]
    for thread in threads:
        thread.start()
    for _ in range(3):
        env.broker.restart()
    for thread in threads:
        thread.join()
    env.equal([r.text for r in results], ["stu1-lab"] * 8, results)
