# SPDX-License-Identifier: MIT
"""The mixes of odd_mixes_are_exact.py with frames missing, single ones and runs, here and there: nobody is
named for what the whole capture does not name them for.  With a number and a seed, that many mixes by
chance."""
import struct
import sys

sys.dont_write_bytecode = True

import odd_mixes_are_exact as odd
import run

NAMED = {"broker-fault", "broker-policy", "other-actor", "network"}
SHARES = (0.0005, 0.005, 0.03, 0.1)  # of the frames that are missing, about
LONGEST_RUN = 40
FILE_HEADER, RECORD_HEADER = 24, 16


def frames_of(path):
    octets, at = path.read_bytes(), FILE_HEADER
    frames = []
    while at + RECORD_HEADER <= len(octets):
        end = at + RECORD_HEADER + struct.unpack_from("=I", octets, at + 8)[0]
        frames.append(octets[at:end])
        at = end
    return octets[:FILE_HEADER], frames


def thinned(frames, share, runs, chance):
    """runs: they go by several at a time, as when a buffer overflows"""
    mean = LONGEST_RUN / 2 if runs else 1
    at = 0
    while at < len(frames):
        if chance.random() < share / mean:
            at += chance.randrange(1, LONGEST_RUN) if runs else 1
            continue
        yield frames[at]
        at += 1


def accusations(capture, folder):
    output = folder / "report.json"
    run.run_quietly(run.PROGRAM, "--report=json", "-o", output, "-r", capture)
    report = run.json.loads(output.read_text(encoding="utf-8"))
    return {(finding["client_id"], finding["responsible"]): finding for finding in report["findings"]
            if finding["responsible"] in NAMED}


def try_mix(mix, folder, chance):
    """What is said of it damaged, and not whole."""
    whole = odd.capture_of(mix, folder).path
    named = accusations(whole, folder)
    header, frames = frames_of(whole)
    for share in SHARES:
        for runs in (False, True):
            damaged = folder / "damaged.pcap"
            damaged.write_bytes(header + b"".join(thinned(frames, share, runs, chance)))
            for key, finding in accusations(damaged, folder).items():
                if key not in named:
                    yield (f"{mix}: {share:.2%} missing{' in runs' if runs else ''}: {key[0]}: {finding['cause']}, "
                           f"{key[1]}, {finding['confidence']}")


def accuse_nobody(mixes, folder, chance):
    accused = [line for mix in mixes for line in try_mix(mix, folder, chance)]
    print("\n".join(accused))
    print(f"{len(mixes)} mixes, each with frames missing {2 * len(SHARES)} times: {len(accused)} new accusations")
    return not accused


if __name__ == "__main__":
    sys.exit(odd.play(sys.argv[1:], accuse_nobody))
