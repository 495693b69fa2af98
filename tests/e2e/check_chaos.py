# SPDX-License-Identifier: MIT
"""Dozens of clients do by chance what clients do, at real brokers, while mqlapse captures; what it says of that must be true.

    check_chaos.py [SEED...]           several seeds: FIRST-LAST; 1-2 if none is named
    check_chaos.py --again FOLDER...   judges once more what was kept by MQLAPSE_KEEP=FOLDER

The driver knows each outcome, each cause (it made it happen) and what came of each message: chaos.py plays, chaos_truth.py
says what may be told of it.  Then the same capture is judged damaged: frames dropped, cut short, begun late, ended early,
one direction alone.  A weaker verdict is always right; one that names a cause or somebody falsely is a fault:

    WRONG        proven or strong, and false; or said while the capture went on, and taken back
    outcome, expiry, missing, unknown       of a connection, in the whole capture
    overstated, understated, silent         messages lost, outside the bounds that are told
    doubtful, guess, weak                   no faults: one of several possibilities, and false; nobody is named
"""

import collections
import json
import os
import pathlib
import pickle
import random
import shutil
import struct
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "support"))

import lab
from brokers import Mosquitto
from capture_forms import cut, records_of
from chaos import Chaos
from chaos_truth import Judge, Truth

SECONDS = 17
NO_FAULTS = ("doubtful", "guess", "weak")


def to_port(record, ports):
    """Whether it goes to one of the ports (Ethernet, IPv4)."""
    return struct.unpack_from("!H", record, 16 + 14 + (record[30] & 15) * 4 + 2)[0] in ports


def host_of(record, ports):
    """The client's address."""
    return record[42:46] if to_port(record, ports) else record[46:50]


def damages(records, chance, ports):
    """(what was done, the records that are left)"""
    for share in (0.001, 0.01, 0.05):
        yield f"{share:.1%} dropped", [record for record in records if chance.random() >= share]
    yield "cut at 96", [cut(record, 96) for record in records]
    yield "begun late", records[int(len(records) * chance.uniform(0.1, 0.7)):]
    yield "ended early", records[:int(len(records) * chance.uniform(0.3, 0.95))]
    yield "to the broker", [record for record in records if to_port(record, ports)]
    yield "from the broker", [record for record in records if not to_port(record, ports)]
    bursts = [chance.randrange(len(records)) for _ in range(3)]
    length = len(records) // 100 + 1
    yield "three bursts dropped", [record for at, record in enumerate(records)
                                   if not any(0 <= at - burst < length for burst in bursts)]
    host = bytes([127, 0, 0, chance.choice((1, 2, 3, 4, 7))])
    yield f"of 127.0.0.{host[3]} alone", [record for record in records if host_of(record, ports) == host]


def report_of(path):
    done = subprocess.run([lab.PROGRAM, "-r", path, "--report=json"], capture_output=True, check=False, timeout=60)
    if done.returncode not in (0, 4):
        raise lab.Failed(f"mqlapse -r left with {done.returncode}: {done.stderr.decode(errors='replace')[:300]}")
    return json.loads(done.stdout)


def settings_of(chance):
    persistent = chance.random() < 0.5
    settings = {"persistence": "true" if persistent else "false"}
    if persistent:
        settings["autosave_interval"] = chance.choice((1, 1800))
    queue = chance.choice((1000, 1000, 10, 30))
    settings["max_queued_messages"] = queue
    if chance.random() < 0.3:
        settings["max_inflight_messages"] = chance.choice((1, 5, 0))
    if chance.random() < 0.2:
        settings["max_keepalive"] = chance.choice((60, 100))
    if chance.random() < 0.2:
        settings["queue_qos0_messages"] = "true"
    if chance.random() < 0.1:
        settings["upgrade_outgoing_qos"] = "true"
    return settings, persistent, queue


def play(folder, seed):
    """(the chaos, when it ended, whether the broker is persistent, its queue)"""
    chance = random.Random(f"brokers {seed}")
    settings, persistent, queue = settings_of(chance)
    brokers = [Mosquitto(folder, f"m{at}", **settings) for at in range(chance.choice((1, 1, 2)))]
    chaos, capture = Chaos(seed, brokers, SECONDS), None
    try:
        for broker in brokers:
            broker.start()
        capture = lab.LiveCapture(folder, [broker.port for broker in brokers], ("--report=ndjson", "--follow"))
        chaos.play()
        end = time.time()
        (folder / "live.ndjson").write_text(capture.text(), encoding="utf-8")
    finally:
        chaos.close()
        for broker in brokers:
            broker.close()
        if capture is not None:
            capture.stop()
    upgrades = "upgrade_outgoing_qos" in settings
    return Truth(chaos, end, persistent=persistent, queue=queue, upgrades=upgrades), capture.saved, settings


def taken_back(path, report):
    """What was said while it went on, and is not in the report any more."""
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    keys = ("client_id", "broker", "cause", "responsible", "confidence")
    said = [(line["connection"], *(line[key] for key in keys)) for line in lines
            if line.get("event") == "finding" and line["severity"] != "risk"]  # which passes, or comes true
    for whose in ([line for line in lines if line["type"] == "finding"], report["findings"]):
        kept = {(finding["to_connection"] or finding["from_connection"], *(finding[key] for key in keys))
                for finding in whose}
        yield from (("WRONG", f"said and taken back: {finding}") for finding in said if finding not in kept)


def judge_all(folder, seed, truth):
    """Of the capture in the folder, whole and damaged: (what was done to it, how bad, sentence)"""
    saved, damaged = folder / "saved.pcap", folder / "damaged.pcap"
    faults = [("", *fault) for fault in Judge(truth, report_of(saved)).judge()]
    faults += [("live", *fault) for fault in taken_back(folder / "live.ndjson", report_of(saved))]
    header, records = records_of(saved)
    for what, left in damages(records, random.Random(f"damage {seed}"), truth.ports):
        damaged.write_bytes(header + b"".join(left))
        faults += [(what, *fault) for fault in Judge(truth, report_of(damaged), whole=False).judge()]
    return faults


def run(folder, seed):
    truth, saved, settings = play(folder, seed)
    (folder / "notes").write_bytes(pickle.dumps((seed, truth)))
    print(f"seed {seed}: {len(truth.stays)} connections, {len(truth.sent)} messages, "
          f"{len(truth.restarts)} restarts, {len(truth.ports)} brokers, {settings}")
    return judge_all(folder, seed, truth)


def again(folder):
    """Judges what was kept once more."""
    seed, truth = pickle.loads((folder / "notes").read_bytes())
    print(f"seed {seed}:")
    return judge_all(folder, seed, Truth.again(truth))


def tell(faults):
    counts = collections.Counter(kind for _, kind, _ in faults)
    for what, kind, sentence in faults:
        if kind not in NO_FAULTS:
            print(f"Fault: {kind}, {what or 'whole'}: {sentence}")
    print("  " + ", ".join(f"{counts[kind]} {kind}" for kind in NO_FAULTS), flush=True)
    return sum(number for kind, number in counts.items() if kind not in NO_FAULTS)


def main(words):
    missing = Mosquitto.why_not() or lab.why_no_capture()
    if missing is not None:
        print(f"Skipped, no chaos: {missing}.")
        return lab.SKIPPED
    if words[:1] == ["--again"]:
        return 1 if sum(tell(again(pathlib.Path(word))) for word in words[1:]) else 0
    keep, bad = os.environ.get("MQLAPSE_KEEP"), 0
    for seed in [seed for word in words or ["1-2"] for seed in seeds_of(word)]:
        with tempfile.TemporaryDirectory(prefix="mqlapse-chaos-") as temporary:
            folder = pathlib.Path(keep) / f"chaos-{seed}" if keep else pathlib.Path(temporary)
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True, exist_ok=True)
            bad += tell(run(folder, seed))
    return 1 if bad else 0


def seeds_of(word):
    first, _, last = word.partition("-")
    return range(int(first), int(last or first) + 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
