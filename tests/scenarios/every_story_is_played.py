# SPDX-License-Identifier: MIT
"""Each of the forty-six stories of STORIES.md names scenarios that are there, and that are traps where it is one."""
import pathlib
import re
import sys

TREE = pathlib.Path(__file__).resolve().parents[2]
ROW = re.compile(r"\| (\d+)( T)? \| (.+) \| (.+) \| ([^|]+) \|")
ACCUSES = re.compile(r"expect (?:lapse|finding) .*responsible=(?:broker-fault|other-actor)(?:\s|$)")
N_STORIES = 46


def scenario(name):
    """Its text; None where there is none."""
    for folder in ("tests/scenarios", "samples"):
        path = TREE / folder / f"{name}.scenario"
        if path.is_file():
            return path.read_text(encoding="utf-8")
    return None


def faults(rows):
    numbers = [int(row[0]) for row in rows]
    if numbers != list(range(1, N_STORIES + 1)):
        yield f"the numbers are {numbers}"
    for number, trap, _, _, names in rows:
        for name in names.split(", "):
            text = scenario(name)
            if text is None:
                yield f"story {number}: there is no scenario {name}"
            elif "\nexpect " not in text:
                yield f"story {number}: {name} expects nothing"
            elif trap and ACCUSES.search(text):
                yield f"story {number} is a trap, and {name} expects an accusation"


def main():
    text = (TREE / "tests/scenarios/STORIES.md").read_text(encoding="utf-8")
    rows = [match.groups() for match in map(ROW.fullmatch, text.splitlines()) if match]
    wrong = list(faults(rows))
    for line in wrong:
        print(line)
    broken = [("1", None, "a", "b", "there-is-none")] + rows[1:]
    if not list(faults(broken)) or not list(faults(rows[:-1])) or not list(faults([("21", " T", "a", "b", "twin-wipes")])):
        print("the check finds nothing wrong where something is")
        return 1
    print(f"{len(rows)} stories, {len(wrong)} faults")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
