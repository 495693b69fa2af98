# SPDX-License-Identifier: MIT
"""Shows that check_truth.py notices a report that is wrong in one place."""
import copy
import os
import pathlib
import sys

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "support")]

import check_truth
import runner

CAPTURE = "v5-no-expiry"

# (what is done to the report, as a path of keys, and the value put there)
WRONG = (
    (("findings", 0, "cause"), "expired"),
    (("findings", 0, "severity"), "risk"),
    (("findings", 0, "responsible"), "broker-fault"),
    (("findings", 0, "client_id"), "alarm-desk-1"),
    (("findings", 0, "to_connection"), 1),
    (("findings", 0, "lost", "messages"), None),
    (("findings", 0, "lost", "subscriptions"), []),
    (("findings", 0, "lost", "messages", "lost"), {"min": 4, "max": 4}),
    (("findings", 0, "lost", "messages", "owed"), {"min": 0, "max": 9}),
    (("findings", 0, "lost", "messages", "examples", 0, "time"), "2026-11-22T21:57:15.557000000Z"),
    (("findings", 0, "lost", "messages", "examples", 0, "publisher"), "somebody"),
    (("clients", 1, "subscriptions", 0, "qos"), 2),
    (("clients", 1, "connections", 1, "outcome"), "resumed"),
    (("clients", 1, "connections", 1, "session_present"), True),
    (("clients", 1, "connections", 1, "n"), 3),
    (("clients", 1, "connections", 0, "closed_by"), "broker"),
    (("clients", 1, "connections", 0, "closed"), "2026-11-22T21:57:15.834659000Z"),
    (("clients", 1, "connections", 0, "keep_alive"), 0),
    (("clients", 1, "connections", 0, "version"), "3.1.1"),
    (("clients", 1, "connections", 0, "session_expiry", "connect"), 0),
    (("capture", "mqtt", "by_type", "PUBLISH"), 8),
    (("summary", "messages_lost"), {"min": 6, "max": 7}),
    (("summary", "by_cause"), {}),
)


def verdict_on(report):
    """What check_truth.py finds wrong with @report."""
    case = check_truth.Case(CAPTURE)
    case.report = copy.deepcopy(report)
    case.match_connections()
    return [sentence for check in check_truth.CHECKS for sentence in check(case)]


def spoiled(report, path, value):
    report = copy.deepcopy(report)
    place = report
    for key in path[:-1]:
        place = place[key]
    if place[path[-1]] == value:
        raise runner.Failed(f"{path} is {value} already")
    place[path[-1]] = value
    return report


def main():
    runner.leave_unless_there(check_truth.CAPTURES, [os.path.basename(__file__)])
    report = runner.report_of("-r", check_truth.CAPTURES / f"{CAPTURE}.pcap")
    cases = [("the report as it is passes", lambda: verdict_on(report))]
    for path, value in WRONG:
        def notice(path=path, value=value):
            return [] if verdict_on(spoiled(report, path, value)) else ["nobody noticed"]
        cases.append((f"{'.'.join(map(str, path))} = {value}", notice))
    return runner.run_cases(cases)


if __name__ == "__main__":
    sys.exit(main())
