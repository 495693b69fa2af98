# SPDX-License-Identifier: MIT
"""A packet, and a connection from its SYN to what is said of it, take no more instructions than they
did, and a little: seconds differ from run to run, these do not.

Counted by Valgrind in two captures of different size, so that the start, which depends on the
libraries, is left out.  What a compiler makes of the program differs: only the usual build is asked."""

import json
import pathlib
import platform
import re
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True

import run

SMALL, LARGE = 1, 3  # MB of capture
# Instructions: an eighth more than gcc 12 was seen to need.  What makes them fewer lowers these, too.  Another
# version of gcc gets a quarter more.
BUDGETS = {
    "small": ("packets", 1320),
    "churn": ("tcp_connections", 21800),
}


def makefile():
    """the variables of the build, by name"""
    text = (run.BUILD / "Makefile").read_text(encoding="utf-8")
    return dict(re.findall(r"^(\w+) = (.*)$", text, re.MULTILINE))


def why_not():
    if shutil.which("valgrind") is None:
        return "valgrind is not installed"
    if platform.machine() != "x86_64":
        return f"the budget is for x86_64, not for {platform.machine()}"
    if not run.PROGRAM.exists():
        return f"{run.PROGRAM} is not built"
    made = makefile()
    levels = re.findall(r"-O\S*", made["CFLAGS"])
    compiled = subprocess.run([run.PROGRAM, "--version"], capture_output=True, text=True, check=True).stdout
    if "Compiled by gcc" not in compiled or levels[-1:] != ["-O2"] or not made["LTO_CFLAGS"]:
        return "the budget is for gcc -O2 with link-time optimisation"
    return None


def instructions(path):
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", run.PROGRAM,
               "--report=text", "-o", "/dev/null", "-r", path]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    counted = re.search(r"Collected : (\d+)", done.stderr)
    if counted is None:
        raise run.Failed(done.stderr[-1000:])
    return int(counted[1])


def cost(folder, kind, what):
    """instructions for one more @what"""
    path, counts, total = folder / f"{kind}.pcap", [], []
    for megabytes in (SMALL, LARGE):
        truth = json.loads(run.run_quietly(run.BUILD / "tests/bench/generate", kind, megabytes, path))
        counts.append(truth[what])
        total.append(instructions(path))
    path.unlink()
    return (total[1] - total[0]) / (counts[1] - counts[0])


def main():
    reason = why_not()
    if reason is not None:
        print(f"Skipped: {reason}.")
        return run.SKIPPED
    version = subprocess.run([run.PROGRAM, "--version"], capture_output=True, text=True, check=True).stdout
    room = 1 if "Compiled by gcc 12." in version else 1.25
    good = True
    with tempfile.TemporaryDirectory() as name:
        for kind, (what, most) in BUDGETS.items():
            each = cost(pathlib.Path(name), kind, what)
            print(f"{kind}: {each:.0f} instructions for each of its {what}, at most {most * room:.0f} are allowed")
            good = good and each <= most * room
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
