# SPDX-License-Identifier: MIT
"""Compares each control packet of captures that others made with what tshark saw in them.

tshark is a peer, not the truth: each difference stands in EXPLAINED with the reason, and an entry
whose difference is gone fails as well.
"""
import os
import pathlib
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))

import runner

CAPTURES = runner.SHARED / "public-captures"
DUMP = str(runner.BUILD / "tests/support/dump_packets")

# How tshark's columns name the properties.
PROPERTIES = {
    "AssignedClientId": "assigned_client_identifier",
    "ContentType": "content_type",
    "CorrelationData": "correlation_data",
    "MaxPacketSize": "maximum_packet_size",
    "MsgExpiry": "message_expiry_interval",
    "PayloadFormat": "payload_format_indicator",
    "ReceiveMax": "receive_maximum",
    "ResponseTopic": "response_topic",
    "SessionExpiry": "session_expiry_interval",
    "TopicAlias": "topic_alias",
    "TopicAliasMax": "topic_alias_maximum",
    "UserProperty": "user_property",
    "WillDelay": "will_delay_interval",
}

COMPARED = ("msgtype", "version", "remlen", "hdrflags", "dup", "qos", "retain", "msgid", "clientid",
            "cleansess", "keepalive", "willflag", "willqos", "willretain", "willtopic", "will_len",
            "username", "password_len", "sp", "reason_codes", "topic", "sub_opts", "payload_len",
            "payload_sha256", "properties", "will_properties", "faults")

# (capture, frame, packet of the frame, field): (ours, tshark's, why they differ)
EXPLAINED = {
    ("suricata__mqtt-connect-rules", 9, 1, "payload_sha256"): (
        "", "01e18c1681a02d44",
        "the payload came in two segments: the program hashes it as it passes and never collects it"),
    ("suricata__mqtt-events-invalid-qos", 8, 1, "faults"): (
        "qos-invalid", "", "octet 1 is 36: both QoS bits are set [MQTT-3.3.1-4], which tshark accepts"),
    ("suricata__mqtt5-pub-mosquittoprops", 4, 1, "faults"): (
        "property-not-boolean", "",
        "01 90 in the Will Properties: Payload Format Indicator 144, where 0 and 1 are all there is"),
    ("suricata__mqtt5-pub-mosquittoprops", 8, 1, "faults"): (
        "property-not-boolean", "", "01 58: Payload Format Indicator 88, where 0 and 1 are all there is"),
}

# MQTT 3.1 has DUP and QoS in the fixed header of SUBSCRIBE and UNSUBSCRIBE (3.1 section 3.8, 3.10).
# Octet 1 is the same for both programs; only tshark names its bits.
FIXED_IN_3_1 = "a field of MQTT 3.1 that is fixed: QoS 1; DUP is of no use to the program"
for capture, frame, number in (("suricata__mqtt31-unsub-qos1", 8, 1), ("suricata__mqtt31-unsub-qos1", 10, 1),
                               ("suricata__mqtt31-unsub-qos1", 10, 2), ("zeek__mqtt", 3, 1)):
    EXPLAINED[capture, frame, number, "dup"] = ("", "0", FIXED_IN_3_1)
    EXPLAINED[capture, frame, number, "qos"] = ("", "1", FIXED_IN_3_1)

# No CONNECT was captured.  The octet behind the topic is 53 ("S"), more than what is left of the packet,
# so that it is no Property Length: the stream is not 5.0.  tshark does not infer that.
for frame in (*range(1, 24, 2), *range(27, 50, 2), *range(53, 70, 2), 72):
    EXPLAINED["nadanadhira__punyanada", frame, 1, "version"] = (
        "4", "0", "without CONNECT, but no packet of it can be one of 5.0")


def read_table(text):
    lines = [line.split("\t") for line in text.rstrip("\n").split("\n")]
    names = [name.lstrip("#") for name in lines[0]]
    return [dict(zip(names, line)) for line in lines[1:]]


def peer_properties(text):
    pairs = [pair.split("=", 1) for pair in text.split("|")] if text else []
    return sorted(f"{PROPERTIES[name]}={value}" for name, value in pairs)


def peer_options(row):
    """What tshark tells of a SUBSCRIBE's options, octet or QoS, in the words of dump_packets."""
    options = []
    for option in filter(None, row["sub_opts"].split(",")):
        octet = int(option.partition("qos=")[2] or option, 0)
        options.append(f"qos={octet & 3} no_local={octet >> 2 & 1} rap={octet >> 3 & 1} rh={octet >> 4 & 3}")
    return ",".join(options)


def peer_packet(row):
    """A row of tshark in the terms of dump_packets."""
    packet = dict(row)
    if row["willflag"] != "1":  # tshark shows bits that mean nothing then
        packet["willqos"] = packet["willretain"] = ""
    packet["version"] = row["version"] or row["stream_version"] or "0"
    packet["reason_codes"] = row["reason_codes"] or row["return_code"]
    packet["sub_opts"] = peer_options(row)
    packet["payload_sha256"] = row["payload_sha256_16"]
    packet["properties"] = peer_properties(row["properties"])
    packet["will_properties"] = peer_properties(row["will_properties"])
    packet["faults"] = row["malformed"]
    return packet


def own_packet(row):
    packet = dict(row)
    packet["payload_sha256"] = row["payload_sha256"][:16]
    for name in ("properties", "will_properties"):
        packet[name] = sorted(filter(None, row[name].split("|")))
    return packet


def by_place(packets):
    """Packets by frame and, for several in one frame, by their order in it."""
    places = {}
    for packet in packets:
        frame = int(packet["frame"])
        number = 1
        while (frame, number) in places:
            number += 1
        places[frame, number] = packet
    return places


def own_packets(capture):
    done = subprocess.run([DUMP, str(capture)], capture_output=True, text=True, check=False, timeout=60)
    if done.returncode != 0:
        raise runner.Failed(f"dump_packets left with {done.returncode}: {done.stderr.strip()}")
    return by_place(own_packet(row) for row in read_table(done.stdout))


def peer_packets(name):
    path = CAPTURES / "expected" / f"{name}.tsv"
    return by_place(peer_packet(row) for row in read_table(path.read_text(encoding="utf-8")))


def packet_differences(ours, peer):
    """(field, our value, tshark's value)"""
    if ours is None or peer is None:
        yield "packet", ours and ours["msgtype"], peer and peer["msgtype"]
        return
    for field in ("src", "dst") + COMPARED:
        left, right = ours[field], peer[field]
        if field in ("src", "dst"):
            left = left.replace("[", "").replace("]", "")
        if left != right:
            yield field, left, right


def check_capture(capture):
    name = capture.stem
    ours, peer = own_packets(capture), peer_packets(name)
    explained = {key: value for key, value in EXPLAINED.items() if key[0] == name}
    wrong = []
    for place in sorted(set(ours) | set(peer)):
        for field, left, right in packet_differences(ours.get(place), peer.get(place)):
            known = explained.pop((name, *place, field), None)
            if known is None:
                wrong.append(f"frame {place[0]}, packet {place[1]}, {field}: {left!r}, tshark {right!r}")
            elif known[:2] != (left, right):
                wrong.append(f"frame {place[0]}, packet {place[1]}, {field}: {left!r}, tshark {right!r}, "
                             f"but explained are {known[0]!r} and {known[1]!r}")
    wrong += [f"explained, but no longer different: {key}" for key in explained]
    return wrong


def check_report(capture):
    """The program itself reads the same packets, and its report is valid."""
    report = runner.report_of("-r", capture)
    by_type = {kind: n for kind, n in report["capture"]["mqtt"]["by_type"].items() if n}
    expected = {}
    for packet in peer_packets(capture.stem).values():
        expected[packet["msgname"]] = expected.get(packet["msgname"], 0) + 1
    return [] if by_type == expected else [f"by_type is {by_type}, not {expected}"]


def main():
    captures = sorted(path for path in CAPTURES.glob("*.pcap*"))
    runner.leave_unless_there(CAPTURES, [os.path.basename(__file__) + ": all public captures"])
    cases = [(f"{path.stem}: packets", lambda path=path: check_capture(path)) for path in captures]
    cases += [(f"{path.stem}: report", lambda path=path: check_report(path)) for path in captures]
    unknown = {key[0] for key in EXPLAINED} - {path.stem for path in captures}
    cases.append(("every explained capture is there",
                  lambda: [f"no capture {name}" for name in sorted(unknown)]))
    return runner.run_cases(cases)


if __name__ == "__main__":
    sys.exit(main())
