# SPDX-License-Identifier: MIT
"""Long talks of other protocols, on any port, seen from the beginning or joined midway: none is taken for MQTT."""
import pathlib
import random
import struct
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))

import pcap_writer as wire
import runner

EXCHANGES = 120
JOINED_AFTER = (0, 3, 4, 7, 10, 25, 60, 130)  # frames that the capture lacks
PORTS = (80, 1883, 8883)
WORDS = "temperature status device sensor value plant pump level online command update order user session".split()


def octets(luck, size):
    return bytes(luck.getrandbits(8) for _ in range(size))


def words(luck, most):
    return " ".join(luck.choice(WORDS) for _ in range(luck.randint(1, most))).encode("ascii")


# Each gives (from the client, octets) one after the other, without end.


def http(luck):
    while True:
        body = words(luck, 200)
        yield True, (b"POST /api/" + words(luck, 1) + b" HTTP/1.1\r\nHost: plant.example\r\nContent-Type: text/plain\r\n"
                     b"Content-Length: %d\r\n\r\n" % len(body)) + body
        body = words(luck, 400)
        chunks = b"".join(b"%x\r\n" % len(body[at:at + 100]) + body[at:at + 100] + b"\r\n"
                          for at in range(0, len(body), 100))
        yield False, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n"


def redis(luck):
    def bulk(value):
        return b"$%d\r\n%s\r\n" % (len(value), value)
    while True:
        key, value = words(luck, 1), words(luck, 30)
        yield True, b"*3\r\n" + bulk(b"SET") + bulk(key) + bulk(value)
        yield False, b"+OK\r\n"
        yield True, b"*2\r\n" + bulk(b"GET") + bulk(key) + b"PING\r\n"
        yield False, bulk(value) + b"+PONG\r\n"
        yield True, b"*4\r\n" + bulk(b"LRANGE") + bulk(key) + bulk(b"0") + bulk(b"3")
        yield False, b"*3\r\n" + bulk(words(luck, 3)) + b":%d\r\n" % luck.randint(0, 10 ** 9) + b"$-1\r\n"


def postgresql(luck):
    def message(kind, body):
        return kind + struct.pack(">I", 4 + len(body)) + body
    yield True, struct.pack(">II", 8 + 28, 0x30000) + b"user\0plant\0database\0plant\0\0\0\0"
    yield False, message(b"R", struct.pack(">I", 0)) + message(b"S", b"TimeZone\0UTC\0") + message(b"Z", b"I")
    while True:
        yield True, (message(b"P", b"\0SELECT " + words(luck, 5) + b"\0\0\0") + message(b"B", bytes(8)) +
                     message(b"E", bytes(5)) + message(b"S", b""))
        rows = b""
        for _ in range(luck.randint(0, 5)):
            value = words(luck, 10)
            rows += message(b"D", struct.pack(">HI", 1, len(value)) + value)
        yield False, message(b"1", b"") + message(b"2", b"") + rows + message(b"C", b"SELECT 3\0") + message(b"Z", b"I")


def amqp(luck):
    def frame(kind, channel, body):
        return struct.pack(">BHI", kind, channel, len(body)) + body + b"\xce"
    yield True, b"AMQP\0\0\x09\x01"
    yield False, frame(1, 0, struct.pack(">HHBB", 10, 10, 0, 9) + octets(luck, 80))
    while True:
        body = words(luck, 40)
        yield True, (frame(1, 1, struct.pack(">HHH", 60, 40, 0) + b"\x05plant\x04pump\0") +
                     frame(2, 1, struct.pack(">HHQH", 60, 0, len(body), 0)) + frame(3, 1, body))
        yield False, frame(1, 1, struct.pack(">HHQB", 60, 80, luck.randint(1, 1000), 0)) + frame(8, 0, b"")


def coap(luck):
    """RFC 8323: a length in the upper half of the first octet, as in nothing else."""
    def message(code, token, rest):
        size = len(rest)
        head = bytes([size << 4 | len(token)]) if size < 13 else bytes([0xD0 | len(token), size - 13]) \
            if size < 269 else bytes([0xE0 | len(token)]) + struct.pack(">H", size - 269)
        return head + bytes([code]) + token + rest
    yield True, message(0xE1, b"", b"")
    yield False, message(0xE1, b"", b"")
    while True:
        token = octets(luck, luck.randint(1, 8))
        yield True, message(luck.choice((1, 2)), token, b"\xb5plant\x04pump")
        yield False, message(0x45, token, b"\xff" + words(luck, luck.randint(1, 40)))
        yield True, message(0xE2, token, b"")
        yield False, message(0xE3, token, b"")


def tls(luck):
    """With random octets where the secrets would be needed."""
    hello = b"\x03\x03" + octets(luck, 32) + b"\0\0\x02\x13\x01\x01\0"
    hello = b"\x01" + struct.pack(">I", len(hello))[1:] + hello
    yield True, b"\x16\x03\x01" + struct.pack(">H", len(hello)) + hello
    while True:
        for side in (False, True):
            size = luck.randint(20, 1200)
            yield side, b"\x17\x03\x03" + struct.pack(">H", size) + octets(luck, size)


def ssh(luck):
    yield False, b"SSH-2.0-OpenSSH_9.2\r\n"
    yield True, b"SSH-2.0-OpenSSH_8.9\r\n"
    while True:
        for side in (True, False):
            size = luck.randint(2, 40) * 8
            yield side, struct.pack(">IB", size, luck.randint(4, 11)) + octets(luck, size - 1)


def memcached(luck):
    while True:
        key, value = words(luck, 1), words(luck, 30)
        yield True, b"set %s 0 60 %d\r\n%s\r\n" % (key, len(value), value)
        yield False, b"STORED\r\n"
        yield True, struct.pack(">BBHBBHIIQ", 0x80, 0, len(key), 0, 0, 0, len(key), luck.getrandbits(32), 0) + key
        yield False, struct.pack(">BBHBBHIIQ", 0x81, 0, 0, 4, 0, 0, 4 + len(value), 1, 9) + bytes(4) + value


def mysql(luck):
    def packet(number, body):
        return struct.pack("<I", len(body))[:3] + bytes([number]) + body
    yield False, packet(0, b"\x0a8.0.36\0" + octets(luck, 60))
    yield True, packet(1, struct.pack("<IIB", 0x85A60D, 1 << 24, 33) + bytes(23) + b"plant\0" + octets(luck, 20))
    yield False, packet(2, b"\0\0\0\x02\0\0\0")
    while True:
        yield True, packet(0, b"\x03SELECT " + words(luck, 8))
        value = words(luck, 6)
        yield False, (packet(1, b"\x01") + packet(2, b"\x03def" + octets(luck, 20)) + packet(3, b"\xfe\0\0\x02\0") +
                      packet(4, bytes([len(value) % 250]) + value) + packet(5, b"\xfe\0\0\x02\0"))
        yield True, packet(0, b"\x0e")
        yield False, packet(1, b"\0\0\0\x02\0\0\0")


def noise(luck):
    while True:
        yield luck.random() < 0.5, octets(luck, luck.randint(1, 1400))


def small_noise(luck):
    while True:
        yield luck.random() < 0.5, octets(luck, luck.randint(1, 12))


def zeros_and_ones(luck):
    while True:
        yield luck.random() < 0.5, bytes([luck.choice((0, 1, 0x10, 0x20, 0x30, 0xC0, 0xD0))]) * luck.randint(1, 300)


TALKS = (http, redis, postgresql, amqp, coap, tls, ssh, memcached, mysql, noise, small_noise, zeros_and_ones)


def talk(protocol, seed, server_port, lacking):
    luck = random.Random(f"{protocol.__name__} {seed}")
    capture = wire.Capture()
    connection = wire.Connection(capture, ((10, 9, 0, 2), 40000 + seed), ((10, 9, 0, 1), server_port))
    says = protocol(luck)
    for _ in range(EXCHANGES):
        from_client, sent = next(says)
        for at in range(0, len(sent), 1400):
            (connection.client_sends if from_client else connection.server_sends)(sent[at:at + 1400])
    connection.close()
    return capture.records[lacking:]


def check(protocol, folder):
    path = pathlib.Path(folder) / f"{protocol.__name__}.pcap"
    for port in PORTS:
        records = []
        for seed, lacking in enumerate(JOINED_AFTER):
            records += talk(protocol, seed, port, lacking)
        path.write_bytes(wire.GLOBAL_HEADER + b"".join(records))
        report = runner.report_of("-r", path)
        mqtt = report["capture"]["mqtt"]
        if mqtt["connections"] or report["clients"] or report["findings"]:
            yield (f"at port {port} {mqtt['connections']} of {len(JOINED_AFTER)} connections are MQTT, with "
                   f"{mqtt['packets']} packets and {len(report['findings'])} findings")


def main():
    with tempfile.TemporaryDirectory() as folder:
        return runner.run_cases([(protocol.__name__, lambda protocol=protocol: check(protocol, folder))
                                 for protocol in TALKS])


if __name__ == "__main__":
    sys.exit(main())
