# SPDX-License-Identifier: MIT
"""What WebSocket says when it closes stands in the report, and in the evidence."""
import pathlib
import struct
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))

import pcap_writer as wire
import runner

REQUEST = (b"GET /any/path HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           b"Sec-WebSocket-Protocol: mqttv3.1\r\nSec-WebSocket-Version: 13\r\n\r\n")
ANSWER = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
# RFC 6455 section 7.4.1
MEANINGS = {1000: "normal closure", 1001: "going away", 1002: "protocol error", 1008: "policy violation",
            1009: "message too big", 1011: "internal error", 4242: None}


def framed(first, payload, masked):
    mask = b"mask" if masked else b""
    body = bytes(octet ^ mask[at & 3] for at, octet in enumerate(payload)) if masked else payload
    return bytes([first, len(payload) | (0x80 if masked else 0)]) + mask + body


def connected(capture, port):
    connection = wire.Connection(capture, ((10, 9, 0, 2), port), ((10, 9, 0, 5), 8083))
    connection.client_sends(REQUEST)
    connection.server_sends(ANSWER)
    connection.client_sends(framed(0x82, wire.connect("pump"), True))
    connection.server_sends(framed(0x82, wire.connack(), False))
    connection.client_sends(framed(0x82, wire.subscribe("a/b"), True))
    connection.server_sends(framed(0x82, wire.suback(), False))
    return connection


def report_of(folder, code, by_broker):
    capture = wire.Capture()
    first = connected(capture, 40001)
    close = struct.pack(">H", code) + b"bye" if code else b""
    if by_broker:
        first.server_sends(framed(0x88, close, False))
    else:
        first.client_sends(framed(0x88, close, True))
    capture.wait(0.01)
    first.close()
    capture.wait(30)
    connected(capture, 40002)
    path = folder / "close.pcap"
    path.write_bytes(capture.octets())
    return runner.report_of("-r", path)


def check_every_code_from_either_side(folder):
    for by_broker, who in ((True, "broker"), (False, "client")):
        for code, meaning in {**MEANINGS, 0: "no code given"}.items():
            report = report_of(folder, code, by_broker)
            first = report["clients"][0]["connections"][0]
            expected = [{"from": who, "layer": "websocket", "code": code or 1005, "meaning": meaning}]
            if first["farewells"] != expected or first["closed_by"] != who:
                yield f"{code} of the {who}: {first['farewells']}, closed by {first['closed_by']}"
            says = [one["says"] for finding in report["findings"] for one in finding["evidence"]]
            wanted = f"WebSocket Close from the {who}: {code or 1005} ({meaning or 'a code of its own'})"
            if not any(wanted in text for text in says):
                yield f"the evidence is {says}, without '{wanted}'"


def check_no_close_frame_is_no_farewell(folder):
    capture = wire.Capture()
    connected(capture, 40001).close()
    path = folder / "close.pcap"
    path.write_bytes(capture.octets())
    first = runner.report_of("-r", path)["clients"][0]["connections"][0]
    if first["farewells"] or first["close_kind"] != "fin":
        yield f"{first['farewells']} and {first['close_kind']}"


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        checks = (check_every_code_from_either_side, check_no_close_frame_is_no_farewell)
        return runner.run_cases([(check.__name__, lambda check=check: check(folder)) for check in checks])


if __name__ == "__main__":
    sys.exit(main())
