# SPDX-License-Identifier: MIT
"""The command line: exit statuses, errors, where reports go and what may never stand in them."""
import csv
import functools
import io
import json
import os
import pathlib
import pty
import re
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))

import pcap_writer as wire
import runner
from capture_forms import records_of
from runner import mqlapse, report_of

SAMPLES = runner.TREE / "samples"
LOSS = SAMPLES / "founding.pcap"       # one loss: expiry-absent of pump-7, client-config
HEALTHY = SAMPLES / "healthy.pcap"
FORMATS = ("text", "json", "ndjson", "csv", "markdown", "html")
DONE, USAGE, ENVIRONMENT, MATCHED, DAMAGED, INTERRUPTED = 0, 1, 2, 3, 4, 130

BROKER = ((10, 9, 0, 1), 1883)
HOSTILE = "\x1b[31mred\x1b]0;title\x07\x9b2J\u202egnp\r\n\t\u0085"
SECRETS = {
    "user name": "sesame-user",
    "password": "sesame-password",
    "payload": "sesame-payload",
    "topic": "vault/sesame/door",
    "filter": "vault/+/door",
    "will topic": "vault/sesame/will",
}


# --- what the checks ask ----------------------------------------------------------------------------


def expect(done, status, *says):
    """What is wrong with a run that has to leave with @status and say words on standard error."""
    complaint = done.stderr.decode("utf-8", "replace")
    if done.returncode != status:
        yield f"{done.args[1:]} left with {done.returncode}, not {status}: {complaint.strip()[:200]}"
    for words in says:
        if words not in complaint:
            yield f"{done.args[1:]} does not say '{words}': {complaint.strip()[:200]!r}"


def in_folder(check):
    """A check that takes a folder for its files."""
    @functools.wraps(check)
    def with_folder():
        with tempfile.TemporaryDirectory() as folder:
            yield from check(pathlib.Path(folder))
    return with_folder


def essence(value):
    """A report's part without what tells where in which file something stands."""
    if isinstance(value, dict):
        return {key: essence(member) for key, member in value.items()
                if not re.search(r"(^|_)(frame|file)$", key)}
    return [essence(member) for member in value] if isinstance(value, list) else value


def lossy_capture(client_id, topic_filter, topic, bystanders=0, **settings):
    """A session that ends with its connection, and a message that is lost meanwhile."""
    capture = wire.Capture()
    for i in range(bystanders):
        connection = wire.Connection(capture, ((10, 9, 0, 4), 41000 + i), BROKER)
        connection.client_sends(wire.connect(f"bystander-{i}"))
        connection.server_sends(wire.connack())

    def session(port):
        connection = wire.Connection(capture, ((10, 9, 0, 2), port), BROKER)
        connection.client_sends(wire.connect(client_id, **settings))
        connection.server_sends(wire.connack())
        connection.client_sends(wire.subscribe(topic_filter))
        connection.server_sends(wire.suback())
        return connection

    publisher = wire.Connection(capture, ((10, 9, 0, 3), 40000), BROKER)
    publisher.client_sends(wire.connect("publisher"))
    publisher.server_sends(wire.connack())
    before = session(40001)
    capture.wait(1)
    before.client_sends(wire.disconnect())
    before.close()
    capture.wait(1)
    publisher.client_sends(wire.publish(topic, SECRETS["payload"], 7))
    publisher.server_sends(wire.puback(7))
    capture.wait(1)
    session(40002)
    return capture.octets()


# --- what cannot be read ----------------------------------------------------------------------------


def check_no_such_file():
    yield from expect(mqlapse("-r", "there-is-no-such.pcap"), ENVIRONMENT, "there-is-no-such.pcap")


@in_folder
def check_not_a_capture(folder):
    path = folder / "letter.txt"
    path.write_text("Dear reader, this is no capture.\n", encoding="ascii")
    yield from expect(mqlapse("-r", path), ENVIRONMENT, "letter.txt", "offset 0")


@in_folder
def check_empty_file(folder):
    path = folder / "empty.pcap"
    path.touch()
    yield from expect(mqlapse("-r", path), ENVIRONMENT, "empty.pcap", "empty")


@in_folder
def check_folder_as_file(folder):
    yield from expect(mqlapse("-r", folder), ENVIRONMENT, str(folder))


@in_folder
def check_one_bad_file_among_good_ones(folder):
    path = folder / "empty.pcap"
    path.touch()
    yield from expect(mqlapse("-r", LOSS, "-r", path), ENVIRONMENT, "empty.pcap")


@in_folder
def check_truncated_capture(folder):
    header, records = records_of(LOSS)
    for cut in (3, 16, 30):  # within the header of the last record, before and behind its first octet
        path = folder / f"cut-{cut}.pcap"
        path.write_bytes(header + b"".join(records[:-1]) + records[-1][:cut])
        yield from expect(mqlapse("--report=json", "-r", path), DAMAGED, path.name, f"frame {len(records)}")
        report = report_of("-r", path, status=DAMAGED)
        if report["capture"]["packets"] != len(records) - 1 or not report["capture"]["sources"][0]["damage"]:
            yield f"the report of {path.name} does not cover what could be read: {report['capture']['sources']}"
        if [finding["cause"] for finding in report["findings"]] != ["expiry-absent"]:
            yield f"the report of {path.name} misses the loss before the damage"


def check_no_such_interface():
    yield from expect(mqlapse("--report=json", "-i", "nosuchif0"), ENVIRONMENT, "nosuchif0")


# --- usage ------------------------------------------------------------------------------------------


def check_unknown_options():
    for words in (["--bogus"], ["-y"], ["--report=bogus", "-r", LOSS], ["--fail-on", "bogus", "-r", LOSS],
                  ["--vantage", "moon", "-r", LOSS], ["-d", "0", "-r", LOSS], ["-d", "65536", "-r", LOSS],
                  ["-d", "x", "-r", LOSS], ["-r"], ["--explain"]):
        yield from expect(mqlapse(*words), USAGE, "mqlapse: ")


def check_explains_every_cause():
    listed = mqlapse("--list-causes")
    yield from expect(listed, DONE)
    causes = [line.split()[0] for line in runner.text_of(listed).splitlines()]
    if len(causes) < 40 or len(set(causes)) != len(causes):
        yield f"--list-causes lists {len(causes)} causes, {len(set(causes))} of them different"
    for cause in causes:
        done = mqlapse("--explain", cause)
        yield from expect(done, DONE)
        told = runner.text_of(done)
        if cause not in told or "§" not in told and "[MQTT-" not in told:
            yield f"--explain {cause} names no clause, or not even the cause"


def check_explains_no_nonsense():
    yield from expect(mqlapse("--explain", "nonsense"), USAGE, "nonsense", "--list-causes")


def check_version_names_its_libraries():
    done = mqlapse("--version")
    yield from expect(done, DONE)
    told = runner.text_of(done)
    for words in ("mqlapse 0.", "libpcap", "GLib", "xxHash"):
        if words not in told:
            yield f"--version does not mention {words}"


def check_help():
    done = mqlapse("--help")
    yield from expect(done, DONE)
    for option in ("--read", "--interface", "--report", "--output", "--client", "--decode", "--vantage",
                   "--broker-is", "--fail-on", "--redact", "--memory", "--explain", "--list-causes", "--version"):
        if option not in runner.text_of(done):
            yield f"--help does not mention {option}"


def check_fail_on():
    for what in ("loss", "expiry-absent", "client-config"):
        done = mqlapse("--report=json", "--fail-on", what, "-r", LOSS)
        yield from expect(done, MATCHED)
        runner.validate(runner.text_of(done))
    for what in ("broker-fault", "expired", "note"):
        yield from expect(mqlapse("--report=json", "--fail-on", what, "-r", LOSS), DONE)
    yield from expect(mqlapse("--report=json", "--fail-on", "expired", "--fail-on", "loss", "-r", LOSS), MATCHED)
    yield from expect(mqlapse("--report=json", "--fail-on", "loss", "-r", HEALTHY), DONE)


def check_filter():
    none = report_of("-r", LOSS, "tcp port 1")
    if none["capture"]["mqtt"]["connections"] != 0:
        yield "packets that the filter hides are in the report"
    if report_of("-r", LOSS, "tcp", "port", "1883")["findings"] != report_of("-r", LOSS)["findings"]:
        yield "a filter that keeps everything changes the findings"
    yield from expect(mqlapse("-r", LOSS, "no such filter"), ENVIRONMENT, "no such filter")


# --- where captures come from -----------------------------------------------------------------------


def check_standard_input():
    with open(LOSS, "rb") as capture:
        done = mqlapse("--report=json", "-r", "-", stdin=capture)
    yield from expect(done, DONE)
    runner.validate(runner.text_of(done))
    if json.loads(done.stdout)["findings"] != report_of("-r", LOSS)["findings"]:
        yield "standard input gives other findings than the file"


@in_folder
def check_fifo(folder):
    fifo = folder / "fifo"
    os.mkfifo(fifo)
    feeder = threading.Thread(target=lambda: fifo.write_bytes(LOSS.read_bytes()), daemon=True)
    feeder.start()
    if report_of("-r", fifo)["findings"] != report_of("-r", LOSS)["findings"]:
        yield "a FIFO gives other findings than the file"
    feeder.join(10)


@in_folder
def check_files_are_merged(folder):
    header, records = records_of(LOSS)
    whole = essence(report_of("-r", LOSS)["findings"])
    half = len(records) // 2
    for name, parts in (("halves", (records[:half], records[half:])),
                        ("even and odd", (records[::2], records[1::2]))):
        paths = [folder / "one.pcap", folder / "two.pcap"]
        for path, part in zip(paths, parts):
            path.write_bytes(header + b"".join(part))
        for order in (paths, paths[::-1]):
            words = [word for path in order for word in ("-r", path)]
            report = report_of(*words)
            if essence(report["findings"]) != whole:
                yield f"{name}, {[path.name for path in order]}: other findings than the whole capture"
            if [source["packets"] for source in report["capture"]["sources"]] != \
                    [len(parts[paths.index(path)]) for path in order]:
                yield f"{name}: the sources are {report['capture']['sources']}"


@in_folder
def check_saves_what_is_selected(folder):
    header, records = records_of(LOSS)
    whole, port, client = folder / "whole.pcap", folder / "none.pcap", folder / "client.pcap"
    yield from expect(mqlapse("-r", LOSS, "-w", whole), DONE)
    _, saved = records_of(whole)
    if [record[16:] for record in saved] != [record[16:] for record in records]:
        yield "-w without a selection does not save every frame as it was"
    yield from expect(mqlapse("-r", LOSS, "-w", port, "tcp port 1"), DONE)
    if records_of(port)[1] or report_of("-r", port)["capture"]["packets"] != 0:
        yield "-w saves frames that the filter hides"
    yield from expect(mqlapse("-r", LOSS, "-c", "pump-*", "-w", client), DONE)
    report = report_of("-r", client)
    if [one["client_id"] for one in report["clients"]] != ["pump-7"]:
        yield f"-w with -c pump-* saves {[one['client_id'] for one in report['clients']]}"
    before = report_of("-c", "pump-7", "-r", LOSS)["clients"][0]["connections"]
    if essence(report["clients"][0]["connections"]) != essence(before):
        yield "-w with -c does not save the client's connections whole"


@in_folder
def check_what_cannot_be_saved(folder):
    out = folder / "out.pcap"
    with open(LOSS, "rb") as capture:
        yield from expect(mqlapse("-r", "-", "-c", "pump-7", "-w", out, stdin=capture), ENVIRONMENT, "-: ", "twice")
    yield from expect(mqlapse("-r", LOSS, "-w", "/dev/full"), ENVIRONMENT, "/dev/full", "space")
    yield from expect(mqlapse("-r", LOSS, "-w", folder / "no" / "where"), ENVIRONMENT, "where")
    header, records = records_of(LOSS)
    other = folder / "raw.pcap"
    other.write_bytes(header[:20] + struct.pack("<I", 101) + b"".join(record for record in records))
    yield from expect(mqlapse("-r", LOSS, "-r", other, "-w", out), ENVIRONMENT, "link type")
    copy = folder / "copy.pcap"
    copy.write_bytes(LOSS.read_bytes())
    yield from expect(mqlapse("-r", copy, "-w", copy), ENVIRONMENT, "overwrite")
    if copy.read_bytes() != LOSS.read_bytes():
        yield "the capture that was read is overwritten"


@in_folder
def check_interrupt(folder):
    """SIGINT ends a run that waits for more, with the report so far."""
    fifo = folder / "fifo"
    os.mkfifo(fifo)
    run = subprocess.Popen([runner.PROGRAM, "--report=json", "-r", str(fifo)],
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    with open(fifo, "wb") as feed:
        feed.write(LOSS.read_bytes())
        feed.flush()
        time.sleep(0.5)
        run.send_signal(signal.SIGINT)
        try:
            output, _ = run.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            run.kill()
            output, _ = run.communicate()
    if run.returncode != INTERRUPTED:
        yield f"left with {run.returncode}, not {INTERRUPTED}"
        return
    text = output.decode("utf-8")
    runner.validate(text)
    report = json.loads(text)
    if not report["capture"]["interrupted"] or [one["cause"] for one in report["findings"]] != ["expiry-absent"]:
        yield "the report of the interrupted run is not what had been read"


# --- what is in a report ----------------------------------------------------------------------------


def check_client_filter():
    for glob, clients, findings in (("pump-?", ["pump-7"], 1), ("hall*", ["hall-display-1"], 0), ("nobody", [], 0)):
        report = report_of("-c", glob, "-r", LOSS)
        if [client["client_id"] for client in report["clients"]] != clients:
            yield f"-c {glob} shows {[client['client_id'] for client in report['clients']]}"
        if len(report["findings"]) != findings:
            yield f"-c {glob} shows {len(report['findings'])} findings"
    two = report_of("-c", "pump-7", "-c", "tank*", "-r", LOSS)
    if sorted(client["client_id"] for client in two["clients"]) != ["pump-7", "tank-level-3"]:
        yield "-c twice does not show both clients"


@in_folder
def check_malformed_is_not_every_fault(folder):
    capture = wire.Capture()
    connection = wire.Connection(capture, ((10, 9, 0, 2), 40000), BROKER)
    connection.client_sends(wire.connect("sloppy"))
    connection.server_sends(wire.connack())
    connection.client_sends(wire.packet(0x82, b"\0\x01\0"))  # SUBSCRIBE without a filter: Protocol Error
    connection.client_sends(wire.packet(0xC1, b""))  # PINGREQ with a reserved flag: malformed
    path = folder / "sloppy.pcap"
    path.write_bytes(capture.octets())
    mqtt = report_of("-r", path)["capture"]["mqtt"]
    if mqtt["malformed"] != 1 or mqtt["faults"] != {"flags-reserved": 1, "filters-missing": 1}:
        yield f"malformed {mqtt['malformed']}, faults {mqtt['faults']}"


@in_folder
def check_refused_connections_are_no_reconnects(folder):
    capture = wire.Capture()
    for i, code in enumerate((0x87, 0x88, 0, 0x88, 0)):
        connection = wire.Connection(capture, ((10, 9, 0, 2), 40000 + i), BROKER)
        connection.client_sends(wire.connect("patient"))
        connection.server_sends(wire.connack(code))
        connection.close()
        capture.wait(1)
    path = folder / "refused.pcap"
    path.write_bytes(capture.octets())
    for words in ([], ["-c", "patient"]):
        summary = report_of(*words, "-r", path)["summary"]
        if (summary["clients"], summary["reconnects"], summary["resumed"]) != (1, 1, 0):
            yield f"{words}: {summary}"


@in_folder
def check_output_file(folder):
    for name in FORMATS:
        path = folder / name
        path.write_bytes(b"old " * 100_000)
        done = mqlapse(f"--report={name}", "-o", path, "-r", LOSS)
        yield from expect(done, DONE)
        if done.stdout or done.stderr:
            yield f"{name} with -o also prints something"
        if path.read_bytes() != mqlapse(f"--report={name}", "-r", LOSS).stdout:
            yield f"{name} with -o is not what stands on standard output without"
    yield from expect(mqlapse("--report=json", "-o", folder / "no" / "where", "-r", LOSS), ENVIRONMENT, "where")


def check_full_device():
    for name in FORMATS:
        yield from expect(mqlapse(f"--report={name}", "-o", "/dev/full", "-r", LOSS), ENVIRONMENT, "space",
                          "/dev/full")
        with open("/dev/full", "wb") as full:
            done = mqlapse(f"--report={name}", "-r", LOSS, capture_output=False, stdout=full, stderr=subprocess.PIPE)
        yield from expect(done, ENVIRONMENT, "space")


def on_terminal(*words, **environment):
    """What a run writes to a terminal of its own."""
    master, slave = pty.openpty()
    settings = dict(os.environ, TERM="xterm-256color", **environment)
    if "NO_COLOR" not in environment:
        settings.pop("NO_COLOR", None)
    run = subprocess.Popen([runner.PROGRAM, *map(str, words)], stdout=slave, stderr=subprocess.DEVNULL, env=settings)
    os.close(slave)
    output = b""
    while True:
        try:
            part = os.read(master, 65536)
        except OSError:  # the other end is closed
            break
        if not part:
            break
        output += part
    os.close(master)
    run.wait(20)
    return output


def check_colour():
    for name in FORMATS:
        if b"\x1b" in mqlapse(f"--report={name}", "-r", LOSS).stdout:
            yield f"{name} has escape sequences in a pipe"
        if b"\x1b" in on_terminal(f"--report={name}", "-r", LOSS, NO_COLOR="1"):
            yield f"{name} has escape sequences on a terminal in spite of NO_COLOR"
        if name != "text" and b"\x1b" in on_terminal(f"--report={name}", "-r", LOSS):
            yield f"{name} has escape sequences on a terminal"
    if b"\x1b[" not in on_terminal("--report=text", "-r", LOSS):
        yield "text has no colour on a terminal"


@in_folder
def check_passwords_and_payloads(folder):
    """They are in no report at all."""
    path = folder / "secret.pcap"
    path.write_bytes(lossy_capture("keeper", SECRETS["filter"], SECRETS["topic"], username=SECRETS["user name"],
                                   password=SECRETS["password"], will_topic=SECRETS["will topic"]))
    for name in FORMATS:
        output = runner.text_of(mqlapse(f"--report={name}", "-r", path))
        for what in ("password", "payload"):
            if SECRETS[what] in output:
                yield f"{name} shows a {what}"
        if name == "json" and SECRETS["topic"] not in output:
            yield "the capture shows no topic even without --redact, so that it proves nothing"


@in_folder
def check_redact(folder):
    path = folder / "secret.pcap"
    path.write_bytes(lossy_capture("keeper", SECRETS["filter"], SECRETS["topic"], username=SECRETS["user name"],
                                   password=SECRETS["password"], will_topic=SECRETS["will topic"]))
    for name in FORMATS:
        done = mqlapse("--redact", f"--report={name}", "-r", path)
        yield from expect(done, DONE)
        output = runner.text_of(done)
        if name in ("json", "ndjson"):
            runner.validate(output)
        if "keeper" not in output:
            yield f"{name} does not name the client any more"
        for what, secret in SECRETS.items():
            if secret in output or "sesame" in output or "vault" in output:
                yield f"{name} shows a {what}"


@in_folder
def check_redact_of_a_will_among_many_names(folder):
    """Names and topics are counted apart: a will's topic is none of those that messages were published to."""
    path = folder / "will.pcap"
    path.write_bytes(lossy_capture("keeper", SECRETS["filter"], SECRETS["topic"], bystanders=40,
                                   will_topic=SECRETS["will topic"]))
    for name in FORMATS:
        done = mqlapse("--redact", f"--report={name}", "-r", path)
        yield from expect(done, DONE)
        if "sesame" in runner.text_of(done):
            yield f"{name} shows a topic"


def check_redact_of_samples():
    for sample in sorted(SAMPLES.glob("*.pcap")):
        report = report_of("-r", sample)
        names = {one["filter"] for client in report["clients"] for one in client["subscriptions"]}
        names |= {connection["username"] for client in report["clients"] for connection in client["connections"]}
        names |= {example["topic"] for finding in report["findings"] if (finding["lost"] or {}).get("messages")
                  for example in finding["lost"]["messages"]["examples"]}
        for name in FORMATS:
            output = runner.text_of(mqlapse("--redact", f"--report={name}", "-r", sample))
            shown = [secret for secret in names - {None} if secret in output]
            if shown:
                yield f"{sample.stem}, {name}: shows {shown}"


@in_folder
def check_no_mqtt(folder):
    """A capture without MQTT says what was there instead, and is no error."""
    capture = wire.Capture()
    capture.add(wire.arp())
    capture.add(wire.udp(((10, 9, 0, 2), 40000), ((10, 9, 0, 9), 53), b"\x12\x34\x01\0\0\x01" + bytes(8)))
    mail = wire.Connection(capture, ((10, 9, 0, 2), 40001), ((10, 9, 0, 8), 25))
    mail.server_sends(b"220 mail.example.org ESMTP\r\n")
    mail.client_sends(b"EHLO example.org\r\n")
    mail.close()
    path = folder / "mail.pcap"
    path.write_bytes(capture.octets())
    report = report_of("-r", path)
    if report["capture"]["mqtt"]["connections"] or report["clients"] or report["findings"]:
        yield "MQTT is seen where there is none"
    seen = {one["what"] for one in report["capture"]["not_decoded"] if one["connections"] or one["frames"]}
    if not {"udp", "arp", "other-tcp"} <= seen:
        yield f"the report tells only of {sorted(seen)}"
    for name in FORMATS:
        yield from expect(mqlapse(f"--report={name}", "-r", path), DONE)
    for name in ("text", "markdown"):
        if "no MQTT" not in runner.text_of(mqlapse(f"--report={name}", "-r", path)):
            yield f"{name} does not say that there is no MQTT"


@in_folder
def check_capture_without_packets(folder):
    path = folder / "nothing.pcap"
    path.write_bytes(wire.GLOBAL_HEADER)
    report = report_of("-r", path)
    if report["capture"]["packets"] or report["capture"]["first"] is not None:
        yield f"the report is about {report['capture']['packets']} packets, the first at {report['capture']['first']}"
    for name in FORMATS:
        yield from expect(mqlapse(f"--report={name}", "-r", path), DONE)


@in_folder
def check_plain_http_is_no_websocket(folder):
    capture = wire.Capture()
    web = wire.Connection(capture, ((10, 9, 0, 2), 40001), ((10, 9, 0, 8), 80))
    web.client_sends(b"GET / HTTP/1.1\r\nHost: example.org\r\n\r\n")
    web.server_sends(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
    web.close()
    path = folder / "web.pcap"
    path.write_bytes(capture.octets())
    counts = {one["what"]: one["connections"] for one in report_of("-r", path)["capture"]["not_decoded"]}
    if (counts["other-tcp"], counts["websocket"]) != (1, 0):
        yield f"a request without Upgrade is counted as {counts}"


# --- what names may do ------------------------------------------------------------------------------

CONTROLS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f]")
BIDIRECTIONAL = re.compile("[\u202a-\u202e\u2066-\u2069]")
HOSTILE_NAMES = (  # client id, topic
    (HOSTILE, f"a/{HOSTILE}"),
    (b"\xff\xfe\x1b[31m", b"a/\xc0\x80\x1b"),
    ("=cmd|'/C calc'!A0", "<script>|`a`\nb, \"c\""),
)


def texts_in(name, output):
    """What a reader of the format may come to see, piece by piece."""
    if name == "csv":
        for row in csv.reader(io.StringIO(output, newline="")):
            yield from row
    else:
        yield output


@in_folder
def check_hostile_names(folder):
    """Names from the wire, or of a file, put no control character into a report."""
    path = folder / "evil\x1b[2J\x9b.pcap"
    for client_id, topic in HOSTILE_NAMES:
        path.write_bytes(lossy_capture(client_id, topic, topic, username=client_id, will_topic=topic))
        losses = [one for one in report_of("-r", path)["findings"] if one["severity"] == "loss"]
        if [one["lost"]["messages"]["lost"] for one in losses] != [{"min": 1, "max": 1}]:
            yield f"{client_id!r}: the loss is not told"
        for name in FORMATS:
            for text in texts_in(name, runner.text_of(mqlapse(f"--report={name}", "-r", path))):
                found = CONTROLS.findall(text)
                found += BIDIRECTIONAL.findall(text) if name in ("text", "markdown") else []
                if found or (name == "csv" and "\n" in text):
                    yield f"{client_id!r}, {name}: {sorted(set(found))} in {text[:80]!r}"
                if name == "csv" and text.startswith(tuple("=+@")):
                    yield f"a spreadsheet takes {text[:80]!r} for a formula"


@in_folder
def check_hostile_file_names_in_errors(folder):
    path = folder / "evil\x1b[2J.pcap"
    if b"\x1b" in mqlapse("-r", path).stderr:
        yield "an error message hands on the escape sequence of a file name"


def check_information_to_a_full_device():
    for words in (["--list-causes"], ["--version"], ["--help"], ["--explain", "expired"]):
        with open("/dev/full", "wb") as full:
            done = mqlapse(*words, capture_output=False, stdout=full, stderr=subprocess.PIPE)
        yield from expect(done, ENVIRONMENT, "space")


def check_text_is_the_default():
    plain = mqlapse("-r", LOSS)
    yield from expect(plain, DONE)
    for words in (["--report"], ["--report=text"]):
        if mqlapse(*words, "-r", LOSS).stdout != plain.stdout:
            yield f"{words} is not what stands there without"


# --- the whole --------------------------------------------------------------------------------------

# Checks that do not hold yet, and why.  One that holds by now fails: it goes from here.
KNOWN_DEFECTS = {}


def case_of(name, check):
    if name not in KNOWN_DEFECTS:
        return name, check

    def fails_still():
        if all(sentence.startswith("note: ") for sentence in runner.sentences_of(check)):
            return ["it holds by now: it goes from KNOWN_DEFECTS"]
        return [f"note: known defect: {KNOWN_DEFECTS[name]}"]
    return name, fails_still


def main():
    checks = {name[len("check_"):].replace("_", " "): check for name, check in globals().items()
              if name.startswith("check_")}
    return runner.run_cases([case_of(name, check) for name, check in checks.items()])


if __name__ == "__main__":
    sys.exit(main())
