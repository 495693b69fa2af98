# SPDX-License-Identifier: MIT
"""An MQTT client of bare sockets, which does what no library would do: stop acknowledging, keep
silent, reset, claim to be a bridge.  It speaks as much MQTT as the end-to-end tests need."""

import socket
import struct
import threading
import time

PATIENCE = 10
NEVER = 0xFFFFFFFF
CONNECT, CONNACK, PUBLISH, PUBACK, PUBREC, PUBREL, PUBCOMP = 1, 2, 3, 4, 5, 6, 7
SUBSCRIBE, SUBACK, UNSUBSCRIBE, UNSUBACK, PINGREQ, PINGRESP, DISCONNECT = 8, 9, 10, 11, 12, 13, 14
# Property identifiers, and how the values of those that may come are coded (MQTT 5.0 §2.2.2.2).
EXPIRY, ASSIGNED, WILL_DELAY, MESSAGE_EXPIRY = 0x11, 0x12, 0x18, 0x02
RECEIVE_MAXIMUM, MAXIMUM_PACKET = 0x21, 0x27
CODED_AS = {0x01: "B", 0x02: "I", 0x03: "s", 0x08: "s", 0x09: "s", 0x0B: "v", 0x11: "I", 0x12: "s",
            0x13: "H", 0x15: "s", 0x16: "s", 0x17: "B", 0x18: "I", 0x19: "B", 0x1A: "s", 0x1C: "s",
            0x1F: "s", 0x21: "H", 0x22: "H", 0x23: "H", 0x24: "B", 0x25: "B", 0x26: "ss", 0x27: "I",
            0x28: "B", 0x29: "B", 0x2A: "B"}


class Silence(Exception):
    """What was waited for did not come."""


def number(value):
    """A Variable Byte Integer."""
    coded = bytearray()
    while True:
        value, low = divmod(value, 128)
        coded.append(low | (128 if value else 0))
        if not value:
            return bytes(coded)


def text(value):
    coded = value.encode() if isinstance(value, str) else value
    return struct.pack("!H", len(coded)) + coded


def properties(values):
    """values: identifier -> value; those that are None are left out."""
    coded = b""
    for key, value in values.items():
        if value is not None:
            kind = CODED_AS[key]
            coded += bytes([key]) + (text(value) if kind == "s" else struct.pack("!" + kind, value))
    return number(len(coded)) + coded


def read_number(data, at):
    value, shift = 0, 0
    while True:
        value |= (data[at] & 127) << shift
        shift += 7
        at += 1
        if data[at - 1] < 128:
            return value, at


def read_properties(data, at):
    length, at = read_number(data, at)
    end, found = at + length, {}
    while at < end:
        key = data[at]
        at += 1
        for kind in CODED_AS[key]:
            if kind == "s":
                size = struct.unpack_from("!H", data, at)[0]
                found[key] = data[at + 2:at + 2 + size].decode(errors="replace")
                at += 2 + size
            elif kind == "v":
                found[key], at = read_number(data, at)
            else:
                found[key] = struct.unpack_from("!" + kind, data, at)[0]
                at += struct.calcsize(kind)
    return found, end


class Message:
    """A PUBLISH that came."""

    def __init__(self, flags, body, v5):
        self.qos, self.retain, self.dup = flags >> 1 & 3, bool(flags & 1), bool(flags & 8)
        size = struct.unpack_from("!H", body)[0]
        self.topic, at = body[2:2 + size].decode(), 2 + size
        self.id = None
        if self.qos:
            self.id = struct.unpack_from("!H", body, at)[0]
            at += 2
        if v5:
            _, at = read_properties(body, at)
        self.payload = body[at:].decode(errors="replace")


class Peer:
    """One connection of a client.  settings: version (5; 4 and 3, with 0x80 a bridge), clean (False),
    expiry, keep_alive (60), username, password, receive_maximum, maximum_packet, acknowledges (True),
    will ((topic, payload, delay)), source (an address to come from)"""

    def __init__(self, port, client_id, **settings):
        self.client_id, self.level, self.settings = client_id, settings.get("version", 5), settings
        self.v5 = self.level & 0x7F == 5
        self.acknowledges = settings.get("acknowledges", True)
        self.received, self.answers, self.releases = [], {}, []
        self.code = self.session_present = self.expiry = self.assigned = None
        self.disconnect_reason, self.goodbye, self.ended, self.next_id = None, None, False, 1
        self.heard_first = None  # how many messages came before the first SUBSCRIBE
        self.news = threading.Condition()
        source = settings.get("source")
        self.socket = socket.create_connection(("127.0.0.1", port), PATIENCE, (source, 0) if source else None)
        self.socket.settimeout(None)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()
        self.say(CONNECT, 0, self.connect_body(settings))
        self.wait(lambda: self.code is not None or self.ended, f"CONNACK for {client_id}")

    def connect_body(self, settings):
        will, username, password = (settings.get(key) for key in ("will", "username", "password"))
        flags = (2 if settings.get("clean", False) else 0) | (0x0C if will else 0)  # a will of QoS 1
        flags |= (0x80 if username is not None else 0) | (0x40 if password is not None else 0)
        body = text("MQIsdp" if self.level & 0x7F == 3 else "MQTT")
        body += struct.pack("!BBH", self.level, flags, settings.get("keep_alive", 60))
        if self.v5:
            body += properties({EXPIRY: settings.get("expiry"),
                                RECEIVE_MAXIMUM: settings.get("receive_maximum"),
                                MAXIMUM_PACKET: settings.get("maximum_packet")})
        body += text(self.client_id)
        if will:
            body += (properties({WILL_DELAY: will[2]}) if self.v5 else b"") + text(will[0]) + text(will[1])
        return body + b"".join(text(word) for word in (username, password) if word is not None)

    # ---- sending ----

    def say(self, kind, flags, body):
        self.socket.sendall(bytes([kind << 4 | flags]) + number(len(body)) + body)

    def new_id(self):
        with self.news:
            self.next_id += 1
            return self.next_id - 1

    def ask(self, kind, flags, body, answer, packet_id):
        """Says what has a packet identifier; the reason codes of the answer."""
        self.say(kind, flags, body)
        self.wait(lambda: (answer, packet_id) in self.answers or self.ended, f"answer {answer} of {packet_id}")
        if (answer, packet_id) not in self.answers:
            raise Silence(f"{self.client_id}: the connection ended before answer {answer}")
        return self.answers.pop((answer, packet_id))

    def subscribe(self, *filters, qos=1):
        packet_id, self.heard_first = self.new_id(), self.before_subscribe()
        body = struct.pack("!H", packet_id) + (b"\0" if self.v5 else b"")
        body += b"".join(text(name) + bytes([qos]) for name in filters)
        return self.ask(SUBSCRIBE, 2, body, SUBACK, packet_id)

    def unsubscribe(self, *filters):
        packet_id = self.new_id()
        body = struct.pack("!H", packet_id) + (b"\0" if self.v5 else b"")
        return self.ask(UNSUBSCRIBE, 2, body + b"".join(map(text, filters)), UNSUBACK, packet_id)

    def publish(self, topic, payload, qos=1, **how):
        """The reason code of PUBACK or PUBREC, None at QoS 0.  how: retain, message_expiry, wait (True)"""
        body, packet_id = text(topic), None
        if qos:
            packet_id = self.new_id()
            body += struct.pack("!H", packet_id)
        if self.v5:
            body += properties({MESSAGE_EXPIRY: how.get("message_expiry")})
        body += payload.encode() if isinstance(payload, str) else payload
        flags = qos << 1 | (1 if how.get("retain") else 0)
        if not qos or not how.get("wait", True):
            self.say(PUBLISH, flags, body)
            return None
        reason = self.ask(PUBLISH, flags, body, PUBACK if qos == 1 else PUBREC, packet_id)[0]
        if qos == 2 and reason < 0x80:
            self.ask(PUBREL, 2, struct.pack("!H", packet_id), PUBCOMP, packet_id)
        return reason

    def publish_all(self, topic, payloads, **how):
        """One after the other; their reason codes."""
        return [self.publish(topic, payload, **how) for payload in payloads]

    def acknowledge(self, kind, packet_id):
        self.say(kind, 2 if kind == PUBREL else 0, struct.pack("!H", packet_id))

    def before_subscribe(self):
        return len(self.received) if self.heard_first is None else self.heard_first

    # ---- leaving ----

    def disconnect(self, expiry=None):
        """Says goodbye and closes."""
        body, self.goodbye = b"", expiry
        if self.v5 and expiry is not None:
            body = b"\0" + properties({EXPIRY: expiry})
        self.say(DISCONNECT, 0, body)
        self.fin()

    def fin(self):
        """Closes without a word; waits until the other side has closed too."""
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        self.await_end()

    def reset(self):
        # The reader holds the socket in recv(), so that close() alone would send nothing yet.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.shutdown(socket.SHUT_RD)
        self.reader.join(PATIENCE)
        self.socket.close()

    def await_end(self, seconds=PATIENCE):
        """Until the broker has closed."""
        self.wait(lambda: self.ended, f"{self.client_id}: the broker closes", seconds)
        self.reader.join(PATIENCE)
        self.socket.close()

    # ---- listening ----

    def wait(self, true, what, seconds=PATIENCE):
        with self.news:
            if not self.news.wait_for(true, seconds):
                raise Silence(f"waited {seconds} s in vain: {what}")

    def wait_for(self, count, seconds=PATIENCE):
        """Until so many messages came; their payloads."""
        self.wait(lambda: len(self.received) >= count,
                  f"{self.client_id}: {count} messages, {len(self.received)} came", seconds)
        return self.payloads()

    def payloads(self, **only):
        """Of the messages that came, each once."""
        with self.news:
            return list(dict.fromkeys(message.payload for message in self.received
                                      if all(getattr(message, key) == want for key, want in only.items())))

    def quiet(self, seconds=0.3):
        """Until nothing came for so long."""
        while True:
            with self.news:
                before = len(self.received)
            time.sleep(seconds)
            with self.news:
                if len(self.received) == before:
                    return self

    def read(self):
        try:
            while True:
                head = self.take(1)[0]
                length, shift = 0, 0
                while True:
                    octet = self.take(1)[0]
                    length |= (octet & 127) << shift
                    shift += 7
                    if octet < 128:
                        break
                self.hear(head >> 4, head & 15, self.take(length))
        except (EOFError, OSError):
            pass
        with self.news:
            self.ended = True
            self.news.notify_all()

    def take(self, count):
        data = b""
        while len(data) < count:
            more = self.socket.recv(count - len(data))
            if not more:
                raise EOFError
            data += more
        return data

    def hear(self, kind, flags, body):
        with self.news:
            if kind == CONNACK:
                found = read_properties(body, 2)[0] if self.v5 and len(body) > 2 else {}
                self.expiry, self.assigned = found.get(EXPIRY), found.get(ASSIGNED)
                self.session_present, self.code = bool(body[0] & 1), body[1]
            elif kind == PUBLISH:
                self.hear_message(Message(flags, body, self.v5))
            elif kind == PUBREL:
                self.releases.append(struct.unpack_from("!H", body)[0])
                if self.acknowledges:
                    self.acknowledge(PUBCOMP, self.releases[-1])
            elif kind in (PUBACK, PUBREC, PUBCOMP):
                packet_id = struct.unpack_from("!H", body)[0]
                self.answers[kind, packet_id] = [body[2] if len(body) > 2 else 0]
            elif kind in (SUBACK, UNSUBACK):
                at = read_properties(body, 2)[1] if self.v5 else 2
                self.answers[kind, struct.unpack_from("!H", body)[0]] = list(body[at:])
            elif kind == DISCONNECT:
                self.disconnect_reason = body[0] if body else 0
            self.news.notify_all()

    def hear_message(self, message):
        self.received.append(message)
        if self.acknowledges and message.qos:
            self.acknowledge(PUBACK if message.qos == 1 else PUBREC, message.id)
