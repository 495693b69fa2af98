# SPDX-License-Identifier: MIT
"""The dashboard on an interface that carries many frames: pictures a second, and what was lost.

Makes a pair of interfaces of its own, which needs root; a sender plays the frames of a capture with many
clients into one of them, and mqlapse runs on the other, in a terminal of which this program counts the
pictures.  Fails unless nothing was dropped and pictures came at the rate that they should."""

import argparse
import fcntl
import json
import os
import pathlib
import pty
import select
import struct
import subprocess
import sys
import tempfile
import termios
import time

BUILD = pathlib.Path(os.environ.get("top_builddir", ".")).resolve()
PROGRAM = pathlib.Path(os.environ.get("MQLAPSE", BUILD / "mqlapse"))
SKIPPED = 77
APART = 0.015  # what is written without a pause of so many seconds is one picture
COLUMNS, ROWS = 160, 50


class Screen:
    """A terminal that nobody sees: how many pictures were drawn on it, and how long keys took."""

    def __init__(self, words):
        self.child, self.fd = pty.fork()
        if self.child == 0:
            os.environ["TERM"] = "xterm-256color"
            os.environ["LC_ALL"] = "C.UTF-8"
            os.execv(words[0], words)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self.pictures, self.last = 0, 0.0

    def watch(self, seconds):
        """Reads for so long; the longest time without a picture."""
        end, longest, seen = time.monotonic() + seconds, 0.0, time.monotonic()
        while time.monotonic() < end:
            ready, _, _ = select.select([self.fd], [], [], 0.05)
            if not ready:
                continue
            os.read(self.fd, 1 << 16)
            now = time.monotonic()
            if now - self.last > APART:
                self.pictures += 1
                longest = max(longest, now - seen)
                seen = now
            self.last = now
        return max(longest, time.monotonic() - seen)

    def type(self, keys):
        os.write(self.fd, keys.encode())

    def end(self):
        self.type("Q")
        try:
            self.watch(10)
        except OSError:  # it has closed its side
            pass
        os.close(self.fd)
        os.waitpid(self.child, 0)


def link(*words):
    return subprocess.run(["ip", "link", *words], capture_output=True, text=True, check=False)


def measure(options, folder):
    report = folder / "report.json"
    screen = Screen([str(PROGRAM), "-i", "mqlapse1"])
    screen.watch(2)
    before = screen.pictures
    sender = subprocess.Popen([str(BUILD / "tests/bench/send"), "mqlapse0", options.capture,
                               str(options.rate), str(options.seconds)], stdout=subprocess.PIPE, text=True)
    longest = screen.watch(options.seconds)
    pictures = screen.pictures - before
    sent = json.loads(sender.communicate()[0])
    screen.watch(options.rest)
    screen.type(f":export {report} json\r")
    screen.watch(options.rest)
    screen.end()
    capture = json.loads(report.read_text())
    return sent, pictures / options.seconds, longest, capture


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("capture", help="pcap of Ethernet frames")
    parser.add_argument("--rate", type=int, default=50000)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--rest", type=float, default=5, help="for what is not analysed yet")
    parser.add_argument("--pictures", type=float, default=18, help="a second, at least")
    options = parser.parse_args()
    if os.geteuid() != 0 or link("add", "mqlapse0", "type", "veth", "peer", "name", "mqlapse1").returncode != 0:
        print("SKIP: no right to make a pair of interfaces")
        return SKIPPED
    try:
        for name in ("mqlapse0", "mqlapse1"):
            link("set", name, "up")
        with tempfile.TemporaryDirectory() as folder:
            sent, pictures, longest, capture = measure(options, pathlib.Path(folder))
    finally:
        link("del", "mqlapse0")
    seen, dropped = capture["capture"]["packets"], capture["capture"]["dropped_by_kernel"]
    print(f"sent {sent['frames']} frames in {sent['seconds']} s: {sent['frames_per_second']:.0f} a second")
    print(f"analysed {seen}, dropped {dropped}; clients {len(capture.get('clients', []))}")
    print(f"pictures a second {pictures:.1f}, longest time without one {longest * 1000:.0f} ms")
    good = seen >= sent["frames"] and dropped == 0 and pictures >= options.pictures
    print("ok" if good else "FAIL")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
