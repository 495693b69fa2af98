# SPDX-License-Identifier: MIT
"""In each scenario, whatever frame the verdict is asked for after: it accuses nobody whom the last one does
not accuse, and having asked changes nothing.  Each 13th frame is left out once, too.  The same check finds
verdicts that do not hold if they are made as if the capture were over: it can fail."""

import os
import pathlib
import subprocess
import sys
import tempfile

source = pathlib.Path(os.environ.get("top_srcdir", ".")).resolve()
build = pathlib.Path(os.environ.get("top_builddir", ".")).resolve()
step = int(os.environ.get("MQLAPSE_SCENARIO_STEP", "1"))
LEFT_OUT_STEP, MEET_AT_LEAST = 13, 100


def play(scenario, capture, *options):
    subprocess.run([build / "tests/support/scenario_tool", scenario, "-o", capture, *options], check=True)


def judge(capture, *options):
    """What it complained of, and how many early findings accused somebody."""
    done = subprocess.run([build / "tests/engine/judge_often", capture, "1", *options],
                          capture_output=True, text=True, check=False, timeout=120)
    lines = done.stdout.splitlines()
    if done.returncode not in (0, 1) or not lines:
        return [f"left with {done.returncode}: {done.stderr[-500:]}"], 0
    return lines[:-1], int(lines[-1])


def variants(scenario):
    yield ()
    count = subprocess.run([build / "tests/support/scenario_tool", scenario, "--count"], check=True,
                           capture_output=True, text=True)
    if scenario.stem.endswith(("-hole", "twin-ping-pong", "expired", "restart-with-survivors")):
        for frame in range(1, int(count.stdout) + 1, LEFT_OUT_STEP):
            yield ("--drop-frame", str(frame))


wrong, n_laid, n_too_early = [], 0, 0
with tempfile.TemporaryDirectory() as folder:
    capture = pathlib.Path(folder) / "story.pcap"
    for story in sorted((source / "tests/scenarios").glob("*.scenario"))[::step]:
        for options in variants(story):
            play(story, capture, *options)
            complaints, laid = judge(capture)
            n_laid += laid
            wrong += [f"{story.stem} {' '.join(options)}: {line}" for line in complaints]
            if not options:
                n_too_early += len(judge(capture, "finished")[0])
print(*wrong[:50], sep="\n")
print(f"{len(wrong)} early verdicts do not hold, of {n_laid} that accuse; "
      f"{n_too_early} would not if they were made as the last one is.")
sys.exit(bool(wrong) or n_laid * step < MEET_AT_LEAST or (step == 1 and n_too_early == 0))
