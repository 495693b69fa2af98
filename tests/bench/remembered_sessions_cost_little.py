# SPDX-License-Identifier: MIT
"""A session that is remembered while its client is away costs a fixed amount of memory, and no time at
all for each message that is published to it meanwhile: a million of them have to fit into 1 GiB.  And with a
ceiling (--memory) clients that come and go cost what is remembered of them, and not each of their visits."""

import json
import pathlib
import sys
import tempfile

sys.dont_write_bytecode = True

import run

MOST_OCTETS = 1000  # of memory, for one more client with its connection, session and what it missed
FEW, MANY = 9, 36   # MB of capture: 10 000 and 40 000 clients, one in eight of which comes back
FEW_MESSAGES, MANY_MESSAGES = 100, 20000
# Clients times messages is 10^8 here: a step for each of them would take longer than this.
MOST_SECONDS = 0.25
CHURN = 20, 60      # MB of capture; each client comes seven times
WITH_CEILING = 0.8  # of what a connection costs without
CEILING = "4M"


def cost(folder, megabytes, messages):
    """(clients, CPU seconds, octets of memory) of the report; the least of three"""
    path = folder / "remembered.pcap"
    truth = json.loads(run.run_quietly(run.BUILD / "tests/bench/generate", "remembered", megabytes, path,
                                       messages))
    command = [run.PROGRAM, "--report=text", "-o", "/dev/null", "-r", path]
    runs = [run.measure(command) for _ in range(3)]
    path.unlink()
    return truth["clients"], min(seconds for seconds, _ in runs), min(octets for _, octets in runs)


def octets_for_a_connection(folder, *options):
    """of memory, for one more; the least of three"""
    sizes = []
    for megabytes in CHURN:
        path = folder / "churn.pcap"
        truth = json.loads(run.run_quietly(run.BUILD / "tests/bench/generate", "churn", megabytes, path))
        command = [run.PROGRAM, "--report=text", "-o", "/dev/null", *options, "-r", path]
        sizes.append((truth["tcp_connections"], min(run.measure(command)[1] for _ in range(3))))
    (few, small), (many, large) = sizes
    return (large - small) / (many - few)


def main():
    if not run.PROGRAM.exists():
        print(f"Skipped: {run.PROGRAM} is not built.")
        return run.SKIPPED
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        few = cost(folder, FEW, FEW_MESSAGES)
        many = cost(folder, MANY, FEW_MESSAGES)
        busy = cost(folder, MANY, MANY_MESSAGES)
        free = octets_for_a_connection(folder)
        limited = octets_for_a_connection(folder, "--memory", CEILING)
    octets = (many[2] - few[2]) / (many[0] - few[0])
    seconds = busy[1] - many[1]
    print(f"{octets:.0f} octets of memory for each client, at most {MOST_OCTETS} are allowed")
    print(f"{seconds:.3f} s for {MANY_MESSAGES - FEW_MESSAGES} messages to {many[0]} clients, "
          f"at most {MOST_SECONDS} are allowed")
    print(f"{limited:.0f} octets for each connection with a ceiling, at most {WITH_CEILING} of the {free:.0f} without")
    return 0 if octets <= MOST_OCTETS and seconds <= MOST_SECONDS and limited <= free * WITH_CEILING else 1


if __name__ == "__main__":
    sys.exit(main())
