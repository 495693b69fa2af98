# SPDX-License-Identifier: MIT
"""The comparison of run.py, shown reports that are right and reports that are wrong in one thing each."""

import copy
import sys

sys.dont_write_bytecode = True

import run

FINDING = {"client_id": "pump", "broker": "10.0.0.5:1883", "severity": "loss", "cause": "expired",
           "responsible": "client-config", "confidence": "proven", "also_sufficient": ["clean-start"],
           "also_possible": [], "explanation": "Away too long.",
           "lost": {"messages": {"lost": {"min": 1, "max": 2}, "owed": {"min": 1, "max": 2}}}}
REPORT = {"findings": [FINDING],
          "clients": [{"client_id": "pump", "broker": "10.0.0.5:1883",
                       "connections": [{"n": 1, "outcome": "first-seen"}]}]}


class Played:
    client = run.Scenario.client

    def __init__(self, *expectations):
        self.brokers = {"mosq": "10.0.0.5:1883", "other": "10.0.0.6:1883"}
        self.expectations = [{"line": 1, **expectation} for expectation in expectations]


def lapse(**members):
    return {"kind": "lapse", "client": "pump", "cause": ["expired"], **members}


def without_finding():
    report = copy.deepcopy(REPORT)
    report["findings"] = []
    return report


def accusing():
    report = copy.deepcopy(REPORT)
    report["findings"][0].update(severity="note", responsible="broker-fault")
    return report


RIGHT = [
    (REPORT, lapse()),
    (REPORT, lapse(responsible=["client-config"], confidence=["strong", "proven"], lost=[1, 2], owed=[1, 2])),
    (REPORT, lapse(also=["clean-start"], says="TOO LONG", names="10.0.0.5")),
    (REPORT, {**lapse(), "client": "*"}),
    (REPORT, {**lapse(), "client": "pump@mosq"}),
    (REPORT, {**lapse(), "kind": "maybe"}),
    (without_finding(), {**lapse(), "kind": "maybe"}),
    (without_finding(), {"kind": "no-lapse", "client": "pump"}),
    (without_finding(), {"kind": "not", "cause": ["expired"]}),
    (without_finding(), {"kind": "outcome", "client": "pump", "connection": 1, "outcome": ["first-seen"]}),
    (without_finding(), {"kind": "no-accusation"}),
]

WRONG = [
    (REPORT, {"kind": "no-accusation"}),  # a loss that no line speaks of
    (without_finding(), lapse()),
    (REPORT, {**lapse(), "cause": ["expiry-absent"]}),
    (REPORT, {**lapse(), "client": "valve"}),
    (REPORT, {**lapse(), "client": "pump@other"}),
    (REPORT, lapse(responsible=["unknowable"])),
    (REPORT, lapse(confidence=["strong"])),
    (REPORT, lapse(severity=["risk"])),
    (REPORT, lapse(lost=[1, 1])),
    (REPORT, lapse(owed=[2, 2])),
    (REPORT, lapse(also=["expiry-absent"])),
    (REPORT, lapse(says="the broker")),
    (REPORT, lapse(names="10.0.0.9")),
    (REPORT, {**lapse(confidence=["strong"]), "kind": "maybe"}),
    (REPORT, {"kind": "no-finding", "client": "*"}),
    (accusing(), lapse()),
    (accusing(), {"kind": "no-accusation"}),
    (accusing(), {"kind": "no-finding", "client": "pump"}),
    (accusing(), {"kind": "not", "cause": ["expired"]}),
    (without_finding(), {"kind": "outcome", "client": "pump", "connection": 2, "outcome": ["first-seen"]}),
    (without_finding(), {"kind": "outcome", "client": "pump", "connection": 1, "outcome": ["resumed"]}),
]

FAILURES = 0
for report, expectation in RIGHT:
    for problem in run.compare(Played(expectation), report):
        print(f"refused, though right: {expectation}: {problem}")
        FAILURES += 1
for report, expectation in WRONG:
    if not run.compare(Played(expectation), report):
        print(f"accepted, though wrong: {expectation}")
        FAILURES += 1
if run.parties(REPORT) != {("pump", "client-config")} or run.accusations(accusing()):
    print("who is accused is not told rightly")
    FAILURES += 1
if run.as_ipv6("10.0.0.8") != "fd00::a00:8":
    print("addresses are not mapped as scenario_tool maps them")
    FAILURES += 1
sys.exit(1 if FAILURES else 0)
