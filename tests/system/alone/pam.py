#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""pam_sandbox.so against everything that may stand at the broker's socket, against hostile callers and
junk in PAM's items: rows P01-P03, P07, P08, P10, P12, P14-P16 and B12 of the security tests.

    pam.py MODULE.so [WORD]       as root; only the tests whose names contain WORD

Runs in mount and network namespaces of its own, with its own /etc/pam.d, accounts, /run and /dev/log:
nothing of the machine is changed.
"""
import os
import subprocess
import sys
import time

import fake_broker
import pam_account
import pam_callers
import pam_items
from pam_login import (DEADLINE, FAST, Broker, expect_in, expect_refused, expect_untouched, login,
                       set_up)


def check_outcome(outcome, words=None, others=True):
    got = login("student")
    if outcome == "in":
        expect_in(got)
    elif outcome == "deadline":
        expect_refused(got, DEADLINE + 1, words)
        assert got["seconds"] > DEADLINE - 0.2, got
    else:
        expect_refused(got, FAST, words)
    for user in ("root", "toor", "teacher", "other") if others else ():
        expect_untouched(login(user))


def place_tests():
    for name, (outcome, place) in fake_broker.PLACES.items():
        def test(outcome=outcome, place=place):
            with Broker(place=place):
                check_outcome(outcome)
        yield f"at the socket: {name}", test


def behaviour_tests():
    for name, (outcome, _) in fake_broker.BEHAVIOURS.items():
        def test(name=name, outcome=outcome):
            with Broker(name):
                check_outcome(outcome, "16 of 16 sessions" if name == "refuses" else None,
                              others=not name.startswith("cut"))
        yield f"broker: {name}", test


def tests():
    yield from place_tests()
    yield from behaviour_tests()
    for module in (pam_account, pam_items, pam_callers):
        for name, function in vars(module).items():
            if name.startswith("test_"):
                yield name[5:].replace("_", " "), function


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    word = sys.argv[2] if len(sys.argv) > 2 else ""
    set_up(os.path.abspath(sys.argv[1]))
    failed = count = 0
    for name, test in list(tests()):
        if word not in name:
            continue
        count += 1
        start = time.monotonic()
        try:
            test()
        except (AssertionError, OSError, subprocess.SubprocessError) as error:
            failed += 1
            print(f"FAIL  {name}: {error!r}", flush=True)
        else:
            print(f"ok    {name} ({time.monotonic() - start:.2f} s)", flush=True)
    print(f"{count - failed} of {count} passed")
    sys.exit(1 if failed or not count else 0)


if __name__ == "__main__":
    main()
