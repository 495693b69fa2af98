#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The screens of one client are, cell by cell, those in expected_stages/, whatever keys led to them.

stages.txt names each picture and what show_stage is told.  With --write the pictures are written
anew: read each of them as its user would before it is committed.
"""
import difflib
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
SHOW = os.path.join(os.environ.get("top_builddir", "."), "tests", "screens", "show_stage")
EXPECTED = os.path.join(HERE, "expected_stages")


def cases():
    with open(os.path.join(HERE, "stages.txt"), encoding="utf-8") as file:
        for line in file:
            if line.strip() and not line.startswith("#"):
                name, _, words = line.partition(":")
                yield name + ".screen", words.split()


def looks_as_expected(name, words):
    path = os.path.join(EXPECTED, name)
    now = subprocess.run([SHOW, *words], stdout=subprocess.PIPE, timeout=120, check=True).stdout.decode()
    if "--write" in sys.argv:
        with open(path, "w", encoding="utf-8") as file:
            file.write(now)
    expected = ""
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            expected = file.read()
    sys.stdout.writelines(difflib.unified_diff(
        expected.splitlines(True), now.splitlines(True), "expected_stages/" + name, "now"))
    print("%s: %s" % ("ok" if now == expected else "FAIL", name))
    return now == expected


def main():
    named = list(cases())
    results = [looks_as_expected(name, words) for name, words in named]
    stray = set(os.listdir(EXPECTED)) - {name for name, _ in named}
    for name in sorted(stray):
        print("FAIL: expected_stages/%s is no picture of stages.txt" % name)
    return 0 if results and all(results) and not stray else 1


if __name__ == "__main__":
    sys.exit(main())
