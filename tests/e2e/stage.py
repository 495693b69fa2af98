# SPDX-License-Identifier: MIT
"""Where plays are played at a real broker, and what the report must say of them.

What clients did, and were answered, is written down as they act; the outcomes, the effective expiry
and Session Present that the report must show follow from that and from the standard.  What was lost,
why and whose doing it was is said by the play.  Nothing is taken from the report itself."""

import datetime
import itertools
import json
import os
import pathlib
import tempfile
import threading
import time
import traceback

import lab
import peer as mqtt
from judge import judge_capture, judge_saved
from peer import Peer

SETTLE = 0.3  # what a broker needs to note that a connection is gone
ACCUSED = ("broker-fault", "other-actor")


class Expected:
    """A finding that must be there: causes, responsible and confidence may be several with | between."""

    def __init__(self, causes, responsible, confidence, **more):
        """more: lost (messages: a number, a pair, or None for not judged), severity ("loss"), told (True;
                False where mqlapse does not tell it yet, but must be right if it does), died (a span of time.time() in
        which the session ended)"""
        self.causes = causes.split("|")
        self.responsible, self.confidence = responsible.split("|"), confidence.split("|")
        self.lost, self.severity = more.get("lost"), more.get("severity", "loss")
        self.told, self.died = more.get("told", True), more.get("died")

    def faults(self, finding):
        for key, allowed in (("cause", self.causes), ("responsible", self.responsible),
                             ("confidence", self.confidence), ("severity", [self.severity])):
            if finding[key] not in allowed:
                yield f"{key} {finding[key]}, expected was {' or '.join(allowed)}"
        if self.lost is not None:
            least, most = self.lost if isinstance(self.lost, tuple) else (self.lost, self.lost)
            messages = finding["lost"]["messages"]
            if messages is None or messages["lost"] != {"min": least, "max": most}:
                yield f"lost {messages and messages['lost']}, expected were {least} to {most}"
        if self.died is not None and finding.get("session_died"):
            yield from self.died_faults(finding["session_died"])

    def died_faults(self, died):
        """The moment that is known lies between the two that the report tells."""
        slack = 0.1
        for key, wrong in (("after", lambda told: told > self.died[1] + slack),
                           ("before", lambda told: told < self.died[0] - slack)):
            if died[key] is not None and wrong(seconds_of(died[key])):
                yield f"died {key} {died[key]}, but that was from {self.died[0]:.3f} to {self.died[1]:.3f}"


def seconds_of(stamp):
    """RFC 3339 with nanoseconds, in UTC, to time.time()."""
    head, fraction = stamp.rstrip("Z").split(".")
    moment = datetime.datetime.fromisoformat(head).replace(tzinfo=datetime.timezone.utc)
    return moment.timestamp() + float("0." + fraction)


class Story:
    """What one client lived through."""

    def __init__(self):
        self.peers, self.expected, self.possible, self.ends = [], [], set(), {}

    def outcomes(self):
        """What the report must call them; None is not judged."""
        seen = []
        for peer in self.peers:
            if peer.code is None:
                yield "not-observable"
            elif peer.code != 0:
                yield "refused"
            elif peer.settings.get("clean", False):
                yield "fresh-as-requested"
            elif not seen:
                yield "first-seen"
            elif peer.level & 0x7F == 3 and not peer.session_present:
                yield "resumed" if peer.before_subscribe() else "not-observable"
            else:
                yield "resumed" if peer.session_present else "fresh-unexpected"
            seen += [peer] if peer.code == 0 else []

    def faults(self, client, findings):
        connections = client["connections"]
        seen = [connection["outcome"] for connection in connections]
        if seen != list(self.outcomes()):
            yield f"outcomes {seen}, expected were {list(self.outcomes())}"
        for peer, connection in zip(self.peers, connections):
            yield from connection_faults(peer, connection, self.ends.get(connection["n"]))
        yield from self.finding_faults(findings)

    def finding_faults(self, findings):
        left = list(findings)
        for want in self.expected:
            hit = next((f for f in left if f["cause"] in want.causes), None)
            if hit is None and not want.told:
                print(f"Not told yet: {want.causes[0]}, lost {want.lost}")
                continue
            if hit is None:
                losses = [f["cause"] for f in left if f["severity"] == "loss"] or "no loss"
                yield f"expected was {' or '.join(want.causes)}, found {losses}"
                continue
            left.remove(hit)
            yield from want.faults(hit)
            if hit["cause"] != want.causes[0]:
                print(f"Weaker: {hit['client_id']}: {hit['cause']} instead of {want.causes[0]}")
        for finding in left:
            if finding["cause"] not in self.possible and (
                    finding["severity"] == "loss" or finding["responsible"] in ACCUSED):
                yield (f"{finding['severity']} {finding['cause']}, {finding['responsible']}, "
                       f"{finding['confidence']}, lost {finding['lost']['messages']} was not expected; it says: "
                       f"{finding['explanation']}")


def effective_expiry(peer):
    """5.0 §3.1.2.11.2, §3.2.2.3.2, §3.14.2.2.2; 3.1.1 §3.1.2.4."""
    if not peer.v5:
        return 0 if peer.settings.get("clean", False) else "never"
    asked = peer.settings.get("expiry") or 0
    expiry = asked if peer.expiry is None else peer.expiry
    if peer.goodbye is not None and asked:
        expiry = peer.goodbye
    return "never" if expiry == mqtt.NEVER else expiry


def connection_faults(peer, connection, end):
    n = connection["n"]
    if peer.code == 0:
        if peer.level & 0x7F > 3 and connection["session_present"] is not peer.session_present:
            yield f"connection {n}: session_present {connection['session_present']}, was {peer.session_present}"
        effective = connection["session_expiry"]["effective"]
        if effective != effective_expiry(peer):
            yield f"connection {n}: effective expiry {effective!r}, expected was {effective_expiry(peer)!r}"
    seen = (connection["closed_by"], connection["close_kind"])
    if end is not None and seen != end:
        yield f"connection {n}: closed by {seen}, expected was {end}"


class Stage:
    """A broker, and those who play at it."""

    def __init__(self, label, broker):
        self.label, self.broker, self.stories = label, broker, {}
        self.restarts = []  # (down, up): spans of time.time()
        self.version = max(broker.versions)
        self.count, self.serial = itertools.count(1), itertools.count(1)

    def v(self, **settings):
        """Settings that ask the broker to keep a session, as its newest version of MQTT has it."""
        if self.version < 5:
            settings.pop("expiry", None)
        elif "expiry" not in settings:
            settings["expiry"] = 300
        return {"version": self.version, **settings}

    def join(self, client_id, present=None, **settings):
        """Connects.  present: the Session Present that the laboratory knows of this broker."""
        name = client_id
        member = Peer(self.broker.port, client_id, **{**self.broker.login, **settings})
        if client_id == "":
            name = member.assigned
        if name is not None:
            self.stories.setdefault(name, Story()).peers.append(member)
        if present is not None and member.session_present is not present:
            raise lab.Failed(f"{client_id}: Session Present {member.session_present}, the laboratory knows {present}")
        return member

    def story(self, client_id):
        return self.stories.setdefault(client_id, Story())

    def lost(self, client_id, causes, responsible, confidence, **more):
        self.story(client_id).expected.append(Expected(causes, responsible, confidence, **more))

    def may(self, client_id, causes):
        """Findings that are true, but need not be told."""
        self.story(client_id).possible.update(causes.split("|"))

    def ends(self, client_id, **ends):
        """How connections ended: c1=("broker", "keep-alive")"""
        self.story(client_id).ends.update({int(key[1:]): end for key, end in ends.items()})

    def helper(self, **settings):
        """Somebody who only publishes, or only listens, with Clean Start."""
        name = f"helper-{self.label}-{next(self.count)}"
        return Peer(self.broker.port, name, **{"version": self.version, **self.broker.login, "clean": True, **settings})

    def publish(self, topic, count, qos=1, **how):
        """Somebody publishes so many messages; their payloads, and the reason codes of the answers."""
        time.sleep(SETTLE)
        publisher = self.helper()
        payloads = [f"{topic} {next(self.serial)}" for _ in range(count)]
        reasons = publisher.publish_all(topic, payloads, qos=qos, **how)
        publisher.disconnect()
        return payloads, reasons

    def faults(self, report):
        broker = f"127.0.0.1:{self.broker.port}"
        clients = {client["client_id"]: client for client in report["clients"] if client["broker"] == broker}
        findings = [finding for finding in report["findings"] if finding["broker"] == broker]
        for name, story in self.stories.items():
            if name not in clients:
                yield f"{name}: not in the report"
                continue
            of_it = [finding for finding in findings if finding["client_id"] == name]
            yield from (f"{name}: {fault}" for fault in story.faults(clients[name], of_it))
        for finding in findings:
            if finding["client_id"] not in self.stories and (
                    finding["severity"] == "loss" or finding["responsible"] in ACCUSED):
                yield f"{finding['client_id']}: {finding['cause']}, {finding['responsible']} was not expected"
        for entry in report["brokers"]:
            if entry["broker"] == broker:
                yield from self.learned_faults(entry["learned"])
                yield from self.restart_faults(entry["restarts"])

    def restart_faults(self, told):
        if len(told) != len(self.restarts):
            yield f"{self.label}: {len(told)} restarts in the report, {len(self.restarts)} there were"
        for restart in told:
            if not any(seconds_of(restart["down"]) < up and seconds_of(restart["up"]) > down
                       for down, up in self.restarts):
                yield f"{self.label}: restart {restart} did not happen"

    def learned_faults(self, learned):
        """Where something was learned of the broker it must be what is known of it."""
        says = self.broker.says
        known = {"reports_no_matching_subscribers": self.broker.tells_nobody,
                 "announces_expiry": self.broker.announces_expiry, "sends_taken_over": "takeover" in says,
                 "sends_keep_alive_timeout": "keep-alive" in says, "sends_shutting_down": "stop" in says,
                 "dup_on_redelivery": self.broker.dup}
        for key, truth in known.items():
            if learned.get(key) not in (None, truth):
                yield f"{self.broker.name}: learned {key} {learned[key]}, known is {truth}"


def perform(pairs):
    """Plays (play, stage) at the same time; what went wrong, as sentences."""
    faults = []

    def act(play, stage):
        try:
            play(stage)
        except Exception as error:
            traceback.print_exc()
            faults.append(f"{play.__name__} at {stage.label}: {error}")

    threads = [threading.Thread(target=act, args=pair, daemon=True) for pair in pairs]
    for thread in threads:
        thread.start()
        time.sleep(0.02)
    for thread in threads:
        thread.join(240)
    return faults + [f"{play.__name__} hangs" for (play, _), thread in zip(pairs, threads) if thread.is_alive()]


OF_THE_CAPTURE = ("packets", "dropped_by_kernel", "tcp", "mqtt", "not_decoded", "vantage")


def run(folder, brokers, acts):
    """brokers: those to be started; acts: functions that give the pairs which play at the same time, one
    act after the other.  Each gets the stages."""
    capture, faults = None, []
    stages = {name: Stage(name, broker) for name, broker in brokers.items()}
    try:
        starters = [threading.Thread(target=broker.start) for broker in brokers.values()]
        for starter in starters:
            starter.start()
        for starter in starters:
            starter.join()
        capture = lab.LiveCapture(folder, [broker.port for broker in brokers.values()])
        for act in acts:
            faults += perform(act(stages))
        time.sleep(0.5)
        report = capture.report()
    finally:
        for broker in brokers.values():
            broker.close()
        if capture is not None:
            capture.stop()
    for stage in stages.values():
        faults += stage.faults(report)
    faults += judge_capture(report)
    faults += judge_saved(report, lab.read_report(capture.saved))
    if faults:
        print(f"What was captured: {json.dumps({key: report['capture'][key] for key in OF_THE_CAPTURE})}")
        print(f"What is said of brokers: {json.dumps(report['brokers'])}")
    return faults


def main(name, why_not, brokers_in, acts):
    """The exit status of a test.  brokers_in: makes the brokers in a folder; acts: see run()"""
    missing = why_not or lab.why_no_capture()
    if missing is not None:
        print(f"Skipped, not run at {name}: {missing}.")
        return lab.SKIPPED
    began = time.monotonic()
    keep = os.environ.get("MQLAPSE_KEEP")
    with tempfile.TemporaryDirectory(prefix="mqlapse-e2e-") as temporary:
        folder = pathlib.Path(keep) / f"{name}-{os.getpid()}" if keep else pathlib.Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        try:
            faults = run(folder, brokers_in(folder), acts)
        except lab.Failed as failure:
            faults = [str(failure)]
    for fault in faults:
        print(f"Fault: {fault}")
    print(f"Plays at {name} in {time.monotonic() - began:.0f} s, {len(faults)} faults.")
    return 1 if faults else 0
