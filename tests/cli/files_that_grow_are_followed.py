# SPDX-License-Identifier: MIT
"""Captures that go on while they are read: --follow, its events, rotation; files and pipes half written."""
import gzip
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))

import runner
from runner import mqlapse, report_of

CAPTURE = (runner.TREE / "samples/founding.pcap").read_bytes()
CUT = 3000      # within a record, while all clients are connected
PATIENCE = 30.0
DAMAGED, INTERRUPTED = 4, 130


class Following:
    """mqlapse --follow on a file that grows."""

    def __init__(self, folder, *words, octets=CAPTURE[:CUT]):
        self.path = pathlib.Path(folder) / "growing"
        self.path.write_bytes(octets)
        self.child = subprocess.Popen([runner.PROGRAM, "--report=ndjson", "--follow", *words, "-r", str(self.path)],
                                      stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        os.set_blocking(self.child.stdout.fileno(), False)
        self.text = ""

    def wait_for(self, is_there):
        """Lines come by themselves, while the program runs."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            self.text += (self.child.stdout.read() or b"").decode("utf-8")
            whole = self.text[:self.text.rfind("\n") + 1]
            if any(is_there(json.loads(line)) for line in whole.splitlines()):
                return True
            if self.child.poll() is not None:
                return False
            time.sleep(0.02)
        return False

    def grow(self, octets):
        with self.path.open("ab") as file:
            file.write(octets)

    def end(self):
        """(exit status, lines, standard error)"""
        if self.child.poll() is None:
            self.child.send_signal(signal.SIGINT)
        os.set_blocking(self.child.stdout.fileno(), True)
        out, complaint = self.child.communicate(timeout=PATIENCE)
        self.text += out.decode("utf-8")
        runner.validate(self.text)
        return self.child.returncode, [json.loads(line) for line in self.text.splitlines()], complaint.decode("utf-8")


def is_event(kind, client, connection):
    return lambda line: (line["type"] == "event" and line["event"] == kind and line["client_id"] == client and
                         line["connection"] == connection)


def expect(what, value, wanted):
    if value != wanted:
        yield f"{what} is {value!r}, not {wanted!r}"


def check_events_come_as_they_happen_and_the_report_at_the_end():
    with tempfile.TemporaryDirectory() as folder:
        following = Following(folder)
        if not following.wait_for(is_event("subscribed", "pump-7", 1)):
            yield "no event before the file is whole"
        if is_event("closed", "pump-7", 1)(json.loads(following.text.splitlines()[-1])):
            yield "an event of what is not in the file yet"
        following.grow(CAPTURE[CUT:])
        if not following.wait_for(is_event("subscribed", "pump-7", 2)):
            yield "no event of what was added"
        status, lines, _ = following.end()
        yield from expect("exit", status, INTERRUPTED)
        story = [(line["event"], line["connection"]) for line in lines
                 if line["type"] == "event" and line["client_id"] == "pump-7" and line["event"] != "finding"]
        yield from expect("the story of pump-7", story, [
            (event, n) for n in (1, 2) for event in ("opened", "connect", "connack", "subscribed", "closed")])
        outcomes = {(line["client_id"], line["connection"]): line["outcome"] for line in lines
                    if line["type"] == "event" and line["event"] == "connack"}
        yield from expect("the outcome of pump-7", outcomes[("pump-7", 2)], "fresh-unexpected")
        yield from expect("the outcome of hall-display-1", outcomes[("hall-display-1", 2)], "resumed")
        plain = report_of("-r", runner.TREE / "samples/founding.pcap")
        yield from expect("findings", [line["cause"] for line in lines if line["type"] == "finding"],
                          [finding["cause"] for finding in plain["findings"]])
        yield from expect("the last line", lines[-1]["type"], "summary")


def check_a_compressed_file_is_followed_too():
    runner.need("zlib")
    whole = gzip.compress(CAPTURE)
    with tempfile.TemporaryDirectory() as folder:
        following = Following(folder, octets=whole[:len(whole) // 2])
        if not following.wait_for(is_event("connack", "console-2", 1)):
            yield "no event of half the file"
        following.grow(whole[len(whole) // 2:])
        if not following.wait_for(is_event("closed", "pump-7", 2)):
            yield "no event of the other half"
        yield from expect("exit", following.end()[0], INTERRUPTED)


def check_findings_are_told_when_they_are_certain():
    """The loss shows in the answer to pump-7's second CONNECT, and nothing can change it once that connection is
    over; the file goes on behind it."""
    plain = report_of("-r", runner.TREE / "samples/founding.pcap")
    loss = [finding for finding in plain["findings"] if finding["severity"] == "loss"][0]
    second = [client for client in plain["clients"] if client["client_id"] == "pump-7"][0]["connections"][1]
    end = 24
    for _ in range(second["close_frame"] + 4):
        end += 16 + int.from_bytes(CAPTURE[end + 8:end + 12], "little")
    with tempfile.TemporaryDirectory() as folder:
        following = Following(folder, octets=CAPTURE[:end])
        if not following.wait_for(lambda line: line["type"] == "event" and line["event"] == "finding" and
                                  line["severity"] == "loss"):
            yield "the loss is not told before the end"
        following.grow(CAPTURE[end:])
        following.wait_for(is_event("closed", "pump-7", 2))
        lines = following.end()[1]
        told = [line for line in lines if line["type"] == "event" and line["event"] == "finding"]
        losses = [line for line in told if line["severity"] == "loss"]
        yield from expect("the losses", [[line[key] for key in ("client_id", "from_connection", "connection", "cause",
                                                                 "responsible", "confidence")] for line in losses],
                          [["pump-7", 1, 2, loss["cause"], loss["responsible"], loss["confidence"]]])
        if len({json.dumps(line) for line in told}) != len(told):
            yield "something is told twice"
        if losses and losses[0]["time"] is None:
            yield "it has no time"


def check_subscriptions_have_their_time():
    with tempfile.TemporaryDirectory() as folder:
        following = Following(folder, octets=CAPTURE)
        following.wait_for(is_event("closed", "pump-7", 2))
        lines = following.end()[1]
        events = [line for line in lines if line["type"] == "event"]
        if any(line["time"] is None for line in events):
            yield f"without time: {[line['event'] for line in events if line['time'] is None]}"
        times = [line["time"] for line in events if line["event"] == "subscribed"]
        if len(times) < 3 or times != sorted(times):
            yield f"the times are {times}"


def check_only_the_clients_asked_for_have_events():
    with tempfile.TemporaryDirectory() as folder:
        following = Following(folder, "-c", "pump-*", octets=CAPTURE)
        following.wait_for(is_event("closed", "pump-7", 2))
        lines = following.end()[1]
        yield from expect("clients", {line["client_id"] for line in lines if line["type"] == "event"}, {"pump-7"})
        yield from expect("the story", [(line["event"], line["connection"]) for line in lines
                                        if line["type"] == "event" and line["event"] != "finding"],
                          [(event, n) for n in (1, 2) for event in ("opened", "connect", "connack", "subscribed",
                                                                    "closed")])


def check_a_connection_waits_until_its_client_is_known():
    """Of the file there is the first connection's handshake alone, then the rest."""
    with tempfile.TemporaryDirectory() as folder:
        end = 24
        for _ in range(3):
            end += 16 + int.from_bytes(CAPTURE[end + 8:end + 12], "little")
        following = Following(folder, "-c", "*", octets=CAPTURE[:end])
        time.sleep(0.5)
        following.grow(CAPTURE[end:])
        following.wait_for(is_event("closed", "pump-7", 2))
        lines = following.end()[1]
        opened = {(line["client_id"], line["connection"]) for line in lines
                  if line["type"] == "event" and line["event"] == "opened"}
        connects = {(line["client_id"], line["connection"]) for line in lines
                    if line["type"] == "event" and line["event"] == "connect"}
        yield from expect("what was opened", opened, connects)


def check_what_is_hidden_is_hidden_in_events_alike():
    with tempfile.TemporaryDirectory() as folder:
        following = Following(folder, "--redact", octets=CAPTURE)
        following.wait_for(is_event("subscribed", "pump-7", 2))
        lines = following.end()[1]
        if "plant/7" in following.text:
            yield "a topic stands in the events"
        told = {line["filter"] for line in lines if line["type"] == "event" and line["event"] == "subscribed" and
                line["client_id"] == "pump-7"}
        listed = {one["filter"] for line in lines if line["type"] == "client" and line["client_id"] == "pump-7"
                  for one in line["subscriptions"]}
        yield from expect("the token of the events", told, listed)


def check_another_file_in_its_place_ends_it():
    with tempfile.TemporaryDirectory() as folder:
        following = Following(folder)
        following.wait_for(is_event("subscribed", "pump-7", 1))
        following.path.rename(following.path.with_suffix(".1"))
        following.path.write_bytes(CAPTURE)
        following.child.wait(timeout=PATIENCE)
        status, lines, complaint = following.end()
        yield from expect("exit", status, DAMAGED)
        if "removed or replaced while it was followed" not in complaint:
            yield f"it does not say so: {complaint!r}"
        yield from expect("the last line", lines[-1]["type"], "summary")


def check_a_file_that_gets_shorter_ends_it():
    with tempfile.TemporaryDirectory() as folder:
        following = Following(folder)
        following.wait_for(is_event("subscribed", "pump-7", 1))
        os.truncate(following.path, 100)
        following.child.wait(timeout=PATIENCE)
        status, _, complaint = following.end()
        yield from expect("exit", status, DAMAGED)
        if "made shorter while it was followed" not in complaint:
            yield f"it does not say so: {complaint!r}"


def check_without_follow_a_file_half_written_is_reported_as_far_as_it_goes():
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "half.pcap"
        path.write_bytes(CAPTURE[:CUT])
        report = report_of("-r", path, status=DAMAGED)
        yield from expect("clients", len(report["clients"]), 4)


def check_standard_input_that_is_a_file_is_followed_too():
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "growing"
        path.write_bytes(CAPTURE[:CUT])
        with path.open("rb") as file:
            child = subprocess.Popen([runner.PROGRAM, "--report=json", "--follow", "-r", "-"], stdin=file,
                                     stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        time.sleep(0.5)
        with path.open("ab") as file:
            file.write(CAPTURE[CUT:])
        time.sleep(0.5)
        child.send_signal(signal.SIGINT)
        out, complaint = child.communicate(timeout=PATIENCE)
        yield from expect("exit", child.returncode, INTERRUPTED)
        if b"removed or replaced" in complaint:
            yield f"it says {complaint!r}"
        plain = report_of("-r", runner.TREE / "samples/founding.pcap")
        yield from expect("packets", json.loads(out)["capture"]["packets"], plain["capture"]["packets"])


def check_what_is_forgotten_was_told_before():
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "churn"
        truth = json.loads(subprocess.run([runner.BUILD / "tests/bench/generate", "churn", "40", str(path)],
                                          capture_output=True, check=True).stdout)
        output = pathlib.Path(folder) / "lines"
        child = subprocess.Popen([runner.PROGRAM, "--report=ndjson", "--follow", "--memory", "4M", "-o", str(output),
                                  "-r", "-"], stdin=subprocess.PIPE)
        with path.open("rb") as file:  # slowly: what is looked at now and then has to be looked at meanwhile
            while octets := file.read(2 << 20):
                child.stdin.write(octets)
                child.stdin.flush()
                time.sleep(0.2)
        child.stdin.close()
        yield from expect("exit", child.wait(timeout=PATIENCE), 0)
        lines = [json.loads(line) for line in output.read_text(encoding="utf-8").splitlines()]
        for kind in ("opened", "closed"):
            told = sum(line["type"] == "event" and line["event"] == kind for line in lines)
            yield from expect(f"connections {kind}", told, truth["tcp_connections"])
        forgotten = next(line for line in lines if line["type"] == "capture")["mqtt"]["forgotten_connections"]
        if forgotten == 0:
            yield "nothing was forgotten"


def check_a_slow_pipe_is_read_to_its_end():
    child = subprocess.Popen([runner.PROGRAM, "--report=json", "-r", "-"], stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE)
    for at in range(0, len(CAPTURE), 700):
        child.stdin.write(CAPTURE[at:at + 700])
        child.stdin.flush()
        time.sleep(0.15 if at % 2100 == 0 else 0)
    out, _ = child.communicate(timeout=PATIENCE)
    yield from expect("exit", child.returncode, 0)
    plain = report_of("-r", runner.TREE / "samples/founding.pcap")
    yield from expect("findings", json.loads(out)["findings"], plain["findings"])


def check_a_pipe_that_breaks_off_is_told():
    done = mqlapse("--report=json", "-r", "-", input=CAPTURE[:CUT])
    yield from expect("exit", done.returncode, DAMAGED)
    if b"standard input: frame" not in done.stderr:
        yield f"it does not say where: {done.stderr!r}"


def main():
    checks = {name[6:].replace("_", " "): check for name, check in globals().items() if name.startswith("check_")}
    return runner.run_cases(list(checks.items()))


if __name__ == "__main__":
    sys.exit(main())
