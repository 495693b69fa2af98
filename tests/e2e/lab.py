# SPDX-License-Identifier: MIT
"""A broker, clients and a live capture on the loopback interface; nothing leaves this machine."""

import contextlib
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time

import leash

SKIPPED = 77
INTERRUPTED = 130
PATIENCE = 10
NEVER = 0xFFFFFFFF
BUILD = pathlib.Path(os.environ.get("top_builddir", ".")).resolve()
PROGRAM = pathlib.Path(os.environ.get("MQLAPSE", BUILD / "mqlapse"))
OTHER_PYTHON = "/usr/bin/python3"

try:
    import paho.mqtt.client as paho
    from paho.mqtt.packettypes import PacketTypes
    from paho.mqtt.properties import Properties
    from paho.mqtt.reasoncodes import ReasonCodes
except ImportError:
    paho = None


class Failed(Exception):
    """What a person should read."""


def find_program(name):
    return shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")


def what_is_missing():
    """Why the laboratory cannot open, or None."""
    for name in ("mosquitto", "mosquitto_passwd", "mosquitto_sub", "mosquitto_pub"):
        if find_program(name) is None:
            return f"{name} is not installed"
    if paho is None or not hasattr(paho, "MQTTv5") or hasattr(paho, "CallbackAPIVersion"):
        return "paho-mqtt 1.6 for Python is not installed"
    return why_no_capture()


def why_no_capture():
    """Why mqlapse cannot capture on the loopback interface, or None."""
    if not PROGRAM.exists():
        return f"{PROGRAM} is not built"
    try:
        socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0).close()
    except (OSError, AttributeError):
        return "capturing needs root or CAP_NET_RAW"
    return None


def use_a_python_that_has_paho():
    """The first Python in the path need not be the one that the distribution's paho-mqtt is for."""
    if paho is None and sys.executable != OTHER_PYTHON and os.path.exists(OTHER_PYTHON):
        os.execv(OTHER_PYTHON, [OTHER_PYTHON, *sys.argv])


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(true, what, seconds=PATIENCE):
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            raise Failed(f"waited {seconds} s in vain: {what}")
        time.sleep(0.02)


def listens(port):
    """The broker has closed this connection, too, when it returns: of one that it takes late, on a machine that is busy, a
    capture that begins meanwhile would hold the end alone, and could not know whose it was."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        if probe.connect_ex(("127.0.0.1", port)) != 0:
            return False
        with contextlib.suppress(OSError):
            probe.settimeout(PATIENCE)
            probe.shutdown(socket.SHUT_WR)
            while probe.recv(4096):
                pass
        return True


class Broker:
    """mosquitto without persistence; a second port asks for the password of "guest", "open sesame"."""

    def __init__(self, folder, name):
        self.port, self.guarded_port = free_port(), free_port()
        self.configuration = folder / f"{name}.conf"
        self.log = folder / f"{name}.log"
        passwords = folder / f"{name}.passwords"
        subprocess.run([find_program("mosquitto_passwd"), "-b", "-c", passwords, "guest", "open sesame"],
                       check=True, capture_output=True)
        self.configuration.write_text(
            "per_listener_settings true\nuser root\npersistence false\n"
            f"listener {self.port} 127.0.0.1\nallow_anonymous true\n"
            f"listener {self.guarded_port} 127.0.0.1\nallow_anonymous false\npassword_file {passwords}\n",
            encoding="utf-8")
        self.process = None

    def start(self):
        with self.log.open("ab") as log:
            words, keywords = leash.held([find_program("mosquitto"), "-c", self.configuration])
            self.process = subprocess.Popen(words, stdout=log, stderr=log, **keywords)
        wait_until(lambda: listens(self.port) and listens(self.guarded_port), "mosquitto listens")

    def stop(self):
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(PATIENCE)


def captures(pid):
    """Whether the process has a packet socket that is bound and running."""
    owned = set()
    for descriptor in pathlib.Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(OSError):
            owned.add(os.readlink(descriptor))
    rows = pathlib.Path("/proc/net/packet").read_text(encoding="ascii").splitlines()[1:]
    return any(f"socket:[{row.split()[8]}]" in owned and row.split()[5] == "1" for row in rows)


class LiveCapture:
    """mqlapse on the loopback interface, with a JSON report at the end; or as the words @report ask for it."""

    def __init__(self, folder, ports, report=("--report=json",)):
        self.saved = folder / "saved.pcap"
        self.report_file = folder / "live.json"
        self.errors = folder / "live.stderr"
        words = " or ".join(f"tcp port {port}" for port in ports)
        with self.errors.open("wb") as errors:
            self.process = subprocess.Popen(
                [PROGRAM, "-i", "lo", "-w", self.saved, *report, "-o", self.report_file, words],
                stdin=subprocess.DEVNULL, stdout=errors, stderr=errors)
        try:
            wait_until(self.runs, "mqlapse captures")
        except Failed:
            self.stop()
            raise
        time.sleep(0.2)

    def runs(self):
        if self.process.poll() is not None:
            raise Failed(f"mqlapse left with {self.process.returncode}: {self.complaint()}")
        return captures(self.process.pid)

    def complaint(self):
        return self.errors.read_text(encoding="utf-8", errors="replace").strip()[:500]

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise Failed("SIGINT did not stop mqlapse") from None

    def text(self):
        """Stops; what was written."""
        self.stop()
        if self.process.returncode != INTERRUPTED:
            raise Failed(f"mqlapse left with {self.process.returncode}, not {INTERRUPTED}: "
                         f"{self.complaint()}")
        return self.report_file.read_text(encoding="utf-8")

    def report(self):
        """Stops; the report that was written."""
        return json.loads(self.text())


def read_report(capture):
    """The report of a capture file."""
    done = subprocess.run([PROGRAM, "-r", capture, "--report=json"], capture_output=True, check=False,
                          timeout=60)
    if done.returncode != 0:
        raise Failed(f"mqlapse -r left with {done.returncode}: {done.stderr.decode(errors='replace')[:500]}")
    return json.loads(done.stdout)


def with_expiry(kind, seconds):
    if seconds is None:
        return None
    properties = Properties(kind)
    properties.SessionExpiryInterval = seconds
    return properties


class Member:
    """One connection of a paho client."""

    def __init__(self, port, client_id, **settings):
        """settings: version (5), clean (False), expiry (None: not sent), password (None)"""
        self.v5 = settings.get("version", 5) == 5
        self.answer, self.session_present, self.received = None, None, []
        self.subscribed, self.gone = threading.Event(), threading.Event()
        clean = settings.get("clean", False)
        if self.v5:
            self.client = paho.Client(client_id, protocol=paho.MQTTv5)
        else:
            self.client = paho.Client(client_id, clean_session=clean, protocol=paho.MQTTv311)
        self.client.reconnect_delay_set(60, 120)
        self.client.on_connect = self.on_connect
        self.client.on_disconnect = lambda *ignored: self.gone.set()
        self.client.on_subscribe = lambda *ignored: self.subscribed.set()
        self.client.on_message = self.on_message
        if settings.get("password") is not None:
            self.client.username_pw_set("guest", settings["password"])
        expiry = with_expiry(PacketTypes.CONNECT, settings.get("expiry"))
        v5_only = {"clean_start": clean, "properties": expiry} if self.v5 else {}
        self.client.connect("127.0.0.1", port, keepalive=60, **v5_only)
        self.client.loop_start()
        wait_until(lambda: self.answer is not None, f"CONNACK for {client_id}")

    def on_message(self, _client, _data, message):
        self.received.append(message.payload.decode())

    def on_connect(self, _client, _data, flags, reason, _properties=None):
        self.session_present = bool(flags["session present"])
        self.answer = reason.value if isinstance(reason, ReasonCodes) else reason

    def subscribe(self, topic):
        self.subscribed.clear()
        self.client.subscribe(topic, qos=1)
        if not self.subscribed.wait(PATIENCE):
            raise Failed(f"no SUBACK for {topic}")

    def publish(self, topic, *payloads):
        for payload in payloads:
            self.client.publish(topic, payload, qos=1).wait_for_publish(PATIENCE)

    def wait_for(self, *payloads):
        wait_until(lambda: set(payloads) <= set(self.received), f"delivery of {payloads}")

    def leave(self, expiry=None):
        if expiry is None:
            self.client.disconnect()
        else:
            self.client.disconnect(properties=with_expiry(PacketTypes.DISCONNECT, expiry))
        self.abandon()

    def abandon(self):
        """After the broker closed the connection, or this side did."""
        self.gone.wait(PATIENCE)
        self.client.loop_stop()


def mosquitto_sub(port, client_id, *words):
    command = [find_program("mosquitto_sub"), "-h", "127.0.0.1", "-p", str(port), "-i", client_id]
    return subprocess.Popen([*command, *words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                            text=True)


def mosquitto_pub(port, client_id, topic, payload):
    command = [find_program("mosquitto_pub"), "-h", "127.0.0.1", "-p", str(port), "-i", client_id]
    subprocess.run([*command, "-V", "mqttv5", "-q", "1", "-t", topic, "-m", payload],
                   check=True, capture_output=True, timeout=PATIENCE)
