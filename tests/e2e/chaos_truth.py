# SPDX-License-Identifier: MIT
"""What is true of the stories of chaos.py, and what a report may say of them.

The session of a client ends by what its own connections say and by what the driver did to the broker; that
is computed here from the notes of the driver, in the words of the standard (diagnosis: 1.1 to 1.7)."""

import math

from stage import effective_expiry, seconds_of

SESSION = {"client-id-assigned", "client-id-changed", "expiry-absent", "expiry-zero", "clean-session-before",
           "disconnect-expiry-zero", "disconnect-expiry-invalid", "expiry-dropped", "version-switch", "expired",
           "expiry-shortened", "client-id-takeover", "clean-start", "clean-start-per-process", "other-broker",
           "other-namespace", "restart-without-persistence", "persistence-incomplete", "overflow-ended-session",
           "no-subscriptions", "silent-cap", "clean-start-not-stored", "no-persistent-sessions", "admin-removed",
           "dropped-unexplained"}
MODEST = {"dropped-unexplained", "admin-removed"}  # they name nobody
NOTICE = 0.3  # what a broker may take to notice an end, or to count a second


def matches(name, topic):
    """Not by a Shared Subscription, by which a message may as well go to another."""
    levels, words = name.split("/"), topic.split("/")
    for at, level in enumerate(levels):
        if level == "#":
            return True
        if at >= len(words) or level not in ("+", words[at]):
            return False
    return len(levels) == len(words)


class Life:
    """What went by one Client Identifier at one broker."""

    def __init__(self, truth, port, client_id, stays):
        self.truth, self.port, self.client_id = truth, port, client_id
        self.stays = sorted((stay for stay in stays if stay.code == 0), key=lambda stay: stay.answered)
        self.received = {message.payload for stay in stays for message in stay.received}
        self.tables = []
        for n in range(len(self.stays)):
            self.tables.append(self.table(n))

    # ---- sessions ----

    def closed(self, n):
        """(earliest, latest) moment at which the broker took the connection for closed."""
        stay = self.stays[n]
        latest = self.stays[n + 1].answered if n + 1 < len(self.stays) else self.truth.end
        for down, _, _ in self.truth.outages(self.port):
            if down > stay.answered:
                latest = min(latest, down + 2)
                break
        earliest = stay.leaving or stay.left or latest
        if stay.end_kind in ("disconnect", "fin", "rst"):
            latest = min(latest, (stay.left or latest) + NOTICE)
        elif stay.end_kind in ("silence", "ended"):
            earliest = latest = min(stay.left or latest, latest)
        return min(earliest, latest), latest

    def ends_at_close(self, n):
        """By which names the session of this connection ended with it; none: it did not."""
        stay = self.stays[n]
        if effective_expiry(stay) != 0:
            return set()
        if not stay.v5:
            return {"clean-session-before"}
        asked = stay.settings.get("expiry")
        names = {"expiry-absent" if asked is None else "expiry-zero"} if not asked else {"disconnect-expiry-zero"}
        if not asked and stay.goodbye:
            names.add("disconnect-expiry-invalid")
        while n > 0 and self.resumed(n) and not asked:
            n -= 1
            if effective_expiry(self.stays[n]) != 0:
                names.add("expiry-dropped" if self.stays[n].v5 else "version-switch")
        return names

    def gone(self, n, last=None):
        """Why the session of connection n - 1, or of @last, was gone when connection n came, whatever n asked for."""
        last = n - 1 if last is None else last
        before, now = self.stays[last], self.stays[n]
        names, expiry = self.ends_at_close(last), effective_expiry(before)
        for k, other in enumerate(self.stays):  # two that came at once: the driver need not know which was first
            if other is not now and other.began < now.answered and now.began < other.answered:
                names |= self.ends_at_close(k)
        if isinstance(expiry, int) and expiry > 0 and now.answered - self.closed(last)[0] > expiry - NOTICE:
            names.add("expired")
        for down, up, how in self.truth.outages(self.port):
            if before.answered < up and now.answered > down:
                names |= self.forgotten(before, how)
        return names

    def forgotten(self, before, how):
        """What a restart takes away (diagnosis: C15, C27)."""
        if not self.truth.persistent:
            return {"restart-without-persistence"}
        if how == "kill" or before.settings["clean"]:
            return {"persistence-incomplete", *(["restart-without-persistence"] if how == "kill" else [])}
        return set()

    def resumed(self, n):
        if n == 0 or self.stays[n].settings["clean"]:
            return False
        stay = self.stays[n]
        if stay.level > 3:
            return stay.session_present
        return stay.before_subscribe() > 0 or not self.gone(n)

    def causes(self, n):
        """All names under which the loss of the session at connection n may go."""
        now, names = self.stays[n], self.gone(n) if n > 0 else set()
        # What it lost since it was here itself, whoever had the session meanwhile.
        mine = [k for k in range(n) if self.stays[k].actor is now.actor]
        for k in range(mine[-1] + 1 if mine else n, n):
            names |= self.gone(k) | self.gone(n, mine[-1]) | {"client-id-takeover"}
        if n > 0 and (self.stays[n - 1].actor is not now.actor or self.look_like_two(n)):
            names.add("client-id-takeover")
        if now.settings["clean"]:
            names |= {"clean-start", "clean-start-per-process"}
        mine = [stay for stay in self.truth.stays if stay.actor is now.actor and stay.code == 0]
        at = mine.index(now)
        if at > 0 and mine[at - 1].port != now.port:
            names |= {"other-broker", "other-namespace"}  # another listener, as far as the wire tells
        return names

    def look_like_two(self, n):
        """By chance a client that roams had other settings at each of its two addresses, and no wire tells it from
        two; or so it was as long as anybody knows."""
        here, there = self.stays[n].settings["source"], self.stays[n - 1].settings["source"]
        ways = {source: {(stay.level, stay.settings.get("expiry")) for stay in self.stays
                         if stay.settings["source"] == source} for source in (here, there)}
        return here != there and all(len(of) == 1 for of in ways.values()) and ways[here] != ways[there]

    def outcome(self, n):
        stay = self.stays[n]
        if stay.settings["clean"]:
            return {"fresh-as-requested"}
        if n == 0:
            return {"first-seen"} | ({"not-observable"} if stay.level == 3 else set())
        if stay.level == 3:
            return {"not-observable", "resumed" if self.resumed(n) or stay.received else "fresh-unexpected"}
        return {"resumed"} if stay.session_present else {"fresh-unexpected"}

    # ---- messages ----

    def table(self, n):
        """filter -> QoS, as this client had reason to expect at the end of connection n."""
        table = dict(self.tables[n - 1]) if n > 0 and self.resumed(n) else {}
        for _, _, name, code in self.stays[n].subscriptions:
            if code is None:
                table.pop(name, None)
            elif code < 0x80:
                table[name] = code
        return table

    def quality(self, n, message):
        """With which QoS the message had to come to who had these subscriptions; -1: not at all."""
        granted = [qos for name, qos in self.tables[n].items() if matches(name, message.topic)]
        if not granted:
            return -1
        return max(granted) if self.truth.upgrades else min(message.qos, max(granted))

    def wanted(self, n, message):
        """Whether the client asked for it when it was published, or at the end of connection n, in whatever
        session."""
        now, then = set(), set()
        for stay in self.stays[:n + 1]:
            for _, ended, name, code in stay.subscriptions:
                (now.add if code is not None else now.discard)(name)
                if ended < message.began + NOTICE:
                    (then.add if code is not None else then.discard)(name)
        return any(matches(name, message.topic) for name in now | then)

    def may_still_come(self, n):
        """To a session that is there to the end; mosquitto 2.0 lets messages wait that it might have sent."""
        while n + 1 < len(self.stays) and self.resumed(n + 1):
            n += 1
        return n + 1 == len(self.stays)

    def lost(self, n):
        """(certainly, at most) how many messages were lost with, or around, connection n."""
        certain = possible = 0
        earliest, latest = self.closed(n - 1)
        before, now = self.stays[n - 1], self.stays[n]
        until = self.stays[n + 1].answered if n + 1 < len(self.stays) else self.truth.end
        first = n - 1  # what waited may have waited over several connections
        while first > 0 and self.resumed(first):
            first -= 1
        for message in self.truth.sent_at(self.port, self.stays[first].answered - 1, until):
            if message.qos == 0 and not self.truth.upgrades:
                continue
            missing = message.payload not in self.received
            if self.wanted(n - 1, message) and (missing or message.payload not in before.acknowledged):
                possible += 1
            if self.quality(n - 1, message) < 1:
                continue
            sure = (message.reason is not None and message.reason < 0x80 and message.expiry is None and
                    message.size < 150)
            if missing and sure and message.began > latest + NOTICE and message.answered < now.answered - 0.05:
                certain += 1
        return 0 if self.resumed(n) and self.may_still_come(n) else certain, possible


class Truth:
    """The notes of a run."""

    upgrades = False

    def __init__(self, chaos, end, **broker):
        """broker: persistent (False), queue (1000), upgrades (False: a message's QoS to that of the subscription)"""
        self.stays, self.sent, self.end = chaos.stays, chaos.sent, end
        self.restarts, self.ports = chaos.outages, [broker.port for broker in chaos.brokers]
        self.persistent, self.queue = broker.get("persistent", False), broker.get("queue", 1000)
        self.upgrades = broker.get("upgrades", False)
        self.sort_out()

    def sort_out(self):
        self.at = {}  # a source port may serve twice
        for stay in self.stays:
            self.at.setdefault((stay.port, f"{stay.settings['source']}:{stay.local_port}"), []).append(stay)
        names = {(stay.port, stay.client_id) for stay in self.stays}
        self.lives = {key: Life(self, *key, [s for s in self.stays if (s.port, s.client_id) == key]) for key in names}

    @classmethod
    def again(cls, kept):
        """The same notes, by the rules as they are written now."""
        truth = cls.__new__(cls)
        truth.__dict__.update({key: value for key, value in vars(kept).items() if key not in ("lives", "at")})
        truth.sort_out()
        return truth

    def stay_of(self, port, connection):
        """The stay that a connection of a report is, or None."""
        opened = seconds_of(connection["opened"])
        stays = self.at.get((port, connection["source"]), [])
        return min(stays, key=lambda stay: abs(stay.began - opened), default=None)

    def outages(self, port):
        return sorted((down, up, how) for at, down, up, how in self.restarts if at == port)

    def sent_at(self, port, since, until):
        return [m for m in self.sent if m.port == port and since <= m.began <= until]


class Judge:
    """Holds a report against the truth.  What it finds wrong: (how bad, sentence)."""

    def __init__(self, truth, report, whole=True):
        self.truth, self.report, self.whole, self.faults = truth, report, whole, []
        self.connections = {}
        for client in report["clients"]:
            for connection in client["connections"]:
                port = int(client["broker"].rsplit(":", 1)[1])
                stay = truth.stay_of(port, connection)
                self.connections[client["client_id"], client["broker"], connection["n"]] = (connection, stay)

    def say(self, kind, where, sentence):
        self.faults.append((kind, f"{where}: {sentence}"))

    def judge(self):
        if self.whole:
            self.judge_connections()
            self.judge_counts()
        self.judge_restarts()
        for finding in self.report["findings"]:
            self.judge_finding(finding)
        return self.faults

    def place(self, stay):
        """(its life, its number in it)"""
        life = self.truth.lives[stay.port, stay.client_id]
        return life, (life.stays.index(stay) if stay in life.stays else None)

    def judge_connections(self):
        told = set()
        for (name, _, n), (connection, stay) in self.connections.items():
            if stay is None:
                self.say("unknown", name, f"connection {n} from {connection['source']} is not in the notes")
                continue
            told.add(stay)
            life, at = self.place(stay)
            if at is None:
                continue
            if connection["outcome"] not in life.outcome(at):
                self.say("outcome", f"{name}#{n}", f"{connection['outcome']}, is {' or '.join(life.outcome(at))}")
            if stay.level > 3 and connection["session_present"] is not stay.session_present:
                self.say("outcome", f"{name}#{n}", f"session_present {connection['session_present']}")
            expiry = connection["session_expiry"]["effective"]
            if expiry != effective_expiry(stay):
                self.say("expiry", f"{name}#{n}", f"{expiry}, is {effective_expiry(stay)}")
        for stay in self.truth.stays:
            if stay.code == 0 and stay not in told:
                self.say("missing", stay.client_id, f"the connection from {stay.local_port} is not in the report")

    def judge_restarts(self):
        for broker in self.report["brokers"]:
            port = int(broker["broker"].rsplit(":", 1)[1])
            for restart in broker["restarts"]:
                down, up = (restart[key] and seconds_of(restart[key]) for key in ("down", "up"))
                if not any(down < came + 1 and (up is None or up > went - 1)
                           for went, came, _ in self.truth.outages(port)):
                    self.say("WRONG", broker["broker"], f"restart {restart} did not happen")

    def of(self, finding):
        key = finding["client_id"], finding["broker"]
        to = self.connections.get((*key, finding["to_connection"]), (None, None))[1]
        return to or self.connections.get((*key, finding["from_connection"]), (None, None))[1]

    def judge_finding(self, finding):
        stay = self.of(finding)
        if stay is None:
            if self.whole:
                self.say("unknown", finding["client_id"], f"{finding['cause']} of an unknown connection")
            return
        life, n = self.place(stay)
        if n is None:
            self.say("WRONG", finding["client_id"], f"{finding['cause']} of a refused connection")
            return
        allowed = self.allowed(life, n, finding)
        sure = finding["confidence"] in ("proven", "strong")
        if not self.whole and finding["severity"] == "note":  # nothing is lost: whom it accuses counts
            sure = sure and finding["responsible"] in ("broker-fault", "other-actor")
        where = f"{finding['client_id']}#{finding['to_connection']} {finding['severity']} {finding['confidence']}"
        for cause in [finding["cause"], *finding["also_sufficient"]]:
            if cause in allowed:
                continue
            if cause in MODEST and not life.resumed(n):
                self.say("weak", where, f"{cause}, is {' '.join(sorted(allowed & SESSION)) or 'unexplained'}")
                continue
            kind = "WRONG" if sure else "guess" if finding["responsible"] == "unknowable" else "doubtful"
            self.say(kind, where, f"{cause} ({finding['responsible']}), is "
                                  f"{' '.join(sorted(allowed & SESSION)) or 'no loss of a session'}")

    def allowed(self, life, n, finding):
        stay = life.stays[n]
        names = set(self.partial(life, n, stay))
        if finding["to_connection"] is None:
            expiry = effective_expiry(stay)
            over = isinstance(expiry, int) and self.truth.end - life.closed(n)[0] > expiry - NOTICE
            restarts = [how for down, up, how in self.truth.outages(life.port) if up > stay.answered]
            names = names.union(*(life.forgotten(stay, how) for how in restarts))
            return names | life.ends_at_close(n) | ({"expired"} if over else set())
        return names | (set() if life.resumed(n) else life.causes(n))

    def partial(self, life, n, stay):
        if stay.actor.client_id != stay.client_id:
            yield "client-id-assigned"
        if stay.actor.habits.get("invents"):
            yield "client-id-changed"
        if any(other.actor.habits["retain"] for other in self.truth.stays):
            yield "retained-replay"
        if stay.actor.habits["shares"]:
            yield "shared-to-another"
        yield from ("subscription-qos0", "published-qos0", "half-open")
        if any(other.actor is not stay.actor for other in life.stays):
            yield "client-id-takeover"
        before = life.stays[n - 1] if n else stay
        sent = self.truth.sent_at(life.port, before.answered, self.truth.end)
        if any(m.expiry in (1, 2) for m in sent):
            yield "message-expired"
        if stay.settings.get("maximum_packet") and any(m.size > 150 for m in sent):
            yield "packet-too-large"
        if n and sum(life.quality(n - 1, m) > 0 or life.quality(n, m) > 0 for m in sent) > self.truth.queue:
            yield "queue-overflow"
        if stay.stalled or before.stalled:
            yield "receive-window-stuck"
        if stay.forgot or before.actor is not stay.actor:
            yield "client-inflight-lost"
        if stay.subscriptions and stay.received and life.resumed(n):
            yield "acked-before-subscribe"
        if n and not life.resumed(n) and set(life.tables[n - 1]) - {name for _, _, name, _ in stay.subscriptions}:
            yield "no-resubscribe"

    def judge_counts(self):
        findings = {}
        for finding in self.report["findings"]:
            stay = self.of(finding)
            if stay is not None and finding["to_connection"] is not None:
                findings.setdefault(id(stay), []).append(finding)
        for life in self.truth.lives.values():
            owing = 0  # what was not told yet of later connections: a session that is wiped takes along what waited
            for n in range(len(life.stays) - 1, 0, -1):
                owing = self.judge_count(life, n, findings.get(id(life.stays[n]), []), owing)

    def judge_count(self, life, n, findings, owing):
        certain, possible = life.lost(n)
        where = f"{life.client_id}#{n + 1}"
        told = [f["lost"]["messages"] for f in findings if f["severity"] == "loss"]
        if any(messages is None for messages in told):
            return math.inf
        least = sum(messages["lost"]["min"] for messages in told)
        most = sum(math.inf if messages["lost"]["max"] is None else messages["lost"]["max"] for messages in told)
        if least > possible:
            self.say("overstated", where, f"{least} at least, {possible} at most is true: {[f['cause'] for f in findings]}")
        left = owing + most - certain
        if left < 0 and (told or life.stays[n].level > 3):  # 3.1 does not tell
            kind = "understated" if told else "silent"
            self.say(kind, where, f"{most} at most, {certain} at least is true: {[f['cause'] for f in findings]}")
        return max(left, 0)
