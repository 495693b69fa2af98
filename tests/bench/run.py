# SPDX-License-Identifier: MIT
"""How fast mqlapse reads captures, as ratios to a loop that does nothing, and whether its totals
are exact.

Everything is measured in one run, in rounds that alternate between the programs; a number alone
says little, a ratio says something on every machine.  See --help."""

import argparse
import collections
import json
import os
import pathlib
import resource
import shlex
import shutil
import statistics
import struct
import subprocess
import sys
import tempfile

TREE = pathlib.Path(os.environ.get("top_srcdir", ".")).resolve()
BUILD = pathlib.Path(os.environ.get("top_builddir", ".")).resolve()
PROGRAM = pathlib.Path(os.environ.get("MQLAPSE", BUILD / "mqlapse"))
SHARED = TREE.parent / "shared" / "bench"
SKIPPED = 77
OWN = ("small", "churn", "bulk", "remembered")
LARGER = {"remembered": 4.5}  # than the others: a million sessions instead of 200 MB
WORKLOADS = ("W1", "W2", "W3", "W4")
SLICE = 0.05  # of the capture is what tshark gets
CLASSES = {  # what the truth of the shared workloads calls a loss, and what the report may
    "v5-no-expiry": {"expiry-absent", "expiry-zero", "expiry-dropped", "version-switch"},
    "clean-start": {"clean-start", "clean-start-per-process"},
    "expired": {"expired", "expiry-shortened"},
    "broker-lost": {"dropped-unexplained", "no-subscriptions"},
}
NOT_A_LOSS = {"no-subscriptions"}  # the report's word for it is a note, the truth's is not
# The shared generator delivers as many messages after an absence as waited, but not the same ones.
# Who does not subscribe again is counted there, but not named.
NOT_IN_THE_TRUTH = {"queued-messages-missing", "queue-overflow", "no-resubscribe"}
SHOWN = 12


class Failed(Exception):
    """What a person should read."""


# ---- captures whose totals are known -------------------------------------------------------------

class Capture:
    def __init__(self, name, path, truth, lost=None):
        self.name, self.path, self.truth, self.lost = name, path, truth, lost
        self.octets = path.stat().st_size


def run_quietly(*words):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True,
                          check=False)
    if done.returncode != 0:
        raise Failed(f"{words[0]} left with {done.returncode}: {done.stderr.strip()[:300]}")
    return done.stdout


def own_capture(kind, folder, options):
    path = folder / f"{kind}.pcap"
    megabytes = round(options.megabytes * LARGER.get(kind, 1))
    truth = run_quietly(BUILD / "tests/bench/generate", kind, megabytes, path)
    return Capture(kind, path, json.loads(truth))


def compile_into(folder, source, *libraries):
    program = folder / source.stem
    compiler = shlex.split(os.environ.get("CC") or "cc")
    run_quietly(*compiler, "-O2", "-w", "-o", program, source, *libraries)
    return program


def shared_capture(workload, folder, options):
    generator = folder / "gen"
    if not generator.exists():
        compile_into(folder, SHARED / "gen.c", "-lm")
    path, lost = folder / f"{workload}.pcap", folder / f"{workload}.lost"
    truth = run_quietly(generator, "--workload", workload, "--scale", options.scale,
                        "--lost-log", lost, "-o", path)
    return Capture(workload, path, json.loads(truth), lost)


# ---- totals --------------------------------------------------------------------------------------

def differences(expected, seen):
    for what, count in expected.items():
        if seen.get(what, 0) != count:
            yield f"{what}: {seen.get(what, 0)}, truth {count}"


def by_type(capture, report):
    types = report["capture"]["mqtt"]["by_type"]
    yield from differences(capture.truth["by_type"], types)
    unexpected = {name for name, count in types.items() if count} - capture.truth["by_type"].keys()
    if unexpected:
        yield f"packets of types that are not there: {', '.join(sorted(unexpected))}"


def check_own(capture, report):
    yield from by_type(capture, report)
    truth, summary = capture.truth, report["summary"]
    total = report["capture"]
    seen = {"packets": total["packets"], "mqtt connections": total["mqtt"]["connections"],
            "tcp connections": total["tcp"]["connections"]}
    seen.update({key: summary[key] for key in ("clients", "reconnects", "resumed")})
    expected = {"packets": truth["packets"], "mqtt connections": truth["tcp_connections"],
                "tcp connections": truth["tcp_connections"]}
    expected.update({key: truth[key] for key in ("clients", "reconnects", "resumed")})
    yield from differences(expected, seen)
    if truth["messages_lost"]:
        exact = {"min": truth["messages_lost"], "max": truth["messages_lost"]}
        yield from differences(exact, summary["messages_lost"])
    yield from differences(truth["by_cause"], summary["by_cause"])
    for cause in summary["by_cause"].keys() - truth["by_cause"].keys():
        yield f"cause {cause}: {summary['by_cause'][cause]}, truth 0"


def count_connections(report):
    counts = collections.Counter()
    for client in report["clients"]:
        accepted = [connection for connection in client["connections"] if connection["return_code"] == 0]
        counts["accepted"] += len(accepted)
        counts["refused"] += sum(1 for connection in client["connections"] if connection["return_code"])
        counts["clients"] += bool(accepted)
        # A session that is older than the capture is not called resumed by the truth.
        counts["resumed"] += sum(1 for connection in accepted[1:] if connection["outcome"] == "resumed")
    return counts


def check_shared(capture, report):
    yield from by_type(capture, report)
    truth, total, seen = capture.truth, report["capture"], count_connections(report)
    seen.update({"packets": total["packets"], "mqtt connections": total["mqtt"]["connections"]})
    yield from differences({"packets": truth["packets"], "accepted": truth["connects_accepted"],
                            "refused": truth["connects_refused"], "clients": truth["clients_connected"],
                            "resumed": truth["resumed"],
                            "mqtt connections": truth["connects_accepted"] + truth["connects_refused"]}, seen)
    yield from check_lost(capture, report)


def class_of(cause):
    return next((name for name, causes in CLASSES.items() if cause in causes), cause)


def kept_nothing(connection):
    """Its session began and ended with it, so the truth counts nothing that came after as lost."""
    return connection["clean_start"] and connection["session_expiry"]["effective"] == 0


def is_misled(finding, before):
    """The shared generator acknowledges with 0x10, "no matching subscribers", whoever subscribed; to
    the report that proves that a session was gone before it could expire."""
    effective = before["session_expiry"]["effective"]
    return (finding["cause"] == "dropped-unexplained" and isinstance(effective, int) and
            finding["absence"] > effective and
            any("0x10" in evidence["says"] for evidence in finding["evidence"]))


def findings_with_before(report):
    """Each finding, and the connection before the absence that it is about, if that kept anything."""
    connections = {(client["client_id"], connection["n"]): connection
                   for client in report["clients"] for connection in client["connections"]}
    for finding in report["findings"]:
        before = connections.get((finding["client_id"], finding["from_connection"]))
        if before is not None and not kept_nothing(before):
            yield finding, before


def losses_told(report):
    """client id: how often each class of loss was found"""
    told = collections.defaultdict(collections.Counter)
    for finding, before in findings_with_before(report):
        if finding["cause"] in NOT_IN_THE_TRUTH:
            continue
        if finding["severity"] == "loss" or finding["cause"] in NOT_A_LOSS:
            cause = "expired" if is_misled(finding, before) else finding["cause"]
            told[finding["client_id"]][class_of(cause)] += 1
    return told


def losses_true(capture):
    true = collections.defaultdict(collections.Counter)
    for line in capture.lost.read_text(encoding="utf-8").splitlines():
        _, client, kind = line.split(",")
        true[client][kind] += 1
    return true


def check_lost(capture, report):
    true, told = losses_true(capture), losses_told(report)
    counts = collections.Counter()
    for counter in told.values():
        counts.update(counter)
    yield from differences({name: capture.truth["lost"][name] for name in CLASSES}, counts)
    for name in sorted(counts.keys() - CLASSES.keys()):
        yield f"{name}: {counts[name]}, unknown to the truth"
    wrong = sorted(client for client in true.keys() | told.keys() if true[client] != told[client])
    for client in wrong[:SHOWN]:
        yield f"  client {client}: told {dict(told[client])}, truth {dict(true[client])}"
    if len(wrong) > SHOWN:
        yield f"  and {len(wrong) - SHOWN} more clients"


def check_totals(capture, folder, check):
    output = folder / "report.json"
    try:
        run_quietly(PROGRAM, "--report=json", "-o", output, "-r", capture.path)
        with output.open(encoding="utf-8") as report:
            faults = list(check(capture, json.load(report)))
    finally:
        output.unlink(missing_ok=True)
    for fault in faults:
        print(f"  {capture.name}: {fault}")
    print(f"{capture.name}: {capture.truth['packets']} packets, "
          f"{'totals are exact' if not faults else 'totals differ'}")
    return not faults


def check_apart(capture, folder, check):
    """In a process of its own: a large report would swell this one, and with it, by the way Linux
    counts, the memory of every program that it starts."""
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        status = 2
        try:
            status = 0 if check_totals(capture, folder, check) else 1
        except (Failed, OSError, ValueError, KeyError) as failure:
            print(f"Fault: {capture.name}: {failure!r}")
        finally:
            sys.stdout.flush()
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


# ---- time ----------------------------------------------------------------------------------------

def measure(command):
    """(CPU seconds, maximum resident octets) of one run"""
    process = subprocess.Popen([str(word) for word in command], stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise Failed(f"{' '.join(map(str, command))} left with {process.returncode}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024


def cut_slice(source, target, octets):
    """The first packets of a capture of this machine's byte order; how many octets they are."""
    with source.open("rb") as whole, target.open("wb") as part:
        part.write(whole.read(24))
        while part.tell() < octets:
            header = whole.read(16)
            if len(header) < 16:
                break
            part.write(header + whole.read(struct.unpack("=4I", header)[2]))
        return part.tell()


class Contest:
    """Programs that read the same capture in turns."""

    def __init__(self, capture, folder, floor):
        self.capture = capture
        self.commands = {"floor": ([floor, capture.path], 1.0)}
        for kind in ("text", "json"):
            self.commands[f"mqlapse {kind}"] = (
                [PROGRAM, f"--report={kind}", "-o", "/dev/null", "-r", capture.path], 1.0)
        self.slice = None
        if shutil.which("tshark"):
            self.slice = folder / f"{capture.name}.slice.pcap"
            octets = cut_slice(capture.path, self.slice, capture.octets * SLICE)
            fields = ["-T", "fields", "-e", "mqtt.msgtype", "-e", "mqtt.clientid"]
            self.commands["tshark"] = (["tshark", "-r", self.slice, "-Y", "mqtt", *fields],
                                       capture.octets / octets)

    def hold(self, rounds):
        times, memory = collections.defaultdict(list), collections.Counter()
        for _ in range(rounds):
            for name, (command, factor) in self.commands.items():
                seconds, octets = measure(command)
                times[name].append(seconds * factor)
                memory[name] = max(memory[name], octets)
        if self.slice is not None:
            self.slice.unlink()
        return {name: statistics.median(seconds) for name, seconds in times.items()}, memory

    def print(self, rounds):
        times, memory = self.hold(rounds)
        megabytes, packets = self.capture.octets / 1e6, self.capture.truth["packets"]
        print(f"\n{self.capture.name}: {megabytes:.0f} MB, {packets} packets, "
              f"median of {rounds} rounds, user and system time")
        print(f"  {'':14} {'CPU s':>8} {'MB/s':>8} {'ns/packet':>10} {'× floor':>8} {'× tshark':>9} "
              f"{'memory MB':>10}")
        for name, seconds in times.items():
            tshark = f"{seconds / times['tshark']:9.4f}" if "tshark" in times else f"{'-':>9}"
            print(f"  {name:14} {seconds:8.3f} {megabytes / seconds:8.0f} "
                  f"{seconds / packets * 1e9:10.0f} {seconds / times['floor']:8.2f} {tshark} "
                  f"{memory[name] / 1e6:10.1f}")


def print_reservations():
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    print(f"\nMemory below {own:.0f} MB is not told apart: "
          "a child's counter begins with this program's own.")
    if shutil.which("tshark"):
        print(f"tshark read the first {SLICE:.0%} of each capture; its time is scaled by octets, "
              "its memory is not.")
    else:
        print("tshark is not installed.")


# ---- what to do ----------------------------------------------------------------------------------

def parse(words):
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("--shared", action="store_true", help="the workloads of ../shared/bench, not the own ones")
    add("--scale", default="0.01", help="size of the shared workloads (%(default)s)")
    add("--megabytes", type=int, default=200, help="size of each own capture (%(default)s)")
    add("--rounds", type=int, default=5, help="(%(default)s)")
    add("--only", action="append", help="only this capture (repeatable)")
    add("--check-only", action="store_true", help="compare totals, measure nothing")
    return parser.parse_args(words)


def treat(capture, folder, options, floor):
    try:
        exact = check_apart(capture, folder, check_shared if options.shared else check_own)
        if not options.check_only:
            Contest(capture, folder, floor).print(options.rounds)
        return exact
    finally:
        capture.path.unlink()


def main(words):
    options = parse(words)
    if not PROGRAM.exists():
        print(f"Skipped: {PROGRAM} is not built.")
        return SKIPPED
    if options.shared and not (SHARED / "gen.c").exists():
        print(f"Skipped: {SHARED} is not there.")
        return SKIPPED
    where = BUILD / "tests" / "bench"
    where.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="captures-", dir=where) as name:
        folder, floor = pathlib.Path(name), BUILD / "tests/bench/floor"
        if options.shared and not options.check_only:
            floor = compile_into(folder, SHARED / "pcapnop.c", "-lpcap")
        make, names = (shared_capture, WORKLOADS) if options.shared else (own_capture, OWN)
        exact = [treat(make(name, folder, options), folder, options, floor)
                 for name in names if not options.only or name in options.only]
    if not options.check_only:
        print_reservations()
    return 0 if all(exact) else 1


def run(words):
    try:
        sys.exit(main(words))
    except (Failed, OSError) as failure:
        print(f"Fault: {failure}")
        sys.exit(1)


if __name__ == "__main__":
    run(sys.argv[1:])
