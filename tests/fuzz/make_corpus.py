#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the seeds of the corpus: tests/fuzz/corpus/TARGET/seed-*, from hand-written inputs and
samples/; those of TLS and of tunnels from folders of captures that scenario_tool makes, named on the
command line.  Inputs of other names were found by fuzzing and are kept as they are."""
import gzip
import os
import struct
import sys
import zlib

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(TOP, "tests", "support"))
import pcap_writer as wire  # noqa: E402

SERVER = ((10, 0, 0, 1), 1883)


def keep(target, name, octets):
    folder = os.path.join(HERE, "corpus", target)
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "seed-" + name), "wb") as out:
        out.write(octets)


def sample(name):
    with open(os.path.join(TOP, "samples", name + ".pcap"), "rb") as file:
        return file.read()


def frames_of(octets):
    at = 24
    while at + 16 <= len(octets):
        size, = struct.unpack_from("<I", octets, at + 8)
        yield octets[at + 16:at + 16 + size]
        at += 16 + size


def payloads_of(octets):
    for frame in frames_of(octets):
        if frame[12:14] == b"\x08\x00" and frame[23] == 6:
            header = 14 + 20 + (frame[46] >> 4) * 4
            client = struct.unpack_from(">H", frame, 36)[0] == 1883
            if len(frame) > header:
                yield (0 if client else 1), frame[header:]


def block(kind, body):
    body += bytes(-len(body) % 4)
    size = 12 + len(body)
    return struct.pack("<II", kind, size) + body + struct.pack("<I", size)


def option(code, value):
    return struct.pack("<HH", code, len(value)) + value + bytes(-len(value) % 4)


def section():
    return block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))


def interface(link_type=1, options=b""):
    return block(1, struct.pack("<HHI", link_type, 0, 0) + options)


def enhanced(frame, ticks=10 ** 15, which=0):
    return block(6, struct.pack("<IIIII", which, ticks >> 32, ticks & 0xFFFFFFFF, len(frame),
                                len(frame)) + frame + bytes(-len(frame) % 4))


def simple(frame):
    return block(3, struct.pack("<I", len(frame)) + frame)


def zstd(*pieces):
    """A frame of raw blocks (RFC 8878 section 3.1.1), its window 1 KiB."""
    octets = b"\x28\xb5\x2f\xfd\0\0"
    for i, piece in enumerate(pieces):
        header = (i == len(pieces) - 1) | len(piece) << 3
        octets += struct.pack("<I", header)[:3] + piece
    return octets


def write_compressed():
    capture = sample("healthy")[:3000]
    member = gzip.compress(capture[:1000], mtime=0) + gzip.compress(capture[1000:], mtime=0)
    keep("capture", "gzip", member)
    keep("capture", "gzip-cut", member[:400])
    keep("capture", "gzip-damaged", member[:300] + b"\xff" * 8 + member[308:])
    keep("capture", "gzip-then-text", member + bytes(9) + b"text")
    keep("capture", "gzip-zeros", gzip.compress(capture[:24] + bytes(200_000), mtime=0))
    keep("capture", "zstd", zstd(capture[:1000]) + zstd(capture[1000:2000], capture[2000:]))
    keep("capture", "zstd-cut", zstd(capture[:1000])[:-1])
    keep("capture", "zstd-skippable", b"\x5f\x2a\x4d\x18\3\0\0\0abc" + zstd(capture[:1000]))
    keep("capture", "zstd-window-of-2-gib", b"\x28\xb5\x2f\xfd\0\xa8\1\0\0")


def write_captures():
    frames = list(frames_of(sample("healthy")))[:12]
    everything = section() + interface(options=option(9, b"\x09") + option(14, bytes(8)))
    everything += interface(276, option(9, b"\xff") + option(2, b"eth0"))
    everything += interface(101, option(9, b"\x7f") + option(9, b"\x80"))
    everything += b"".join(enhanced(frame, 10 ** 15 + i) for i, frame in enumerate(frames))
    everything += simple(frames[0]) + block(0x0BAD, b"none") + enhanced(frames[0], 2 ** 64 - 1, 2)
    everything += block(5, struct.pack("<III", 0, 0, 0) + option(5, b"\x07" + bytes(7)))
    everything += block(10, struct.pack("<II", 0x544C534B, 4) + b"keys")
    everything += block(4, struct.pack("<HH", 1, 8) + bytes([10, 0, 0, 1]) + b"abc\0" + bytes(4))
    notes = option(1, b"note") + option(2, struct.pack("<I", 1 << 24)) + option(4, b"\xff" * 8)
    noted = enhanced(frames[0])[:-4] + notes
    noted = noted[:4] + struct.pack("<I", len(noted) + 4) + noted[8:] + struct.pack("<I", len(noted) + 4)
    keep("capture", "pcapng-notes", section() + interface(options=option(2, b"") + option(3, b"x" * 700))
         + noted * 70 + noted[:-8] + struct.pack("<HH", 1, 0xFFFF) + noted[-4:])
    for target in ("capture", "pipeline"):
        keep(target, "pcapng", everything)
        keep(target, "pcapng-two-sections", section() + interface() + enhanced(frames[0])
             + section() + interface(228) + enhanced(frames[0][14:]))
        keep(target, "pcapng-no-interface", section() + enhanced(frames[0]) + simple(frames[0]))
        keep(target, "pcapng-length-0", section() + struct.pack("<II", 6, 0))
        keep(target, "pcap-cut", sample("healthy")[:500])
        keep(target, "pcap-record-of-4-gib", wire.GLOBAL_HEADER + b"\xff" * 16 + b"x")
    keep("capture", "pcap-big-endian-ns",
         struct.pack(">IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 65535, 1)
         + struct.pack(">IIII", 0xFFFFFFFF, 0xFFFFFFFF, 4, 4) + b"abcd")
    for name in ("founding", "takeover", "expired", "disconnect-zero"):
        keep("pipeline", name, sample(name))


def write_tcp():
    for name in ("healthy", "takeover"):
        keep("tcp", name, b"".join(struct.pack(">HBB", len(frame), 0, 1) + frame
                                   for frame in list(frames_of(sample(name)))[:40]))
    frames = list(frames_of(sample("healthy")))[:10]
    keep("tcp", "backwards", b"".join(struct.pack(">HBB", len(frame), 0, 1) + frame
                                      for frame in reversed(frames)))
    keep("tcp", "cut", b"".join(struct.pack(">HBB", 0x8000 | len(frame) - 2, 0, 1) + frame[:-2]
                                for frame in frames))
    ipv6 = struct.pack(">IHBB", 6 << 28, 8 + 20, 0, 64) + bytes(15) + b"\1" + bytes(15) + b"\2"
    ipv6 += bytes([6, 0, 1, 4, 0, 0, 0, 0]) + struct.pack(">HHIIBBHHH", 5, 1883, 1, 0, 80, 2, 0, 0, 0)
    keep("tcp", "ipv6-hop-by-hop", struct.pack(">HBB", len(ipv6), 8, 0) + ipv6)
    vlans = frames[0][:12] + b"\x81\0\0\1" * 20 + frames[0][12:]
    keep("tcp", "vlans", struct.pack(">HBB", len(vlans), 0, 0) + vlans)


def write_mqtt():
    packets = [wire.connect("a", "user", "secret", "will/topic"), wire.connack(), wire.subscribe("a/#"),
               wire.suback(), wire.publish("a/b", "x", 7), wire.puback(7), wire.disconnect(),
               wire.packet(0xF0, b"\x18\x1d\x15\0\4SCRA\x16\0\1x\x1f\0\1y\x26\0\1k\0\1v"),
               wire.packet(0x10, wire.text("MQIsdp") + b"\3\2\0\x3c" + wire.text("old")),
               wire.packet(0x30, b"\0\0\3\x23\0\1x"), b"\x30\xff\xff\xff\x7f\0\1a",
               wire.packet(0xA2, b"\0\1\0" + wire.text("+/+/#")), wire.packet(0x62, b"\0\1\x92\0")]
    for i, octets in enumerate(packets):
        for version in (0, 2, 3):
            keep("mqtt_decode", f"{i:02}-{version}", bytes([version]) + octets)
    for name in ("healthy", "founding"):
        chunks = b""
        for side, octets in list(payloads_of(sample(name)))[:30]:
            chunks += struct.pack(">H", side << 15 | len(octets)) + octets
        keep("mqtt_stream", name, b"\2" + chunks)
        keep("mqtt_stream", name + "-hole", b"\0" + chunks[:60] + b"\x20\x05" + chunks[70:] + b"\x60\0")
    flood = b"".join(wire.publish("t", "", i % 9 + 1) for i in range(20))
    keep("mqtt_stream", "assumed", b"\1" + struct.pack(">H", len(flood)) + flood + b"\xc0\x10\xe0\0")


def said(side, octets, action=0):
    return struct.pack(">H", side << 15 | action << 13 | len(octets)) + octets


def frame(first, payload, mask=b""):
    size = len(payload)
    length = bytes([size]) if size < 126 else b"\x7e" + struct.pack(">H", size)
    length = bytes([length[0] | (0x80 if mask else 0)]) + length[1:]
    turned = bytes(octet ^ mask[at & 3] for at, octet in enumerate(payload)) if mask else payload
    return bytes([first]) + length + mask + turned


def deflated(packer, payload):
    return (packer.compress(payload) + packer.flush(zlib.Z_SYNC_FLUSH))[:-4]


def write_websocket():
    request = b"GET /mqtt HTTP/1.1\r\nUpgrade: websocket\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n"
    answer = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"
    head = said(0, request) + said(1, answer)
    connect = b"\x10\x0d\x00\x04MQTT\x04\x02\x00\x3c\x00\x01x"
    whole = said(0, frame(0x82, connect, b"mask")) + said(1, frame(0x82, b"\x20\x02\0\0"))
    fragments = said(0, frame(0x02, connect[:5], b"mask") + frame(0x89, b"?", b"ping") +
                     frame(0x80, connect[5:], b"more"))
    close = said(0, frame(0x88, b"\x03\xe8bye", b"bye!")) + said(1, frame(0x88, b""))
    keep("websocket", "whole", b"\0" + head + whole + close)
    keep("websocket", "fragments", b"\0" + head + fragments + close)
    keep("websocket", "midway", b"\1" + whole + said(1, b"1234", 1) + said(1, b"junk" + frame(0x82, b"\xd0\0") * 3))
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = b"".join(frame(0xC2, deflated(packer, connect), b"mask") for _ in range(3))
    keep("websocket", "deflate", b"\2" + said(0, packed) + said(0, bytes(9), 1) + said(0, packed))
    bomb = frame(0xC2, deflated(zlib.compressobj(9, zlib.DEFLATED, -15), bytes(1 << 20)), b"mask")
    keep("websocket", "bomb", b"\2" + said(0, bomb))
    keep("websocket", "long", b"\2" + said(1, b"\x82\x7f\0\0\0\x7f\xff\xff\xff\xff" + bytes(100)))
    keep("websocket", "http", b"\0" + said(0, b"GET / HTTP/1.1\nHost: x\n\n") + said(1, b"HTTP/1.0 200 OK\n\n"))


def write_transport():
    signature = b"\r\n\r\n\0\r\nQUIT\n"
    ends = bytes([203, 0, 113, 7, 10, 0, 0, 5]) + struct.pack(">HH", 50000, 1883)
    connect = b"\x10\x0d\x00\x04MQTT\x04\x02\x00\x3c\x00\x01x"
    v1 = b"PROXY TCP4 203.0.113.7 10.0.0.5 50000 1883\r\n"
    v2 = signature + b"\x21\x11" + struct.pack(">H", len(ends) + 8) + ends + b"\x20\0\5\1\0\0\0\0"
    answer = said(1, b"\x20\2\0\0")
    keep("transport", "proxy-1", b"\0" + said(0, v1 + connect) + answer)
    keep("transport", "proxy-1-cut", b"\0" + said(0, v1[:7]) + said(0, v1[7:]) + said(0, connect) + answer)
    keep("transport", "proxy-2", b"\0" + said(0, v2[:5]) + said(0, v2[5:] + connect) + answer)
    keep("transport", "proxy-2-midway", b"\1" + said(1, b"", 1)[:1] + b"\x40" + said(1, v2 + connect))
    keep("transport", "proxy-2-hole", b"\0" + said(0, v2[:20]) + said(0, b"", 1)[:1] + b"\x09" + said(0, connect))
    keep("transport", "proxy-local", b"\0" + said(0, signature + b"\x20\0\0\0"))
    keep("transport", "proxy-unknown", b"\0" + said(0, b"PROXY UNKNOWN\r\n") + said(0, connect))
    keep("transport", "proxy-too-long", b"\0" + said(0, signature + b"\x21\x11\xff\xff" + bytes(300)))
    upgrade = b"GET /mqtt HTTP/1.1\r\nUpgrade: websocket\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n"
    keep("transport", "proxy-websocket", b"\0" + said(0, v1 + upgrade) +
         said(1, b"HTTP/1.1 101 x\r\nUpgrade: websocket\r\n\r\n") + said(0, frame(0x82, connect, b"mask")))
    hello = b"\x16\3\1\0\x2d\1\0\0\x29\3\3" + bytes(32) + b"\0\0\2\x13\1\1\0"
    keep("transport", "proxy-tls", b"\0" + said(0, v2 + hello) + said(1, b"\x15\3\3\0\2\2\x28"))


def datagram(side, octets, filled=False):
    return struct.pack(">H", side << 15 | filled << 14 | len(octets)) + octets


def write_udp():
    connect = b"\x0c\x04\x04\x01\0\x3csensor"
    register = b"\x0a\x0a\0\0\0\1a/b/"
    keep("udp", "sn-connect", datagram(0, connect) + datagram(1, b"\3\5\0") + datagram(0, b"\2\x18"))
    keep("udp", "sn-register", datagram(0, register) + datagram(1, b"\7\x0b\0\1\0\1\0") +
         datagram(0, b"\x09\x0c\x20\0\1\0\2hi") + datagram(1, b"\7\x0d\0\1\0\2\0"))
    keep("udp", "sn-long", datagram(0, b"\1\0\x0e\x04\x04\x01\0\x3csensor") + datagram(0, b"\1\xff"))
    for name, first, version in (("quic-1", b"\xc3", b"\0\0\0\1"), ("quic-2", b"\xd3", b"\x6b\x33\x43\xcf")):
        head = first + version + b"\x08\x83\x94\xc8\xf0\x3e\x51\x57\x08\0\0\x44\x9a"
        keep("udp", name, datagram(0, head, True) + datagram(0, head, True) + datagram(1, b"\x40x"))
    keep("udp", "quic-token", datagram(0, b"\xc3\0\0\0\1\x08" + bytes(8) + b"\0\xff" + b"\xff" * 7, True))


def write_tunnels(folder):
    """From scenario_tool samples/founding.scenario --link LINK -o LINK.pcap in a folder."""
    numbers = {1: 0, 127: 10, 105: 11, 239: 12, 192: 13}
    for name in sorted(os.listdir(folder)):
        if not name.endswith(".pcap"):
            continue
        with open(os.path.join(folder, name), "rb") as file:
            octets = file.read()
        link = numbers[struct.unpack_from("<I", octets, 20)[0]]
        keep("tcp", name[:-5], b"".join(struct.pack(">HBB", len(one), link, 1) + one
                                         for one in list(frames_of(octets))[:24]))


def write_tls(folder):
    """From scenario_tool samples/founding.scenario --transport KIND -o KIND.pcap --keys KIND.keys in a folder."""
    for kind in ("tls12", "tls13", "wss"):
        with open(os.path.join(folder, kind + ".pcap"), "rb") as file:
            said_all = [said(side, octets) for side, octets in first_connection(file.read())][:24]
        with open(os.path.join(folder, kind + ".keys"), "rb") as file:
            keys = b"".join(line for line in file.readlines() if b"EXPORTER" not in line)[:900]
        head = struct.pack(">H", len(keys)) + keys
        keep("tls", kind, head + b"\1" + b"".join(said_all))
        keep("tls", kind + "-without", b"\0\0\0" + b"".join(said_all))
        holes = [said(0, b"", 1)[:1] + b"\x40" if i == 9 else chunk for i, chunk in enumerate(said_all)]
        keep("tls", kind + "-hole", head + b"\1" + b"".join(holes))


def first_connection(octets):
    ports = set()
    for frame in frames_of(octets):
        if frame[12:14] == b"\x08\x00" and frame[23] == 6:
            port = max(struct.unpack_from(">HH", frame, 34))
            ports.add(port)
            payload = frame[14 + 20 + (frame[46] >> 4) * 4:]
            if payload and port == min(ports):
                yield (0 if struct.unpack_from(">H", frame, 34)[0] == port else 1), payload


def write_options():
    lines = {
        "read": "-r\na.pcap\n--report=json\n-c\n*\n--fail-on\nloss\ntcp port 1883",
        "live": "-i\nany\n-w\nx\n-d\n1883\n-d\n0\n-d\n65536\n--vantage\ntap\n-Z\nnobody",
        "both": "-r\n-\n-i\nlo", "wrong": "--fail-on\nnothing\n--vantage\nmoon",
        "unsupported": "--keylog\nx\n--follow\n--memory\n1G\n--redact",
        "causes": "--list-causes\n--version\n--explain\nexpiry-absent\n--report\n--\n-r",
    }
    for name, text in lines.items():
        keep("options", name, text.encode())


def write_filters():
    texts = {
        "fields": 'lost > 0 and (broker ~ "10\\.0" or state = kept) not version = 5.0 cause = expired',
        "words": "pump 'two words' !(a or b)", "times": "time >= 10:15 time < 2026-11-22 10:15:30.5 away > 1h30m",
        "globs": "client = pump-* topic = plant/7/? lost = ?", "open": "client = ", "quote": "user ~ 'a",
        "deep": "(" * 40, "not": "not " * 40 + "x", "long": "a " * 499, "wrong": "lost ~ 3 or or",
        "wild": "topic=plant/+/# and client~((a+)+)+$ and severity>=risk",
    }
    for name, text in texts.items():
        keep("filter", name, text.encode())


def main():
    write_captures()
    write_compressed()
    write_tcp()
    write_mqtt()
    write_websocket()
    write_transport()
    write_udp()
    for folder in sys.argv[1:]:
        if os.path.exists(os.path.join(folder, "tls12.pcap")):
            write_tls(folder)
        else:
            write_tunnels(folder)
    write_options()
    write_filters()


if __name__ == "__main__":
    main()
