# SPDX-License-Identifier: MIT
"""Plays of what is known of mosquitto 2.0 alone: L1 to L18 of the laboratory facts."""

import socket
import time

import peer as mqtt
from plays import CLIENT, come_back, come_back_to_some, know, leave_and_miss
from stage import SETTLE


def founding_without_goodbye(stage):
    """L1: the same when the connection just closes."""
    member = stage.join("no-goodbye")
    member.subscribe("no-goodbye/state")
    member.fin()
    _, reasons = stage.publish("no-goodbye/state", 3)
    know("no-goodbye: reasons", reasons, [0x10] * 3)
    come_back(stage, "no-goodbye", False).disconnect()
    stage.lost("no-goodbye", "expiry-absent", CLIENT, "proven", lost=3)


def expiry_zero(stage):
    leave_and_miss(stage, "zero", expiry=0)
    come_back(stage, "zero", False, expiry=0).disconnect()
    stage.lost("zero", "expiry-zero", CLIENT, "proven", lost=2)


def mqtt31(stage):
    """L4: resumed, though byte 1 of CONNACK is 0; what comes before SUBSCRIBE shows it."""
    sent, _ = leave_and_miss(stage, "mqtt31", version=3)
    come_back(stage, "mqtt31", False, sent, version=3).disconnect()


def bridges(stage):
    """L4: protocol levels 0x84 and 0x83."""
    sent, _ = leave_and_miss(stage, "bridge-311", version=0x84)
    come_back(stage, "bridge-311", True, sent, version=0x84).disconnect()
    sent, _ = leave_and_miss(stage, "bridge-31", version=0x83)
    come_back(stage, "bridge-31", False, sent, version=0x83).disconnect()


def doomed_takeover(stage):
    """L5: the takeover ends a session without an interval (5.0 §3.1.4): the client's settings all the same."""
    old = stage.join("doomed")
    old.subscribe("doomed/state")
    time.sleep(SETTLE)
    new = stage.join("doomed", False)
    old.await_end()
    new.disconnect()
    stage.lost("doomed", "expiry-absent", CLIENT, "proven|strong")


def races(stage):
    """L5: CONNECT at once after FIN, without an interval; mosquitto never hands the doomed session over."""
    for turn in range(5):
        member = stage.join("racer", False)
        member.subscribe("racer/state")
        member.socket.shutdown(socket.SHUT_WR)
        if turn > 0:
            stage.lost("racer", "expiry-absent", CLIENT, "proven|strong")


def takeover_in_flight(stage):
    """L5: what was not acknowledged on the old connection comes on the new one, marked, with its identifier."""
    old = stage.join("relay", **stage.v(acknowledges=False))
    old.subscribe("relay/state")
    sent, _ = stage.publish("relay/state", 3)
    old.wait_for(3)
    new = come_back(stage, "relay", True, sent, **stage.v())
    know("relay: identifiers", [m.id for m in new.received], [m.id for m in old.received])
    know("relay: DUP", [m.dup for m in new.received], [True] * 3)
    old.await_end()
    new.disconnect()


def qos0_legs(stage):
    """L7: resumed, and nothing comes; a QoS 0 message need not be stored, so nobody lost what was owed."""
    member = stage.join("qos0-subscriber", **stage.v())
    member.subscribe("qos0-subscriber/state", qos=0)
    member.disconnect()
    _, reasons = stage.publish("qos0-subscriber/state", 2)
    know("qos0: reasons", reasons, [0, 0])
    know("qos0: messages", come_back(stage, "qos0-subscriber", True, **stage.v()).payloads(), [])
    leave_and_miss(stage, "qos0-publisher", count=0, **stage.v())
    stage.publish("qos0-publisher/state", 2, qos=0)
    know("qos0: messages", come_back(stage, "qos0-publisher", True, **stage.v()).payloads(), [])


def version_switch(stage):
    """L8: kept for ever by 3.1.1, resumed by 5.0 without an interval, and so gone after that."""
    sent, _ = leave_and_miss(stage, "upgraded", version=4)
    come_back(stage, "upgraded", True, sent).disconnect()
    stage.publish("upgraded/state", 2)
    come_back(stage, "upgraded", False).disconnect()
    stage.lost("upgraded", "version-switch", CLIENT, "proven", lost=2)


def expiry_dropped(stage):
    """L8: the connection in the middle forgot the interval."""
    sent, _ = leave_and_miss(stage, "forgetful", expiry=300)
    come_back(stage, "forgetful", True, sent).disconnect()
    stage.publish("forgetful/state", 2)
    come_back(stage, "forgetful", False, expiry=300).disconnect()
    stage.lost("forgetful", "expiry-dropped", CLIENT, "proven", lost=2)


def nameless(stage):
    """L9: an empty Client Identifier gets another one each time (5.0 [MQTT-3.2.2-16])."""
    first = stage.join("", expiry=300, source="127.0.0.9")
    first.subscribe("nameless/state")
    first.disconnect()
    stage.publish("nameless/state", 2)
    second = stage.join("", False, expiry=300, source="127.0.0.9")
    second.subscribe("nameless/state")
    second.disconnect()
    know("nameless: names differ", first.assigned != second.assigned, True)
    # At which of the two names it is told is not fixed; that it is, and as what, is.
    for member in (first, second):
        stage.may(member.assigned, "client-id-assigned")


def nameless_refused(stage):
    """L9: 3.1 knows no empty Client Identifier, 3.1.1 only with Clean Session 1; a refusal is no loss."""
    for settings, code in (({"version": 4}, 2), ({"version": 3}, 2), ({"version": 4, "clean": True}, 0)):
        for _ in range(2):
            member = stage.join("", source="127.0.0.10", **settings)
            know("nameless: answer", member.code, code)
            member.fin()


def qos2_from_the_broker(stage):
    """L10: PUBLISH again, marked, for what got no PUBREC; PUBREL again for what got no PUBCOMP."""
    member = stage.join("twice", **stage.v(acknowledges=False))
    member.subscribe("twice/state", qos=2)
    sent, _ = stage.publish("twice/state", 2, qos=2)
    member.wait_for(2)
    second = member.received[1].id
    member.acknowledge(mqtt.PUBREC, second)
    member.wait(lambda: member.releases == [second], "PUBREL")
    member.reset()
    time.sleep(SETTLE)
    member = stage.join("twice", True, **stage.v())
    member.wait_for(1)
    member.wait(lambda: second in member.releases, "PUBREL again")
    member.quiet()
    know("twice: PUBLISH again", member.payloads(), sent[:1])
    know("twice: DUP", member.received[0].dup, True)
    member.disconnect()


def qos2_to_the_broker(stage):
    """A publisher breaks off between PUBREC and PUBREL, and takes up again where it was."""
    listener = stage.helper()
    listener.subscribe("halfway/state", qos=2)
    member = stage.join("halfway", **stage.v())
    body = mqtt.text("halfway/state") + b"\0\x07" + (b"\0" if member.v5 else b"") + b"once"
    know("halfway: PUBREC", member.ask(mqtt.PUBLISH, 4, body, mqtt.PUBREC, 7), [0])
    member.reset()
    time.sleep(SETTLE)
    member = stage.join("halfway", True, **stage.v())
    know("halfway: PUBCOMP", member.ask(mqtt.PUBREL, 2, b"\0\x07", mqtt.PUBCOMP, 7), [0])
    know("halfway: delivered", listener.wait_for(1), ["once"])
    listener.quiet()
    know("halfway: once", len(listener.received), 1)
    member.disconnect()
    listener.disconnect()


def at_the_edge(stage):
    """L15: an interval of 2 s, away for less than 4: within the grace (§2.2 G7), so not proven."""
    leave_and_miss(stage, "edge", expiry=2)
    left = time.monotonic() - SETTLE
    time.sleep(3.3)
    come_back(stage, "edge", False, expiry=2).disconnect()
    late = time.monotonic() - left > 6  # on a machine that is very busy
    stage.lost("edge", "expired", "client-config|unknowable", "proven" if late else "strong|consistent", lost=2)


def within_the_interval(stage):
    """L15: back after 1 s of 6."""
    member = stage.join("quick", expiry=6)
    member.subscribe("quick/state")
    member.disconnect()
    time.sleep(1)
    come_back(stage, "quick", True, expiry=6).disconnect()


def retained(stage):
    """L16: the queued copy has RETAIN 0; SUBSCRIBE brings the retained one, which is no redelivery."""
    member = stage.join("notice", **stage.v())
    member.subscribe("notice/state")
    member.disconnect()
    sent, _ = stage.publish("notice/state", 2, retain=True)
    member = come_back(stage, "notice", True, sent, **stage.v())
    know("notice: RETAIN", [m.retain for m in member.received], [False, False])
    member.subscribe("notice/state")
    member.wait_for(3)
    know("notice: the retained one", (member.received[2].retain, member.received[2].payload), (True, sent[1]))
    member.disconnect()


def other_username(stage):
    """L17: another User Name finds the same session."""
    sent, _ = leave_and_miss(stage, "renamed", **stage.v(username="alice"))
    come_back(stage, "renamed", True, sent, **stage.v(username="bob")).disconnect()


def early_will(stage):
    """L18: the session ends after 1 s and the Will comes then, 29 s before its delay has passed: 5.0
    [MQTT-3.1.2-8].  So the moment of its end is known to a second."""
    observer = stage.helper()
    observer.subscribe("testator/will")
    member = stage.join("testator", expiry=1, will=("testator/will", "gone", 30))
    member.subscribe("testator/state")
    member.reset()
    observer.wait_for(1, 8)
    told = time.time()
    time.sleep(7)
    come_back(stage, "testator", False, expiry=1).disconnect()
    observer.disconnect()
    stage.lost("testator", "expired", CLIENT, "proven", died=(told - 2.5, told))


def shared(stage):
    """What went to the other member of the group is lost to nobody (§1.13)."""
    members = [stage.join(name, expiry=300) for name in ("group-a", "group-b")]
    for member in members:
        member.subscribe("$share/group/group/state")
    members[0].fin()
    sent, _ = stage.publish("group/state", 6)
    members[1].quiet()
    back = come_back(stage, "group-a", True, expiry=300)
    back.quiet()
    know("group: messages", sorted(members[1].payloads() + back.payloads()), sorted(sent))
    for member in (members[1], back):
        member.disconnect()


def message_expires(stage):
    """§1.12: an interval of 1 s on the message, which is then not owed any more; the other one comes."""
    member = stage.join("perishable", **stage.v())
    member.subscribe("perishable/state", "perishable/other")
    member.disconnect()
    stage.publish("perishable/state", 2, message_expiry=1)
    sent, _ = stage.publish("perishable/other", 1, message_expiry=60)
    time.sleep(3)
    come_back(stage, "perishable", True, sent, **stage.v()).disconnect()


def overflow_while_connected(stage):
    """L12: 20 in flight and 10 queued of 50, to a client that does not acknowledge; the broker dropped the rest."""
    member = stage.join("stalled", **stage.v(acknowledges=False))
    member.subscribe("stalled/state")
    sent, _ = stage.publish("stalled/state", 50)
    know("stalled: in flight", member.wait_for(20), sent[:20])
    member.reset()
    time.sleep(SETTLE)
    come_back_to_some(stage, "stalled", sent[:30])
    stage.lost("stalled", "queue-overflow", "broker-policy", "strong|consistent", lost=20)


PLAIN = [founding_without_goodbye, expiry_zero, mqtt31, bridges, doomed_takeover, races, takeover_in_flight,
         qos0_legs, version_switch, expiry_dropped, nameless, nameless_refused, qos2_from_the_broker,
         qos2_to_the_broker, at_the_edge, within_the_interval, retained, other_username, early_will, shared,
         message_expires]
SHORT = [overflow_while_connected]
