# SPDX-License-Identifier: Apache-2.0
"""Turns results of meson test and of the system harness into tests/run's rows: outcome, name, reason.

usage: results.py meson|system FILE DIRECTORY [HARNESS-STATUS]; output of failed tests goes to DIRECTORY/NAME.
"""

import json
import pathlib
import sys

MESON = {"OK": "passed", "EXPECTEDFAIL": "passed", "SKIP": "skipped", "IGNORED": "skipped"}


def meson_rows(file):
    for line in pathlib.Path(file).read_text().splitlines():
        test = json.loads(line)
        name = test["name"].rsplit(" / ", 1)[-1].replace("/", "-")
        outcome = MESON.get(test["result"], "failed")
        output = test.get("stdout", "") + test.get("stderr", "")
        reason = (output.strip().splitlines() or ["no reason given"])[-1] if outcome == "skipped" else ""
        yield outcome, name, reason, output


def system_rows(file, status):
    tests = json.loads(pathlib.Path(file).read_text() or "[]")
    for test in tests:
        text = test["text"]
        yield test["outcome"], test["name"], text if test["outcome"] == "skipped" else "", text
    if status not in ("0", "1") and tests:
        yield "failed", "harness", f"ended with status {status} after {tests[-1]['name']}", ""


def main():
    kind, file, place, *rest = sys.argv[1:]
    place = pathlib.Path(place)
    place.mkdir(exist_ok=True)
    for outcome, name, reason, output in meson_rows(file) if kind == "meson" else system_rows(file, *rest):
        (place / name).write_text(output)
        print(outcome, name, " ".join(reason.split()), sep="\t")


if __name__ == "__main__":
    main()
