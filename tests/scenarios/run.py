#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Plays scenarios into captures, asks mqlapse for its report and compares; see README.md."""

import argparse
import contextlib
import copy
import ipaddress
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import zlib

TREE = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("top_builddir", ".")).resolve()
sys.path.insert(0, str(TREE / "tests/support"))
import capture_forms  # noqa: E402
import forgotten  # noqa: E402

ACCUSING = ("broker-fault", "other-actor")
VARIANTS = (["--link", "sll2"], ["--link", "vlan"], ["--link", "ipv6"], ["--cut-every", "1"],
            ["--cut-every", "7"], ["--reorder"], ["--duplicate"],
            ["--cut-every", "5", "--reorder", "--duplicate"])
# How scenario_tool plays it, and what the report calls that.
TRANSPORTS = ((["ws"], "ws"), (["ws", "--cut-every", "7", "--reorder"], "ws"), (["ws-deflate"], "ws"), (["ws-whole"], "ws"),
              (["tls12"], "tls"), (["tls13", "--cut-every", "11"], "tls"), (["wss"], "wss"),
              (["proxy1"], "tcp"), (["proxy2", "--cut-every", "5", "--reorder"], "tcp"), (["proxy1-ws"], "ws"),
              (["proxy2-tls13", "--cut-every", "13"], "tls"))
ENCAPSULATIONS = ("pppoe", "mpls", "gre", "gretap", "erspan", "erspan3", "ipip", "6in4", "vxlan", "vxlan-anywhere",
                  "geneve", "gtp", "wlan", "nflog", "fragments", "fragments6", "vxlan-fragments", "hooks", "nat")
DROP_FRAMES_MAXIMUM = 400
RUN_LENGTHS = (2, 3, 4, 5, 6, 8, 10, 12, 14, 16)
RUNS_OF_A_LENGTH = 6  # of each scenario, unless all are asked for


class Failed(Exception):
    """What a person should read."""


class Program:
    def __init__(self, arguments):
        self.tool = arguments.tool
        self.program = arguments.program

    def inflates(self, what):
        done = subprocess.run([self.program, "--version"], capture_output=True, text=True, check=True)
        return f"{what} (not built in)" not in done.stdout

    def tool_output(self, *words):
        done = subprocess.run([self.tool, *map(str, words)], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise Failed(done.stderr.strip() or f"scenario_tool left with {done.returncode}")
        return done.stdout

    def report(self, capture, *options, stdin=None):
        with contextlib.ExitStack() as stack:
            source = stack.enter_context(stdin.open("rb")) if stdin else subprocess.DEVNULL
            done = subprocess.run([self.program, "--report=json", *options, "-r", str(capture)],
                                  stdin=source, capture_output=True, text=True, check=False, timeout=120)
        if done.returncode != 0:
            raise Failed(f"mqlapse left with {done.returncode}: {done.stderr.strip()[:300]}")
        try:
            return json.loads(done.stdout)
        except ValueError as error:
            raise Failed(f"the report is no JSON: {error}") from error


class Scenario:
    def __init__(self, program, path):
        self.path = path
        self.name = path.stem
        self.expectations = [json.loads(line) for line in
                             program.tool_output(path, "--expectations").splitlines()]
        self.brokers = dict(line.split()[1:3] for line in path.read_text(encoding="utf-8").splitlines()
                            if line.startswith("broker "))

    def client(self, name, ipv6):
        """(client id or None for any, broker endpoint or None for any)"""
        client, mark, broker = name.rpartition("@")
        if not mark or broker not in self.brokers:
            client, endpoint = name, None
        else:
            endpoint = self.brokers[broker]
            if ipv6:
                address, _, port = endpoint.rpartition(":")
                endpoint = f"[{as_ipv6(address)}]:{port}"
        return (None if client == "*" else client), endpoint


def as_ipv6(address):
    """What --link ipv6 makes of an IPv4 address."""
    return str(ipaddress.IPv6Address(0xFD << 120 | int(ipaddress.IPv4Address(address))))


def strings_in(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for member in value.values():
            yield from strings_in(member)
    elif isinstance(value, list):
        for member in value:
            yield from strings_in(member)


def names_text(text, ipv6):
    try:
        return as_ipv6(text) if ipv6 else text
    except ValueError:
        return text


def message_bounds(finding, which):
    messages = (finding.get("lost") or {}).get("messages")
    bounds = messages and messages.get(which)
    return [bounds["min"], bounds["max"]] if bounds else None


def is_client(wanted, item):
    client, broker = wanted
    return client in (None, item.get("client_id")) and broker in (None, item.get("broker"))


def differences(expected, finding, ipv6):
    """Why `finding` is not what a line expects, its client aside."""
    wrong = []
    for key in ("cause", "responsible", "confidence", "severity"):
        allowed = expected.get(key)
        if allowed and finding.get(key) not in allowed:
            wrong.append(f"{key} is {finding.get(key)}, not {'|'.join(allowed)}")
    if expected["kind"] == "lapse" and finding.get("severity") != "loss":
        wrong.append(f"severity is {finding.get('severity')}, not loss")
    for key in ("lost", "owed"):
        if key in expected and message_bounds(finding, key) != expected[key]:
            wrong.append(f"{key} is {message_bounds(finding, key)}, not {expected[key]}")
    others = finding.get("also_sufficient", []) + finding.get("also_possible", [])
    for cause in expected.get("also", []):
        if cause not in others:
            wrong.append(f"{cause} is not among its other causes {others}")
    for cause in expected.get("without", []):
        if cause in finding.get("also_sufficient", []):
            wrong.append(f"{cause} is told as sufficient too")
    if "says" in expected and expected["says"].lower() not in str(finding.get("explanation")).lower():
        wrong.append(f"the explanation does not say '{expected['says']}'")
    if "names" in expected:
        text = names_text(expected["names"], ipv6).lower()
        if not any(text in string.lower() for string in strings_in(finding)):
            wrong.append(f"it does not name '{text}'")
    return wrong


def describe(finding):
    return (f"{finding.get('client_id')}: {finding.get('severity')} {finding.get('cause')} "
            f"{finding.get('responsible')} {finding.get('confidence')} "
            f"({finding.get('from_connection')} to {finding.get('to_connection')})")


def check_finding(scenario, expected, findings, ipv6):
    wanted = scenario.client(expected["client"], ipv6)
    candidates = [finding for finding in findings if is_client(wanted, finding)]
    tried = sorted((differences(expected, finding, ipv6) for finding in candidates), key=len)
    if tried and not tried[0]:
        return None
    cause = "|".join(expected["cause"])
    if not tried:
        return f"no finding about {expected['client']} ({cause} expected)"
    return f"no {cause} as expected about {expected['client']}; nearest: {'; '.join(tried[0])}"


def check_absence(scenario, expected, findings, ipv6):
    wanted = scenario.client(expected["client"], ipv6)
    for finding in findings:
        if is_client(wanted, finding) and (expected["kind"] == "no-finding" or
                                           finding.get("severity") == "loss"):
            return f"unexpected: {describe(finding)}"
    return None


def incident_differences(expected, incident):
    wrong = []
    if incident["kind"] not in expected["incident"]:
        wrong.append(f"kind is {incident['kind']}")
    if expected.get("confidence") and incident["confidence"] not in expected["confidence"]:
        wrong.append(f"confidence is {incident['confidence']}, not {'|'.join(expected['confidence'])}")
    if "hits" in expected and not expected["hits"][0] <= len(incident["clients"]) <= expected["hits"][1]:
        wrong.append(f"it hit {incident['clients']}")
    for key in ("says", "names"):
        if key in expected and not any(expected[key].lower() in text.lower() for text in strings_in(incident)):
            wrong.append(f"it does not say '{expected[key]}'")
    return wrong


def check_incident(expected, incidents):
    tried = sorted((incident_differences(expected, incident) for incident in incidents), key=len)
    if expected["kind"] == "no-incident":
        return f"unexpected incident: {'|'.join(expected['incident'])}" if tried and not tried[0] else None
    if tried and not tried[0]:
        return None
    kind = "|".join(expected["incident"])
    return f"no {kind} as expected; nearest: {'; '.join(tried[0])}" if tried else f"no {kind}"


def check_outcome(scenario, expected, report, ipv6):
    wanted = scenario.client(expected["client"], ipv6)
    seen = []
    for client in report.get("clients", []):
        if not is_client(wanted, client):
            continue
        seen += [connection.get("outcome") for connection in client.get("connections", [])
                 if connection.get("n") == expected["connection"]]
    if any(outcome in expected["outcome"] for outcome in seen):
        return None
    return (f"outcome of connection {expected['connection']} of {expected['client']} is "
            f"{seen or 'unknown'}, not {'|'.join(expected['outcome'])}")


def check_line(scenario, expected, report, ipv6):
    findings = report.get("findings", [])
    kind = expected["kind"]
    if kind in ("lapse", "finding"):
        return check_finding(scenario, expected, findings, ipv6)
    if kind in ("no-lapse", "no-finding"):
        return check_absence(scenario, expected, findings, ipv6)
    if kind in ("incident", "no-incident"):
        return check_incident(expected, report.get("incidents", []))
    if kind == "outcome":
        return check_outcome(scenario, expected, report, ipv6)
    if kind == "no-accusation":
        wrong = [finding for finding in findings if finding.get("responsible") in ACCUSING]
    elif kind == "not":
        wrong = [finding for finding in findings if finding.get("cause") in expected["cause"]]
    elif kind == "maybe":
        wrong = []
    else:
        raise Failed(f"run.py does not know '{kind}'")
    return f"unexpected: {describe(wrong[0])}" if wrong else None


def unexpected_losses(scenario, report, ipv6):
    """Losses that no line of the scenario speaks of."""
    lines = [line for line in scenario.expectations if line["kind"] in ("lapse", "finding", "maybe")]
    for finding in report.get("findings", []):
        if finding.get("severity") != "loss":
            continue
        if not any(is_client(scenario.client(line["client"], ipv6), finding) and
                   not differences(line, finding, ipv6) for line in lines):
            yield f"unexpected: {describe(finding)}"


def compare(scenario, report, ipv6=False):
    """All that is not as expected."""
    wrong = []
    for expected in scenario.expectations:
        problem = check_line(scenario, expected, report, ipv6)
        if problem:
            wrong.append(f"line {expected['line']}: {problem}")
    return wrong + list(unexpected_losses(scenario, report, ipv6))


def essence(report, numbers=True):
    """What no transport may change."""
    keys = ("client_id", "from_connection", "to_connection", "severity", "cause", "responsible",
            "confidence", "outcome", "also_sufficient", "also_possible")
    return sorted(json.dumps([[finding.get(key) for key in keys],
                              message_bounds(finding, "lost") if numbers else None,
                              message_bounds(finding, "owed") if numbers else None,
                              (finding.get("lost") or {}).get("subscriptions")])
                  for finding in report.get("findings", [])) + \
        [json.dumps([incident[key] for key in ("kind", "confidence", "signs", "numbers")] +
                    [sorted(map(str, incident["clients"]))])
         for incident in report.get("incidents", [])]


def run_plain(program, scenario, folder):
    capture = folder / "plain.pcap"
    program.tool_output(scenario.path, "-o", capture)
    return compare(scenario, program.report(capture))


def lacks_frames(scenario):
    return any(line.startswith(("hole ", "start-at "))
               for line in scenario.path.read_text(encoding="utf-8").splitlines())


def run_variants(program, scenario, folder):
    capture = folder / "variant.pcap"
    program.tool_output(scenario.path, "-o", capture)
    plain = program.report(capture)
    holds = not compare(scenario, plain)
    wrong = []
    for variant in VARIANTS:
        program.tool_output(scenario.path, "-o", capture, *variant)
        report = program.report(capture)
        # What is wrong with the plain capture too is another test's business.
        problems = compare(scenario, report, "ipv6" in variant) if holds else []
        # Where a stream begins amidst, segments in another order are not told from missing ones.
        numbers = not (lacks_frames(scenario) and "--reorder" in variant)
        if not problems and essence(report, numbers) != essence(plain, numbers):
            problems = ["other findings than those of the plain capture"]
        wrong += [f"{' '.join(variant)}: {problem}" for problem in problems]
    return wrong


def run_encapsulations(program, scenario, folder):
    """The same packets inside others, in pieces, or seen at three hooks."""
    capture = folder / "carried.pcap"
    program.tool_output(scenario.path, "-o", capture)
    plain, wrong = program.report(capture), []
    for link in ENCAPSULATIONS:
        program.tool_output(scenario.path, "-o", capture, "--link", link)
        report = program.report(capture)
        undecoded = [one["what"] for one in report["capture"]["not_decoded"] if one["frames"]]
        if undecoded:
            wrong.append(f"{link}: not decoded are {undecoded}")
        if essence(report) != essence(plain):
            wrong.append(f"{link}: other findings than those of the plain capture")
        same = ("packets", "by_type", "malformed", "skipped_bytes")
        if any(report["capture"]["mqtt"][key] != plain["capture"]["mqtt"][key] for key in same):
            wrong.append(f"{link}: other packets than those of the plain capture")
        if link == "hooks" and report["capture"]["tcp"]["retransmitted"] != plain["capture"]["tcp"]["retransmitted"]:
            wrong.append("hooks: what was captured three times is taken for sent again")
    return wrong


def without_numbers(scenario):
    """What it expects, the counts aside: a hole of the capture holds more octets than over TCP."""
    bare = copy.copy(scenario)
    bare.expectations = [{key: value for key, value in line.items() if key not in ("lost", "owed")}
                         for line in scenario.expectations]
    return bare


def run_transport(program, scenario, folder, words, expected):
    """The report of a scenario in a transport; None where the tool was built without it."""
    capture, keys = folder / "transport.pcap", folder / "transport.keys"
    try:
        program.tool_output(scenario.path, "-o", capture, "--keys", keys, "--transport", *words)
    except Failed as failed:
        if "is no transport here" in str(failed):
            return None
        raise
    options = ("--keylog", str(keys)) if keys.stat().st_size > 0 else ()
    report = program.report(capture, *options)
    carried = {name for broker in report["brokers"] for name in broker["transports"]}
    if not carried <= {expected}:
        raise Failed(f"{' '.join(words)}: the transports are {carried}")
    return report


def run_transports(program, scenario, folder):
    capture = folder / "plain.pcap"
    program.tool_output(scenario.path, "-o", capture)
    whole = program.report(capture)
    plain, before = essence(whole), parties(whole)
    has_hole = lacks_frames(scenario)
    wrong = []
    for words, expected in TRANSPORTS:
        report = run_transport(program, scenario, folder, words, expected)
        if report is None:
            continue
        problems = []
        # Where a stream begins amidst, segments in another order are not told from missing ones.
        if has_hole and "--reorder" in words:
            problems = list(new_accusations(scenario, report, before))
        elif has_hole:
            problems = compare(without_numbers(scenario), report)
        elif essence(report) != plain:
            problems = ["other findings than over TCP"]
        wrong += [f"{' '.join(words)}: {problem}" for problem in problems]
    return wrong


def forms_of(packets, program):
    """(name, the octets of one file or of several; None where they cannot be made here)"""
    plain = capture_forms.pcap(packets)
    half = len(packets) // 2
    in_places = capture_forms.two_places
    yield "pcap, big-endian", capture_forms.pcap(packets, ">")
    yield "pcap, nanoseconds", capture_forms.pcap(packets, "<", True)
    yield "pcap, big-endian, nanoseconds", capture_forms.pcap(packets, ">", True)
    yield "pcapng, three interfaces", capture_forms.pcapng(packets)
    yield "pcapng, big-endian", capture_forms.pcapng(packets, ">")
    yield "gzip, two members", capture_forms.gzip_members(plain) if program.inflates("gzip") else None
    yield "pcapng in zstd", capture_forms.zstd(capture_forms.pcapng(packets)) if program.inflates("zstd") else None
    yield "one after the other", [capture_forms.pcap(packets[:half]), capture_forms.pcapng(packets[half:])]
    yield "by turns", [capture_forms.pcap(side) for side in capture_forms.by_turns(packets)]
    for name, ahead in (("ahead", 37_250_000_000), ("behind", -3_600_000_000_000)):
        yield f"two places, {name}", [capture_forms.pcap(side) for side in in_places(packets, ahead, False)]
        yield f"two places, {name}, each lacks some", [capture_forms.pcap(side)
                                                       for side in in_places(packets, ahead, True)]


def run_files(program, scenario, folder):
    """The same findings, whatever the form of the file, and from two files as from one."""
    capture = folder / "plain.pcap"
    program.tool_output(scenario.path, "-o", capture)
    plain = essence(program.report(capture))
    packets = capture_forms.read_pcap(capture.read_bytes())
    wrong = []
    for name, octets in forms_of(packets, program):
        # What is sent again at once, and is in the other file, may be a copy of the first.
        if octets is None:
            print(f"skipped {scenario.name} as {name}: zlib or zstd is not here")
            continue
        if name == "by turns" and scenario.name.startswith("half-open"):
            continue
        files = [folder / f"form-{i}" for i in range(len(octets) if isinstance(octets, list) else 1)]
        for path, content in zip(files, octets if isinstance(octets, list) else [octets]):
            path.write_bytes(content)
        reports = {name: program.report(files[0], *(word for path in files[1:] for word in ("-r", str(path))))}
        if len(files) == 1:
            reports[f"{name}, standard input"] = program.report("-", stdin=files[0])
        wrong += [f"{form}: other findings" for form, report in reports.items() if essence(report) != plain]
    return wrong


def is_plain_ack(frame):
    """An Ethernet, IPv4, TCP frame with neither payload nor SYN, FIN, RST."""
    return len(frame) == 16 + 14 + 20 + 20 and frame[16 + 12:16 + 14] == b"\x08\x00" and frame[16 + 47] == 0x10


def accusations(report):
    """The losses for which somebody is blamed, and not only as one possibility."""
    return [finding for finding in report.get("findings", [])
            if finding.get("severity") == "loss" and finding.get("responsible") != "unknowable" and
            finding.get("confidence") in ("proven", "strong")]


def parties(report):
    """Who is blamed, about which client. A milder word for the same party accuses nobody new."""
    blamed = {(finding.get("client_id"), finding["responsible"]) for finding in accusations(report)}
    milder = {"client-bug": "client-config", "broker-fault": "broker-policy"}
    return blamed | {(client, milder[who]) for client, who in blamed if who in milder}


def is_expected(scenario, finding):
    """Whether a line of the scenario allows this finding, its numbers aside."""
    for line in scenario.expectations:
        if line["kind"] in ("lapse", "finding", "maybe"):
            bare = {key: value for key, value in line.items() if key not in ("lost", "owed", "names", "says")}
            if is_client(scenario.client(line["client"], False), finding) and not differences(bare, finding, False):
                return True
    return False


def new_accusations(scenario, report, before):
    """Who is blamed for a loss in a capture with something missing, and not in the whole one."""
    for finding in accusations(report):
        blamed = (finding.get("client_id"), finding["responsible"])
        if blamed not in before and not is_expected(scenario, finding):
            yield describe(finding)


def run_drops(program, scenario, folder):
    capture = folder / "drop.pcap"
    program.tool_output(scenario.path, "-o", capture)
    before = parties(program.report(capture))
    header, frames = capture_forms.records_of(capture)
    if len(frames) > DROP_FRAMES_MAXIMUM:
        return []
    wrong = []
    for number, dropped in enumerate(frames):
        if is_plain_ack(dropped) and not os.environ.get("MQLAPSE_DROP_ALL"):
            continue
        capture.write_bytes(header + b"".join(frames[:number] + frames[number + 1:]))
        wrong += [f"without frame {number + 1}: {finding}"
                  for finding in new_accusations(scenario, program.report(capture), before)]
    return wrong


def connection_of(frame):
    """What an Ethernet, IPv4, TCP frame belongs to, whoever sent it."""
    return frozenset((frame[16 + 26:16 + 30] + frame[16 + 34:16 + 36], frame[16 + 30:16 + 34] + frame[16 + 36:16 + 38]))


def runs_of(scenario, n_frames):
    """(first, length) of the runs of frames that are left out, the same ones each time."""
    for length in RUN_LENGTHS:
        starts = n_frames - length
        if starts <= 0:
            return
        everything = bool(os.environ.get("MQLAPSE_DROP_ALL"))
        step = 1 if everything else max(1, starts // RUNS_OF_A_LENGTH)
        offset = 0 if everything else zlib.crc32(f"{scenario.name} {length}".encode()) % step
        for first in range(offset, starts, step):
            yield first, length


def run_runs(program, scenario, folder):
    capture = folder / "run.pcap"
    program.tool_output(scenario.path, "-o", capture)
    before = parties(program.report(capture))
    header, frames = capture_forms.records_of(capture)
    if len(frames) > DROP_FRAMES_MAXIMUM:
        return []
    wrong = []
    connections = {connection_of(frame) for frame in frames}
    for first, length in runs_of(scenario, len(frames)):
        left = frames[:first] + frames[first + length:]
        if {connection_of(frame) for frame in left} != connections:
            continue  # a connection of which no frame is left leaves no trace
        capture.write_bytes(header + b"".join(left))
        wrong += [f"without frames {first + 1} to {first + length}: {finding}"
                  for finding in new_accusations(scenario, program.report(capture), before)]
    return wrong


def run_forgotten(program, scenario, folder):
    story, capture, wrong = folder / "long.scenario", folder / "long.pcap", []
    for beside in (False, True):
        text = forgotten.lengthened(scenario.path.read_text(encoding="utf-8"), beside)
        if text is None:
            continue
        story.write_text(text, encoding="utf-8")
        program.tool_output(story, "-o", capture)
        limited = program.report(capture, "--memory", "1")
        if limited["capture"]["mqtt"]["forgotten_connections"] == 0:
            wrong.append("nothing was forgotten")
        wrong += forgotten.compare(program.report(capture), limited)
    return wrong


MODES = {"plain": run_plain, "variants": run_variants, "drops": run_drops, "runs": run_runs,
         "transports": run_transports, "encapsulations": run_encapsulations, "files": run_files,
         "forgotten": run_forgotten}


def arguments_of(mode, argv):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tool", default=str(BUILD / "tests/support/scenario_tool"))
    parser.add_argument("--program", default=str(BUILD / "mqlapse"))
    parser.add_argument("--mode", choices=MODES, default=mode)
    parser.add_argument("scenarios", nargs="*", type=pathlib.Path)
    return parser.parse_args(argv)


def all_scenarios():
    return sorted((TREE / "tests/scenarios").glob("*.scenario")) + sorted((TREE / "samples").glob("*.scenario"))


def some_of(paths, mode):
    """Where every run is slow, each so manyth scenario is played in the modes of many runs."""
    step = int(os.environ.get("MQLAPSE_SCENARIO_STEP", "1"))
    if step == 1 or mode == "plain":
        return paths
    print(f"each {step}th scenario is played")
    return paths[::step]


def run_one(program, mode, path, folder):
    try:
        problems = MODES[mode](program, Scenario(program, path), folder)
    except (Failed, subprocess.TimeoutExpired) as error:
        problems = [str(error)]
    if not problems:
        print(f"ok {path.stem}")
        return True
    print(f"FAIL {path.stem}: {problems[0]}")
    for problem in problems[1:]:
        print(f"     {' ' * len(path.stem)}  {problem}")
    return False


def main(mode="plain", argv=None):
    arguments = arguments_of(mode, argv)
    program = Program(arguments)
    paths = arguments.scenarios or some_of(all_scenarios(), arguments.mode)
    if not paths:
        print("No scenario was found.")
        return 1
    with tempfile.TemporaryDirectory() as folder:
        good = [run_one(program, arguments.mode, path, pathlib.Path(folder)) for path in paths]
    print(f"{sum(good)} of {len(good)} scenarios hold")
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
