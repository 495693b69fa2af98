#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Text and Markdown reports are, letter by letter, those in expected/.

With --write they are written anew: read each of them as its user would before it is committed.
"""
import difflib
import os
import re
import subprocess
import sys
import unicodedata

BUILD = os.environ.get("top_builddir", ".")
WRITER = os.path.join(BUILD, "tests", "ui", "write_report")
EXPECTED = os.path.join(os.path.dirname(os.path.abspath(__file__)), "expected")

REPORTS = {
    "founding-80.txt": ("text", "founding", "--width", "80"),
    "founding-120.txt": ("text", "founding", "--width", "120"),
    "founding-redacted.txt": ("text", "founding", "--redact"),
    "founding.md": ("markdown", "founding"),
    "hostile-80.txt": ("text", "hostile", "--width", "80"),
    "hostile.md": ("markdown", "hostile"),
    "restart.txt": ("text", "restart"),
    "restart.md": ("markdown", "restart"),
    "nothing.txt": ("text", "nothing"),
    "nobody.txt": ("text", "founding", "--client", "nobody"),
    "lines-after-25.txt": ("text", "28", "--client", "meter-00002*"),
}


def written(*arguments):
    return subprocess.run([WRITER, *arguments], check=True, stdout=subprocess.PIPE).stdout.decode()


def columns(line):
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
               for c in line)


def check(holds, what):
    print("%s: %s" % ("ok" if holds else "FAIL", what))
    return bool(holds)


def looks_as_expected(name):
    now = written(*REPORTS[name])
    with open(os.path.join(EXPECTED, name), encoding="utf-8") as file:
        expected = file.read()
    sys.stdout.writelines(difflib.unified_diff(
        expected.splitlines(True), now.splitlines(True), "expected/" + name, "now"))
    return check(now == expected, name + " looks as expected")


def checks():
    for name in REPORTS:
        yield looks_as_expected(name)
    for width in (80, 100, 120):
        text = written("text", "founding", "--width", str(width))
        widest = max(columns(line) for line in text.splitlines())
        yield check(widest <= width, "%d columns are enough for width %d" % (widest, width))
    colored = written("text", "founding", "--color")
    plain = written("text", "founding")
    yield check("\033[" in colored and "\033" not in plain, "colour only where it was asked for")
    yield check(re.sub("\033\\[[0-9;]*m", "", colored) == plain, "colour adds nothing but colour")
    hostile = written("text", "hostile") + written("markdown", "hostile")
    controls = [c for c in hostile if unicodedata.category(c) in ("Cc", "Cf") and c != "\n"]
    yield check(not controls, "no control or direction character comes through: %r" % controls)
    many = written("text", "300")
    yield check(many.count("\n✗ LOSS") == 25, "25 findings are told as stories")
    yield check(many.count("\n✗ loss") == 175, "175 more have a line each")
    yield check("100 more findings" in many, "the rest is counted")


def main():
    if sys.argv[1:] == ["--write"]:
        for name, arguments in REPORTS.items():
            with open(os.path.join(EXPECTED, name), "w", encoding="utf-8") as file:
                file.write(written(*arguments))
        return 0
    return 0 if all(list(checks())) else 1


if __name__ == "__main__":
    sys.exit(main())
