# SPDX-License-Identifier: MIT
"""One capture in every form that a file of it may have: writes pcap and pcapng, compresses, divides."""
import gzip
import pathlib
import shutil
import struct
import subprocess

NANOSECONDS = 10 ** 9


class Packet:
    def __init__(self, time, octets, wire_size, link_type=1, interface=0):
        self.time = time  # in nanoseconds
        self.octets = octets
        self.wire_size = wire_size
        self.link_type = link_type
        self.interface = interface

    def later(self, nanoseconds):
        return Packet(self.time + nanoseconds, self.octets, self.wire_size, self.link_type, self.interface)


def records_of(path):
    """The global header of a little-endian pcap file, and its records, as they stand there."""
    data = pathlib.Path(path).read_bytes()
    records, at = [], 24
    while at < len(data):
        size = 16 + struct.unpack_from("<I", data, at + 8)[0]
        records.append(data[at:at + size])
        at += size
    return data[:24], records


def cut(record, length):
    """A record as a capture with snap length @length has it."""
    captured = min(length, len(record) - 16)
    return record[:8] + struct.pack("<I", captured) + record[12:16 + captured]


def read_pcap(octets):
    """The packets of a little-endian pcap."""
    tick = {0xA1B2C3D4: 1000, 0xA1B23C4D: 1}[struct.unpack_from("<I", octets)[0]]
    link_type = struct.unpack_from("<I", octets, 20)[0]
    packets, at = [], 24
    while at < len(octets):
        seconds, ticks, captured, on_wire = struct.unpack_from("<IIII", octets, at)
        at += 16
        packets.append(Packet(seconds * NANOSECONDS + ticks * tick, octets[at:at + captured], on_wire, link_type))
        at += captured
    return packets


def pcap(packets, order="<", nanoseconds=False, snaplen=None):
    magic, tick = (0xA1B23C4D, 1) if nanoseconds else (0xA1B2C3D4, 1000)
    out = [struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, snaplen or 262144,
                       packets[0].link_type if packets else 1)]
    for packet in packets:
        octets = packet.octets[:snaplen] if snaplen else packet.octets
        out.append(struct.pack(order + "IIII", packet.time // NANOSECONDS,
                               packet.time % NANOSECONDS // tick, len(octets), packet.wire_size) + octets)
    return b"".join(out)


def option(order, code, value):
    return struct.pack(order + "HH", code, len(value)) + value + bytes(-len(value) % 4)


def block(order, kind, body):
    body += bytes(-len(body) % 4)
    return struct.pack(order + "II", kind, 12 + len(body)) + body + struct.pack(order + "I", 12 + len(body))


def section(order="<", options=b""):
    return block(order, 0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1) + options)


def interface(order, link_type, options=b""):
    return block(order, 1, struct.pack(order + "HHI", link_type, 0, 0) + options)


def enhanced(order, which, ticks, octets, wire_size, options=b""):
    return block(order, 6, struct.pack(order + "IIIII", which, ticks >> 32, ticks & 0xFFFFFFFF, len(octets),
                                       wire_size) + octets + bytes(-len(octets) % 4) + options)


def statistics(order, which, dropped):
    return block(order, 5, struct.pack(order + "III", which, 0, 0) +
                 option(order, 5, struct.pack(order + "Q", dropped)))


def pcapng(packets, order="<"):
    """Three interfaces by turns: of nanoseconds, of microseconds, and of nanoseconds since 2001."""
    link_type = packets[0].link_type if packets else 1
    since = 978_307_200
    out = [section(order, option(order, 1, "made for a test".encode())),
           interface(order, link_type, option(order, 2, b"eth0") + option(order, 9, b"\x09")),
           interface(order, link_type, option(order, 2, b"eth1")),
           interface(order, link_type, option(order, 9, b"\x09") +
                     option(order, 14, struct.pack(order + "q", since)))]
    for i, packet in enumerate(packets):
        ticks = (packet.time, packet.time // 1000, packet.time - since * NANOSECONDS)[i % 3]
        out.append(enhanced(order, i % 3, ticks, packet.octets, packet.wire_size))
    return b"".join(out)


def zstd(octets):
    """None where the program that compresses is missing."""
    if shutil.which("zstd") is None:
        return None
    return subprocess.run(["zstd", "-q", "-c"], input=octets, capture_output=True, check=True).stdout


def gzip_members(octets):
    """Two members, the border somewhere within."""
    middle = len(octets) * 2 // 5
    return gzip.compress(octets[:middle]) + gzip.compress(octets[middle:])


def by_turns(packets):
    """What is of one moment stays together, in its order."""
    sides, turn, moment = ([], []), 0, None
    for packet in packets:
        if packet.time != moment:
            turn, moment = 1 - turn, packet.time
        sides[turn].append(packet)
    return sides


def two_places(packets, ahead, lacking):
    """The capture of two places: the clock of the second is ahead, and each lacks what the other has."""
    first = [packet for i, packet in enumerate(packets) if not lacking or i % 5 != 3]
    second = [packet.later(ahead) for i, packet in enumerate(packets) if not lacking or i % 5 == 3 or i % 7 != 2]
    return first, second
