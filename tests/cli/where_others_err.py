# SPDX-License-Identifier: MIT
"""What the analyzer that most people use shows wrongly of MQTT, each a check in which this program is right.

 1  one map of topic aliases for both directions      check_aliases_have_a_direction
 2  a later mapping rewrites earlier packets          check_aliases_hold_at_their_moment
 3  MQTT over WebSocket is not decoded                check_websocket
 4  a Remaining Length over two segments              check_a_length_over_two_segments
 5  a PROXY header hides the CONNECT                  check_a_proxy_header
 6  the version of a stream joined midway             check_joined_midway
 7  bridges, versions 0x83 and 0x84                   check_bridges
 8  a property's value by its name                    check_a_property_by_its_name
 9  what the standard forbids                         check_what_is_forbidden
10  another port than 1883                            check_any_port
11  binary data is no text                            check_binary_data
12  its cost is measured in tests/bench
"""
import pathlib
import struct
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))

import pcap_writer as wire
import runner

DUMP = runner.BUILD / "tests/support/dump_packets"
CLIENT = ((10, 9, 0, 2), 40001)


def connection_of(capture, port=1883):
    return wire.Connection(capture, CLIENT, ((10, 9, 0, 5), port))


def written(folder, capture):
    path = folder / "case.pcap"
    path.write_bytes(capture.octets())
    return path


def report_of(folder, capture):
    return runner.report_of("-r", written(folder, capture))


def dumped(folder, capture, kind=None):
    """The control packets as mappings."""
    done = subprocess.run([DUMP, written(folder, capture), "--resolve"], capture_output=True, text=True, check=True)
    head, *lines = done.stdout.splitlines()
    names = head.lstrip("#").split("\t")
    packets = [dict(zip(names, line.split("\t"))) for line in lines]
    return [one for one in packets if kind is None or one["msgtype"] == str(kind)]


def connect_v5(properties=b"", client_id="pump"):
    body = wire.text("MQTT") + bytes([5, 0, 0, 60, len(properties)]) + properties + wire.text(client_id)
    return wire.packet(0x10, body)


def publish_alias(topic, alias, payload=b"x"):
    return wire.packet(0x30, wire.text(topic) + b"\x03\x23" + struct.pack(">H", alias) + payload)


def opened(capture, port=1883):
    """With an alias allowed either way."""
    connection = connection_of(capture, port)
    connection.client_sends(connect_v5(b"\x22\0\x0a"))
    connection.server_sends(wire.packet(0x20, b"\0\0\x03\x22\0\x0a"))
    return connection


def check_aliases_have_a_direction(folder):
    capture = wire.Capture()
    connection = opened(capture)
    connection.client_sends(publish_alias("c2s/topic", 1))
    connection.server_sends(publish_alias("s2c/topic", 1))
    connection.client_sends(publish_alias("", 1))
    connection.server_sends(publish_alias("", 1))
    topics = [one["topic"] for one in dumped(folder, capture, 3)]
    if topics != ["c2s/topic", "s2c/topic", "c2s/topic", "s2c/topic"]:
        yield f"the topics are {topics}"


def check_aliases_hold_at_their_moment(folder):
    capture = wire.Capture()
    connection = opened(capture)
    for topic in ("a", "", "b", "", "c", ""):
        connection.client_sends(publish_alias(topic, 1))
    topics = [one["topic"] for one in dumped(folder, capture, 3)]
    if topics != ["a", "a", "b", "b", "c", "c"]:
        yield f"the topics are {topics}"


def check_websocket(folder):
    capture = wire.Capture()
    connection = connection_of(capture, 9001)
    connection.client_sends(b"GET /mqtt HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                            b"Sec-WebSocket-Protocol: mqtt\r\nSec-WebSocket-Version: 13\r\n\r\n")
    connection.server_sends(b"HTTP/1.1 101 x\r\nUpgrade: websocket\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n")
    octets = wire.connect("pump")
    connection.client_sends(bytes([0x82, 0x80 | len(octets)]) + bytes(4) + octets)
    connection.server_sends(bytes([0x82, len(wire.connack())]) + wire.connack())
    clients = report_of(folder, capture)["clients"]
    if [(one["client_id"], one["connections"][0]["transport"]) for one in clients] != [("pump", "ws")]:
        yield f"the clients are {clients}"


def check_a_length_over_two_segments(folder):
    capture = wire.Capture()
    connection = opened(capture)
    long = wire.publish("a/b", "x" * 300, 7)
    connection.client_sends(wire.publish("a/b", "first", 6) + long[:2])
    connection.client_sends(long[2:] + wire.publish("a/b", "last", 8))
    capture.wait(1)
    connection.client_sends(wire.disconnect())
    report = report_of(folder, capture)["capture"]["mqtt"]
    if report["by_type"]["PUBLISH"] != 3 or report["by_type"]["DISCONNECT"] != 1 or report["malformed"]:
        yield f"{report['by_type']}, {report['malformed']} malformed"


def check_a_proxy_header(folder):
    v2 = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c" + bytes([203, 0, 113, 7, 10, 9, 0, 5]) + struct.pack(">HH", 5000, 1883)
    for header in (b"PROXY TCP4 203.0.113.7 10.9.0.5 5000 1883\r\n", v2):
        capture = wire.Capture()
        connection = connection_of(capture)
        connection.client_sends(header + wire.connect("pump"))
        connection.server_sends(wire.connack())
        clients = report_of(folder, capture)["clients"]
        if [one["connections"][0]["proxied_source"] for one in clients] != ["203.0.113.7:5000"]:
            yield f"{header[:6]}: the clients are {clients}"


def check_joined_midway(folder):
    capture = wire.Capture()
    connection = wire.Connection.__new__(wire.Connection)
    connection.capture, connection.ends, connection.sent = capture, [CLIENT, ((10, 9, 0, 5), 1883)], [1000, 2000]
    # A Message Expiry Interval, so that these are properties and the payload is "hi".
    octets = wire.packet(0x32, wire.text("plant/1") + b"\0\x07\x05\x02\0\0\0\x3c" + b"hi")
    for _ in range(4):
        connection.client_sends(octets)
        connection.server_sends(wire.packet(0x40, b"\0\x07\x10\0"))
    connection.server_sends(wire.packet(0xE0, b"\x8e\0"))
    packets = dumped(folder, capture)
    publishes = {(one["version"], one["payload_len"], one["properties"]) for one in packets if one["msgtype"] == "3"}
    if publishes != {("5", "2", "message_expiry_interval=60")}:
        yield f"the PUBLISH packets are {publishes}"
    reasons = [one["reason_codes"] for one in packets if one["msgtype"] == "14"]
    if reasons != [str(0x8E)]:
        yield f"DISCONNECT has the reason {reasons}"


def check_bridges(folder):
    for name, level, version in (("MQTT", 0x84, "3.1.1"), ("MQIsdp", 0x83, "3.1")):
        capture = wire.Capture()
        connection = connection_of(capture)
        connection.client_sends(wire.packet(0x10, wire.text(name) + bytes([level, 0, 0, 60]) + wire.text("bridge")))
        connection.server_sends(b"\x20\x02\0\x05")
        one = report_of(folder, capture)["clients"][0]["connections"][0]
        # 5 is "not authorised" of MQTT 3, and no reason code of 5.0.
        if (one["bridge"], one["version"], one["return_code"], one["outcome"]) != (True, version, 5, "refused"):
            yield f"{level:#x} is {one['version']}, bridge {one['bridge']}, answered {one['return_code']}"


def check_a_property_by_its_name(folder):
    capture = wire.Capture()
    connection = connection_of(capture)
    connection.client_sends(connect_v5(b"\x11\0\0\x02\x58" + b"\x22\0\0" + b"\x17\0"))  # 600; others are 0
    connection.server_sends(wire.connack())
    expiry = report_of(folder, capture)["clients"][0]["connections"][0]["session_expiry"]
    if (expiry["connect"], expiry["effective"]) != (600, 600):
        yield f"the Session Expiry Interval is {expiry}"


def check_what_is_forbidden(folder):
    """The name of the fault: what is sent after CONNECT and CONNACK, by the client."""
    forbidden = {
        "connect-again": connect_v5(),
        "flags-reserved": wire.packet(0x80, b"\0\x01\0" + wire.text("a") + b"\x01"),
        "qos-invalid": wire.packet(0x36, wire.text("a") + b"\0\x01\0x"),
        "packet-id-zero": wire.packet(0x32, wire.text("a") + b"\0\0\0x"),
        "topic-wildcard": wire.packet(0x30, wire.text("a/+") + b"\0x"),
        "type-reserved": wire.packet(0x00, b""),
        "length-not-minimal": b"\xc0\x80\x00",
    }
    for fault, octets in forbidden.items():
        capture = wire.Capture()
        opened(capture).client_sends(octets)
        faults = report_of(folder, capture)["capture"]["mqtt"]["faults"]
        if fault not in faults:
            yield f"{fault}: the faults are {faults}"


def check_any_port(folder):
    for port in (80, 443, 5672, 12345):
        capture = wire.Capture()
        opened(capture, port)
        report = report_of(folder, capture)
        if [one["broker"] for one in report["brokers"]] != [f"10.9.0.5:{port}"]:
            yield f"port {port}: the brokers are {report['brokers']}"


def check_binary_data(folder):
    """Correlation Data and Authentication Data of octets that are no UTF-8 are no fault."""
    binary = b"\xff\xfe\0\x80"
    correlation = b"\x09" + struct.pack(">H", len(binary)) + binary
    authentication = b"\x15" + wire.text("x") + b"\x16" + struct.pack(">H", len(binary)) + binary
    capture = wire.Capture()
    connection = connection_of(capture)
    connection.client_sends(connect_v5(authentication))
    connection.server_sends(wire.packet(0x20, b"\0\0" + bytes([len(authentication)]) + authentication))
    connection.client_sends(wire.packet(0x30, wire.text("a") + bytes([len(correlation)]) + correlation + b"x"))
    report = report_of(folder, capture)["capture"]["mqtt"]
    if report["faults"] or report["by_type"]["PUBLISH"] != 1:
        yield f"faults {report['faults']}, packets {report['by_type']}"


def main():
    checks = [(name, check) for name, check in globals().items() if name.startswith("check_")]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        return runner.run_cases([(name, lambda check=check: check(folder)) for name, check in checks])


if __name__ == "__main__":
    sys.exit(main())
