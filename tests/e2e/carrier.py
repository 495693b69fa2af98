# SPDX-License-Identifier: MIT
"""A client that does one thing after the other, over TCP, TLS or WebSocket: what the tests of transports
need of MQTT 5.0 and 3.1.1, and of RFC 6455."""

import os
import socket
import ssl
import struct
import zlib

from peer import CONNACK, CONNECT, DISCONNECT, PUBACK, PUBLISH, SUBACK, SUBSCRIBE, number, properties, text

PATIENCE = 10


class WebSocket:
    """Binary messages over a socket, masked; each write in two frames with a ping between them."""

    def __init__(self, stream, path, deflate):
        self.stream, self.waiting, self.answered = stream, b"", b""
        extension = "Sec-WebSocket-Extensions: permessage-deflate\r\n" if deflate else ""
        stream.sendall((f"GET {path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: mqtt\r\n"
                        f"{extension}Sec-WebSocket-Version: 13\r\n\r\n").encode())
        head = b""
        while b"\r\n\r\n" not in head:
            head += self.more()
        head, self.answered = head.split(b"\r\n\r\n", 1)
        if b" 101 " not in head:
            raise OSError(f"no upgrade: {head[:80]}")
        taken = b"permessage-deflate" in head.lower()
        self.packer = zlib.compressobj(9, zlib.DEFLATED, -15) if taken else None
        self.unpacker = zlib.decompressobj(-15) if taken else None

    def more(self):
        octets = self.stream.recv(65536)
        if not octets:
            raise EOFError
        return octets

    def frame(self, first, payload):
        mask = os.urandom(4)
        size = len(payload)
        length = bytes([0x80 | size]) if size < 126 else b"\xfe" + struct.pack(">H", size)
        return bytes([first]) + length + mask + bytes(octet ^ mask[at & 3] for at, octet in enumerate(payload))

    def sendall(self, octets):
        first = 0x02
        if self.packer is not None:
            octets = (self.packer.compress(octets) + self.packer.flush(zlib.Z_SYNC_FLUSH))[:-4]
            first |= 0x40
        half = len(octets) // 2
        self.stream.sendall(self.frame(first, octets[:half]) + self.frame(0x89, b"beat") +
                            self.frame(0x80, octets[half:]))

    def exactly(self, size):
        while len(self.answered) < size:
            self.answered += self.more()
        taken, self.answered = self.answered[:size], self.answered[size:]
        return taken

    def recv(self, _most):
        """The payload of the next data message, however long."""
        message, packed = b"", False
        while True:
            first, size = self.exactly(2)
            if size == 126:
                size = struct.unpack(">H", self.exactly(2))[0]
            elif size == 127:
                size = struct.unpack(">Q", self.exactly(8))[0]
            payload = self.exactly(size)
            if first & 15 == 8:
                return b""
            if first & 15 > 8:
                continue
            packed |= bool(first & 0x40)
            message += payload
            if first & 0x80:
                return self.unpacker.decompress(message + b"\0\0\xff\xff") if packed else message

    def close(self):
        self.stream.sendall(self.frame(0x88, struct.pack(">H", 1000)))
        try:
            while self.more():
                pass
        except (EOFError, OSError):
            pass
        self.stream.close()


class Client:
    """One connection.  how: version (5), tls (a context), path (of a WebSocket), deflate"""

    def __init__(self, port, client_id, **how):
        self.v5, self.waiting, self.packet_id = how.get("version", 5) == 5, b"", 0
        self.stream = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self.stream.settimeout(PATIENCE)
        self.stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if "tls" in how:
            self.stream = how["tls"].wrap_socket(self.stream, server_hostname="localhost")
        if "path" in how:
            self.stream = WebSocket(self.stream, how["path"], how.get("deflate", False))
        body = text("MQTT") + bytes([5 if self.v5 else 4, how.get("clean", 0) << 1, 0, 60])
        self.say(CONNECT, 0, body + (properties({}) if self.v5 else b"") + text(client_id))
        self.session_present = bool(self.hear(CONNACK)[0] & 1)

    def say(self, kind, flags, body):
        self.stream.sendall(bytes([kind << 4 | flags]) + number(len(body)) + body)

    def take(self, size):
        while len(self.waiting) < size:
            octets = self.stream.recv(65536)
            if not octets:
                raise EOFError
            self.waiting += octets
        taken, self.waiting = self.waiting[:size], self.waiting[size:]
        return taken

    def hear(self, kind):
        """The body of the next packet of that kind."""
        while True:
            first, length, shift = self.take(1)[0], 0, 0
            while True:
                octet = self.take(1)[0]
                length |= (octet & 127) << shift
                shift += 7
                if octet < 128:
                    break
            body = self.take(length)
            if first >> 4 == kind:
                return body

    def ask(self, kind, flags, before, after, answer):
        self.packet_id += 1
        self.say(kind, flags, before + struct.pack("!H", self.packet_id) + (b"\0" if self.v5 else b"") + after)
        self.hear(answer)

    def subscribe(self, topic):
        self.ask(SUBSCRIBE, 2, b"", text(topic) + b"\x01", SUBACK)

    def publish(self, topic, payload):
        self.ask(PUBLISH, 2, text(topic), payload, PUBACK)

    def disconnect(self):
        self.say(DISCONNECT, 0, b"")
        stream = self.stream
        if isinstance(stream, ssl.SSLSocket):
            try:
                stream = stream.unwrap()
            except (OSError, ValueError):
                pass
        stream.close()
