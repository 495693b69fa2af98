# SPDX-License-Identifier: MIT
"""The founding case at real brokers over TLS and WebSocket: a client that never asked to be remembered
loses its session, while mqlapse captures on the loopback interface with the key log that the client
writes.  One play for each listener and cipher suite; those of brokers that are missing are skipped by name."""

import json
import pathlib
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True

import carrier
import lab
from brokers import Aedes, Mosquitto
from lab import find_program, free_port, listens, wait_until

SETTLE = 0.3
ECDHE = "ECDHE-RSA-AES128-GCM-SHA256 ECDHE-RSA-AES256-GCM-SHA384 ECDHE-RSA-CHACHA20-POLY1305 ECDHE-RSA-AES128-SHA256"
# name: the version, the suite (of TLS 1.2; 1.3 takes what the broker likes best)
SUITES = {"tls13": (ssl.TLSVersion.TLSv1_3, None)}
SUITES.update({f"tls12-{suite.lower()}": (ssl.TLSVersion.TLSv1_2, suite) for suite in ECDHE.split()})


def context_of(version, suite, keys):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.minimum_version = context.maximum_version = version
    if suite is not None:
        context.set_ciphers(suite)
    context.keylog_filename = str(keys)
    return context


def make_certificate(folder):
    words = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost".split()
    subprocess.run([find_program("openssl"), *words, "-keyout", folder / "key.pem", "-out", folder / "certificate.pem"],
                   check=True, capture_output=True, timeout=60)
    (folder / "key.pem").chmod(0o644)


class Listeners(Mosquitto):
    """mosquitto with plain, TLS, WebSocket, and WebSocket in TLS."""

    def command(self):
        self.ports = {"tls": free_port(), "ws": free_port(), "wss": free_port()}
        tls = f"certfile {self.folder}/certificate.pem\nkeyfile {self.folder}/key.pem\n"
        make_certificate(self.folder)
        configuration = self.folder / "mosquitto.conf"
        configuration.write_text(
            f"user root\nallow_anonymous true\nlistener {self.port} 127.0.0.1\n"
            f"listener {self.ports['tls']} 127.0.0.1\n{tls}"
            f"listener {self.ports['ws']} 127.0.0.1\nprotocol websockets\n"
            f"listener {self.ports['wss']} 127.0.0.1\nprotocol websockets\n{tls}", encoding="utf-8")
        return [find_program("mosquitto"), "-c", configuration], None


class AedesOverWebSocket(Aedes):
    """With the package ws, which offers permessage-deflate."""

    name = "aedes over WebSocket"

    @classmethod
    def why_not(cls):
        missing = super().why_not()
        if missing is None and not (cls.modules() / "ws" / "package.json").exists():
            return f"ws is not in {cls.modules()} (npm install --prefix {cls.modules().parent} ws)"
        return missing

    def command(self):
        self.ports = {"ws": free_port()}
        command, environment = super().command()
        return [*command, str(self.ports["ws"])], environment


class Capture:
    """mqlapse on the loopback interface, with a key log that grows."""

    def __init__(self, folder, ports, keys):
        self.report_file, errors = folder / "report.json", folder / "errors"
        words = " or ".join(f"tcp port {port}" for port in ports)
        with errors.open("wb") as out:
            self.process = subprocess.Popen(
                [lab.PROGRAM, "-i", "lo", "--keylog", keys, "--report=json", "-o", self.report_file, words],
                stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        wait_until(lambda: self.process.poll() is not None or lab.captures(self.process.pid), "mqlapse captures")
        if self.process.poll() is not None:
            raise lab.Failed(f"mqlapse left with {self.process.returncode}: {errors.read_text(errors='replace')[:300]}")
        time.sleep(0.2)

    def report(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait(lab.PATIENCE)
        return json.loads(self.report_file.read_text(encoding="utf-8"))

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def lose(port, name, **how):
    """Subscribes, leaves, misses two messages, comes back; the Session Present that it got."""
    first = carrier.Client(port, name, **how)
    if how.get("deflate") and first.stream.packer is None:
        raise lab.Failed(f"{name}: permessage-deflate was not agreed on")
    first.subscribe(f"{name}/state")
    first.disconnect()
    time.sleep(SETTLE)
    publisher = carrier.Client(port, f"{name}-publisher", **{**how, "clean": 1})
    publisher.publish(f"{name}/state", b"one" * 50)
    publisher.publish(f"{name}/state", b"two" * 50)
    publisher.disconnect()
    again = carrier.Client(port, name, **how)
    again.subscribe(f"{name}/state")
    time.sleep(SETTLE)
    again.disconnect()
    return again.session_present


def judge(report, name, transport, expected):
    """expected: the causes that are right, or none."""
    causes = {one["cause"] for one in report["findings"] if one["client_id"] == name and one["severity"] == "loss"}
    if (causes & expected if expected else not causes) != causes or bool(causes) != bool(expected):
        yield f"{name}: the losses are {sorted(causes)}, expected were {sorted(expected)}"
    lost = [one["lost"]["messages"]["lost"] for one in report["findings"]
            if one["client_id"] == name and one["severity"] == "loss"]
    if expected and lost != [{"min": 2, "max": 2}]:
        yield f"{name}: lost messages are {lost}"
    carried = {one["transport"] for client in report["clients"] if client["client_id"] == name
               for one in client["connections"]}
    if carried != {transport}:
        yield f"{name}: carried by {sorted(carried)}, and not by {transport}"


def plays_at_mosquitto(broker, keys):
    """name: (transport, port, how)"""
    yield "plain", ("tcp", broker.port, {})
    yield "ws", ("ws", broker.ports["ws"], {"path": "/mqtt"})
    for name, (version, suite) in SUITES.items():
        yield name, ("tls", broker.ports["tls"], {"tls": context_of(version, suite, keys)})
    for version in ("tls13", f"tls12-{ECDHE.split(maxsplit=1)[0].lower()}"):
        yield f"wss-{version}", ("wss", broker.ports["wss"],
                                 {"tls": context_of(*SUITES[version], keys), "path": "/any/path"})


def plays_at_aedes(broker, _keys):
    """aedes knows no MQTT 5.0: Clean Session 1 is what loses there."""
    yield "deflate", ("ws", broker.ports["ws"], {"version": 4, "clean": 1, "path": "/", "deflate": True})
    yield "no-deflate", ("ws", broker.ports["ws"], {"version": 4, "clean": 1, "path": "/x"})


def be_seen(port):
    """The broker has seen a connection come and go: what it says to one that it sees late is no part of a play."""
    with socket.create_connection(("127.0.0.1", port), timeout=3) as probe:
        probe.shutdown(socket.SHUT_WR)
        try:
            while probe.recv(4096):
                pass
        except OSError:
            pass


def run_at(broker, plays_at, expected, folder):
    keys, faults, capture = folder / "keys", [], None
    keys.touch()
    try:
        broker.start()
        wait_until(lambda: all(listens(port) for port in broker.ports.values()), "every listener")
        for port in broker.ports.values():
            be_seen(port)
        capture = Capture(folder, [broker.port, *broker.ports.values()], keys)
        plays = dict(plays_at(broker, keys))
        for name, (_, port, how) in plays.items():
            if lose(port, name, **how):
                faults.append(f"{name}: the broker kept the session; the lab is wrong")
        time.sleep(0.5)
        report = capture.report()
    finally:
        if capture is not None:
            capture.close()
        broker.close()
    for name, (transport, _, _) in plays.items():
        faults += judge(report, name, transport, expected)
    closed = [one for one in report["capture"]["not_decoded"] if one["connections"] and one["what"].startswith("tls")]
    if closed:
        faults.append(f"TLS that was not opened: {closed}")
    print(f"{broker.name}: {len(plays)} plays ({', '.join(plays)}), {len(faults)} faults")
    return faults


TABLE = ((Listeners, "mosquitto", plays_at_mosquitto, {"expiry-absent"}),
         (AedesOverWebSocket, "aedes", plays_at_aedes, {"clean-start"}))


def main():
    missing = lab.why_no_capture()
    n_played, faults = 0, []
    for kind, name, plays_at, expected in TABLE:
        why_not = missing or kind.why_not() or (None if find_program("openssl") else "openssl is not installed")
        if why_not is not None:
            print(f"Skipped at {name}: {why_not}")
            continue
        n_played += 1
        with tempfile.TemporaryDirectory(prefix="mqlapse-e2e-") as folder:
            faults += run_at(kind(folder, name), plays_at, expected, pathlib.Path(folder))
    for fault in faults:
        print(f"Fault: {fault}")
    return 1 if faults else 0 if n_played > 0 else lab.SKIPPED


if __name__ == "__main__":
    try:
        sys.exit(main())
    except lab.Failed as failure:
        print(f"Fault: {failure}")
        sys.exit(1)
