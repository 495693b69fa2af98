# SPDX-License-Identifier: MIT
"""Stories by chance at real brokers: dozens of clients, each with habits of its own, do what clients do and
what befalls them.  Everything is written down as it happens, with the clock of the capture, by the one who
made it happen; nothing is taken from the program that is tested."""

import random
import socket
import struct
import threading
import time

import lab
import peer as mqtt
from peer import Peer, Silence

TOPICS = [f"plant/{hall}/{what}" for hall in (1, 2, 3) for what in ("heat", "noise")]
FILTERS = [*TOPICS, "plant/+/heat", "plant/1/#", "plant/#", "plant/2/+"]
TCP_REPAIR = 19


class Stay(Peer):
    """One connection, with the times of what happened on it.  All times are time.time()."""

    def __init__(self, actor, port, **settings):
        self.actor, self.port, self.halted = actor, port, False
        self.began, self.answered, self.leaving, self.left = time.time(), None, None, None
        self.end_kind = None  # how the client ended it; None: it did not
        self.times, self.subscriptions, self.published, self.unanswered = [], [], [], {}
        self.acknowledged, self.still_acknowledges, self.local_port = set(), None, None
        self.forgot, self.stalled = [], False
        try:
            super().__init__(port, actor.client_id, **settings)
        finally:
            if getattr(self, "socket", None) is not None:
                try:
                    self.local_port = self.socket.getsockname()[1]
                except OSError:
                    pass
                actor.chaos.stays.append(self)

    def take(self, count):
        """As the others, but can be told to stop while it waits; a halted one reads nothing any more."""
        data = b""
        while len(data) < count:
            self.socket.settimeout(0.1)
            try:
                more = self.socket.recv(count - len(data))
            except socket.timeout:
                if self.halted:
                    raise EOFError from None
                continue
            if not more:
                raise EOFError
            data += more
        return data

    def read(self):
        super().read()
        self.left = self.left or time.time()

    def hear(self, kind, flags, body):
        if kind == mqtt.CONNACK:
            self.answered = time.time()
            self.local_port = self.socket.getsockname()[1]
        if kind in (mqtt.PUBACK, mqtt.PUBREC, mqtt.PUBCOMP):
            self.hear_answer(kind, body)
        super().hear(kind, flags, body)

    def hear_answer(self, kind, body):
        packet_id = struct.unpack_from("!H", body)[0]
        reason = body[2] if len(body) > 2 else 0
        message = self.actor.unanswered.get(packet_id)
        if message is None:
            return
        if message.answered is None:
            message.answered, message.reason = time.time(), reason
        if kind != mqtt.PUBREC or reason >= 0x80:
            self.actor.unanswered.pop(packet_id, None)
        else:
            message.released = True
            self.acknowledge(mqtt.PUBREL, packet_id)

    def hear_message(self, message):
        self.times.append(time.time())
        if self.still_acknowledges is not None and self.acknowledges:
            self.still_acknowledges -= 1
            self.acknowledges = self.still_acknowledges >= 0
        super().hear_message(message)
        if message.qos and self.acknowledges:
            self.acknowledged.add(message.payload)

    def __getstate__(self):
        """What can be kept in a file."""
        return {key: value for key, value in vars(self).items() if key not in ("socket", "reader", "news")}

    def vanish(self):
        """The host loses power: not a segment more; what the broker sends then is answered by RST."""
        self.halted = True
        self.reader.join(mqtt.PATIENCE)
        try:
            self.socket.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 1)
        except OSError:
            pass
        self.socket.close()


class Sent:
    """A message that somebody published."""

    def __init__(self, topic, payload, qos, expiry, sender):
        self.topic, self.payload, self.qos, self.expiry, self.sender = topic, payload, qos, expiry, sender
        self.began, self.answered, self.reason, self.released, self.port = time.time(), None, None, False, None
        self.size = len(payload)


class Actor:
    """A client: its habits, and what it does in each of its lives."""

    def __init__(self, chaos, client_id, seed, **habits):
        self.chaos, self.client_id, self.chance, self.habits = chaos, client_id, random.Random(seed), habits
        self.brokers, self.stay, self.unanswered, self.next_id = habits["brokers"], None, {}, 1
        self.wanted = habits["filters"]

    def __getstate__(self):
        return {"client_id": self.client_id, "habits": {k: v for k, v in self.habits.items() if k != "brokers"}}

    # ---- connecting ----

    def settings(self):
        chance, habits = self.chance, self.habits
        version = chance.choice(habits["versions"])
        settings = {"version": version, "clean": chance.random() < habits["clean"], "keep_alive": 60,
                    "source": chance.choice(habits["sources"]), "username": habits["username"]}
        if version == 5:
            settings["expiry"] = chance.choice(habits["expiries"])
            settings["receive_maximum"] = habits["receive_maximum"]
            if habits["small"]:
                settings["maximum_packet"] = 200
        if habits["will"]:
            settings["will"] = (f"will/{self.client_id}", f"will {self.chaos.serial()}", chance.choice((0, 1, 30)))
        if chance.random() < 0.15:
            settings["keep_alive"] = 1
        elif chance.random() < 0.1:
            settings["keep_alive"] = 120
        return settings

    def connect(self):
        """The stay, or None if there was no answer or a refusal."""
        broker = self.chance.choice(self.brokers)
        try:
            stay = Stay(self, broker.port, **{**broker.login, **self.settings()})
        except (OSError, Silence):
            return None
        if stay.code != 0:
            self.end(stay, "fin")
            return None
        stay.next_id = self.next_id
        return stay

    def greet(self, stay):
        """What a client does once it is connected: resends, and subscribes by its habit."""
        resumed = stay.session_present or (stay.level == 3 and not stay.settings["clean"])
        if not resumed:
            self.unanswered.clear()
        elif self.habits["forgetful"] and self.unanswered:
            stay.forgot = list(self.unanswered.values())
            self.unanswered.clear()
        for packet_id, message in list(self.unanswered.items()):
            if message.released:
                stay.acknowledge(mqtt.PUBREL, packet_id)
            else:
                self.transmit(stay, message, packet_id, again=True)
        habit = self.habits["subscribes"]
        if habit == "always" or (habit == "fresh" and not resumed) or not self.habits.get("subscribed"):
            self.subscribe(stay, *self.wanted)
            self.habits["subscribed"] = True

    # ---- acting ----

    def subscribe(self, stay, *filters):
        if not filters:
            return
        qos, began = self.chance.choice(self.habits["qos"]), time.time()
        if self.habits["shares"] and stay.v5:
            filters = [name if name.startswith("$share/") else f"$share/crew/{name}" for name in filters]
        codes = stay.subscribe(*filters, qos=qos)
        for name, code in zip(filters, codes):
            stay.subscriptions.append((began, time.time(), name, code))

    def unsubscribe(self, stay, name):
        began = time.time()
        stay.unsubscribe(name)
        stay.subscriptions.append((began, time.time(), name, None))

    def transmit(self, stay, message, packet_id, again=False):
        body = mqtt.text(message.topic)
        if message.qos:
            body += struct.pack("!H", packet_id)
        if stay.v5:
            body += mqtt.properties({mqtt.MESSAGE_EXPIRY: message.expiry})
        else:
            message.expiry = None if not again else message.expiry
        message.port = stay.port
        retain = 1 if self.habits["retain"] else 0
        stay.say(mqtt.PUBLISH, message.qos << 1 | retain | (8 if again and message.qos else 0), body + message.payload.encode())

    def publish(self, stay, topic=None, **how):
        chance = self.chance
        padding = "x" * (300 if chance.random() < 0.05 else chance.randrange(30))
        message = Sent(topic or chance.choice(TOPICS), f"{self.chaos.serial()} {padding}",
                       how.get("qos", chance.choice((0, 1, 1, 1, 2))),
                       chance.choice((None, None, None, 1, 2, 60)), self.client_id)
        packet_id = None
        if message.qos:
            packet_id = stay.new_id()
            self.next_id = stay.next_id
            self.unanswered[packet_id] = message
        self.chaos.sent.append(message)
        self.transmit(stay, message, packet_id)
        return message

    def dwell(self, stay, seconds):
        until = time.time() + seconds
        while time.time() < until and not stay.ended and not self.chaos.over():
            deed = self.chance.random()
            if deed < 0.25:
                self.publish(stay)
            elif deed < 0.3:
                self.subscribe(stay, self.chance.choice(FILTERS))
            elif deed < 0.33 and self.wanted:
                self.unsubscribe(stay, self.chance.choice(self.wanted))
            elif deed < 0.38:
                stay.still_acknowledges = self.chance.choice((0, 0, 1, 2, 5))
                stay.stalled = True
            elif deed < 0.5:
                stay.say(mqtt.PINGREQ, 0, b"")
            time.sleep(min(self.chance.uniform(0.05, 0.5), max(0, until - time.time())))

    # ---- leaving ----

    def end(self, stay, how, expiry=None):
        stay.leaving, stay.end_kind = time.time(), how
        try:
            if how == "disconnect":
                stay.disconnect(expiry)
            elif how == "silence":
                stay.await_end(12)
            elif how != "replaced":
                {"fin": stay.fin, "rst": stay.reset, "vanish": stay.vanish}[how]()
        except (OSError, Silence):
            pass
        if how != "replaced":
            stay.left = stay.left or time.time()

    def leave(self, stay):
        chance, how = self.chance, None
        if stay.ended:
            how = "ended"
            stay.leaving = stay.left
            stay.end_kind = how
            return
        if stay.settings["keep_alive"] == 1 and chance.random() < 0.7:
            how = "silence"
        else:
            how = chance.choice(self.habits["ends"])
        expiry = None
        if how == "disconnect" and stay.v5 and chance.random() < 0.25:
            expiry = chance.choice((0, 2, 300))
        self.end(stay, how, expiry)

    def live(self):
        time.sleep(self.chance.uniform(0, 3))
        while not self.chaos.over():
            stay = self.connect()
            if stay is None:
                time.sleep(self.chance.uniform(0.1, 0.6))
                continue
            try:
                self.greet(stay)
                self.dwell(stay, self.chance.choice(self.habits["dwell"]))
            except (OSError, Silence):
                pass
            if self.chaos.over():
                return
            self.leave(stay)
            if self.chance.random() < self.habits["gone"]:
                return
            self.chaos.sleep(self.chance.choice(self.habits["away"]))


class Nameless(Actor):
    """Leaves its name to the broker, or makes up another one each time (diagnosis: C10, C11)."""

    def connect(self):
        if self.habits["invents"]:
            self.client_id = f"{self.habits['stem']}_{self.chance.randrange(16 ** 8):08x}"
        stay = super().connect()
        if stay is not None and stay.assigned is not None:
            stay.client_id = stay.assigned
        self.habits["subscribed"] = False
        return stay


class Talker(Actor):
    """Publishes all the time, and does nothing else."""

    def settings(self):
        return {"version": self.habits["versions"][0], "clean": True, "keep_alive": 60,
                "source": self.habits["sources"][0]}

    def live(self):
        while not self.chaos.over():
            stay = self.connect()
            if stay is None:
                time.sleep(0.1)
                continue
            self.unanswered.clear()
            try:
                while not self.chaos.over() and not stay.ended:
                    burst = 40 if self.chance.random() < self.habits["bursts"] else 1
                    topic = self.chance.choice(TOPICS)
                    for _ in range(burst):
                        self.publish(stay, topic)
                    time.sleep(self.chance.uniform(0.02, 0.3))
                stay.leaving = time.time()
                if not stay.ended:
                    self.end(stay, "disconnect")
            except (OSError, Silence):
                stay.leaving = time.time()


class Chaos:
    """A cast by a seed, and what it lived through at some brokers."""

    def __init__(self, seed, brokers, seconds):
        self.seed, self.brokers, self.chance = seed, brokers, random.Random(seed)
        self.stays, self.sent, self.outages = [], [], []
        self.count, self.lock, self.seconds, self.until = 0, threading.Lock(), seconds, None
        self.actors = self.cast()

    def serial(self):
        with self.lock:
            self.count += 1
            return f"m{self.count:06d}"

    def over(self):
        return time.time() >= self.until

    def sleep(self, seconds):
        time.sleep(max(0, min(seconds, self.until - time.time())))

    def habits(self, **more):
        chance = self.chance
        versions = chance.choice(((5,), (5,), (4,), (4,), (4, 5), (3,), (3, 4), (5, 5, 4)))
        known = [v for v in versions if v in self.brokers[0].versions] or [max(self.brokers[0].versions)]
        expiries = chance.choice(((None,), (0,), (300,), (300,), (300,), (2,), (1, 300), (mqtt.NEVER,),
                                  (None, 300), (300, 300, 300, None), (mqtt.NEVER, 2, 0)))
        roams = chance.random() < 0.2
        source = f"127.0.0.{chance.choice((1, 1, 2, 3, 4))}"
        habits = {"versions": known, "expiries": expiries, "clean": chance.choice((0, 0, 0, 0.2, 0.5, 1)),
                  "sources": [source, "127.0.0.7"] if roams else [source],
                  "receive_maximum": chance.choice((None, None, None, None, None, None, 1, 3, 10)),
                  "filters": chance.sample(FILTERS, chance.choice((1, 1, 2, 3, 0))),
                  "qos": chance.choice(((1,), (1,), (2,), (0,), (0, 1, 2))),
                  "subscribes": chance.choice(("always", "fresh", "fresh", "once")),
                  "username": chance.choice((None, None, None, "shift-1")), "retain": chance.random() < 0.1,
                  "shares": chance.random() < 0.1, "will": chance.random() < 0.2, "small": chance.random() < 0.1,
                  "forgetful": chance.random() < 0.3, "gone": chance.choice((0, 0, 0.1)),
                  "dwell": chance.choice(((0.2, 1), (1, 3), (3, 6))),
                  "away": chance.choice(((0.05, 0.3), (0.5, 2), (1, 4), (3, 9))),
                  "ends": chance.choice((("disconnect",), ("fin",), ("rst",), ("vanish",), ("replaced", "rst"),
                                         ("disconnect", "fin", "rst", "vanish", "replaced"))),
                  "brokers": self.brokers[:1]}
        if roams:  # what it leaves behind answers nothing any more
            habits["ends"] = [how for how in habits["ends"] if how not in ("replaced", "vanish")] or ["rst"]
        if len(self.brokers) > 1:
            habits["brokers"] = chance.choice((self.brokers[:1], self.brokers[1:], self.brokers))
        return {**habits, **more}

    def cast(self):
        chance, actors = self.chance, []
        words = ["boiler", "crane", "dryer", "fan", "gate", "kiln", "lathe", "mixer", "oven", "press", "pump", "saw"]
        for at in range(chance.randrange(14, 30)):
            name = f"{words[at % 12]}-{'abc'[at // 12]}"
            actors.append(Actor(self, name, f"{self.seed} {at}", **self.habits()))
            if chance.random() < 0.12:  # a twin: another program with its name, on this host or another
                more = {"brokers": actors[-1].brokers, "sources": [f"127.0.0.{chance.choice((1, 9))}"]}
                actors.append(Actor(self, name, f"{self.seed} {at} twin", **self.habits(**more)))
        if 5 in self.brokers[0].versions and chance.random() < 0.5:
            more = {"versions": [5], "expiries": [300], "clean": 0, "sources": ["127.0.0.5"], "will": False,
                    "invents": chance.random() < 0.5, "stem": chance.choice(("mqttjs", "sensor"))}
            actors.append(Nameless(self, "", f"{self.seed} nameless", **self.habits(**more)))
        for at in range(3):
            more = {"versions": [(5, 5, 4)[at]] if 5 in self.brokers[0].versions else [4],
                    "bursts": chance.choice((0, 0.01, 0.03)), "brokers": [self.brokers[at % len(self.brokers)]],
                    "sources": ["127.0.0.8"]}
            actors.append(Talker(self, f"talker-{at}", f"{self.seed} talker {at}", **self.habits(**more)))
        return actors

    def restarts(self, broker, plan):
        """plan: (seconds from the beginning, how, seconds that it is down)"""
        for at, how, pause in plan:
            self.sleep(self.until - self.seconds + at - time.time())
            if self.over():
                return
            down = time.time()
            getattr(broker, how)()
            time.sleep(pause)
            broker.start()
            self.outages.append((broker.port, down, time.time(), how))

    def plan(self, broker):
        chance = self.chance
        times = sorted(chance.uniform(4, self.seconds - 6) for _ in range(chance.choice((0, 0, 1, 1, 2))))
        if len(times) == 2 and times[1] - times[0] < 6:
            times.pop()
        return [(at, chance.choice(("stop", "kill")), chance.choice((0.2, 0.8, 2))) for at in times]

    def play(self):
        """Until the time is up and everything that is owed had time to come."""
        self.until = time.time() + self.seconds
        plans = [(broker, self.plan(broker)) for broker in self.brokers]
        threads = [threading.Thread(target=actor.live, daemon=True) for actor in self.actors]
        threads += [threading.Thread(target=self.restarts, args=pair, daemon=True) for pair in plans]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(self.seconds + 40)
        if any(thread.is_alive() for thread in threads):
            raise lab.Failed("somebody hangs")
        self.settle()

    def settle(self):
        """Those that are connected hear what is left; then the capture ends while they still are."""
        quiet = time.time()
        while time.time() < quiet + 4:
            before = sum(len(stay.received) for stay in self.stays)
            time.sleep(0.5)
            if sum(len(stay.received) for stay in self.stays) == before:
                break

    def __getstate__(self):
        notes = ("seed", "stays", "sent", "outages", "seconds")
        return {key: getattr(self, key) for key in notes}

    def close(self):
        for stay in self.stays:
            try:
                stay.halted = True
                stay.socket.close()
            except OSError:
                pass
