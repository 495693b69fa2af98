# SPDX-License-Identifier: MIT
"""What it costs that MQTT is carried by something: the same conversation in every encapsulation and
transport, as ratios of CPU time to the plain capture, all measured in one run in turns.  TLS is also held
against what libcrypto itself takes for as many octets (openssl speed)."""

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
SKIPPED = 77
# name: words for scenario_tool, the limit of the ratio (None: it is only told)
CARRIERS = {
    "plain": ((), None),
    "vlan": (("--link", "vlan"), 1.1),
    "ipv6": (("--link", "ipv6"), 1.1),
    "vxlan": (("--link", "vxlan"), 1.1),
    "gre": (("--link", "gre"), None),
    "geneve": (("--link", "geneve"), None),
    "fragments": (("--link", "fragments"), None),
    "proxy": (("--transport", "proxy2"), None),
    "websocket": (("--transport", "ws"), 1.5),
    "deflate": (("--transport", "ws-deflate"), None),
    "tls12": (("--transport", "tls12"), None),
    "tls13": (("--transport", "tls13"), None),
}


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


def make(folder, scenario):
    """name: (the command, octets of the capture)"""
    made = {}
    for name, (words, _) in CARRIERS.items():
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


def libcrypto_speed():
    """Octets a second of AES-256-GCM, which both TLS captures use, in pieces of 256 octets."""
    if shutil.which("openssl") is None:
        return None
    done = subprocess.run(["openssl", "speed", "-seconds", "1", "-bytes", "256", "-evp", "aes-256-gcm",
                           "-decrypt"], capture_output=True, text=True, check=False)
    found = re.search(r"^AES-256-GCM\s+([0-9.]+)k", done.stdout, re.IGNORECASE | re.MULTILINE)
    return float(found.group(1)) * 1000 if found else None


def judge(best, made):
    plain, faults = best["plain"], 0
    print(f"{'carrier':12} {'CPU s':>8} {'ratio':>7} {'limit':>6} {'MB':>7}")
    for name, seconds in best.items():
        limit, ratio = CARRIERS[name][1], seconds / plain
        over = limit is not None and ratio > limit
        faults += over
        print(f"{name:12} {seconds:8.3f} {ratio:7.2f} {limit or '':>6} {made[name][1] / 1e6:7.1f}"
              f"{'  over its limit' if over else ''}")
    speed = libcrypto_speed()
    for name in ("tls12", "tls13"):
        if speed is not None and name in best:
            own = made[name][1] / speed
            print(f"{name}: {best[name] - plain:.3f} s more than plain; libcrypto alone needs {own:.3f} s for as "
                  f"many octets: {(best[name] - plain) / own:.1f} times that")
    return faults


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=100000, help="(%(default)s)")
    parser.add_argument("--size", type=int, default=200, help="octets of each (%(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="(%(default)s)")
    options = parser.parse_args()
    if not PROGRAM.exists() or not TOOL.exists():
        print("Skipped: mqlapse or scenario_tool is not built.")
        return SKIPPED
    with tempfile.TemporaryDirectory(prefix="carriers-", dir=BUILD / "tests/bench") as name:
        folder = pathlib.Path(name)
        scenario = folder / "talk.scenario"
        scenario.write_text("".join(story(options.messages, options.size)), encoding="utf-8")
        made = make(folder, scenario)
        best = {}
        for _ in range(options.rounds):
            for name, (command, _) in made.items():
                best[name] = min(best.get(name, 1e9), cpu_of(command))
        return 1 if judge(best, made) else 0


if __name__ == "__main__":
    sys.exit(main())
