# SPDX-License-Identifier: MIT
"""What capture files say of themselves: names, comments, losses, clocks; and what that does to verdicts."""
import pathlib
import struct
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))

import capture_forms as forms
import runner
from runner import mqlapse, report_of, text_of

SAMPLES = runner.TREE / "samples"
SECOND = forms.NANOSECONDS


def packets_of(name):
    return forms.read_pcap((SAMPLES / f"{name}.pcap").read_bytes())


class Files:
    """Written to a folder that goes with the check."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory()

    def words(self, *contents):
        words = []
        for i, octets in enumerate(contents):
            path = pathlib.Path(self.folder.name) / f"file-{i}"
            path.write_bytes(octets)
            words += ["-r", str(path)]
        return words


def report(*contents, status=0):
    files = Files()
    return report_of(*files.words(*contents), status=status)


def text_report(*contents):
    files = Files()
    # The lines are wrapped anywhere.
    return " ".join(text_of(mqlapse("--report", *files.words(*contents))).split())


def expect(what, value, wanted):
    if value != wanted:
        yield f"{what} is {value!r}, not {wanted!r}"


def expect_words(text, *wanted):
    for words in wanted:
        if words not in text:
            yield f"it does not say {words!r}"


def finding_of(found, cause):
    matching = [finding for finding in found["findings"] if finding["cause"] == cause]
    if len(matching) != 1:
        raise runner.Failed(f"{len(matching)} findings {cause}: {[f['cause'] for f in found['findings']]}")
    return matching[0]


# --- pcapng -----------------------------------------------------------------------------------------


def noted(order, packets, dropped=None, by_packet=None, flaws=0):
    option = forms.option
    out = [forms.section(order, option(order, 1, "the section".encode())),
           forms.interface(order, 1, option(order, 2, b"eth7") + option(order, 3, "to the plant".encode()) +
                           option(order, 1, b"mirror port") + option(order, 9, b"\x09"))]
    for i, packet in enumerate(packets):
        options = b""
        if i == 3:
            options = option(order, 1, b"look \x1b[31mhere")
            if by_packet:
                options += option(order, 4, struct.pack(order + "Q", by_packet))
            options += option(order, 2, struct.pack(order + "I", flaws << 16)) + option(order, 0, b"")
        out.append(forms.enhanced(order, 0, packet.time, packet.octets, packet.wire_size, options))
    if dropped is not None:
        out.append(forms.statistics(order, 0, dropped))
    return b"".join(out)


def check_names_and_comments_are_told():
    for order in "<>":
        capture = noted(order, packets_of("founding"), flaws=0x100)
        source = report(capture)["capture"]["sources"][0]
        yield from expect("interfaces", source["interfaces"], [{"name": "eth7", "description": "to the plant"}])
        yield from expect("comments", [(one["frame"], one["text"]) for one in source["comments"]],
                          [(None, "the section"), (None, "mirror port"), (4, "look \x1b[31mhere")])
        yield from expect("flawed packets", source["flawed_packets"], 1)
        text = text_report(capture)
        yield from expect_words(text, "eth7 (to the plant)", "frame 4: look", "1 packets, says the link layer")
        if "\x1b" in text:
            yield "an escape sequence of a comment is in the text"


def check_the_first_comments_are_kept_and_the_others_counted():
    order = "<"
    out = [forms.section(order), forms.interface(order, 1)]
    out += [forms.enhanced(order, 0, i, b"x", 1, forms.option(order, 1, b"n" * 600)) for i in range(100)]
    source = report(b"".join(out))["capture"]["sources"][0]
    yield from expect("comments kept", len(source["comments"]), 64)
    yield from expect("comments more", source["more_comments"], 36)
    yield from expect("octets of one", len(source["comments"][0]["text"]), 512)


def check_what_an_interface_dropped_weakens_verdicts():
    packets = packets_of("broker-dropped")
    whole = finding_of(report(noted("<", packets, dropped=0)), "dropped-unexplained")
    yield from expect("a reason to doubt without drops", [text for text in whole["false_if"] if "dropped" in text], [])
    for capture in (noted("<", packets, dropped=17), noted(">", packets, by_packet=17),
                    noted("<", packets, dropped=17, by_packet=9)):
        found = report(capture)
        yield from expect("dropped", found["capture"]["sources"][0]["dropped"], 17)
        lossy = finding_of(found, "dropped-unexplained")
        if not any("The capture lost packets" in text for text in lossy["false_if"]):
            yield f"drops are no reason to doubt: {lossy['false_if']}"


# --- snap length ------------------------------------------------------------------------------------


def check_a_cut_packet_makes_nothing_certain():
    """-s 96: what the headers say is told, and that more was cut off."""
    for name in ("founding", "expired", "takeover"):
        packets = packets_of(name)
        found = report(forms.pcap(packets, snaplen=96))
        cut = sum(len(packet.octets) > 96 for packet in packets)
        yield from expect(f"{name}: packets cut", found["capture"]["sources"][0]["truncated_packets"], cut)
        yield from expect(f"{name}: MQTT connections", found["capture"]["mqtt"]["connections"],
                          report(forms.pcap(packets))["capture"]["mqtt"]["connections"])
        yield from expect(f"{name}: malformed", found["capture"]["mqtt"]["malformed"], 0)


def check_the_reason_is_the_snap_length():
    """The CONNECTs are whole, and a message of the first connection is cut: that may hide something."""
    packets = packets_of("broker-dropped")
    whole = finding_of(report(forms.pcap(packets)), "dropped-unexplained")
    yield from expect("a reason to doubt without a cut", [t for t in whole["false_if"] if "snap length" in t], [])
    first = whole["evidence"][0]["frame"]
    last = whole["evidence"][-1]["frame"]
    tried = 0
    for number in range(first + 1, last):
        octets = packets[number - 1].octets
        if len(octets) < 60 or number in [line["frame"] for line in whole["evidence"]]:
            continue
        cut = list(packets)
        cut[number - 1] = forms.Packet(packets[number - 1].time, octets[:-3], len(octets))
        for finding in report(forms.pcap(cut))["findings"]:
            if finding["cause"] != "dropped-unexplained":
                continue
            doubts = [text for text in finding["false_if"] if "The snap length cut" in text]
            tried += bool(doubts)
            if any("Octets of these connections are missing" in text for text in finding["false_if"]):
                yield f"frame {number}: what was cut is said to be missing"
    if tried == 0:
        yield "no cut packet made a finding doubtful"


# --- clocks -----------------------------------------------------------------------------------------


def moved(packets, at, nanoseconds):
    """The clock is set by so much before packet @at."""
    return [packet.later(nanoseconds if i >= at else 0) for i, packet in enumerate(packets)]


def return_of(packets, finding):
    """The index of the first packet of the connection that came back: its SYN."""
    connect = finding["evidence"][-2 if finding["evidence"][-1]["says"].startswith("CONNACK") else -1]["frame"] - 1
    port = packets[connect].octets[34:36]
    return next(i for i, packet in enumerate(packets) if packet.octets[34:36] == port and packet.octets[47] == 2)


def check_a_clock_that_steps_back_takes_certainty():
    packets = packets_of("expired")
    whole = finding_of(report(forms.pcap(packets)), "expired")
    yield from expect("confidence", whole["confidence"], "proven")
    at = return_of(packets, whole)
    back = 2 * SECOND
    stepped = report(forms.pcap(moved(packets, at, -back - (packets[at].time - packets[at - 1].time))))
    source = stepped["capture"]["sources"][0]
    yield from expect("steps back", source["clock_steps_back"], 1)
    yield from expect("by", source["clock"]["stepped_back"], 2)
    text = text_report(forms.pcap(moved(packets, at, -back - (packets[at].time - packets[at - 1].time))))
    yield from expect_words(text, "older than the one before, by 2.0 s in all")
    for finding in stepped["findings"]:
        if finding["responsible"] == "broker-fault":
            yield f"the broker is blamed for a clock: {finding['cause']}"


def check_a_clock_that_stepped_back_before_the_absence_takes_nothing():
    packets = packets_of("expired")
    whole = finding_of(report(forms.pcap(packets)), "expired")
    stepped = report(forms.pcap(moved(packets, 5, -600 * SECOND)))
    yield from expect("steps back", stepped["capture"]["sources"][0]["clock_steps_back"], 1)
    found = finding_of(stepped, "expired")
    for key in ("confidence", "responsible", "absence"):
        yield from expect(key, found[key], whole[key])


def check_a_jitter_of_microseconds_changes_nothing():
    packets = packets_of("expired")
    whole = finding_of(report(forms.pcap(packets)), "expired")
    found = report(forms.pcap([packet if i != 5 else packet.later(-2000) for i, packet in enumerate(packets)]))
    yield from expect("confidence", finding_of(found, "expired")["confidence"], whole["confidence"])


def check_the_skew_of_two_places_is_told_and_put_right():
    packets = packets_of("expired")
    first, second = forms.two_places(packets, 37 * SECOND, True)
    found = report(forms.pcap(first), forms.pcap(second))
    clocks = [source["clock"] for source in found["capture"]["sources"]]
    yield from expect("the first clock", (clocks[0]["ahead"], clocks[0]["doubt"]), (0, 0))
    yield from expect("the second clock", (clocks[1]["ahead"], clocks[1]["doubt"]), (37, 0))
    yield from expect("last", found["capture"]["last"], report(forms.pcap(packets))["capture"]["last"])
    yield from expect("confidence", finding_of(found, "expired")["confidence"], "proven")
    yield from expect_words(text_report(forms.pcap(first), forms.pcap(second)), "37.0 s ahead of that of the first file")
    if found["capture"]["tcp"]["retransmitted"]:
        yield f"{found['capture']['tcp']['retransmitted']} copies are called retransmissions"


def check_files_that_share_nothing_are_not_compared_for_certain():
    """Each connection of the client is in a file of its own, and the files overlap."""
    packets = packets_of("expired")
    at = return_of(packets, finding_of(report(forms.pcap(packets)), "expired"))
    port = packets[at].octets[34:36]
    side = [packet for packet in packets if port in (packet.octets[34:36], packet.octets[36:38])]
    rest = [packet for packet in packets if packet not in side]
    beside = rest + [forms.Packet(side[-1].time + SECOND, bytes(60), 60)]
    found = report(forms.pcap(beside), forms.pcap(side))
    clocks = [source["clock"] for source in found["capture"]["sources"]]
    yield from expect("the second clock", clocks[1]["ahead"], None)
    finding = finding_of(found, "expired")
    yield from expect("confidence", finding["confidence"], "consistent")
    if not any("how their clocks differ" in text for text in finding["false_if"]):
        yield f"it is not said that clocks are compared: {finding['false_if']}"
    yield from expect_words(text_report(forms.pcap(beside), forms.pcap(side)), "is not known, as no TCP segment")


def check_a_capture_in_several_files_stays_certain_and_says_what_it_rests_on():
    packets = packets_of("expired")
    at = return_of(packets, finding_of(report(forms.pcap(packets)), "expired"))
    files = forms.pcap(packets[:at]), forms.pcap(packets[at:])
    finding = finding_of(report(*files), "expired")
    yield from expect("confidence", finding["confidence"], "proven")
    if not any("how their clocks differ" in text for text in finding["false_if"]):
        yield f"it is not said that clocks are compared: {finding['false_if']}"
    yield from expect_words(text_report(*files), "taken to be one, as of a capture in several files")


def main():
    checks = {name[6:].replace("_", " "): check for name, check in globals().items() if name.startswith("check_")}
    return runner.run_cases(list(checks.items()))


if __name__ == "__main__":
    sys.exit(main())
