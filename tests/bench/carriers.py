# SPDX-License-Identifier: MIT
"""What it costs that MQTT is carried by something: the same conversation in every encapsulation and
transport, as ratios of CPU time to the plain capture, all measured in one run in turns.  Captures of tunnels
are larger: what reading their octets takes alone is told, and the limits are of what comes on top of it.  TLS is
held against what libcrypto itself takes for as many records of that size.  Where Valgrind is installed, the
instructions of each message are counted, too: seconds differ from run to run, these do not."""

import argparse
import os
import pathlib
import re
import resource
import shutil
import subprocess
import sys
import tempfile

BUILD = pathlib.Path(os.environ.get("top_builddir", ".")).resolve()
PROGRAM = pathlib.Path(os.environ.get("MQLAPSE", BUILD / "mqlapse"))
TOOL = BUILD / "tests/support/scenario_tool"
OPEN_RECORDS = BUILD / "tests/bench/open_records"
SKIPPED = 77
# name: words for scenario_tool, the limit of the ratio (None: it is only told)
CARRIERS = {
    "plain": ((), None),
    "vlan": (("--link", "vlan"), 1.1),
    "ipv6": (("--link", "ipv6"), 1.1),
    "vxlan": (("--link", "vxlan"), 1.1),
    "gre": (("--link", "gre"), 1.1),
    "geneve": (("--link", "geneve"), 1.1),
    "fragments": (("--link", "fragments"), None),  # ten times as many frames that hold a message
    "proxy": (("--transport", "proxy2"), None),
    "websocket": (("--transport", "ws-whole"), 1.5),
    "ws in parts": (("--transport", "ws"), None),  # fragments, pings between, packets over two messages
    "deflate": (("--transport", "ws-deflate"), None),
    "tls12": (("--transport", "tls12"), None),
    "tls13": (("--transport", "tls13"), None),
}
COUNTED = (1000, 3000)  # messages, for instructions: two captures, so that the start is left out
TLS_LIMIT = 2.0  # of what it costs more than plain, to libcrypto alone


def story(messages, size):
    """Clients with subscriptions, and one that publishes to each in turn."""
    clients, text = 20, "x" * size
    yield "broker mosq 10.0.0.5:1883\nhost gw 10.0.0.9\nauto-ack\n"
    yield "0 gw > mosq CONNECT v5 client=gateway clean_start=1 keep_alive=0 => CONNACK\n"
    for client in range(clients):
        yield f"host device{client} 10.0.1.{client + 1}\n"
        yield f"{client + 1} device{client} > mosq CONNECT v5 client=device-{client} clean_start=1 keep_alive=0 => CONNACK\n"
        yield f"{client + 1}.1 device{client} SUBSCRIBE plant/{client}/# qos=0\n"
    for number in range(messages):
        yield f'{100 + number * 0.01:.3f} gw PUBLISH plant/{number % clients}/t "{text}" qos=0\n'


def cpu_of(words):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def make(folder, messages, size, names=tuple(CARRIERS)):
    """name: (the command, octets of the capture)"""
    made, scenario = {}, folder / "talk.scenario"
    scenario.write_text("".join(story(messages, size)), encoding="utf-8")
    for name in names:
        words, _ = CARRIERS[name]
        capture, keys = folder / f"{name}.pcap", folder / f"{name}.keys"
        done = subprocess.run([TOOL, scenario, "-o", capture, "--keys", keys, *words], capture_output=True,
                              text=True, check=False)
        if done.returncode != 0:
            print(f"{name}: {done.stderr.strip()}")
            continue
        command = [PROGRAM, "--report=json", "-o", "/dev/null", "-r", capture]
        if keys.stat().st_size > 0:
            command += ["--keylog", keys]
        made[name] = (command, capture.stat().st_size)
    return made


def instructions(command):
    words = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *command]
    done = subprocess.run(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    counted = re.search(r"Collected : (\d+)", done.stderr)
    if counted is None:
        sys.exit(done.stderr[-1000:])
    return int(counted[1])


def each_message(size, names=tuple(CARRIERS)):
    """name: the instructions for one message more"""
    counts = []
    for messages in COUNTED:
        with tempfile.TemporaryDirectory(prefix="carriers-", dir=BUILD / "tests/bench") as folder:
            made = make(pathlib.Path(folder), messages, size, names)
            counts.append({name: instructions(command) for name, (command, _) in made.items()})
    return {name: (counts[1][name] - counts[0][name]) / (COUNTED[1] - COUNTED[0]) for name in counts[1]}


def reading(capture):
    """The seconds that it takes to read a file in pieces of as many octets as the program does."""
    return cpu_of(["dd", f"if={capture}", "of=/dev/null", "bs=256k"])


def libcrypto(messages, size):
    """The seconds that libcrypto takes to open the records, each with a PUBLISH; None: not built with it."""
    done = subprocess.run([OPEN_RECORDS, str(messages), str(size + 17)], capture_output=True, text=True, check=False)
    return float(done.stdout) if done.returncode == 0 else None


def judge(best, floor, made, crypto, counted):
    plain, faults = best["plain"] - floor["plain"], 0
    print(f"{'carrier':12} {'MB':>7} {'reading s':>10} {'CPU s':>8} {'ratio':>7} {'but reading':>12} "
          f"{'instructions':>13} {'ratio':>7} {'limit':>6}")
    for name, seconds in best.items():
        limit, ratio = CARRIERS[name][1], (seconds - floor[name]) / plain
        over = limit is not None and ratio > limit
        faults += over
        print(f"{name:12} {made[name][1] / 1e6:7.1f} {floor[name]:10.4f} {seconds:8.4f} {seconds / best['plain']:7.2f} "
              f"{ratio:12.2f} {counted.get(name, 0):13.0f} {counted.get(name, 0) / counted.get('plain', 1):7.2f} "
              f"{limit or '':>6}{'  over its limit' if over else ''}")
    for name in ("tls12", "tls13"):
        if crypto is not None and name in best:
            more = best[name] - best["plain"]
            over = more > TLS_LIMIT * crypto
            faults += over
            print(f"{name}: {more:.4f} s more than plain; libcrypto alone takes {crypto:.4f} s for its records: "
                  f"{more / crypto:.2f} times that, of at most {TLS_LIMIT}{'  over its limit' if over else ''}")
    return faults


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=100000, help="(%(default)s)")
    parser.add_argument("--size", type=int, default=200, help="octets of each (%(default)s)")
    parser.add_argument("--rounds", type=int, default=5, help="(%(default)s)")
    options = parser.parse_args()
    if not PROGRAM.exists() or not TOOL.exists():
        print("Skipped: mqlapse or scenario_tool is not built.")
        return SKIPPED
    with tempfile.TemporaryDirectory(prefix="carriers-", dir=BUILD / "tests/bench") as name:
        folder = pathlib.Path(name)
        made = make(folder, options.messages, options.size)
        best, floor, crypto = {}, {}, None
        for _ in range(options.rounds):
            for name, (command, _) in made.items():
                best[name] = min(best.get(name, 1e9), cpu_of(command))
                floor[name] = min(floor.get(name, 1e9), reading(folder / f"{name}.pcap"))
            alone = libcrypto(options.messages, options.size)
            crypto = alone if crypto is None or alone is None else min(crypto, alone)
        counted = each_message(options.size) if shutil.which("valgrind") else {}
        return 1 if judge(best, floor, made, crypto, counted) else 0


if __name__ == "__main__":
    sys.exit(main())
