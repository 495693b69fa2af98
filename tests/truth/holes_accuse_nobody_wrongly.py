# SPDX-License-Identifier: MIT
"""Spoils captures with a known truth and looks for accusations that the truth does not bear out.

One frame is left out, the capture begins late or ends early, all frames are cut short.  The program may
tell of less then, and be less sure; whom it blames for a loss, "proven" or "strong", it has to be right
about.  Where it gives an exact number of lost messages, that has to be the true one.
"""
import functools
import os
import pathlib
import sys
import tempfile

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "support")]

import check_truth
import runner
from capture_forms import cut, records_of

SNAP_LENGTHS = (60, 68, 72, 80, 100, 120)
MOST_FRAMES = 120  # of a capture that is spoiled frame by frame


def is_bare(record):
    """About as large as a segment without octets: leaving it out changes little."""
    return len(record) - 16 <= 66


def spoilings(records):
    """(what was done, the records that are left)"""
    frames = range(len(records)) if len(records) <= MOST_FRAMES else range(0, len(records), 7)
    for i in frames:
        if not is_bare(records[i]):
            yield f"without frame {i + 1}", records[:i] + records[i + 1:]
    for i in range(1, len(records), 9):
        yield f"from frame {i + 1} on", records[i:]
        yield f"up to frame {i}", records[:i]
    for length in SNAP_LENGTHS:
        yield f"frames cut at {length} octets", [cut(record, length) for record in records]


class Truth:
    def __init__(self, name):
        case = check_truth.Case(name)
        self.names = {(reconnect["client_id"], cause) for reconnect in case.truth["reconnects"]
                      for cause in check_truth.names_for(reconnect)[1]}
        self.n_lost = {}
        for reconnect in case.truth["reconnects"]:
            client = reconnect["client_id"]
            self.n_lost[client] = self.n_lost.get(client, 0) + len(reconnect["lost"])


def wrong_accusations(truth, report):
    for finding in report["findings"]:
        sure = finding["confidence"] in ("proven", "strong") and finding["responsible"] != "unknowable"
        key = (finding["client_id"], finding["cause"])
        if finding["severity"] == "loss" and sure and key not in truth.names:
            yield f"{finding['responsible']} is blamed ({finding['confidence']}) for {key[1]} of {key[0]}"


def wrong_counts(truth, report):
    for finding in report["findings"]:
        messages = (finding["lost"] or {}).get("messages")
        if finding["severity"] != "loss" or not messages or messages["why_not_exact"]:
            continue
        lost, true = messages["lost"], truth.n_lost.get(finding["client_id"], 0)
        if not lost["min"] <= true <= lost["max"]:
            yield f"{lost} messages of {finding['client_id']} are told as lost, not {true}"


@functools.lru_cache(maxsize=None)
def reports_of(name):
    """(what was done to the capture, the report), for everything that is done to one capture."""
    header, records = records_of(check_truth.CAPTURES / f"{name}.pcap")
    reports = []
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "spoiled.pcap"
        for done, left in spoilings(records):
            path.write_bytes(header + b"".join(left))
            reports.append((done, runner.report_of(*check_truth.reading(name)[:-1], path)))
    return reports


def check(name, find_wrong):
    truth = Truth(name)
    return [f"{done}: {sentence}" for done, report in reports_of(name) for sentence in find_wrong(truth, report)]


def check_counts(name):
    """Where the capture begins late or ends early, what is exact is exact for what it holds."""
    return [sentence for sentence in check(name, wrong_counts) if sentence.startswith("without frame")]


def main():
    runner.leave_unless_there(check_truth.CAPTURES, [os.path.basename(__file__) + ": all captures with a truth"])
    names = sorted(path.stem for path in check_truth.CAPTURES.glob("*.pcap"))
    cases = [(name, lambda name=name: check(name, wrong_accusations)) for name in names]
    cases += [(f"{name}: exact numbers", lambda name=name: check_counts(name)) for name in names]
    return runner.run_cases(cases)


if __name__ == "__main__":
    sys.exit(main())
