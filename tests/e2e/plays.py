# SPDX-License-Identifier: MIT
"""Plays for any broker.  stage.v() asks to keep the session in the newest version that the broker speaks."""

import time

import lab
from stage import SETTLE

CLIENT = "client-config"


def know(what, seen, known):
    """What the laboratory knows of a broker must be so, or the play shows something else."""
    if seen != known:
        raise lab.Failed(f"{what}: saw {seen}, the laboratory knows {known}")


def leave_and_miss(stage, name, count=2, goodbye=None, **settings):
    """Subscribes, says goodbye, and so many messages are published meanwhile; their reason codes."""
    member = stage.join(name, **settings)
    member.subscribe(f"{name}/state")
    member.disconnect(goodbye)
    return stage.publish(f"{name}/state", count)


def come_back(stage, name, present, sent=None, **settings):
    """Comes back, and gets what was sent if that is known."""
    member = stage.join(name, present, **settings)
    if sent:
        member.wait_for(len(sent))
        know(f"{name}: messages", sorted(member.payloads()), sorted(sent))
    member.quiet(0.1)
    return member


def founding(stage):
    """5.0 §3.1.2.11.2: no Session Expiry Interval is 0."""
    began = time.time()
    _, reasons = leave_and_miss(stage, "founding")
    died = began, time.time() - SETTLE
    know("founding: reasons", set(reasons), {0x10 if stage.broker.tells_nobody else 0})
    come_back(stage, "founding", False).disconnect()
    stage.lost("founding", "expiry-absent", CLIENT, "proven", lost=2, died=died)


def refused_version(stage):
    """A broker that does not speak 5.0; a refusal is no loss (§1.3)."""
    member = stage.join("modern", version=5, expiry=300)
    know("modern: refused", member.code != 0, True)
    member.fin()


def resume(stage):
    sent, _ = leave_and_miss(stage, "resume", **stage.v())
    come_back(stage, "resume", True, sent, **stage.v()).fin()
    come_back(stage, "resume", True, **stage.v()).disconnect()


def resume_v311(stage):
    sent, _ = leave_and_miss(stage, "resume-v311", version=4)
    come_back(stage, "resume-v311", True, sent, version=4).disconnect()


def kept_after_clean_start(stage):
    """5.0 [MQTT-3.1.2-23]: Clean Start 1 with an interval is kept."""
    sent, _ = leave_and_miss(stage, "clean-first", clean=True, expiry=300)
    come_back(stage, "clean-first", True, sent, expiry=300).disconnect()


def expired(stage):
    """5.0 [MQTT-4.1.0-2]; 9 s is well past 2 s and the 5 s of grace (§2.2 G7)."""
    began = time.time()
    leave_and_miss(stage, "expired", expiry=2)
    died = began + 2, time.time() - SETTLE + 3.5  # a broker looks every second or so
    time.sleep(9)
    come_back(stage, "expired", False, expiry=2).disconnect()
    stage.lost("expired", "expired", CLIENT, "proven", lost=2, died=died)


def goodbye(stage):
    """5.0 §3.14.2.2.2: DISCONNECT may end the session ..."""
    leave_and_miss(stage, "goodbye", goodbye=0, expiry=300)
    come_back(stage, "goodbye", False, expiry=300).disconnect()
    stage.lost("goodbye", "disconnect-expiry-zero", CLIENT, "proven", lost=2)


def bought_at_the_exit(stage):
    """... but cannot buy one."""
    leave_and_miss(stage, "buyer", goodbye=300)
    come_back(stage, "buyer", False, expiry=300).disconnect()
    stage.lost("buyer", "disconnect-expiry-invalid", "client-bug", "proven", lost=2)


def clean_start(stage):
    """5.0 [MQTT-3.1.2-4], 3.1.1 [MQTT-3.1.2-6]: the session was there, and was to be discarded."""
    leave_and_miss(stage, "wiped", **stage.v())
    come_back(stage, "wiped", False, **stage.v(clean=True)).disconnect()
    stage.lost("wiped", "clean-start", CLIENT, "proven", lost=2)


def clean_session(stage):
    leave_and_miss(stage, "clean-v311", version=4, clean=True)
    come_back(stage, "clean-v311", False, version=4, clean=True).disconnect()
    stage.lost("clean-v311", "clean-start", CLIENT, "proven", lost=2)


def takeover_by_itself(stage):
    """The client comes back while its old connection still stands: nothing is wrong (§6, 23)."""
    old = stage.join("itself", **stage.v())
    old.subscribe("itself/state")
    time.sleep(SETTLE)
    new = stage.join("itself", True, **stage.v())
    old.await_end()
    if "takeover" in stage.broker.says and old.v5:
        know("itself: reason", old.disconnect_reason, stage.broker.says["takeover"])
    sent, _ = stage.publish("itself/state", 2)
    new.wait_for(2)
    know("itself: messages", new.payloads(), sent)
    new.disconnect()
    stage.ends("itself", c1=("broker", "takeover"))


def takeover_by_a_twin(stage):
    """Another host, with a Will and so another program, comes with the same identifier and orders the
    session away (§6, 21)."""
    leave_and_miss(stage, "twin", count=1, **stage.v())
    settings = stage.v(clean=True, source="127.0.0.2", will=("twin/will", "gone", 0))
    settings.pop("expiry", None)
    stage.join("twin", False, **settings).disconnect()
    stage.publish("twin/state", 1)
    come_back(stage, "twin", False, **stage.v()).disconnect()
    stage.lost("twin", "client-id-takeover", "other-actor", "proven|strong", lost=1)
    # What the twin's CONNECT wiped was lost then, and may be told of that connection.
    stage.may("twin", "client-id-takeover|clean-start")


def twin_resumes(stage):
    """Both resume the same session, so what the twin got is not lost."""
    member = stage.join("shared-name", **stage.v())
    member.subscribe("shared-name/state")
    member.fin()
    sent, _ = stage.publish("shared-name/state", 1)
    come_back(stage, "shared-name", True, sent, **stage.v(source="127.0.0.3")).fin()
    come_back(stage, "shared-name", True, **stage.v()).disconnect()


def no_subscription(present):
    """A session without a subscription, of a broker that keeps it or does not (§1.3)."""
    def play(stage):
        stage.join("bare", **stage.v()).disconnect()
        come_back(stage, "bare", present, **stage.v()).disconnect()
        stage.may("bare", "no-subscriptions")
    return play


def in_flight(stage):
    """Not acknowledged at the break, so it comes again: marked or not (§1.5 a), nothing is lost."""
    member = stage.join("in-flight", **stage.v(acknowledges=False))
    member.subscribe("in-flight/state")
    sent, _ = stage.publish("in-flight/state", 2)
    member.wait_for(1)
    member.reset()
    time.sleep(SETTLE)
    member = come_back(stage, "in-flight", True, sent, **stage.v())
    know("in-flight: DUP", member.received[0].dup, stage.broker.dup)
    member.disconnect()
    stage.ends("in-flight", c1=("client", "rst"))


def kicked(stage):
    """Silent for longer than its Keep Alive: 5.0 [MQTT-3.1.2-22]; it is the network that may be blamed, or
    nobody, and the session is there."""
    member = stage.join("kicked", **stage.v(keep_alive=1))
    member.subscribe("kicked/state")
    member.await_end(20)
    come_back(stage, "kicked", True, **stage.v(keep_alive=60)).disconnect()
    stage.ends("kicked", c1=("broker", "keep-alive"))


def come_back_to_some(stage, name, kept):
    """Gets what was kept and then what is new: so the others were passed over, and will not come."""
    member = come_back(stage, name, True, kept, **stage.v())
    new, _ = stage.publish(f"{name}/state", 1)
    member.wait_for(len(kept) + 1)
    know(f"{name}: after those", member.payloads()[-1:], new)
    member.quiet()
    know(f"{name}: messages in all", len(member.payloads()), len(kept) + 1)
    member.disconnect()


def overflow(limit, which):
    """50 messages for a queue of so many, of which the first or the last are kept."""
    def play(stage):
        leave_and_miss(stage, "overflow", count=0, **stage.v())
        sent, _ = stage.publish("overflow/state", 50)
        kept = sent[:limit] if which == "first" else sent[-limit:]
        come_back_to_some(stage, "overflow", kept)
        stage.lost("overflow", "queue-overflow", "broker-policy", "strong", lost=50 - limit)
    return play


def overflow_ends_session(stage):
    """A full queue ends the session, within its interval; publishers see the moment, for then nobody
    subscribes any more (§2.3 C17)."""
    leave_and_miss(stage, "flooded", count=0, **stage.v())
    began = time.time()
    _, reasons = stage.publish("flooded/state", 50)
    died = began, time.time()
    flip = reasons.index(0x10)
    know("flooded: reasons", reasons, [0] * flip + [0x10] * (50 - flip))
    come_back(stage, "flooded", False, **stage.v()).disconnect()
    stage.lost("flooded", "overflow-ended-session|silent-cap|dropped-unexplained", "broker-policy|unknowable",
               "strong|consistent", lost=50, died=died)


def shortened(stage):
    """The broker announces 2 s for the 300 that were asked for; away for 9."""
    member = stage.join("shortened", expiry=300)
    know("shortened: announced", member.expiry, 2)
    member.subscribe("shortened/state")
    member.disconnect()
    stage.publish("shortened/state", 2)
    time.sleep(9)
    come_back(stage, "shortened", False, expiry=300).disconnect()
    stage.lost("shortened", "expiry-shortened", "broker-policy", "proven", lost=2)


def silent_cap(name, short, long, **settings):
    """Three short absences resume and three long ones do not, though the client asked for more: between the
    two lies a cap that CONNACK never announced (L13)."""
    def play(stage):
        present = None
        for away in (*short, *long):
            member = stage.join(name, present, **settings)
            know(f"{name}: announced", member.expiry, None)
            member.subscribe(f"{name}/state")
            member.disconnect()
            present = away in short
            time.sleep(away)
            if not present:
                # The first cannot be bracketed when it happens, but the whole capture is judged.
                stage.lost(name, "silent-cap|dropped-unexplained", "broker-policy|unknowable", "strong|consistent")
        come_back(stage, name, False, **settings).disconnect()
    return play


# Six of six connections end at once, the port refuses, and no session is there any more (§4.2).
FORGETS = ("restart-without-persistence", "broker-policy", "strong")


class Restart:
    """Six clients and one that is away, while the broker goes and comes: SIGTERM or SIGKILL."""

    def __init__(self, by="stop", settings=None, wait=SETTLE):
        """settings: of each of the six; wait: how long the broker has to write"""
        self.by, self.settings, self.sent, self.wait = by, settings, [], wait

    def names(self, stage):
        return [f"{stage.label}-{i}" for i in range(1, 7)]

    def before(self, stage):
        self.settings = self.settings or [stage.v()] * 6
        members = []
        for name, settings in zip(self.names(stage), self.settings):
            members.append(stage.join(name, **settings))
            members[-1].subscribe(f"{name}/state")
        member = stage.join(f"{stage.label}-away", **self.settings[0])
        member.subscribe(f"{stage.label}-away/state")
        member.disconnect()
        self.sent, _ = stage.publish(f"{stage.label}-away/state", 2)
        return members

    def again(self, stage):
        """The broker goes and comes back; what asks whether it listens is refused meanwhile."""
        down = time.time()
        getattr(stage.broker, self.by)()
        for _ in range(3):
            know("the port is shut", lab.listens(stage.broker.port), False)
            time.sleep(0.2)
        stage.broker.start()
        stage.restarts.append((down, time.time()))

    def play(self, present, causes=None, responsible=None, confidence=None):
        """present: the Session Present of each of the six; those of 0 lost their session."""
        def restart(stage):
            members = self.before(stage)
            time.sleep(self.wait)
            self.again(stage)
            for member in members:
                member.await_end()
            for name, settings, kept in zip(self.names(stage), self.settings, present):
                come_back(stage, name, kept, **{**settings, "clean": False}).quiet(0.1)
                if not kept:
                    stage.lost(name, causes, responsible, confidence, died=stage.restarts[-1])
            away = f"{stage.label}-away"
            sent = self.sent if present[0] else None
            come_back(stage, away, present[0], sent, **{**self.settings[0], "clean": False})
            if not present[0]:
                stage.lost(away, causes, responsible, confidence, lost=2, died=stage.restarts[-1])
        return restart


EVERYWHERE = [resume, resume_v311, clean_start, clean_session, takeover_by_itself, takeover_by_a_twin,
              twin_resumes, in_flight, kicked]
OF_5 = [founding, kept_after_clean_start, expired, goodbye, bought_at_the_exit]
