# SPDX-License-Identifier: MIT
"""Balancers that tell their clients' addresses, and ask now and then whether the broker lives."""
import pathlib
import struct
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))

import pcap_writer as wire
import runner

TOOL = runner.BUILD / "tests/support/scenario_tool"
BROKER = ((10, 9, 0, 5), 1883)
SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
LOCAL = SIGNATURE + b"\x20\0\0\0"
UNKNOWN = b"PROXY UNKNOWN\r\n"


def header(address, port):
    return f"PROXY TCP4 {'.'.join(map(str, address))} 10.9.0.5 {port} 1883\r\n".encode()


def v2_header(address, port):
    return SIGNATURE + b"\x21\x11\0\x0c" + bytes(address) + bytes(BROKER[0]) + struct.pack(">HH", port, 1883)


def balanced(capture, port):
    return wire.Connection(capture, ((10, 99, 0, 1), port), BROKER)


def session(capture, port, before, client_id="pump"):
    """Connects, and stays."""
    connection = balanced(capture, port)
    connection.client_sends(before + wire.connect(client_id))
    connection.server_sends(wire.connack())
    return connection


def report_of(folder, capture, *words):
    path = folder / "proxy.pcap"
    path.write_bytes(capture.octets())
    return runner.report_of(*words, "-r", path)


def undecoded(report, what):
    return sum(one["connections"] or 0 for one in report["capture"]["not_decoded"] if one["what"] == what)


def connections_of(report):
    return [(one["source"], one["proxied_source"]) for client in report["clients"] for one in client["connections"]]


def check_both_addresses_are_told(folder):
    capture = wire.Capture()
    session(capture, 40001, header((203, 0, 113, 7), 50001), "a").close()
    session(capture, 40002, v2_header((203, 0, 113, 8), 50002), "b").close()
    session(capture, 40003, UNKNOWN, "c").close()
    session(capture, 40004, LOCAL, "d").close()
    session(capture, 40005, b"", "e").close()
    expected = [("10.99.0.1:40001", "203.0.113.7:50001"), ("10.99.0.1:40002", "203.0.113.8:50002"),
                ("10.99.0.1:40003", None), ("10.99.0.1:40004", None), ("10.99.0.1:40005", None)]
    seen = connections_of(report_of(folder, capture))
    if sorted(seen, key=str) != sorted(expected, key=str):
        yield f"the connections came from {seen}"


def check_health_checks_are_no_clients(folder):
    capture = wire.Capture()
    pump = session(capture, 40001, header((203, 0, 113, 7), 50001))
    for turn, before in enumerate((LOCAL, UNKNOWN, header((203, 0, 113, 9), 50009))):
        check = balanced(capture, 41000 + turn)
        check.client_sends(before)
        check.close()
    balanced(capture, 42000).close()  # opened, and closed without a word
    pump.close()
    report = report_of(folder, capture)
    told = report["capture"]["mqtt"]["connections"], report["capture"]["mqtt"]["unnamed_connections"]
    if told != (1, 0) or report["findings"] or len(report["clients"]) != 1:
        yield f"{told} MQTT connections and unnamed ones, findings {report['findings']}"
    if undecoded(report, "proxy-header-only") != 3 or undecoded(report, "other-tcp"):
        yield f"counted as {report['capture']['not_decoded']}"
    if "health check" not in runner.text_of(runner.mqlapse("-r", folder / "proxy.pcap")):
        yield "the text does not tell of them"


def takeovers(capture, addresses):
    """Each connection throws the one before out, whose socket the broker closes."""
    before = None
    for turn, address in enumerate(addresses):
        now = balanced(capture, 40001 + turn)
        now.client_sends(header(address, 50001 + turn) + wire.connect("pump"))
        if before is not None:
            before.server_sends(wire.packet(0xE0, b"\x8e"))
            before.close()
        now.server_sends(wire.connack())
        capture.wait(20)
        now.client_sends(wire.packet(0xC0, b""))
        now.server_sends(wire.packet(0xD0, b""))
        before = now
    before.close()


def blames_a_twin(report):
    return any(one["responsible"] == "other-actor" for one in report["findings"])


def check_twins_behind_one_balancer_are_told_apart(folder):
    here, there = (203, 0, 113, 7), (198, 51, 100, 9)
    twins, alone = wire.Capture(), wire.Capture()
    takeovers(twins, [here, there] * 3)
    takeovers(alone, [here] * 6)
    if not blames_a_twin(report_of(folder, twins)):
        yield "two hosts behind one balancer are taken for one"
    if blames_a_twin(report_of(folder, alone)):
        yield "one host behind a balancer is taken for two"


def check_a_lost_header_makes_no_twin(folder):
    """Where the header of one connection was not captured, the balancer's address is nobody's."""
    capture = wire.Capture()
    here = (203, 0, 113, 7)
    takeovers(capture, [here] * 6)
    path = folder / "proxy.pcap"
    for lost in range(6):
        frames = [frame for frame in capture.records
                  if header(here, 50001 + lost) not in frame or lost == 0]
        path.write_bytes(wire.GLOBAL_HEADER + b"".join(frames))
        if blames_a_twin(runner.report_of("-r", path)):
            yield f"without header {lost}: one host is taken for two"
        cut = wire.Capture()  # only the header is lost, the CONNECT behind it is not
        cut.records = [frame.replace(header(here, 50001 + lost), bytes(len(header(here, 50001 + lost))))
                       for frame in capture.records]
        path.write_bytes(cut.octets())
        if blames_a_twin(runner.report_of("-r", path)):
            yield f"with octets for header {lost} that are none: one host is taken for two"


def check_the_rest_is_saved_with_it(folder):
    """-w with --client knows a proxied connection by its socket."""
    capture = wire.Capture()
    session(capture, 40001, header((203, 0, 113, 7), 50001), "a").close()
    session(capture, 40002, header((203, 0, 113, 8), 50002), "b").close()
    report_of(folder, capture)
    out = folder / "saved.pcap"
    out.unlink(missing_ok=True)
    runner.mqlapse("--report=json", "-r", folder / "proxy.pcap", "-c", "a", "-w", out)
    saved = runner.report_of("-r", out)
    if connections_of(saved) != [("10.99.0.1:40001", "203.0.113.7:50001")] or saved["capture"]["packets"] != 8:
        yield f"saved are {connections_of(saved)}, {saved['capture']['packets']} packets"


def check_the_scenarios_name_who_came(folder):
    """The takeover of the samples, told with the clients' own addresses."""
    path = folder / "takeover.pcap"
    subprocess.run([TOOL, runner.TREE / "samples/takeover.scenario", "--transport", "proxy2", "-o", path],
                   check=True)
    text = runner.text_of(runner.mqlapse("-r", path))
    if "10.20.4.12:50201 behind a proxy" not in text or "10.99.0.1:" in text.split("Clients")[0].split("finding")[1]:
        yield "the evidence names the balancer's address"


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        checks = (check_both_addresses_are_told, check_health_checks_are_no_clients,
                  check_twins_behind_one_balancer_are_told_apart,
                  check_a_lost_header_makes_no_twin, check_the_rest_is_saved_with_it,
                  check_the_scenarios_name_who_came)
        return runner.run_cases([(check.__name__, lambda check=check: check(folder)) for check in checks])


if __name__ == "__main__":
    sys.exit(main())
