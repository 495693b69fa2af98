# SPDX-License-Identifier: MIT
"""Holds the report of each capture with a known truth against that truth.

The truth was written by what played the scenario, never from the packets: see the captures' README.
"""
import collections
import datetime
import functools
import json
import os
import pathlib
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))

import runner

CAPTURES = runner.SHARED / "captures"
CLOSE_ENOUGH = 0.05  # seconds between what the player noted and what the wire shows

LIBRARY_START = 0.3  # seconds between a player's wish to connect and its SYN

# Captures that this version cannot explain.  What it may say instead: see check_not_covered().
NOT_COVERED = {
}
# What such a report says that it saw: (what, connections).
NOT_DECODED = {}

# (capture, check): a defect of the program that is known; a check that holds by now fails.
KNOWN_DEFECTS = {}

# Messages that were lost although nobody owed them: the cause is told as a note.
NOT_OWED = {"qos0-subscription": "subscription-qos0"}

OUTCOMES = {
    "resumed": "resumed",
    "resumed-with-loss": "resumed",
    "lost": "fresh-unexpected",
    "discarded-by-request": "fresh-as-requested",
    "orphaned": "first-seen",
}
RESPONSIBLE = {
    "client": ("client-config", "client-bug", "other-actor"),
    "publisher": ("client-config", "client-bug"),
    "broker-configuration": ("broker-policy",),
    "broker-operation": ("broker-policy", "broker-fault", "unknowable"),
    "broker-defect": ("broker-fault", "unknowable"),
    "infrastructure": ("network", "unknowable"),
    "network": ("network",),
    "nobody": (),
}
# How a connection ended: (close_kind, closed_by) that fit.
ENDS = {
    "client-disconnect": (("disconnect", "client"),),
    "client-fin": (("fin", "client"),),
    "client-rst": (("rst", "client"),),
    "server-disconnect": (("disconnect", "broker"),),
    "server-closed": (("fin", "broker"), ("rst", "broker"), ("takeover", "broker")),
    "keepalive-timeout": (("keep-alive", "broker"),),
    "refused": (("refused", "broker"),),
    "open-at-end-of-capture": (("open", "capture-end"),),
}


def seconds(text):
    """RFC 3339 with nanoseconds, as seconds since 1970."""
    whole, _, fraction = text.rstrip("Z").partition(".")
    moment = datetime.datetime.fromisoformat(whole).replace(tzinfo=datetime.timezone.utc)
    return moment.timestamp() + float("0." + (fraction or "0"))


def endpoint(text):
    """An address and port as the report writes it: IPv6 in brackets."""
    address, _, port = text.rpartition(":")
    return f"[{address}]:{port}" if ":" in address and not address.startswith("[") else text


@functools.lru_cache(maxsize=None)
def allowed_names():
    """Of each cause of the truth files: what the program may call it, best first."""
    names = {cause: [name] for cause, name in NOT_OWED.items()}
    for line in (runner.SHARED / "causes.tsv").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            cause, ours = line.split("\t")
            names[cause] = [name for name in ours.split(",") if name != "-"]
    return names


def reading(name):
    """How mqlapse is told to read a capture, with the key log beside it if there is one."""
    keys = CAPTURES / f"{name}.keys"
    if keys.exists():
        runner.need("OpenSSL")
    return (*(("--keylog", keys) if keys.exists() else ()), "-r", CAPTURES / f"{name}.pcap")


class Case:
    """One truth and the report that goes with it."""

    def __init__(self, name):
        self.name = name
        self.truth = json.loads((CAPTURES / f"{name}.truth.json").read_text(encoding="utf-8"))
        self.report = runner.report_of(*reading(name))
        self.match_connections()

    def match_connections(self):
        self.connections = {}  # truth's n -> (client, connection) of the report
        found = {connection["source"]: (client, connection) for client in self.report["clients"]
                 for connection in client["connections"]}
        for connection in self.truth["connections"]:
            if connection.get("local") and endpoint(connection["local"]) in found:
                self.connections[connection["n"]] = found[endpoint(connection["local"])]
            elif not connection.get("local"):
                self.match_by_time(connection)

    def match_by_time(self, connection):
        """Where the player did not know its port: the client's connection that began when it did."""
        near = [(abs(seconds(ours["opened"]) - connection["opened_at"]), (client, ours))
                for client in self.report["clients"] for ours in client["connections"]
                if client["client_id"] == connection["requested_client_id"]]
        distance, match = min(near, key=lambda pair: pair[0], default=(None, None))
        if match is not None and distance < LIBRARY_START:
            self.connections[connection["n"]] = match

    def findings_of(self, reconnect):
        """The findings about one reconnect of the truth."""
        before = self.connections.get(reconnect["from_connection"])
        after = self.connections.get(reconnect["to_connection"])
        if after is None:
            return []
        client, connection = after
        return [finding for finding in self.report["findings"]
                if finding["client_id"] == client["client_id"] and finding["broker"] == client["broker"] and
                finding["to_connection"] == connection["n"] and
                (before is None or finding["from_connection"] in (None, before[1]["n"]))]

    def losses_of(self, reconnect):
        return [finding for finding in self.findings_of(reconnect)
                if finding["severity"] == "loss" or finding["cause"] in NOT_OWED.values()]


def who(reconnect):
    return f"{reconnect['client_id']} (connection {reconnect['from_connection']} to {reconnect['to_connection']})"


# --- connections ------------------------------------------------------------------------------------


def transport_of(true):
    """The player names it where it is not bare TCP, or the port tells: 8883 is TLS in all captures."""
    return {"websocket": "ws"}.get(true.get("transport"), "tls" if true["target"].endswith(":8883") else "tcp")


def connection_facts(true, ours):
    """(what, the truth's, ours) of what CONNECT and CONNACK say."""
    connack = true.get("connack") or {}
    properties = connack.get("properties") or {}
    yield "version", true["protocol"], ours["version"]
    yield "transport", transport_of(true), ours["transport"]
    yield "clean_start", true["clean_start"], ours["clean_start"]
    yield "keep_alive", true["keepalive"], ours["keep_alive"]
    yield "session_expiry.connect", true["requested_expiry"], ours["session_expiry"]["connect"]
    yield "session_expiry.connack", properties.get("session_expiry_interval"), ours["session_expiry"]["connack"]
    yield ("session_expiry.disconnect", true["end"].get("session_expiry_in_disconnect"),
           ours["session_expiry"]["disconnect"])
    yield "return_code", connack.get("reason_code"), ours["return_code"]
    if connack.get("session_present") is not None:
        yield "session_present", connack["session_present"], ours["session_present"]


def check_end(true, ours):
    end = true["end"]
    seen = (ours["close_kind"], ours["closed_by"])
    if seen not in ENDS[end["kind"]]:
        yield f"ended {seen}, and not {end['kind']}"
    if end["kind"] == "client-disconnect" and ours["disconnect_reason"] not in (end.get("reason_code"), None):
        yield f"disconnect_reason is {ours['disconnect_reason']}, not {end.get('reason_code')}"
    if end["kind"] == "open-at-end-of-capture":
        if ours["closed"] is not None:
            yield f"closed at {ours['closed']}, but it was open"
    elif ours["closed"] is None or abs(seconds(ours["closed"]) - true["ended_at"]) > CLOSE_ENOUGH:
        yield f"closed at {ours['closed']}, not at {true['ended_at']:.3f}"


def check_connections(case):
    for true in case.truth["connections"]:
        label = f"connection {true['n']} of {true['client_id']}"
        if true["n"] not in case.connections:
            yield f"{label} from {true.get('local')} is not in the report"
            continue
        client, ours = case.connections[true["n"]]
        if client["client_id"] != (true["requested_client_id"] or true["client_id"]):
            yield f"{label}: client_id is {client['client_id']}"
        if client["broker"] != endpoint(true["target"]):
            yield f"{label}: broker is {client['broker']}, not {true['target']}"
        for what, wanted, seen in connection_facts(true, ours):
            if seen != wanted:
                yield f"{label}: {what} is {seen}, not {wanted}"
        yield from (f"{label}: {sentence}" for sentence in check_end(true, ours))


def check_numbering(case):
    """The connections of a client are numbered in the order of their CONNECTs."""
    numbers = collections.defaultdict(list)
    for true in case.truth["connections"]:
        if true["n"] in case.connections:
            client, ours = case.connections[true["n"]]
            numbers[client["client_id"]].append(ours["n"])
    for client, seen in numbers.items():
        if seen != list(range(1, len(seen) + 1)):
            yield f"connections of {client} are numbered {seen}"


# --- sessions ---------------------------------------------------------------------------------------


def true_subscriptions(truth, client_id):
    """Filter -> QoS that the session of @client_id holds at the end."""
    held = {}
    for connection in truth["connections"]:
        if connection["client_id"] != client_id or (connection.get("connack") or {}).get("reason_code") != 0:
            continue
        if not connection["connack"]["session_present"]:
            held = {}
        held.update({one["filter"]: one["granted"] for one in truth["subscriptions"]
                     if one["connection"] == connection["n"] and one.get("granted", 0x80) < 0x80})
    return held


def check_subscriptions(case):
    for client_id in {connection["client_id"] for connection in case.truth["connections"]}:
        wanted = true_subscriptions(case.truth, client_id)
        for client in case.report["clients"]:
            seen = {one["filter"]: one["qos"] for one in client["subscriptions"]}
            if client["client_id"] == client_id and seen != wanted:
                yield f"subscriptions of {client_id} are {seen}, not {wanted}"


def check_outcome(case, reconnect):
    if reconnect["to_connection"] not in case.connections:
        yield "the connection is not in the report"
        return
    ours = case.connections[reconnect["to_connection"]][1]
    wanted = OUTCOMES[reconnect["session_outcome"]]
    if ours["outcome"] != wanted:
        yield f"outcome is {ours['outcome']}, not {wanted}"
    observed = reconnect["session_present"]["observed"]
    if observed is not None and ours["session_present"] != observed:
        yield f"session_present is {ours['session_present']}, not {observed}"


def names_for(reconnect):
    """(best name or None, all acceptable names, whether an honest analyst may tell of no loss)"""
    table = allowed_names()
    causes = [reconnect["cause"]]
    if reconnect["session_outcome"] == "resumed-with-loss":
        causes = list(reconnect["loss_causes"])
    causes += reconnect["also_acceptable"]
    names = [name for cause in causes for name in table.get(cause, [])]
    lost_nothing = reconnect["session_outcome"] == "resumed"
    return (names[0] if names else None), names, lost_nothing


def check_cause(case, reconnect):
    best, names, lost_nothing = names_for(reconnect)
    losses = case.losses_of(reconnect)
    causes = [finding["cause"] for finding in losses]
    if lost_nothing:
        if losses:
            yield f"nothing was lost, but {causes} is told"
        return
    if len(losses) != 1:
        yield f"one loss has to be told ({best}), but these are: {causes}"
        return
    if causes[0] not in names:
        yield f"cause is {causes[0]}, not one of {names}"
    elif causes[0] != best:
        yield f"note: {who(reconnect)}: {causes[0]} is acceptable, {best} would be best"


def check_responsible(case, reconnect):
    allowed = RESPONSIBLE[reconnect["responsible"]]
    for finding in case.losses_of(reconnect):
        if finding["responsible"] not in allowed:
            yield f"responsible is {finding['responsible']}, not one of {allowed}"
        if finding["confidence"] == "proven" and reconnect["certainty_from_capture"] != "proved":
            yield f"proven is claimed, but the packets say {reconnect['certainty_from_capture']}"


def check_count(messages, which, wanted):
    bounds = messages[which]
    if not bounds["min"] <= wanted <= bounds["max"]:
        yield f"{which} is {bounds}, not {wanted}"
    elif bounds["min"] != bounds["max"]:
        if not messages["why_not_exact"]:
            yield f"{which} is {bounds}, and nothing says why it is not exact"
        yield f"note: {which} is {bounds}, {wanted} in truth: {messages['why_not_exact']}"


def true_message(case, example):
    """The message of the truth that an example of the report is."""
    same = [one for one in case.truth["published"] if one["topic"] == example["topic"]]
    near = min(same, key=lambda one: abs(one["published_at"] - seconds(example["time"])), default=None)
    if near is None or abs(near["published_at"] - seconds(example["time"])) > CLOSE_ENOUGH:
        return None
    return near


def check_examples(case, reconnect, messages):
    lost = reconnect["lost"] + reconnect.get("missed_while_connected", [])
    keys = {(one["topic"], one.get("payload", one.get("payload_hex"))) for one in lost}
    for example in messages["examples"]:
        message = true_message(case, example)
        label = f"the message of frame {example['frame']}"
        if message is None:
            yield f"{label} is told as lost, but nobody published it"
        elif (message["topic"], message.get("payload", message.get("payload_hex"))) not in keys:
            yield f"{label} ({message['topic']}) is told as lost, but was not"
        elif (message["qos"], message["published_by"]) != (example["qos"], example["publisher"]):
            yield f"{label}: QoS {example['qos']} by {example['publisher']}"


def is_not_owed(reconnect, message):
    """Whether @message was lost, but need not have been stored."""
    return any(lost["why"] in NOT_OWED and lost["published_at"] == message["published_at"]
               for lost in reconnect["lost"])


def check_messages(case, reconnect):
    for finding in case.losses_of(reconnect):
        messages = finding["lost"] and finding["lost"]["messages"]
        if not messages:
            yield "the broker's traffic was captured, but no message counts are told"
            continue
        missed = len(reconnect.get("missed_while_connected", []))
        yield from check_count(messages, "lost", len(reconnect["lost"]) + missed)
        owed = [one for one in reconnect["published_while_offline"] if not is_not_owed(reconnect, one)]
        yield from check_count(messages, "owed", len(owed) + missed)
        yield from check_examples(case, reconnect, messages)


def check_lost_subscriptions(case, reconnect):
    held = {one["filter"] for one in reconnect["subscriptions_before"]}
    for finding in case.losses_of(reconnect):
        told = set((finding["lost"] or {}).get("subscriptions", []))
        gone = set() if reconnect["session_outcome"] == "resumed-with-loss" else held
        if told != gone:
            yield f"lost subscriptions are {sorted(told)}, not {sorted(gone)}"


def check_reconnects(case):
    for reconnect in case.truth["reconnects"]:
        for check in (check_outcome, check_cause, check_responsible, check_messages, check_lost_subscriptions):
            for sentence in check(case, reconnect):
                yield sentence if is_note(sentence) else f"{who(reconnect)}: {sentence}"


def check_no_other_loss(case):
    """Nobody else lost anything."""
    known = [finding["id"] for reconnect in case.truth["reconnects"] for finding in case.findings_of(reconnect)]
    for finding in case.report["findings"]:
        if finding["severity"] == "loss" and finding["id"] not in known:
            yield f"{finding['client_id']} lost nothing there, but {finding['cause']} is told"


# --- totals -----------------------------------------------------------------------------------------


def was_accepted(connection):
    return connection["connack"] is not None and connection["connack"]["reason_code"] == 0


def true_totals(truth):
    """What the report has to count, from the truth alone."""
    connections = [one for one in truth["connections"] if one["end"]["kind"] != "tcp-failed"]
    arrivals = sum(one.get("undelivered_arrivals", 0) for one in connections)
    yield "packets", truth["capture"]["packets"]
    yield "connections", len(connections)
    yield "CONNECT", len(connections)
    yield "CONNACK", sum(one["connack"] is not None for one in connections)
    yield "SUBSCRIBE", len(truth["subscriptions"])
    yield "SUBACK", len(truth["subscriptions"])
    yield "PUBLISH", len(truth["published"]) + len(truth["delivered"]) + arrivals
    yield "clients", len({one["requested_client_id"] for one in connections})
    accepted = [one["requested_client_id"] for one in connections if was_accepted(one)]
    yield "reconnects", len(accepted) - len(set(accepted))


def check_totals(case):
    mqtt, summary = case.report["capture"]["mqtt"], case.report["summary"]
    seen = dict(mqtt["by_type"], packets=case.report["capture"]["packets"], connections=mqtt["connections"],
                clients=summary["clients"], reconnects=summary["reconnects"])
    for what, wanted in true_totals(case.truth):
        if seen[what] != wanted:
            yield f"{what}: {seen[what]}, not {wanted}"
    lost = case.truth["totals"]["messages_lost"] + case.truth["totals"]["missed_while_connected"]
    lost -= sum(one["why"] in NOT_OWED for reconnect in case.truth["reconnects"] for one in reconnect["lost"])
    if None in summary["messages_lost"].values():
        yield f"messages_lost is {summary['messages_lost']}, not {lost}"
    elif not summary["messages_lost"]["min"] <= lost <= summary["messages_lost"]["max"]:
        yield f"messages_lost is {summary['messages_lost']}, not {lost}"
    told = collections.Counter(finding["cause"] for finding in case.report["findings"] if finding["lapse"])
    if summary["by_cause"] != dict(told):
        yield f"by_cause is {summary['by_cause']}, but the lapses are {dict(told)}"


def check_texts(case):
    """What people read names the same losses."""
    losses = [finding for finding in case.report["findings"] if finding["severity"] == "loss"]
    for name in ("text", "markdown"):
        text = runner.text_of(runner.mqlapse(f"--report={name}", *reading(case.name)))
        for finding in losses:
            if finding["client_id"] not in text or finding["cause"] not in text:
                yield f"{name} does not tell of {finding['cause']} of {finding['client_id']}"
        n_told = len(re.findall(r"^(?:✗ LOSS|## loss:)", text, re.MULTILINE))
        if n_told != len(losses):
            yield f"{name} tells of {n_told} losses, not {len(losses)}"


def check_redacted(case):
    """With --redact no topic stands in any report."""
    topics = {one["filter"] for one in case.truth["subscriptions"]}
    topics |= {one["topic"] for one in case.truth["published"]}
    topics |= {one["will"]["topic"] for one in case.truth["connections"] if one.get("will")}
    for name in ("text", "json", "ndjson", "csv", "markdown"):
        done = runner.mqlapse("--redact", f"--report={name}", *reading(case.name))
        shown = [topic for topic in topics if topic in runner.text_of(done)]
        if done.returncode != 0 or shown:
            yield f"--redact, {name}: left with {done.returncode} and shows {shown}"


# --- the whole --------------------------------------------------------------------------------------

CHECKS = (check_connections, check_numbering, check_subscriptions, check_reconnects, check_no_other_loss,
          check_totals, check_texts, check_redacted)


def is_note(sentence):
    return sentence.startswith("note: ")


def check_covered(name):
    case = Case(name)
    for check in CHECKS:
        sentences = list(check(case))
        defect = KNOWN_DEFECTS.get((name, check.__name__))
        if defect is None:
            yield from sentences
        elif all(map(is_note, sentences)):
            yield f"{check.__name__} holds by now: it goes from KNOWN_DEFECTS"
        else:
            yield f"note: known defect: {defect}"


def check_not_covered(name):
    """It must not pass, must claim no loss, and must say what it could not decode."""
    print(f"not yet covered: {name} ({NOT_COVERED[name]})")
    case = Case(name)
    if all(is_note(sentence) for check in CHECKS for sentence in check(case)):
        yield "everything is right by now: it goes from NOT_COVERED"
    for finding in case.report["findings"]:
        if finding["severity"] == "loss":
            yield f"a loss is told of {finding['client_id']}: {finding['cause']}"
    what, connections = NOT_DECODED.get(name, (None, 0))
    counts = {one["what"]: one["connections"] for one in case.report["capture"]["not_decoded"]}
    if what is not None and counts.get(what) != connections:
        yield f"not_decoded tells {counts.get(what)} connections of {what}, not {connections}"


def case_of(name):
    check = check_not_covered if name in NOT_COVERED else check_covered
    return name, lambda: check(name)


def main():
    runner.leave_unless_there(CAPTURES, [os.path.basename(__file__) + ": all captures with a truth"])
    names = sorted(path.name[:-len(".truth.json")] for path in CAPTURES.glob("*.truth.json"))
    cases = [case_of(name) for name in names]
    cases.append(("every capture that is not covered is there",
                  lambda: [f"no capture {name}" for name in sorted(set(NOT_COVERED) - set(names))]))
    return runner.run_cases(cases)


if __name__ == "__main__":
    sys.exit(main())
