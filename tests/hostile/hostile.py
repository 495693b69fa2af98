# SPDX-License-Identifier: MIT
"""Captures made to hurt.  ATTACKS[NAME](capture, N) writes one whose size grows with N."""
import pathlib
import struct
import sys

TREE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TREE / "tests" / "support"))
from pcap_writer import GLOBAL_HEADER, ethernet, length, packet, text  # noqa: E402

SYN, RST, ACK = 0x02, 0x04, 0x10
SERVER = (0x0A000001, 1883)
ATTACKS = {}


def attack(function):
    ATTACKS[function.__name__] = function
    return function


def host(number):
    return 0x0B000000 + number // 50000, 1024 + number % 50000


class Capture:
    """Frames ten microseconds apart, written as they come."""

    def __init__(self, file):
        self.file = file
        self.micros = 1_700_000_000_000_000
        self.waiting = [GLOBAL_HEADER]

    def frame(self, octets):
        self.micros += 10
        self.waiting.append(struct.pack("<IIII", self.micros // 10 ** 6, self.micros % 10 ** 6,
                                        len(octets), len(octets)) + octets)
        if len(self.waiting) > 5000:
            self.flush()

    def flush(self):
        self.file.write(b"".join(self.waiting))
        self.file.flush()
        self.waiting = []


class Connection:
    def __init__(self, capture, client, server=SERVER, handshake=True):
        self.capture, self.ends, self.sent = capture, (client, server), [1000, 2000]
        if handshake:
            self.segment(0, SYN)
            self.segment(1, SYN | ACK)
            self.segment(0, ACK)

    def segment(self, side, flags, payload=b"", sequence=None):
        (source, source_port), (target, target_port) = self.ends[side], self.ends[1 - side]
        at = self.sent[side] if sequence is None else sequence
        tcp = struct.pack(">HHIIBBHHH", source_port, target_port, at & 0xFFFFFFFF,
                          self.sent[1 - side] & 0xFFFFFFFF if flags & ACK else 0, 0x50, flags,
                          65535, 0, 0) + payload
        ip = struct.pack(">BBHHHBBHII", 0x45, 0, 20 + len(tcp), 0, 0x4000, 64, 6, 0, source, target)
        self.capture.frame(ethernet(0x0800, ip + tcp))
        if sequence is None:
            self.sent[side] += len(payload) + bool(flags & 3)

    def send(self, octets, side=0):
        for at in range(0, len(octets), 60000):
            self.segment(side, 0x18, octets[at:at + 60000])

    def answer(self, octets):
        self.send(octets, 1)

    def login(self, client_id, present=0, clean=0, user=None):
        flags = (2 if clean else 0) | (0x80 if user is not None else 0)
        body = text("MQTT") + bytes([5, flags, 0, 60]) + b"\5\x11\0\x0f\x42\x40" + text(client_id)
        self.send(packet(0x10, body + (b"" if user is None else text(user))))
        self.answer(packet(0x20, bytes([present, 0, 0])))

    def subscribe(self, filters, number=1):
        entries = b"".join(text(each) + b"\1" for each in filters)
        self.send(packet(0x82, struct.pack(">HB", number, 0) + entries))
        self.answer(packet(0x90, struct.pack(">HB", number, 0) + b"\1" * len(filters)))

    def unsubscribe(self, filters, number=1):
        self.send(packet(0xA2, struct.pack(">HB", number, 0) + b"".join(text(each) for each in filters)))
        self.answer(packet(0xB0, struct.pack(">HB", number, 0) + b"\0" * len(filters)))

    def leave(self):
        self.send(packet(0xE0, b""))
        self.segment(0, 0x11)
        self.segment(1, 0x11)
        self.segment(0, ACK)


def publish(topic, number, payload=b"x", qos=1, properties=b""):
    identifier = struct.pack(">H", number % 60000 + 1) if qos else b""
    return packet(0x30 | qos << 1, text(topic) + identifier + length(len(properties)) + properties
                  + payload)


def puback(number):
    return packet(0x40, struct.pack(">H", number % 60000 + 1))


def in_batches(connection, messages, side=0):
    """PUBLISH packets of @side and their acknowledgements."""
    sent = answered = b""
    for i, (topic, payload) in enumerate(messages):
        sent += publish(topic, i, payload)
        answered += puback(i)
        if i % 200 == 199:
            connection.send(sent, side)
            connection.send(answered, 1 - side)
            sent = answered = b""
    if sent:
        connection.send(sent, side)
        connection.send(answered, 1 - side)


def away(capture, number, client_id, filters):
    connection = Connection(capture, host(number))
    connection.login(client_id)
    for i in range(0, len(filters), 100):
        connection.subscribe(filters[i:i + 100], i // 100 % 60000 + 1)
    connection.leave()


def publisher(capture):
    connection = Connection(capture, (0x0A0000FF, 5000))
    connection.login("publisher", clean=1)
    return connection


def queue_up(capture, n):
    away(capture, 0, "subscriber", ["#"])
    in_batches(publisher(capture), ((f"t/{i % 100}", b"x%d" % i) for i in range(n)))
    back = Connection(capture, host(1))
    back.login("subscriber", present=1)
    return back


@attack
def queued_and_delivered(capture, n):
    in_batches(queue_up(capture, n), ((f"t/{i % 100}", b"x%d" % i) for i in range(n)), 1)


@attack
def queued_and_others_delivered(capture, n):
    in_batches(queue_up(capture, n), ((f"t/{i % 100}", b"y%d" % i) for i in range(n)), 1)


@attack
def unsubscribed_beside_a_queue(capture, n):
    back = queue_up(capture, n)
    for i in range(n):
        back.subscribe(["z"], i % 60000 + 1)
        back.unsubscribe(["z"], i % 60000 + 1)


@attack
def many_findings(capture, n):
    for turn in range(2):
        for i in range(n):
            away(capture, i + turn * n, f"client-{i}", [f"a/{i}"])


@attack
def half_open(capture, n):
    for i in range(n):
        connection = Connection(capture, host(i), handshake=False)
        connection.segment(0, SYN)
        connection.segment(1, SYN | ACK)


@attack
def reconnects(capture, n):
    for i in range(n):
        connection = Connection(capture, host(i))
        connection.login("one", present=i % 2)
        connection.subscribe(["a/b"])
        connection.segment(0, RST)


@attack
def filters_that_walk_all_topics(capture, n):
    away(capture, 0, "subscriber", ["#"])
    connection = publisher(capture)
    in_batches(connection, ((f"t/{i}/x", b"x") for i in range(n)))
    for i in range(0, n, 100):
        connection.subscribe([f"+/+/y{i + k}" for k in range(100)], i // 100 + 1)


@attack
def one_id_at_many_brokers(capture, n):
    for i in range(n):
        connection = Connection(capture, host(0), (0x0C000000 + i, 1883))
        connection.login("same")
        connection.subscribe(["a"])
        connection.leave()


@attack
def every_filter_matches_every_topic(capture, n):
    for i in range(0, n, 4000):
        away(capture, i, f"subscriber-{i}",
             ["/".join("+" if k >> bit & 1 else "a" for bit in range(16)) + "/#"
              for k in range(i, min(i + 4000, n))])
    in_batches(publisher(capture), (("a/" * 16 + str(i), b"x") for i in range(n)))


@attack
def resumed_with_many_subscriptions(capture, n):
    away(capture, 0, "subscriber", [f"f/{i}" for i in range(4096)])
    connection = publisher(capture)
    for i in range(n):
        in_batches(connection, [("f/1", b"m%d" % i)])
        back = Connection(capture, host(i + 1))
        back.login("subscriber", present=1)
        back.leave()


@attack
def hash_subscribers_resumed(capture, n):
    for i in range(n):
        away(capture, i, f"client-{i}", ["#"])
    in_batches(publisher(capture), ((f"t/{i}", b"x") for i in range(100)))
    for i in range(n):
        Connection(capture, host(i + n)).login(f"client-{i}", present=1)


@attack
def aliases(capture, n):
    connection = Connection(capture, host(0))
    connection.login("flood")
    for at in range(0, n, 1000):
        connection.send(b"".join(
            publish(f"topic/{i}", 0, b"", 0, b"\x23" + struct.pack(">H", i % 65535 + 1))
            for i in range(at, at + 1000)))


@attack
def octets_out_of_order(capture, n):
    connection = Connection(capture, host(0))
    connection.login("reordered")
    start, octets = connection.sent[0], publish("a", 1, b"z" * n)
    for odd in (1, 0):
        for i in range(len(octets) - 1, -1, -1):
            if i % 2 == odd:
                connection.segment(0, 0x18, octets[i:i + 1], start + i)


@attack
def packet_ids_open(capture, n):
    connection = Connection(capture, host(0))
    connection.login("open")
    for at in range(0, n, 1000):
        for side in (0, 1):
            connection.send(b"".join(publish("a", i, b"%d" % i, 2) for i in range(at, at + 1000)), side)


@attack
def never_completed(capture, n):
    for i in range(n):
        connection = Connection(capture, host(i))
        connection.login(f"huge-{i}")
        connection.send(b"\x82\xff\xff\xff\x7f\0\1\0" + (text("a" * 50) + b"\1") * 1000)


@attack
def hole_of_two_gibibytes(capture, n):
    for i in range(n):
        connection = Connection(capture, host(i))
        connection.login(f"hole-{i}")
        for _ in range(2):
            connection.sent[0] += 2 ** 31 - 70000
            connection.send(publish("a", 1))
            connection.answer(puback(1))


NAMES = [b"\x1b]0;owned\x07\x1b[2J", b"nul\0here", b"\xff\xfe\x80invalid", "\u202eright\u2066".encode(),
         b"a" * 65535, b"\x9b31m", "\u009b31m\u0085".encode(), b"line\r\nfeed", b"|pipe|`tick`<script>",
         b"=cmd()", b'"quote"', b"\xed\xa0\x80", b"\xf4\x90\x80\x80", "\u200f\u061c".encode()]


@attack
def names(capture, _):
    for turn in range(2):
        for i, name in enumerate(NAMES + [b"plain-name"]):
            connection = Connection(capture, host(i + turn * 100))
            connection.login(name, user=name)
            connection.subscribe([name])
            connection.leave()
            if turn == 0:
                in_batches(publisher(capture), [(name, b"x")])
