# SPDX-License-Identifier: MIT
"""src/verdict/CAUSES.md says what the rules and the scenarios say today.

With --write it is put there: make table-of-causes.
"""
import collections
import difflib
import os
import pathlib
import re
import subprocess
import sys

TREE = pathlib.Path(os.environ.get("top_srcdir", pathlib.Path(__file__).resolve().parents[2])).resolve()
BUILD = pathlib.Path(os.environ.get("top_builddir", ".")).resolve()
TABLE = TREE / "src/verdict/CAUSES.md"
EXPECT = re.compile(r"expect (?:lapse|finding|maybe finding) \S+ (\S+)")
EXPECT_NOT = re.compile(r"expect not (\S+)")

HEAD = """<!-- SPDX-License-Identifier: MIT -->
<!-- Written by make table-of-causes from the tables of the rules and the scenarios; not by hand. -->
# The causes

In the order in which they are decided. *Told in* are the scenarios (`tests/scenarios`, `samples`) in which the cause must, or in
*italics* may, be found; *not told in* those that look like it and in which it must not.

| cause | responsible, at best | what proves it | what would make it false | told in | not told in |
|---|---|---|---|---|---|
"""


def program(*arguments):
    return subprocess.run([str(BUILD / "mqlapse"), *arguments], check=True, capture_output=True, text=True).stdout


def sections_of(page):
    """The paragraphs of an --explain page under their headings; what stands before the first is under ""."""
    sections, heading = collections.defaultdict(list), ""
    for line in page.splitlines()[1:]:
        if line and not line.startswith(" "):
            heading = line
        elif line.strip():
            sections[heading].append(line.strip())
    return sections


def fact(lines, label):
    return next(line.split(None, 1)[1] for line in lines if line.startswith(label + " "))


def coverage():
    """For each cause the scenarios in which it must be told, may be told, must not be told."""
    told = collections.defaultdict(lambda: {"must": set(), "may": set(), "not": set()})
    for path in sorted([*(TREE / "tests/scenarios").glob("*.scenario"), *(TREE / "samples").glob("*.scenario")]):
        for line in path.read_text(encoding="utf-8").splitlines():
            match = EXPECT.match(line)
            if match:
                causes = match.group(1).split("|")
                sure = len(causes) == 1 and not line.startswith("expect maybe")
                for cause in causes:
                    told[cause]["must" if sure else "may"].add(path.stem)
            match = EXPECT_NOT.match(line)
            for cause in match.group(1).split(",") if match else ():
                told[cause]["not"].add(path.stem)
    return told


def row(name, told):
    sections = sections_of(program("--explain", name))
    must, may = sorted(told["must"]), sorted(told["may"] - told["must"])
    cells = [f"`{name}`: {sections[''][0]}",
             f"{fact(sections[''], 'responsible')}, {fact(sections[''], 'confidence').removeprefix('at best ')}",
             " ".join(sections["What proves it"]),
             " ".join(sections["What would make it false"]),
             ", ".join(must + [f"*{scenario}*" for scenario in may]) or "-",
             ", ".join(sorted(told["not"])) or "-"]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def table():
    names = [line.split()[0] for line in program("--list-causes").splitlines()]
    told = coverage()
    unknown = sorted(set(told) - set(names))
    if unknown:
        sys.exit(f"Scenarios name causes that there are not: {', '.join(unknown)}")
    return HEAD + "".join(row(name, told[name]) for name in names)


def main():
    due = table()
    if sys.argv[1:] == ["--write"]:
        TABLE.write_text(due, encoding="utf-8")
    shown = TABLE.read_text(encoding="utf-8") if TABLE.exists() else ""
    if shown == due:
        print("The table of causes is up to date.")
        return 0
    sys.stdout.writelines(difflib.unified_diff(shown.splitlines(True), due.splitlines(True), "CAUSES.md", "due", n=0))
    print("src/verdict/CAUSES.md says something else: run make table-of-causes")
    return 1


if __name__ == "__main__":
    sys.exit(main())
