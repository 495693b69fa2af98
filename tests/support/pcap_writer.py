# SPDX-License-Identifier: MIT
"""Writes small captures: Ethernet, IPv4, TCP or UDP, and MQTT 5.0 packets of any octets."""
import struct

GLOBAL_HEADER = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1)
SYN, FIN, PSH, ACK = 0x02, 0x01, 0x08, 0x10


def ethernet(kind, payload):
    return b"\x02\0\0\0\0\x01\x02\0\0\0\0\x02" + struct.pack(">H", kind) + payload


def ipv4(source, destination, protocol, payload):
    header = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), 0, 0x4000, 64, protocol, 0,
                         bytes(source), bytes(destination))
    return ethernet(0x0800, header + payload)


def udp(source, destination, payload):
    """(address, port) pairs, like those of tcp()."""
    header = struct.pack(">HHHH", source[1], destination[1], 8 + len(payload), 0)
    return ipv4(source[0], destination[0], 17, header + payload)


def arp():
    return ethernet(0x0806, struct.pack(">HHBBH", 1, 0x0800, 6, 4, 1) + bytes(20))


class Capture:
    """Frames, one millisecond apart unless time is let pass."""

    def __init__(self, start=1_700_000_000.0):
        self.time = start
        self.records = []

    def add(self, frame):
        self.time += 0.001
        micros = round(self.time * 1_000_000)
        header = struct.pack("<IIII", micros // 1_000_000, micros % 1_000_000, len(frame), len(frame))
        self.records.append(header + frame)

    def wait(self, seconds):
        self.time += seconds

    def octets(self):
        return GLOBAL_HEADER + b"".join(self.records)


class Connection:
    """A TCP connection that is opened, carries octets both ways and is closed by the client."""

    def __init__(self, capture, client, server):
        self.capture = capture
        self.ends = [client, server]
        self.sent = [1000, 2000]
        self.segment(0, SYN)
        self.segment(1, SYN | ACK)
        self.segment(0, ACK)

    def segment(self, side, flags, payload=b""):
        here, there = self.ends[side], self.ends[1 - side]
        acknowledged = self.sent[1 - side] if flags & ACK else 0
        header = struct.pack(">HHIIBBHHH", here[1], there[1], self.sent[side], acknowledged, 5 << 4,
                             flags, 65535, 0, 0)
        self.capture.add(ipv4(here[0], there[0], 6, header + payload))
        self.sent[side] += len(payload) + bool(flags & (SYN | FIN))

    def client_sends(self, octets):
        self.segment(0, PSH | ACK, octets)

    def server_sends(self, octets):
        self.segment(1, PSH | ACK, octets)

    def close(self):
        self.segment(0, FIN | ACK)
        self.segment(1, FIN | ACK)
        self.segment(0, ACK)


def length(number):
    octets = b""
    while True:
        number, low = divmod(number, 128)
        octets += bytes([low | (0x80 if number else 0)])
        if not number:
            return octets


def packet(first, body):
    return bytes([first]) + length(len(body)) + body


def text(value):
    octets = value if isinstance(value, bytes) else value.encode("utf-8")
    return struct.pack(">H", len(octets)) + octets


def connect(client_id, username=None, password=None, will_topic=None):
    """MQTT 5.0, Clean Start 0, no properties."""
    flags = (0x80 if username else 0) | (0x40 if password else 0) | (0x04 if will_topic else 0)
    body = text("MQTT") + bytes([5, flags, 0, 60, 0]) + text(client_id)
    if will_topic:
        body += b"\0" + text(will_topic) + text("gone")
    for field in filter(None, (username, password)):
        body += text(field)
    return packet(0x10, body)


def connack(code=0):
    return packet(0x20, bytes([0, code, 0]))


def subscribe(topic_filter):
    return packet(0x82, b"\0\x01\0" + text(topic_filter) + b"\x01")


def suback():
    return packet(0x90, b"\0\x01\0\x01")


def publish(topic, payload, packet_id):
    return packet(0x32, text(topic) + struct.pack(">HB", packet_id, 0) + payload.encode("utf-8"))


def puback(packet_id):
    return packet(0x40, struct.pack(">H", packet_id))


def disconnect():
    return packet(0xE0, b"")
