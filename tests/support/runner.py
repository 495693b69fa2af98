# SPDX-License-Identifier: MIT
"""Runs mqlapse for the tests that hold it against oracles: its reports, valid and as Python objects."""
import json
import os
import pathlib
import subprocess
import sys

TREE = pathlib.Path(os.environ.get("top_srcdir", ".")).resolve()
BUILD = pathlib.Path(os.environ.get("top_builddir", ".")).resolve()
PROGRAM = str(BUILD / "mqlapse")
SHARED = pathlib.Path(os.environ.get("MQLAPSE_SHARED", TREE / ".." / "shared")).resolve()
SKIPPED = 77

sys.path.insert(0, str(TREE / "tests/ui"))
try:
    import validate_report
    SCHEMA = validate_report.load_schema()
except SystemExit:  # it says so itself
    SCHEMA = None


class Failed(Exception):
    """What a person should read."""


def leave_unless_there(folder, tests):
    """Leaves with 77, naming the tests that are not run, where the captures are not at hand."""
    if folder.is_dir():
        return
    print(f"Skipped, because {folder} is not there (MQLAPSE_SHARED names its parent):")
    for test in tests:
        print(f"  {test}")
    sys.exit(SKIPPED)


def mqlapse(*words, **settings):
    settings.setdefault("timeout", 120)
    settings.setdefault("capture_output", True)
    return subprocess.run([PROGRAM, *map(str, words)], check=False, **settings)


def text_of(done):
    """Standard output of a run, which must be UTF-8."""
    try:
        return done.stdout.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Failed(f"the output is no UTF-8: {error}") from error


def validate(text):
    """Raises Failed where the report of --report=json or ndjson is not what the schema says."""
    if SCHEMA is None:
        return
    try:
        faults = list(validate_report.file_faults(text, SCHEMA))
    except ValueError as error:
        raise Failed(f"the report is no JSON: {error}") from error
    if faults:
        raise Failed("the report does not keep to its schema: " + "; ".join(faults[:5]))


def report_of(*words, status=0):
    """The JSON report of a run that must leave with @status."""
    done = mqlapse("--report=json", *words)
    if done.returncode != status:
        raise Failed(f"mqlapse left with {done.returncode}, not {status}: "
                     f"{done.stderr.decode(errors='replace').strip()[:300]}")
    text = text_of(done)
    validate(text)
    return json.loads(text)


class Skipped(Exception):
    """A case that this build cannot be asked: the reason."""


def need(library):
    """Skips the case where the program was built without @library: zlib, zstd or OpenSSL."""
    told = text_of(mqlapse("--version"))
    missing = {"zlib": "gzip (not built in)", "zstd": "zstd (not built in)", "OpenSSL": "built without OpenSSL"}
    if missing[library] in told:
        raise Skipped(f"built without {library}")


def sentences_of(case):
    try:
        return list(case() or [])
    except Failed as error:
        return [str(error)]
    except subprocess.TimeoutExpired as error:
        return [f"no end after {error.timeout:.0f} s"]


def run_cases(cases):
    """Runs (name, function) pairs; each function returns what is wrong as sentences.  One that begins
    with "note: " is printed and no fault.  The exit status of the script."""
    n_good, n_skipped = 0, 0
    for name, case in cases:
        try:
            sentences = sentences_of(case)
        except Skipped as reason:
            n_skipped += 1
            print(f"skipped {name}: {reason}")
            continue
        good = all(sentence.startswith("note: ") for sentence in sentences)
        n_good += good
        print(f"ok {name}" if good else f"FAIL {name}")
        for sentence in sentences:
            print(f"     {sentence}")
    n_asked = len(cases) - n_skipped
    print(f"{n_good} of {n_asked} hold")
    if cases and n_asked == 0:
        return SKIPPED
    return 0 if cases and n_good == n_asked else 1
