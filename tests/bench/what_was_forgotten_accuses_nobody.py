# SPDX-License-Identifier: MIT
"""With a ceiling for the model (--memory) the oldest connections are forgotten, and counted.  What the report
says of the rest it says without the ceiling too, with the same confidence or more, and it leaves nothing of
that out.  The captures are of the project's own generator, and, if it is there, of the
shared one: clients that come back many times, twins, sessions that the broker lost."""

import pathlib
import random
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))

import odd_mixes_are_exact as odd
import odd_mixes_with_holes_accuse_nobody as holes
import run
from confidence import is_surer

CEILING = "4M"
# Told of a client once, where it first shows.
TOLD_ONCE = {"published-qos0", "message-expired", "message-too-large"}
CHURN_MB = 40
SHARE_MISSING = 0.004
MIXES = (
    "W2 876915 0.006 reconnects=60 v5-share=1 clean-share=0.1 ooo-share=0.05 takeover-share=0.1",
    "W2 199126 0.006 reconnects=60 loss-share=0.5 takeover-share=0.4 refuse-share=0.1 burst=30",
    "W2 565830 0.01 reconnects=40 span=600 on-share=0.9 clean-share=0.4 takeover-share=0.4 keepalive=1200",
    "W2 530531 0.006 reconnects=60 persist-share=0.5 takeover-share=0.1 pre-share=0.8 cmd-share=0.8",
)


def report_of(capture, folder, *options):
    output = folder / "report.json"
    run.run_quietly(run.PROGRAM, "--report=json", "-o", output, *options, "-r", capture)
    return run.json.loads(output.read_text(encoding="utf-8"))


def findings_of(report):
    """confidence and party by client, the two connections, and cause"""
    return {(finding["broker"], finding["client_id"], finding["from_connection"], finding["to_connection"],
             finding["cause"]): (finding["confidence"], finding["responsible"]) for finding in report["findings"]}


def pairs_left(report):
    """What a finding may be about: connections that are still there, by broker, client, number."""
    return {(client["broker"], client["client_id"], connection["n"])
            for client in report["clients"] for connection in client["connections"]}


def compare(whole, limited):
    said, left = findings_of(whole), pairs_left(limited)
    told = findings_of(limited)
    for (broker, client, before, now, cause), (confidence, party) in told.items():
        if cause in TOLD_ONCE:
            continue
        known = said.get((broker, client, before, now, cause))
        if party != "unknowable" and known is None:
            yield f"{client}, {before} to {now}: {cause}, {party}, {confidence}: nothing of that without a ceiling"
        elif known is not None and is_surer(confidence, known[0]):
            yield f"{client}, {before} to {now}: {cause} is {confidence}, and {known[0]} without a ceiling"
    first = {(client["broker"], client["client_id"]): min(one["n"] for one in client["connections"])
             for client in limited["clients"] if client["connections"]}
    for finding in limited["findings"]:
        whose = finding["broker"], finding["client_id"]
        if finding["severity"] != "risk" and finding["responsible"] != "unknowable" and first[whose] > 1:
            yield f"{whose[1]}: {finding['cause']} names {finding['responsible']}, and what was before is forgotten"
    judged = {key[:4] for key in told}
    for broker, client, before, now, cause in said:
        if before is None or now is None or cause in TOLD_ONCE or said[broker, client, before, now, cause][1] == "unknowable":
            continue
        # Whoever lies between has to be there as well.
        there = all((broker, client, n) in left for n in range(before, now + 1))
        if there and (broker, client, before, now) not in judged:
            yield f"{client}, {before} to {now}: {cause} is left out"


def incidents_of(report):
    return {(incident["broker"], incident["kind"], incident["from"]): incident["confidence"]
            for incident in report["incidents"]}


def compare_incidents(whole, limited):
    """What was forgotten would have told that it was none."""
    known = incidents_of(whole)
    for what, confidence in incidents_of(limited).items():
        if what not in known:
            yield f"incident {what}, {confidence}: nothing of that without a ceiling"
        elif is_surer(confidence, known[what]):
            yield f"incident {what} is {confidence}, and {known[what]} without a ceiling"


def thin(path, share, chance):
    """Single frames are missing, here and there."""
    header, frames = holes.frames_of(path)
    path.write_bytes(header + b"".join(holes.thinned(frames, share, False, chance)))


def check(name, capture, folder):
    whole, limited = report_of(capture, folder), report_of(capture, folder, "--memory", CEILING)
    mqtt, all_mqtt = limited["capture"]["mqtt"], whole["capture"]["mqtt"]
    wrong = [*compare(whole, limited), *compare_incidents(whole, limited)]
    if all_mqtt["forgotten_connections"] != 0 or all_mqtt["forgotten_until"] is not None:
        wrong.append("something was forgotten without a ceiling")
    n_left = len(pairs_left(limited))
    if mqtt["forgotten_connections"] == 0 or mqtt["forgotten_until"] is None:
        wrong.append("nothing was forgotten")
    if n_left + mqtt["forgotten_connections"] != len(pairs_left(whole)):
        wrong.append(f"{n_left} are left and {mqtt['forgotten_connections']} forgotten of {len(pairs_left(whole))}")
    if mqtt["packets"] != all_mqtt["packets"] or mqtt["by_type"] != all_mqtt["by_type"]:
        wrong.append("the counts of packets differ")
    print("\n".join(wrong[:run.SHOWN]))
    print(f"{name}: {mqtt['forgotten_connections']} connections forgotten, {n_left} left, {len(wrong)} faults")
    return not wrong


def check_own(folder):
    path = folder / "churn.pcap"
    truth = run.json.loads(run.run_quietly(run.BUILD / "tests/bench/generate", "churn", CHURN_MB, path))
    limited = report_of(path, folder, "--memory", CEILING)
    causes = {finding["cause"] for finding in limited["findings"]}
    named = causes == set(truth["by_cause"])
    print(f"churn: {sorted(causes)}, by its truth {sorted(truth['by_cause'])}")
    return check("churn", path, folder) and named


def check_all(folder):
    good = check_own(folder)
    if not (run.SHARED / "gen.c").exists():
        print(f"{run.SHARED} is not there: its mixes are left out.")
        return good
    run.compile_into(folder, run.SHARED / "gen.c", "-lm")
    chance = random.Random(1)
    for mix in MIXES:
        path = odd.capture_of(mix, folder).path
        good &= check(mix, path, folder)
        if "refuse-share" in mix or "persist-share" in mix:
            thin(path, SHARE_MISSING, chance)
            good &= check(f"{mix}, {SHARE_MISSING:.1%} of it missing", path, folder)
    return good


def main():
    if not run.PROGRAM.exists():
        print(f"Skipped: {run.PROGRAM} is not built.")
        return run.SKIPPED
    where = run.BUILD / "tests" / "bench"
    where.mkdir(parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory(prefix="forgotten-", dir=where) as name:
            return 0 if check_all(pathlib.Path(name)) else 1
    except (run.Failed, OSError) as failure:
        print(f"Fault: {failure}")
        return 1


if __name__ == "__main__":
    sys.exit(main())
