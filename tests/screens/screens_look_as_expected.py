#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Screens are, cell by cell, those in expected/, whatever keys led to them.

screens.txt names each picture, what is played and how.  With --write the pictures are written anew:
read each of them as its user would before it is committed.
"""
import difflib
import os
import shlex
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TREE = os.path.dirname(os.path.dirname(HERE))
BUILD = os.environ.get("top_builddir", ".")
PLAY = os.path.abspath(os.path.join(BUILD, "tests", "screens", "play"))
EXPECTED = os.path.join(HERE, "expected")


def cases():
    with open(os.path.join(HERE, "screens.txt"), encoding="utf-8") as file:
        for line in file:
            if line.strip() and not line.startswith("#"):
                name, _, words = line.partition(":")
                yield name.strip(), shlex.split(words)


def picture(words):
    options = [word for word in words if word.startswith("--")]
    rest = [word for word in words if not word.startswith("--")]
    environment = {key: value for key, value in os.environ.items() if key != "NO_COLOR"}
    environment["TZ"] = "UTC"
    result = subprocess.run([PLAY, *options, *rest], env=environment, cwd=TREE,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120, check=False)
    if result.returncode != 0:
        return "exit status %d: %s" % (result.returncode, result.stderr.decode(errors="replace"))
    return result.stdout.decode()


def looks_as_expected(name, words):
    path = os.path.join(EXPECTED, name + ".screen")
    now = picture(words)
    if "this program was built without zlib" in now:
        print("skipped: %s: built without zlib" % name)
        return True
    if "--write" in sys.argv:
        with open(path, "w", encoding="utf-8") as file:
            file.write(now)
    expected = ""
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            expected = file.read()
    sys.stdout.writelines(difflib.unified_diff(
        expected.splitlines(True), now.splitlines(True), "expected/" + name, "now"))
    print("%s: %s" % ("ok" if now == expected else "FAIL", name))
    return now == expected


def main():
    results = [looks_as_expected(name, words) for name, words in cases()]
    named = {name + ".screen" for name, _ in cases()}
    stray = sorted(set(os.listdir(EXPECTED)) - named)
    for name in stray:
        print("FAIL: expected/%s is no picture of screens.txt" % name)
    return 0 if results and all(results) and not stray else 1


if __name__ == "__main__":
    sys.exit(main())
