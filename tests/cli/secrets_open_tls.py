# SPDX-License-Identifier: MIT
"""Key logs and Decryption Secrets Blocks, right ones and wrong ones, as users give them."""
import pathlib
import struct
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))

import runner

TOOL = runner.BUILD / "tests/support/scenario_tool"
SAMPLE = runner.TREE / "samples/founding.scenario"
# OpenSSL's s_client and s_server with TLS 1.2; in the first of two connections, keys are agreed upon anew after
# SUBACK, before six PINGREQ and PINGRESP a second apart, with a Keep Alive of 1 s.  Then the server closes it.
RENEGOTIATED = runner.TREE / "tests/cli/renegotiated.pcap"
SKIPPED = 77


def block(kind, body):
    body += bytes(-len(body) % 4)
    return struct.pack("<II", kind, 12 + len(body)) + body + struct.pack("<I", 12 + len(body))


def pcapng_of(pcap, secrets):
    """The same frames as pcapng, with a Decryption Secrets Block before them."""
    out = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
    out += block(1, struct.pack("<HHI", 1, 0, 262144))
    out += block(10, struct.pack("<II", 0x544C534B, len(secrets)) + secrets)
    at = 24
    while at < len(pcap):
        seconds, micros, size, wire = struct.unpack_from("<IIII", pcap, at)
        ticks = seconds * 1_000_000 + micros
        out += block(6, struct.pack("<IIIII", 0, ticks >> 32, ticks & 0xFFFFFFFF, size, wire) +
                     pcap[at + 16:at + 16 + size])
        at += 16 + size
    return out


class Stage:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.capture = self.folder / "tls.pcap"
        self.keys = self.play(self.capture, "keys")

    def play(self, capture, name):
        keys = self.folder / name
        done = subprocess.run([TOOL, SAMPLE, "--transport", "tls13", "-o", capture, "--keys", keys],
                              capture_output=True, text=True, check=False)
        if "is no transport here" in done.stderr:
            print("Skipped: this build has no libssl.")
            sys.exit(SKIPPED)
        done.check_returncode()
        return keys


def undecoded(report):
    return {one["what"]: one["connections"] for one in report["capture"]["not_decoded"]}


def check_right_keys(stage):
    report = runner.report_of("--keylog", stage.keys, "-r", stage.capture)
    causes = [finding["cause"] for finding in report["findings"] if finding["severity"] == "loss"]
    if causes != ["expiry-absent"]:
        yield f"the losses are {causes}"
    if undecoded(report)["tls-without-keys"] != 0:
        yield f"not decoded: {undecoded(report)}"


def check_secrets_in_pcapng(stage):
    path = stage.folder / "tls.pcapng"
    path.write_bytes(pcapng_of(stage.capture.read_bytes(), stage.keys.read_bytes()))
    report = runner.report_of("-r", path)
    if report["summary"]["lapses"] != 1:
        yield f"{report['summary']['lapses']} lapses are told"


def check_no_keys(stage):
    report = runner.report_of("-r", stage.capture)
    if report["findings"] or report["clients"]:
        yield "a verdict is given on what nobody could read"
    seen = [one for one in report["capture"]["not_decoded"] if one["what"] == "tls-without-keys"][0]
    if seen["connections"] != 6 or len(seen["tls"]) != 6:
        yield f"{seen['connections']} connections are counted, {len(seen['tls'])} told"
    names = {(one["server_name"], one["alpn"], one["version"]) for one in seen["tls"]}
    if names != {("broker.example", "mqtt", "1.3")}:
        yield f"the handshakes told {names}"
    if {one["outcome"] for one in seen["tls"]} != {"not-observable"}:
        yield "more is said of a session than can be"
    # In the story two clients stay connected at its end, and four connections are closed by theirs.
    ends = sorted((one["closed_by"] or "", one["close_kind"] or "") for one in seen["tls"])
    if ends != [("", "")] * 2 + [("client", "fin")] * 4:
        yield f"they ended {ends}"
    alerts = [one for one in seen["tls"] if one["close_kind"] == "fin" and "client" not in one["unread_alerts_from"]]
    if alerts:
        yield f"close_notify of the client is not told: {alerts}"
    text = runner.text_of(runner.mqlapse("--report", "-r", stage.capture))
    if "broker.example" not in text or "--keylog" not in text:
        yield "the text does not name the server, or not what would help"


def check_keys_of_another_run(stage):
    done = runner.mqlapse("--report", "--keylog", stage.play(stage.folder / "other.pcap", "others"),
                          "-r", stage.capture)
    if done.returncode != 0 or b"has no secrets for 6 TLS" not in done.stderr:
        yield f"left with {done.returncode} and says {done.stderr}"


def check_keys_that_do_not_fit(stage):
    lines = stage.keys.read_text(encoding="ascii").splitlines()
    wrong = stage.folder / "wrong"
    wrong.write_text("".join(line[:-4] + "0000\n" for line in lines), encoding="ascii")
    done = runner.mqlapse("--report=json", "--keylog", wrong, "-r", stage.capture)
    if done.returncode != 0 or b"do not fit" not in done.stderr:
        yield f"left with {done.returncode} and says {done.stderr}"
    if b"tls-wrong-keys" not in done.stdout:
        yield "the report does not name it"


def check_no_key_log_at_all(stage):
    for path in (stage.folder / "none", stage.capture):
        done = runner.mqlapse("--report", "--keylog", path, "-r", stage.capture)
        if done.returncode != 2 or b"--keylog" not in done.stderr:
            yield f"{path.name}: left with {done.returncode} and says {done.stderr}"


def check_renegotiation(stage):
    keys = RENEGOTIATED.with_suffix(".keys")
    report = runner.report_of("--keylog", keys, "-r", RENEGOTIATED)
    if report["capture"]["mqtt"]["packets"] != 21:
        yield f"what is read is {report['capture']['mqtt']}"
    out = stage.folder / "renegotiated.pcapng"
    runner.mqlapse("--report", "--keylog", keys, "-r", RENEGOTIATED, "-w", out)
    if runner.report_of("-r", out)["clients"] != report["clients"]:
        yield "what is saved with its secrets is read otherwise"


def check_renegotiation_without_the_new_keys(stage):
    lines = RENEGOTIATED.with_suffix(".keys").read_text(encoding="ascii").splitlines(keepends=True)
    keys = stage.folder / "first"
    keys.write_text(lines[0] + lines[2], encoding="ascii")
    report = runner.report_of("--keylog", keys, "-r", RENEGOTIATED)
    first = report["clients"][0]["connections"][0]
    if report["capture"]["mqtt"]["packets"] != 9:
        yield f"what is read is {report['capture']['mqtt']}"
    if undecoded(report).get("tls-renegotiated-without-keys") != 1:
        yield f"not decoded: {undecoded(report)}"
    # Twelve packets more are not silence.
    if first["close_kind"] != "fin" or first["complete"] or first["holes"] == 0:
        yield f"of the connection it says {first}"
    if [finding["confidence"] for finding in report["findings"]] != ["cannot-know"]:
        yield f"too much is known: {report['findings']}"
    text = runner.text_of(runner.mqlapse("--report", "--keylog", keys, "-r", RENEGOTIATED))
    if "TLS renegotiated" not in text or "not observable" not in " ".join(text.split()):
        yield "the text does not say what is missing"


def main():
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(folder)
        checks = (check_right_keys, check_secrets_in_pcapng, check_no_keys, check_keys_of_another_run,
                  check_keys_that_do_not_fit, check_no_key_log_at_all, check_renegotiation,
                  check_renegotiation_without_the_new_keys)
        return runner.run_cases([(check.__name__, lambda check=check: check(stage)) for check in checks])


if __name__ == "__main__":
    sys.exit(main())
