#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Captures made to hurt: time, memory and output stay near what their size calls for."""
import gzip
import json
import os
import resource
import struct
import subprocess
import sys
import tempfile

import hostile

sys.path.insert(0, str(hostile.TREE / "tests" / "support"))
import runner  # noqa: E402

# A bound against squares and worse, not a benchmark: instrumented programs on busy machines pass.
SECONDS = 60


def run(path, form):
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    done = subprocess.run([runner.PROGRAM, "-r", path, f"--report={form}"], capture_output=True,
                          timeout=SECONDS, check=False)
    if done.returncode != 0:
        raise runner.Failed(f"exit {done.returncode}: {done.stderr.decode()[-2000:]}")
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before, done.stdout


def bytes_of(name, n):
    with tempfile.NamedTemporaryFile(suffix=".pcap") as file:
        capture = hostile.Capture(file)
        hostile.ATTACKS[name](capture, n)
        capture.flush()
        return run(file.name, "json")


def four_times_as_much_takes_no_square(name, n):
    small, _ = bytes_of(name, n)
    large, _ = bytes_of(name, 4 * n)
    if large > 0.5 and large > 10 * small:
        raise runner.Failed(f"{small:.2f} s for {n}, {large:.2f} s for {4 * n}")


def text_stays_short(name, n):
    with tempfile.NamedTemporaryFile(suffix=".pcap") as file:
        capture = hostile.Capture(file)
        hostile.ATTACKS[name](capture, n)
        capture.flush()
        _, text = run(file.name, "text")
        _, octets = run(file.name, "json")
    findings = json.loads(octets)["findings"]
    if len(findings) < n:
        raise runner.Failed(f"{len(findings)} findings, not {n}: the capture proves nothing")
    if len(text) > 100_000:
        raise runner.Failed(f"{len(text)} octets of text for {len(findings)} findings")


def no_name_leaves_its_place(name, form):
    with tempfile.NamedTemporaryFile(suffix=".pcap") as file:
        capture = hostile.Capture(file)
        hostile.ATTACKS[name](capture, 1)
        capture.flush()
        _, octets = run(file.name, form)
    text = octets.decode("utf-8")
    for character in text:
        point = ord(character)
        control = point < 0x20 and character not in "\r\n" or 0x7F <= point <= 0x9F
        turning = 0x202A <= point <= 0x202E or 0x2066 <= point <= 0x2069
        if control or turning or point in (0x200E, 0x200F, 0x061C):
            raise runner.Failed(f"U+{point:04X} is in the {form} report")
    if "plain-name" not in text:
        raise runner.Failed(f"the {form} report does not name the clients: nothing was tried")


def peak_of(compressed):
    """KiB that the report of a capture takes at most."""
    with tempfile.NamedTemporaryFile(suffix=".gz") as file, open(os.devnull, "wb") as nothing:
        file.write(compressed)
        file.flush()
        with subprocess.Popen([runner.PROGRAM, "--report", "-r", file.name], stdout=nothing,
                              stderr=nothing) as child:
            _, status, usage = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in (0, 4):
        raise runner.Failed(f"exit {child.returncode}")
    return usage.ru_maxrss


def what_inflates_stays_small(name, n_mib):
    """A thousand times its size comes out of the file; no more than a record of it is ever held."""
    frame = struct.pack("<IIII", 1_700_000_000, 0, 1 << 16, 1 << 16) + bytes(1 << 16)
    record = {"small_records": frame,
              "one_record": struct.pack("<IIII", 1, 0, 0x7FFFFFFF, 0x7FFFFFFF) + bytes(1 << 20)}[name]
    snaplen_0 = hostile.GLOBAL_HEADER[:16] + bytes(4) + hostile.GLOBAL_HEADER[20:]
    few = peak_of(gzip.compress(snaplen_0 + record))
    piece = gzip.compress(record * (1 << 20 >> len(record).bit_length() - 1))
    many = peak_of(gzip.compress(snaplen_0) + piece * n_mib)
    if many > few + 10 * 1024:
        raise runner.Failed(f"{many} KiB for {n_mib} MiB, {few} KiB for one record")


GROWING = {
    "queued_and_delivered": 10_000, "queued_and_others_delivered": 10_000, "many_findings": 3_000,
    "half_open": 5_000, "reconnects": 3_000, "filters_that_walk_all_topics": 2_000, "one_id_at_many_brokers": 2_000,
    "every_filter_matches_every_topic": 1_500, "resumed_with_many_subscriptions": 100,
    "hash_subscribers_resumed": 500, "unsubscribed_beside_a_queue": 10_000, "aliases": 20_000, "octets_out_of_order": 5_000,
    "packet_ids_open": 20_000, "never_completed": 50, "hole_of_two_gibibytes": 1_000,
}


def main():
    cases = [(four_times_as_much_takes_no_square, name, n) for name, n in GROWING.items()]
    cases.append((text_stays_short, "many_findings", 2_000))
    cases += [(no_name_leaves_its_place, "names", form)
              for form in ("text", "json", "ndjson", "csv", "markdown")]
    cases += [(what_inflates_stays_small, name, 256) for name in ("small_records", "one_record")]
    failed = 0
    for case, name, argument in cases:
        try:
            case(name, argument)
        except (runner.Failed, subprocess.TimeoutExpired, UnicodeDecodeError) as error:
            failed += 1
            print(f"{case.__name__}, {name}, {argument}: {error}")
    print(f"{len(cases) - failed} of {len(cases)} hostile captures cost little")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
