# SPDX-License-Identifier: MIT
"""Real brokers on free ports of the loopback interface, each with all its files in a folder of the
test.  No service of the system is touched; what was started is stopped by its process id."""

import json
import os
import pathlib
import signal
import subprocess

import lab
import leash
from lab import find_program, free_port, listens, wait_until

HERE = pathlib.Path(__file__).resolve().parent
START = 90  # seconds; RabbitMQ takes 10 on a machine that does nothing else


class Broker:
    """What they have in common, and what a test may count on: facts of diagnosis rather than of the
    program that is tested."""

    name = "a broker"
    versions = (3, 4, 5)
    login = {}  # settings of each connection
    tells_nobody = False  # PUBACK 0x10 when nobody subscribes
    announces_expiry = False
    says = {}  # the reason codes of DISCONNECT that it sends to MQTT 5.0 clients: takeover, keep-alive, stop
    dup = True  # whether a redelivery is marked

    def __init__(self, folder, name, **settings):
        self.folder = pathlib.Path(folder) / name
        self.folder.mkdir(parents=True)
        self.settings, self.process = settings, None
        self.port = free_port()
        self.log = self.folder / "log"

    @classmethod
    def why_not(cls):
        """Why it cannot be started here, or None."""
        return None

    def launch(self, command, environment=None):
        with self.log.open("ab") as log:
            words, keywords = leash.held(command)
            self.process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            cwd=self.folder, env={**os.environ, **(environment or {})},
                                            **keywords)

    def answers(self):
        if self.process.poll() is not None:
            raise lab.Failed(f"{self.name} ended with {self.process.returncode}: {self.last_words()}")
        return listens(self.port)

    def start(self):
        self.launch(*self.command())
        wait_until(self.answers, f"{self.name} listens", START)

    def command(self):
        raise NotImplementedError

    def last_words(self):
        return self.log.read_text(encoding="utf-8", errors="replace").strip()[-700:]

    def signal(self, number):
        """To the whole process group: the Erlang brokers are a script with children."""
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, number)

    def stop(self):
        self.end_by(signal.SIGTERM)

    def kill(self):
        self.end_by(signal.SIGKILL)

    def end_by(self, number):
        self.signal(number)
        if self.process is None:
            return
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.signal(signal.SIGKILL)
            self.process.wait()
            raise lab.Failed(f"{self.name} did not end by signal {number}") from None
        if number == signal.SIGKILL:
            wait_until(lambda: not leash.lives(self.process.pid), f"{self.name} is gone", 30)

    def close(self):
        """At the end of the test; nothing of it stays."""
        try:
            self.stop()
        finally:
            self.signal(signal.SIGKILL)


class Mosquitto(Broker):
    """settings: the lines of its configuration as keywords, and speed (how much faster its clock runs)"""

    name = "mosquitto"
    tells_nobody = True

    @classmethod
    def why_not(cls):
        return None if find_program("mosquitto") else "mosquitto is not installed"

    def command(self):
        settings = dict(self.settings)
        speed = settings.pop("speed", None)
        lines = ["user root", "allow_anonymous true", f"listener {self.port} 127.0.0.1",
                 f"persistence_location {self.folder}/"]
        lines += [f"{key} {value}" for key, value in settings.items()]
        configuration = self.folder / "mosquitto.conf"
        configuration.write_text("\n".join(lines) + "\n", encoding="utf-8")
        clock = {"LD_PRELOAD": find_faketime(), "FAKETIME": f"+0 x{speed}"} if speed else None
        return [find_program("mosquitto"), "-c", configuration], clock


def find_faketime():
    found = sorted(pathlib.Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))
    return str(found[0]) if found else None


class Aedes(Broker):
    """Of npm; MQLAPSE_NODE_MODULES says where it is, else it is below the build folder."""

    name = "aedes"
    versions = (3, 4)
    dup = False

    @staticmethod
    def modules():
        return pathlib.Path(os.environ.get("MQLAPSE_NODE_MODULES", lab.BUILD / "node_modules")).resolve()

    @classmethod
    def why_not(cls):
        if find_program("node") is None:
            return "node is not installed"
        if not (cls.modules() / "aedes" / "package.json").exists():
            return f"aedes is not in {cls.modules()} (npm install --prefix {cls.modules().parent} aedes)"
        return None

    def command(self):
        return [find_program("node"), HERE / "aedes.mjs", self.modules(), str(self.port)], None


class RabbitMQ(Broker):
    """With rabbitmq_mqtt.  settings: ttl (milliseconds that a session outlives its connection)

    The queues of clients whose identifier begins with "overflow" hold 10 messages, and drop the oldest."""

    name = "RabbitMQ"
    versions = (3, 4)
    server = pathlib.Path("/usr/lib/rabbitmq/bin/rabbitmq-server")

    @classmethod
    def why_not(cls):
        if not cls.server.exists():
            return "rabbitmq-server is not installed"
        if not list(pathlib.Path("/usr/lib/rabbitmq").glob("lib/*/plugins/rabbitmq_mqtt-*")):
            return "the plugin rabbitmq_mqtt is not installed"
        return None if os.access("/usr/lib/rabbitmq", os.R_OK) else "RabbitMQ cannot be read"

    def __init__(self, folder, name, **settings):
        super().__init__(folder, name, **settings)
        # A port mapper of our own: RabbitMQ would start one for the whole machine, which stays.
        self.mapper, self.mapper_port = None, free_port()
        self.environment = self.write_files()

    def write_files(self):
        folder = self.folder
        guest = {"user": "guest", "vhost": "/", "configure": ".*", "write": ".*", "read": ".*"}
        short = {"vhost": "/", "name": "short", "pattern": "^mqtt-subscription-overflow", "apply-to": "queues",
                 "definition": {"max-length": 10}, "priority": 0}
        definitions = {"users": [{"name": "guest", "password": "guest", "tags": "administrator"}],
                       "vhosts": [{"name": "/"}], "permissions": [guest], "policies": [short]}
        (folder / "definitions.json").write_text(json.dumps(definitions), encoding="utf-8")
        (folder / "enabled_plugins").write_text("[rabbitmq_mqtt].\n", encoding="utf-8")
        (folder / "rabbitmq.conf").write_text(
            "listeners.tcp = none\n"
            f"mqtt.listeners.tcp.1 = 127.0.0.1:{self.port}\n"
            "mqtt.allow_anonymous = true\nmqtt.default_user = guest\nmqtt.default_pass = guest\n"
            f"mqtt.subscription_ttl = {self.settings['ttl']}\n"
            f"load_definitions = {folder}/definitions.json\n", encoding="utf-8")
        # Left over from a configuration of the system, which is none of ours.
        inherited = [key for key in os.environ if key.startswith("RABBITMQ_")]
        return {**dict.fromkeys(inherited, ""),
                "HOME": str(folder), "ERL_EPMD_ADDRESS": "127.0.0.1", "ERL_EPMD_PORT": str(self.mapper_port),
                "RABBITMQ_CONF_ENV_FILE": "/dev/null", "RABBITMQ_BASE": str(folder),
                "RABBITMQ_NODENAME": f"mqlapse-{os.getpid()}@localhost",
                "RABBITMQ_DIST_PORT": str(free_port()), "RABBITMQ_LOGS": "-",
                "RABBITMQ_LOG_BASE": f"{folder}/logs", "RABBITMQ_MNESIA_BASE": f"{folder}/data",
                "RABBITMQ_CONFIG_FILE": f"{folder}/rabbitmq.conf",
                "RABBITMQ_ENABLED_PLUGINS_FILE": f"{folder}/enabled_plugins",
                "RABBITMQ_PLUGINS_EXPAND_DIR": f"{folder}/plugins", "RABBITMQ_PID_FILE": f"{folder}/pid",
                "RABBITMQ_GENERATED_CONFIG_DIR": f"{folder}/generated"}

    def start(self):
        if self.mapper is None:
            words = ["-port", str(self.mapper_port), "-address", "127.0.0.1"]
            words, keywords = leash.held([find_program("epmd"), *words])
            self.mapper = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                           stderr=subprocess.DEVNULL, **keywords)
        super().start()

    def command(self):
        return [self.server], self.environment

    def close(self):
        try:
            super().close()
        finally:
            if self.mapper is not None:
                os.killpg(self.mapper.pid, signal.SIGKILL)
                self.mapper.wait()


class Ejabberd(Broker):
    """With mod_mqtt, without Erlang's distribution.  settings: cap (the longest Session Expiry Interval),
    queue (how many messages a session holds before it is ended)"""

    name = "ejabberd"
    versions = (4, 5)
    login = {"username": "lab", "password": "lab"}
    tells_nobody = True
    announces_expiry = True
    says = {"takeover": 0x8E, "keep-alive": 0x8D}

    @staticmethod
    def libraries():
        """Where Debian puts it."""
        found = sorted(pathlib.Path("/usr/lib").glob("*/ejabberd-*/ebin/mod_mqtt.beam"))
        return found[-1].parent.parent.parent if found else None

    @classmethod
    def why_not(cls):
        return None if cls.libraries() and find_program("erl") else "ejabberd with mod_mqtt is not installed"

    def command(self):
        configuration = self.folder / "ejabberd.yml"
        configuration.write_text(
            "hosts: [localhost]\nloglevel: warning\nauth_method: [anonymous]\n"
            "allow_multiple_connections: true\nanonymous_protocol: login_anon\n"
            f"listen:\n  - port: {self.port}\n    ip: 127.0.0.1\n    module: mod_mqtt\n"
            f"modules:\n  mod_mqtt:\n    session_expiry: {self.settings['cap']}\n"
            f"    max_queue: {self.settings['queue']}\n", encoding="utf-8")
        environment = {"HOME": str(self.folder), "ERL_LIBS": str(self.libraries()), "ERL_CRASH_DUMP": "/dev/null",
                       "EJABBERD_CONFIG_PATH": str(configuration), "EJABBERD_LOG_PATH": f"{self.folder}/ejabberd.log"}
        data = ["-mnesia", "dir", f'"{self.folder}/spool"']
        return [find_program("erl"), "-noinput", *data, "-s", "ejabberd"], environment
