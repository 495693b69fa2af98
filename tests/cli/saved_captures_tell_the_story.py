# SPDX-License-Identifier: MIT
"""-w: what is saved holds what it needs, says what was found, and Wireshark shows it."""
import json
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))

import capture_forms as forms
import pcap_writer as wire
import runner
from runner import mqlapse, report_of

TOOL = runner.BUILD / "tests/support/scenario_tool"
SAMPLES = runner.TREE / "samples"
LOSS = SAMPLES / "founding.pcap"  # one loss: expiry-absent of pump-7
BROKER = ((10, 9, 0, 1), 1883)
INTERFACE, STATISTICS, PACKET, SECRETS, SECTION = 1, 5, 6, 10, 0x0A0D0D0A
HOSTILE = ("\x1b[31mred\x1b]0;title\x07\u202egnp\r\n\t\u0085", b"\xff\xfe\x1b\xc0\x80", "a,b\"c'\\|&", "\u732b" * 9000,
           "x" * 65535)


# --- reading what was written -----------------------------------------------------------------------


def blocks_of(octets):
    """(type, body) of each block; raises where the two lengths differ or it is not padded."""
    at = 0
    while at < len(octets):
        kind, size = struct.unpack_from("<II", octets, at)
        again = struct.unpack_from("<I", octets, at + size - 4)[0]
        if size != again or size % 4 or size < 12:
            raise runner.Failed(f"the block at {at} has the lengths {size} and {again}")
        yield kind, octets[at + 8:at + size - 4]
        at += size


def options_of(octets):
    at = 0
    while at < len(octets):
        code, size = struct.unpack_from("<HH", octets, at)
        if code == 0:
            return
        yield code, octets[at + 4:at + 4 + size]
        at += 4 + size + -size % 4


class Saved:
    """A file that was saved, block by block."""

    def __init__(self, path):
        self.blocks = list(blocks_of(path.read_bytes()))
        self.interfaces = [(struct.unpack_from("<H", body)[0], struct.unpack_from("<I", body, 4)[0],
                            dict(options_of(body[8:]))) for kind, body in self.blocks if kind == INTERFACE]
        self.packets, self.comments = [], []
        for kind, body in self.blocks:
            if kind != PACKET:
                continue
            which, high, low, captured, _ = struct.unpack_from("<IIIII", body)
            options = options_of(body[20 + captured + -captured % 4:])
            tick = 10 ** (9 - self.interfaces[which][2][9][0])
            self.packets.append(((high << 32 | low) * tick, body[20:20 + captured], self.interfaces[which][0]))
            self.comments.append([value.decode("utf-8") for code, value in options if code == 1])

    def of(self, kind):
        return [body for block_kind, body in self.blocks if block_kind == kind]

    def key_log(self):
        return b"".join(body[8:8 + struct.unpack_from("<I", body, 4)[0]] for body in self.of(SECRETS)).decode("ascii")

    def secrets_come_first(self):
        """Each Client Random is told before the packet that it is in."""
        known = set()
        for kind, body in self.blocks:
            if kind == SECRETS:
                known |= {bytes.fromhex(line.split()[1]) for line in body[8:].decode("ascii").splitlines()
                          if len(line.split()) == 3}
            elif kind == PACKET and any(random in body and random not in known for random in self.randoms()):
                return False
        return True

    def randoms(self):
        return {bytes.fromhex(line.split()[1]) for line in self.key_log().splitlines()}

    def all_comments(self):
        return [comment for comments in self.comments for comment in comments]


def save(out, *words, **settings):
    done = mqlapse("--report=json", "-o", "/dev/null", "-w", out, *words, **settings)
    if done.returncode != 0:
        raise runner.Failed(f"{words}: left with {done.returncode}: {done.stderr.decode(errors='replace')[:300]}")
    return done.stderr.decode("utf-8")


def filter_of(complaint):
    for line in complaint.splitlines():
        if line.startswith("Display filter for Wireshark: "):
            return line.split(": ", 1)[1]
    raise runner.Failed(f"no display filter is told: {complaint[:300]}")


def tshark(*words):
    done = subprocess.run(["tshark", *map(str, words)], capture_output=True, check=False, timeout=120)
    complaint = [line for line in done.stderr.decode(errors="replace").splitlines() if "Running as user" not in line]
    if done.returncode != 0 or complaint:
        raise runner.Failed(f"tshark {words[:4]} left with {done.returncode} and says {complaint[:3]}")
    return done.stdout.decode("utf-8").splitlines()


def play(folder, name, *words):
    """A sample as the tests wrap it; None where this build cannot."""
    capture, keys = folder / f"{name}.pcap", folder / f"{name}.keys"
    done = subprocess.run([TOOL, SAMPLES / f"{name}.scenario", "-o", capture, "--keys", keys, *words],
                          capture_output=True, text=True, check=False)
    if done.returncode != 0 and "is no transport here" in done.stderr:
        print(f"skipped: {name} with {' '.join(words)}: this build has no library for it")
        return None, None
    done.check_returncode()
    return capture, keys


def session(capture, client, client_id, **settings):
    connection = wire.Connection(capture, client, settings.get("broker", BROKER))
    octets = wire.connect(client_id)
    for at in range(0, len(octets), 1400):
        connection.client_sends(octets[at:at + 1400])
    connection.server_sends(wire.connack())
    connection.client_sends(wire.subscribe("a/+"))
    connection.server_sends(wire.suback())
    return connection


def leave_and_come_back(capture, address, client_id, ports=(40001, 40002)):
    """A session that ends with its connection: a loss."""
    before = session(capture, (address, ports[0]), client_id)
    capture.wait(1)
    before.client_sends(wire.disconnect())
    before.close()
    capture.wait(5)
    after = session(capture, (address, ports[1]), client_id)
    capture.wait(1)
    return after


# --- what is checked --------------------------------------------------------------------------------


def check_everything_saved_is_judged_the_same(folder):
    for sample in sorted(SAMPLES.glob("*.scenario")):
        for transport in ("tcp", "tls12", "tls13", "wss", "proxy2-tls13"):
            capture, keys = play(folder, sample.stem, "--transport", transport)
            if capture is None:
                continue
            words = ["-r", capture] + (["--keylog", keys] if "tls" in transport or transport == "wss" else [])
            out = folder / "out.pcapng"
            save(out, *words)
            before, after = report_of(*words), report_of("-r", out)
            for what in ("findings", "clients", "brokers", "summary"):
                if before[what] != after[what]:
                    yield f"{sample.stem} over {transport}: other {what} than before it was saved"
            if before["capture"]["packets"] != after["capture"]["packets"]:
                yield f"{sample.stem} over {transport}: {after['capture']['packets']} packets"


def check_what_it_consists_of(folder):
    out = folder / "out.pcapng"
    packets = forms.read_pcap(LOSS.read_bytes())
    complaint = save(out, "-r", LOSS)
    saved = Saved(out)
    if saved.blocks[0][0] != SECTION or not dict(options_of(saved.blocks[0][1][16:]))[4].startswith(b"mqlapse "):
        yield "the section does not tell the program"
    if [(time, octets) for time, octets, _ in saved.packets] != [(p.time, p.octets) for p in packets]:
        yield "the packets are not those that were read"
    if saved.of(SECRETS) or saved.of(STATISTICS):
        yield "secrets or losses are told, of which there are none"
    if [interface[0] for interface in saved.interfaces] != [1] or saved.interfaces[0][2][9] != b"\x06":
        yield f"the interfaces are {saved.interfaces}"
    if f"{len(packets)} frame(s) saved" not in complaint or "Display filter" in complaint:
        yield f"it says {complaint!r}"
    ending = folder / "out.PCAP"
    save(ending, "-r", LOSS)
    if [(p.time, p.octets) for p in forms.read_pcap(ending.read_bytes())] != [(p.time, p.octets) for p in packets]:
        yield "by the name of a pcap file no such file is written"
    nothing = folder / "nothing.pcapng"
    save(nothing, "-r", LOSS, "tcp port 1")
    if Saved(nothing).packets or report_of("-r", nothing)["capture"]["packets"] != 0:
        yield "what the filter hides is saved"


def check_findings_stand_at_their_frames(folder):
    out, again = folder / "out.pcapng", folder / "again.pcapng"
    save(out, "-r", LOSS)
    saved = Saved(out)
    finding = [f for f in report_of("-r", LOSS)["findings"] if f["cause"] == "expiry-absent"][0]
    told = {(i + 1, text) for i, texts in enumerate(saved.comments) for text in texts}
    due = {(one["frame"], f"expiry-absent (client pump-7): {one['says']}") for one in finding["evidence"]}
    answer = max(one["frame"] for one in finding["evidence"] if one["says"].startswith("CONNACK"))
    due.add((answer, "session lost here: expiry-absent (client pump-7; client-config, proven)"))
    if not due <= told:
        yield f"not told: {sorted(due - told)}"
    # A comment is told once, however often it is saved; those that a file brings along stay.
    save(again, "-r", out)
    if Saved(again).comments != saved.comments:
        yield "saved again it has other comments"


def check_several_findings_at_one_frame(folder):
    """A broker that goes down with many clients: whose sessions are lost shows in each of their frames."""
    capture = wire.Capture()
    for i in range(40):
        leave_and_come_back(capture, (10, 9, 1, i + 1), f"unit-{i}")
    path, out = folder / "many.pcap", folder / "many.pcapng"
    path.write_bytes(capture.octets())
    save(out, "-r", path)
    saved = Saved(out)
    lost = [text for text in saved.all_comments() if text.startswith("session lost here")]
    if len(lost) != 40:
        yield f"{len(lost)} sessions are lost in the comments"
    if max(len(texts) for texts in saved.comments) < 2:
        yield "no frame has two comments"
    if max(len(texts) for texts in saved.comments) > 16:
        yield "the comments of a frame have no bound"


def check_hostile_names(folder):
    for client_id in HOSTILE:
        capture = wire.Capture()
        leave_and_come_back(capture, (10, 9, 0, 2), client_id)
        path, out = folder / "hostile.pcap", folder / "hostile.pcapng"
        path.write_bytes(capture.octets())
        save(out, "-r", path)
        comments = Saved(out).all_comments()
        if not any(text.startswith("session lost here") and text.endswith("proven)") for text in comments):
            yield f"{client_id[:8]!r}: no loss is told in {comments[:3]}"
        for text in comments:
            if any(ord(c) < 32 or 0x7F <= ord(c) < 0xA0 or 0x202A <= ord(c) <= 0x202E for c in text):
                yield f"{client_id[:8]!r}: control characters in {text[:80]!r}"
            if len(text.encode("utf-8")) > 512:
                yield f"{client_id[:8]!r}: a comment of {len(text)} characters"
        report_of("-r", out)


def check_one_client_and_its_secrets(folder):
    for transport in ("tls12", "tls13", "proxy1", "proxy2-tls13"):
        capture, keys = play(folder, "founding", "--transport", transport, "--cut-every", "700")
        if capture is None:
            continue
        words = ["-r", capture] + (["--keylog", keys] if "tls" in transport else [])
        out = folder / "client.pcapng"
        save(out, *words, "-c", "pump-7")
        lines = keys.read_text(encoding="ascii").splitlines() if "tls" in transport else []
        saved = Saved(out)
        kept = saved.key_log().splitlines()
        if not set(kept) <= set(lines):
            yield f"{transport}: other secrets than there were"
        connections = [c for c in report_of(*words)["clients"] if c["client_id"] == "pump-7"][0]["connections"]
        if "tls" in transport and len({line.split()[1] for line in kept}) != len(connections):
            yield f"{transport}: {len(kept)} lines of secrets for {len(connections)} connections"
        if not saved.secrets_come_first():
            yield f"{transport}: secrets come after the packets that need them"
        after = report_of("-r", out)
        if [c["client_id"] for c in after["clients"]] != ["pump-7"]:
            yield f"{transport}: {[c['client_id'] for c in after['clients']]} are in it"
        if [f["cause"] for f in after["findings"] if f["severity"] == "loss"] != ["expiry-absent"]:
            yield f"{transport}: what is lost is {after['findings']}"


def check_a_pipe_is_saved_as_it_comes(folder):
    capture, keys = play(folder, "founding", "--transport", "tls13")
    if capture is None:
        return
    out = folder / "pipe.pcapng"
    with open(capture, "rb") as pipe:
        save(out, "--keylog", keys, "-r", "-", stdin=pipe)
    whole = report_of("-r", capture, "--keylog", keys)
    if report_of("-r", out)["findings"] != whole["findings"]:
        yield "without the key log other things are found in it"
    # Secrets of its own go on with it.
    again = folder / "again.pcapng"
    with open(out, "rb") as pipe:
        save(again, "-r", "-", stdin=pipe)
    if sorted(Saved(again).key_log().split()) != sorted(Saved(out).key_log().split()):
        yield "the secrets of a file in a pipe are lost"


def files_of(folder, stem, *options, capture=LOSS):
    """Those that -w with --rotate leaves, in their order."""
    with open(capture, "rb") as pipe:
        done = mqlapse("--report", "-r", "-", "-w", folder / f"{stem}.pcapng", *options, stdin=pipe)
    if done.returncode != 0:
        raise runner.Failed(f"left with {done.returncode}: {done.stderr.decode()}")
    return sorted(folder.glob(f"{stem}-*.pcapng")), done.stderr.decode()


def check_a_full_file_is_followed_by_the_next(folder):
    packets = forms.read_pcap(LOSS.read_bytes())
    files, said = files_of(folder, "size", "--rotate", "1k")
    if [path.name for path in files] != [f"size-{i + 1:05}.pcapng" for i in range(len(files))] or len(files) < 3:
        yield f"the files are {[path.name for path in files]}"
    if f"{len(packets)} frame(s) saved, in {len(files)} file(s)" not in said:
        yield f"it says {said!r}"
    if [time for path in files for time, *_ in Saved(path).packets] != [packet.time for packet in packets]:
        yield "frames are lost, or in another order"
    # One frame is what a file may have too much, and its comment.
    sizes = [path.stat().st_size for path in files]
    if max(sizes) > 3 * 1024 or min(sizes[:-1]) < 1024:
        yield f"with 1k they have {sizes} octets"
    together = report_of(*[word for path in files for word in ("-r", path)])
    if together["findings"] != report_of("-r", LOSS)["findings"]:
        # Frames are counted by file.
        causes = [finding["cause"] for finding in together["findings"]]
        if causes != [finding["cause"] for finding in report_of("-r", LOSS)["findings"]]:
            yield f"together they are judged otherwise: {causes}"


def check_files_of_a_time_are_rotated_and_the_oldest_go(folder):
    packets = forms.read_pcap(LOSS.read_bytes())
    files, _ = files_of(folder, "time", "--rotate", "10s")
    spans = [[time for time, *_ in Saved(path).packets] for path in files]
    if any(span[-1] - span[0] >= 10 * 10 ** 9 for span in spans) or len(files) < 2:
        yield f"with 10s they have {[(span[-1] - span[0]) / 10 ** 9 for span in spans]} s"
    if any(after[0] - before[0] < 10 * 10 ** 9 for before, after in zip(spans, spans[1:])):
        yield "some are begun too early"
    kept, _ = files_of(folder, "kept", "--rotate", "1k", "--keep", "2")
    last = [time for path in kept for time, *_ in Saved(path).packets]
    if len(kept) != 2 or last != [packet.time for packet in packets][-len(last):]:
        yield f"with --keep 2 there are {[path.name for path in kept]}"


def check_no_file_is_written_over(folder):
    there = folder / "old-00002.pcapng"
    there.write_text("mine")
    files, _ = files_of(folder, "old", "--rotate", "1k")
    names = [path.name for path in files]
    if there.read_text() != "mine" or names[:3] != ["old-00001.pcapng", "old-00002.pcapng", "old-00003.pcapng"]:
        yield f"the file that was there is gone: {names}"


def check_each_file_has_the_secrets_that_it_needs(folder):
    capture, keys = play(folder, "founding", "--transport", "tls13")
    if capture is None:
        return
    files, _ = files_of(folder, "secret", "--rotate", "2k", "--keylog", str(keys), capture=capture)
    last = Saved(files[-1])
    if len(files) < 2 or not last.key_log().split():
        yield f"the last of {len(files)} files has no secrets"
    logs = [set(Saved(path).key_log().splitlines()) for path in files]
    if any(not before <= after for before, after in zip(logs, logs[1:])):
        yield "a file lacks secrets that the one before has"
    # What a file has of those before does not make it full: several frames come to most.
    small, _ = files_of(folder, "small", "--rotate", "600", "--keylog", str(keys), capture=capture)
    counts = [len(Saved(path).packets) for path in small]
    if len(logs[-1]) * 100 < 600 or sum(counts) < 2 * len(counts):
        yield f"with 600 octets, less than the secrets alone have, the files hold {counts} frames"


def check_interfaces_links_and_losses(folder):
    packets = forms.read_pcap(LOSS.read_bytes())
    option = forms.option
    half = len(packets) // 2
    out = [forms.section(), forms.interface("<", 1, option("<", 2, b"eth7") + option("<", 3, b"to the plant")),
           forms.interface("<", 101, option("<", 2, b"tun0") + option("<", 9, b"\x09"))]
    for i, packet in enumerate(packets):  # the second half without its Ethernet header
        octets = packet.octets if i < half else packet.octets[14:]
        ticks = packet.time // 1000 if i < half else packet.time + 1
        out.append(forms.enhanced("<", int(i >= half), ticks, octets, len(octets)))
    out.append(forms.statistics("<", 1, 3))
    path, saved_path = folder / "mixed.pcapng", folder / "saved.pcapng"
    path.write_bytes(b"".join(out))
    save(saved_path, "-r", path)
    saved = Saved(saved_path)
    told = [(link, one.get(2), one.get(3), one[9][0]) for link, _, one in saved.interfaces]
    if told != [(1, b"eth7", b"to the plant", 6), (101, b"tun0", None, 9)]:
        yield f"the interfaces are {told}"
    if saved.packets[-1][0] != packets[-1].time + 1:
        yield "nanoseconds are lost"
    before, after = report_of("-r", path), report_of("-r", saved_path)
    if before["findings"] != after["findings"] or after["capture"]["dropped_by_kernel"] != 3:
        yield f"it is judged otherwise, with {after['capture']['dropped_by_kernel']} lost"
    both = mqlapse("--report", "-r", path, "-w", folder / "mixed.pcap")
    if both.returncode != 2 or b"link type" not in both.stderr:
        yield "two link types are written to a pcap file"


# --- with tshark ------------------------------------------------------------------------------------


def numbers(path, display_filter):
    return [int(line) for line in tshark("-r", path, "-Y", display_filter, "-T", "fields", "-e", "frame.number")]


def check_filter(folder, name, octets, client, hidden=()):
    """The filter selects in the capture those packets that are saved, and all of what was saved."""
    path, out = folder / f"{name}.pcap", folder / f"{name}.pcapng"
    path.write_bytes(octets)
    display_filter = filter_of(save(out, "-r", path, "-c", client))
    packets = [(packet.time, packet.octets) for packet in forms.read_pcap(octets)]
    due = [packets.index((time, saved)) + 1 for time, saved, _ in Saved(out).packets]
    if not due or len(due) == len(packets):
        yield f"{name}: {len(due)} of {len(packets)} packets are saved"
    if numbers(path, display_filter) != due:
        yield f"{name}: {display_filter} selects {len(numbers(path, display_filter))} packets, not {len(due)}"
    if len(numbers(out, display_filter)) != len(due):
        yield f"{name}: {display_filter} hides packets that were saved"


def check_filters_select_what_was_saved(folder):
    capture = wire.Capture()
    leave_and_come_back(capture, (10, 9, 0, 2), "pump")
    leave_and_come_back(capture, (10, 9, 0, 3), "other")
    yield from check_filter(folder, "two-hosts", capture.octets(), "pump")
    # The same ports for another client, between two connections of the one that is wanted.
    capture = wire.Capture()
    for client_id in ("pump", "other", "pump", "other"):
        session(capture, ((10, 9, 0, 2), 40001), client_id).close()
        capture.wait(300)
    yield from check_filter(folder, "ports-used-again", capture.octets(), "pump")
    # On one host, and the ports the other way round.
    capture = wire.Capture()
    session(capture, ((127, 0, 0, 1), 40001), "pump", broker=((127, 0, 0, 1), 1883)).close()
    session(capture, ((127, 0, 0, 1), 40002), "other", broker=((127, 0, 0, 1), 1883)).close()
    yield from check_filter(folder, "loopback", capture.octets(), "pump")
    v6, _ = play(folder, "founding", "--link", "ipv6")
    yield from check_filter(folder, "v6", v6.read_bytes(), "pump-7")


def check_filters_have_a_bound(folder):
    capture = wire.Capture()
    for i in range(300):
        session(capture, ((10, 9, 0, 2), 40000 + i), "pump").close()
    path, out = folder / "often.pcap", folder / "often.pcapng"
    path.write_bytes(capture.octets())
    complaint = save(out, "-r", path, "-c", "pump")
    if filter_of(complaint).count("tcp.port") != 200 or "leaves out 200 more" not in complaint:
        yield f"of 300 connections it says {complaint[-200:]!r}"
    if len(numbers(out, filter_of(complaint))) != len(Saved(out).packets) // 3:
        yield "it does not select the first hundred"


def check_tshark_reads_decrypts_and_shows(folder):
    for transport in ("tls12", "tls13"):
        capture, keys = play(folder, "founding", "--transport", transport)
        if capture is None:
            continue
        out = folder / f"{transport}.pcapng"
        save(out, "-r", capture, "--keylog", keys)
        plain = tshark("-r", LOSS, "-Y", "mqtt", "-T", "fields", "-e", "mqtt.msgtype")
        seen = tshark("-r", out, "-d", "tcp.port==1883,tls", "-d", "tls.port==1883,mqtt", "-Y", "mqtt", "-T", "fields",
                      "-e", "mqtt.msgtype")
        if sorted(",".join(plain).split(",")) != sorted(",".join(seen).split(",")):
            yield f"{transport}: tshark sees other packets of MQTT in it"
        comments = tshark("-r", out, "-Y", "frame.comment contains \"session lost here\"", "-T", "fields", "-e",
                          "frame.comment")
        if len(comments) != 1 or "expiry-absent (client pump-7" not in comments[0]:
            yield f"{transport}: the comments are {comments}"
    for client_id in HOSTILE:
        capture = wire.Capture()
        leave_and_come_back(capture, (10, 9, 0, 2), client_id)
        path, out = folder / "hostile.pcap", folder / "hostile.pcapng"
        path.write_bytes(capture.octets())
        save(out, "-r", path)
        if not tshark("-r", out, "-Y", "frame.comment", "-T", "fields", "-e", "frame.comment"):
            yield f"{client_id[:8]!r}: no comment is shown"


def in_folder(check):
    def run():
        with tempfile.TemporaryDirectory() as folder:
            return list(check(pathlib.Path(folder)))
    return run


def main():
    checks = [check_everything_saved_is_judged_the_same, check_what_it_consists_of,
              check_findings_stand_at_their_frames, check_several_findings_at_one_frame, check_hostile_names,
              check_one_client_and_its_secrets, check_a_pipe_is_saved_as_it_comes, check_interfaces_links_and_losses,
              check_a_full_file_is_followed_by_the_next, check_files_of_a_time_are_rotated_and_the_oldest_go,
              check_no_file_is_written_over, check_each_file_has_the_secrets_that_it_needs]
    of_tshark = [check_filters_select_what_was_saved, check_filters_have_a_bound, check_tshark_reads_decrypts_and_shows]
    if shutil.which("tshark") is None:
        for check in of_tshark:
            print(f"Skipped without tshark: {check.__name__}")
    else:
        checks += of_tshark
    return runner.run_cases([(check.__name__, in_folder(check)) for check in checks])


if __name__ == "__main__":
    sys.exit(main())
