# SPDX-License-Identifier: MIT
"""Real clients lose and keep their sessions at a real broker while mqlapse captures; its report
must say what happened."""

import os
import pathlib
import signal
import sys
import tempfile
import threading
import time
import traceback

sys.dont_write_bytecode = True

import lab
from judge import judge_capture, judge_saved
from lab import Member, mosquitto_pub, mosquitto_sub, wait_until

SETTLE = 0.3  # what mosquitto needs to note that a connection is gone


class Stage:
    """Where the scenarios play."""

    def __init__(self, broker, fragile):
        self.broker, self.fragile = broker, fragile
        self.port = broker.port


def is_absent(stage, name, payloads, topic):
    """A publisher speaks while nobody of the scenario listens."""
    time.sleep(SETTLE)
    publisher = Member(stage.port, f"{name}-publisher", clean=True)
    publisher.publish(topic, *payloads)
    publisher.leave()


def leave_and_return(stage, name, first, then, **how):
    """Subscribes, leaves, misses two messages, comes back; the Session Present that it got."""
    topic = f"{name}/temperature"
    member = Member(stage.port, name, **first)
    member.subscribe(topic)
    member.leave(how.get("goodbye"))
    is_absent(stage, name, ("one", "two"), topic)
    time.sleep(how.get("away", 0))
    member = Member(stage.port, name, **then)
    if member.session_present:
        member.wait_for("one", "two")
    time.sleep(0.1)
    member.leave()
    return member.session_present


def play_founding(stage):
    return leave_and_return(stage, "founding", {}, {})


def play_kept(stage):
    return leave_and_return(stage, "kept", {"expiry": 3600}, {"expiry": 3600})


def play_expired(stage):
    return leave_and_return(stage, "expired", {"expiry": 2}, {"expiry": 2}, away=9)


def play_goodbye(stage):
    return leave_and_return(stage, "goodbye", {"expiry": 3600}, {"expiry": 3600}, goodbye=0)


def play_wipe(stage):
    return leave_and_return(stage, "wipe", {"expiry": 3600}, {"expiry": 3600, "clean": True})


def play_v311_kept(stage):
    return leave_and_return(stage, "v311-kept", {"version": 4}, {"version": 4})


def play_v311_clean(stage):
    return leave_and_return(stage, "v311-clean", {"version": 4, "clean": True}, {"version": 4, "clean": True})


def play_with_mosquitto_sub(stage, name, *words):
    """mosquitto_sub -c leaves by SIGTERM, with a DISCONNECT, and comes back for one message."""
    words = ("-V", "mqttv5", "-c", "-q", "1", "-t", f"{name}/state", *words)
    first = mosquitto_sub(stage.port, name, *words, "-v")
    probe = Member(stage.port, f"{name}-publisher", clean=True)
    time.sleep(1)
    probe.publish(f"{name}/state", "seen")
    if first.stdout.readline().strip() != f"{name}/state seen":
        raise lab.Failed("mosquitto_sub does not listen")
    time.sleep(SETTLE)
    first.terminate()
    first.communicate(timeout=lab.PATIENCE)
    time.sleep(SETTLE)
    mosquitto_pub(stage.port, f"{name}-publisher-2", f"{name}/state", "waited for")
    again = mosquitto_sub(stage.port, name, *words, "-C", "1", "-W", "5")
    text, _ = again.communicate(timeout=lab.PATIENCE)
    probe.leave()
    return text.strip() == "waited for"


def play_sub_x(stage):
    return play_with_mosquitto_sub(stage, "sub-x", "-x", "300")


def play_sub_never(stage):
    return play_with_mosquitto_sub(stage, "sub-never")


def play_takeover(stage):
    """The first process is stopped, so it neither closes nor comes back when the second takes over."""
    words = ("-V", "mqttv5", "-c", "-x", "300", "-q", "1", "-t", "takeover/state")
    first = mosquitto_sub(stage.port, "takeover", *words)
    time.sleep(1)
    first.send_signal(signal.SIGSTOP)
    second = mosquitto_sub(stage.port, "takeover", *words, "-C", "1", "-W", "8")
    time.sleep(1)
    mosquitto_pub(stage.port, "takeover-publisher", "takeover/state", "to the second")
    text, _ = second.communicate(timeout=lab.PATIENCE)
    first.kill()
    first.communicate()
    return text.strip() == "to the second"


def play_restart(stage):
    """Three clients with sessions, one of them connected, when a broker without persistence restarts."""
    port = stage.fragile.port
    settings = {"restart-a": {"expiry": 3600}, "restart-b": {"version": 4}, "restart-c": {"expiry": 3600}}
    members = {name: Member(port, name, **settings[name]) for name in settings}
    for name, member in members.items():
        member.subscribe(f"{name}/state")
    members["restart-a"].leave()
    members["restart-b"].leave()
    time.sleep(SETTLE)
    mosquitto_pub(port, "restart-publisher", "restart-a/state", "kept in memory only")
    stage.fragile.stop()
    members["restart-c"].abandon()
    time.sleep(1)
    stage.fragile.start()
    members = {name: Member(port, name, **settings[name]) for name in settings}
    time.sleep(0.1)
    for member in members.values():
        member.leave()
    return any(member.session_present for member in members.values())


def play_refused(stage):
    port = stage.broker.guarded_port
    member = Member(port, "refused", expiry=3600, password="open sesame")
    member.subscribe("refused/state")
    member.leave()
    stranger = Member(port, "refused", expiry=3600, password="open barley")
    stranger.client.disconnect()
    stranger.abandon()
    member = Member(port, "refused", expiry=3600, password="open sesame")
    member.leave()
    return member.session_present and stranger.answer != 0


# What the report must hold: of these clients, one finding of severity "loss" each, with one of the
# causes, one of the responsible parties, one of the confidences and so many lost messages (None:
# not judged); of all others, none.
CLIENT = {"client-config"}
LAPSES = {
    "founding": ({"expiry-absent"}, CLIENT, {"proven"}, 2),
    "expired": ({"expired"}, CLIENT, {"proven"}, 2),
    "goodbye": ({"disconnect-expiry-zero"}, CLIENT, {"proven"}, 2),
    "wipe": ({"clean-start"}, CLIENT, {"proven"}, 2),
    "v311-clean": ({"clean-start"}, CLIENT, {"proven"}, 2),
}
UNEXPLAINED = ({"dropped-unexplained", "restart-without-persistence"}, {"unknowable", "broker-policy"},
               {"strong", "consistent", "cannot-know"})
LAPSES["restart-a"] = (*UNEXPLAINED, 1)
LAPSES["restart-b"] = (*UNEXPLAINED, 0)
LAPSES["restart-c"] = (*UNEXPLAINED, None)
OUTCOMES = {
    "founding": ["first-seen", "fresh-unexpected"],
    "kept": ["first-seen", "resumed"],
    "expired": ["first-seen", "fresh-unexpected"],
    "goodbye": ["first-seen", "fresh-unexpected"],
    "wipe": ["first-seen", "fresh-as-requested"],
    "v311-kept": ["first-seen", "resumed"],
    "v311-clean": [None, "fresh-as-requested"],
    "sub-x": ["first-seen", "resumed"],
    "sub-never": ["first-seen", "resumed"],
    "takeover": ["first-seen", "resumed"],
    "restart-a": ["first-seen", "fresh-unexpected"],
    "restart-b": ["first-seen", "fresh-unexpected"],
    "restart-c": ["first-seen", "fresh-unexpected"],
    "refused": ["first-seen", "refused", "resumed"],
}
EXPIRIES = {"founding": 0, "kept": 3600, "expired": 2, "goodbye": 0, "sub-x": 300, "sub-never": "never"}
# What the clients themselves saw, and so the broker did; were it otherwise, the lab would be wrong.
PLAYS = {play_founding: False, play_kept: True, play_expired: False, play_goodbye: False, play_wipe: False,
         play_v311_kept: True, play_v311_clean: False, play_sub_x: True, play_sub_never: True,
         play_takeover: True, play_restart: False, play_refused: True}


def play_all(stage):
    """All at once; what went wrong, as sentences."""
    faults = []

    def perform(play, expected):
        try:
            seen = play(stage)
            if seen != expected:
                faults.append(f"{play.__name__}: the client saw {seen}, expected was {expected}")
        except Exception as error:
            traceback.print_exc()
            faults.append(f"{play.__name__}: {error}")

    threads = [threading.Thread(target=perform, args=item, daemon=True) for item in PLAYS.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return faults


def judge_outcomes(report):
    clients = {client["client_id"]: client for client in report["clients"]}
    for name, outcomes in OUTCOMES.items():
        if name not in clients:
            yield f"{name}: not in the report"
            continue
        connections = clients[name]["connections"]
        seen = [connection["outcome"] for connection in connections]
        if len(seen) != len(outcomes) or any(want not in (None, got) for want, got in zip(outcomes, seen)):
            yield f"{name}: outcomes {seen}, expected were {outcomes}"
        if connections[-1]["session_present"] is not (outcomes[-1] == "resumed"):
            yield f"{name}: session_present {connections[-1]['session_present']} with outcome {outcomes[-1]}"
        effective = connections[0]["session_expiry"]["effective"]
        if name in EXPIRIES and effective != EXPIRIES[name]:
            yield f"{name}: effective expiry {effective!r}, expected was {EXPIRIES[name]!r}"


def judge_lapse(name, finding, expected):
    causes, responsible, confidences, count = expected
    for key, allowed in (("cause", causes), ("responsible", responsible), ("confidence", confidences),
                         ("outcome", {OUTCOMES[name][-1]})):
        if finding[key] not in allowed:
            yield f"{name}: {key} {finding[key]}, expected was {' or '.join(sorted(allowed))}"
    messages = finding["lost"]["messages"]
    if count is not None and (messages is None or messages["lost"] != {"min": count, "max": count}):
        yield f"{name}: lost messages {messages and messages['lost']}, expected were {count}"
    if finding["lost"]["subscriptions"] == []:
        yield f"{name}: the lost subscription is not named"


def judge_findings(report):
    lapses = {}
    for finding in report["findings"]:
        if finding["severity"] == "loss":
            lapses.setdefault(finding["client_id"], []).append(finding)
        if finding["responsible"] in ("broker-fault", "other-actor"):
            yield f"{finding['client_id']}: {finding['cause']} accuses {finding['responsible']}"
    for name in sorted(lapses.keys() | LAPSES.keys()):
        found = lapses.get(name, [])
        if len(found) != (name in LAPSES):
            causes = ", ".join(finding["cause"] for finding in found)
            yield f"{name}: {len(found)} lapses ({causes}), expected {int(name in LAPSES)}"
        elif found:
            yield from judge_lapse(name, found[0], LAPSES[name])


def run_in(folder):
    brokers = [lab.Broker(folder, name) for name in ("steady", "fragile")]
    capture = None
    try:
        for broker in brokers:
            broker.start()
        capture = lab.LiveCapture(folder, [brokers[0].port, brokers[0].guarded_port, brokers[1].port])
        faults = play_all(Stage(*brokers))
        time.sleep(0.5)
        report = capture.report()
    finally:
        for broker in brokers:
            broker.stop()
        if capture is not None:
            capture.stop()
    for judge in (judge_outcomes, judge_findings, judge_capture):
        faults += judge(report)
    faults += judge_saved(report, lab.read_report(capture.saved))
    return faults


def main():
    lab.use_a_python_that_has_paho()
    missing = lab.what_is_missing()
    if missing is not None:
        names = ", ".join(play.__name__.removeprefix("play_") for play in PLAYS)
        print(f"Skipped: {missing}. Not played: {names}.")
        return lab.SKIPPED
    began = time.monotonic()
    keep = os.environ.get("MQLAPSE_KEEP")
    with tempfile.TemporaryDirectory(prefix="mqlapse-e2e-") as folder:
        faults = run_in(pathlib.Path(keep or folder))
    for fault in faults:
        print(f"Fault: {fault}")
    print(f"{len(PLAYS)} scenarios at a live broker in {time.monotonic() - began:.0f} s, "
          f"{len(faults)} faults.")
    return 1 if faults else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except lab.Failed as failure:
        print(f"Fault: {failure}")
        sys.exit(1)
