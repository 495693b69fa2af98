# SPDX-License-Identifier: MIT
"""Each cause has a scenario that tells it, one that looks like it and must not, and weakens where packets are missing.

That nobody else is blamed then is what a_missing_frame_accuses_nobody.py asks of every scenario.
"""
import pathlib
import re
import sys
import tempfile

sys.dont_write_bytecode = True

import run
import the_table_of_causes_is_up_to_date as table

ALSO = re.compile(r"\balso=(\S+)")
STRENGTH = ("proven", "strong", "consistent", "cannot-know")
GONE = len(STRENGTH)
# The operator's hand is never told by itself: see --explain.
ONLY_POSSIBLE = {"admin-removed"}


def possible():
    """The scenarios in which a cause is expected among the others."""
    return {cause for path in run.all_scenarios() for line in path.read_text(encoding="utf-8").splitlines()
            for match in [ALSO.search(line)] if match and line.startswith("expect ") for cause in match.group(1).split(",")}


def path_of(name):
    return next(path for path in run.all_scenarios() if path.stem == name)


def strength(report, cause):
    """How sure the surest finding of a cause is; a loss that is told as a note is weaker, too."""
    return min(((STRENGTH.index(finding["confidence"]), finding["responsible"] == "unknowable",
                 ("loss", "risk", "note").index(finding["severity"]))
                for finding in report["findings"] if finding["cause"] == cause), default=(GONE, True, 0))


def weakens(program, cause, name, folder):
    """Whether leaving a single frame out makes it less sure; None where it has too many to try."""
    capture = folder / "whole.pcap"
    program.tool_output(path_of(name), "-o", capture)
    header, frames = run.capture_forms.records_of(capture)
    if len(frames) > run.DROP_FRAMES_MAXIMUM:
        return None
    whole = strength(program.report(capture), cause)
    for number in range(len(frames)):
        if run.is_plain_ack(frames[number]):
            continue
        capture.write_bytes(header + b"".join(frames[:number] + frames[number + 1:]))
        if strength(program.report(capture), cause) > whole:
            return True
    return False


def faults(program, cause, told, folder, others):
    if cause in ONLY_POSSIBLE:
        if cause not in others:
            yield "no scenario expects it among the others"
    elif not told["must"]:
        yield "no scenario tells it"
    if not told["not"]:
        yield "no scenario that looks like it must not tell it"
    damaged = [weakens(program, cause, name, folder) for name in sorted(told["must"], key=lambda name: path_of(name).stat().st_size)[:3]]
    if cause not in ONLY_POSSIBLE and True not in damaged:
        yield "no missing frame makes it less sure"


def main():
    arguments = run.arguments_of("plain", [])
    program = run.Program(arguments)
    names = [line.split()[0] for line in table.program("--list-causes").splitlines()]
    told, others, wrong = table.coverage(), possible(), 0
    with tempfile.TemporaryDirectory() as folder:
        for cause in names:
            for fault in faults(program, cause, told[cause], pathlib.Path(folder), others):
                print(f"{cause}: {fault}")
                wrong += 1
    print(f"{len(names)} causes, {wrong} faults")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
