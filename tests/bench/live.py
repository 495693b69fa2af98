# SPDX-License-Identifier: MIT
"""The dashboard on an interface that carries many frames: pictures a second, how long keys take, and
what was lost.

Makes a pair of interfaces of its own, which needs root; a sender plays the frames of a capture with many
clients into one of them, and mqlapse runs on the other, in a terminal of which this program counts the
pictures, and into which it types.  Says of each limit whether it holds, and fails if one does not."""

import argparse
import fcntl
import json
import os
import pathlib
import pty
import select
import signal
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
BETWEEN_KEYS = 1.97  # seconds; no multiple of the time between pictures


class Screen:
    """A terminal that nobody sees: how many pictures were drawn on it, and how long keys took."""

    def __init__(self, words):
        self.child, self.fd = pty.fork()
        if self.child == 0:
            os.environ["TERM"] = "xterm-256color"
            os.environ["LC_ALL"] = "C.UTF-8"
            os.execv(words[0], words)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self.last = 0.0
        self.count_anew()

    def read(self, most):
        """What was written, within so many seconds."""
        if not select.select([self.fd], [], [], most)[0]:
            return b""
        octets = os.read(self.fd, 1 << 16)
        now = time.monotonic()
        if now - self.last > APART:
            self.pictures += 1
            self.longest = max(self.longest, now - self.seen)
            self.seen = now
        self.last = now
        return octets

    def watch(self, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.read(min(0.05, max(end - time.monotonic(), 0)))

    def count_anew(self):
        self.pictures, self.longest, self.seen = 0, 0.0, time.monotonic()

    def answer(self, key, wanted, most=2.0):
        """Seconds from a key to what it is to show."""
        begun, seen = time.monotonic(), b""
        self.type(key)
        while wanted not in seen and time.monotonic() < begun + most:
            seen = seen[-len(wanted):] + self.read(0.05)
        return time.monotonic() - begun

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


def play(options, screen):
    """Types now and then while frames come; what the sender says, pictures a second while nobody types, and
    the longest answer to a key."""
    screen.count_anew()
    pictures, watched, slowest = 0, 0.0, 0.0
    with subprocess.Popen([str(BUILD / "tests/bench/send"), "mqlapse0", options.capture, str(options.rate),
                           str(options.seconds)], stdout=subprocess.PIPE, text=True) as sender:
        try:
            while sender.poll() is None:
                before = screen.pictures
                screen.watch(BETWEEN_KEYS)
                pictures, watched = pictures + screen.pictures - before, watched + BETWEEN_KEYS
                slowest = max(slowest, screen.answer("?", b"Help"), screen.answer("q", b"Clients"))
        except BaseException:
            sender.kill()
            raise
        return json.load(sender.stdout), pictures / watched, slowest


def measure(options, folder):
    report = folder / "report.json"
    screen = Screen([str(PROGRAM), "-i", "mqlapse1"])
    try:
        screen.watch(2)
        sent, pictures, slowest = play(options, screen)
        longest = screen.longest
        screen.watch(options.rest)
        screen.type(f":export {report} json\r")
        screen.watch(options.rest)
    finally:
        screen.end()
    return sent, pictures, longest, slowest, json.loads(report.read_text())


def holds(what, value, limit, good):
    print(f"{'ok  ' if good else 'FAIL'}  {what}: {value} (limit {limit})")
    return good


def judge(options, sent, pictures, longest, slowest, capture):
    seen, dropped = capture["capture"]["packets"], capture["capture"]["dropped_by_kernel"]
    print(f"sent {sent['frames']} frames in {sent['seconds']} s, of {len(capture['clients'])} clients")
    verdicts = [
        holds("frames a second", f"{sent['frames_per_second']:.0f}", f"at least {options.rate * 0.98:.0f}",
              sent["frames_per_second"] >= options.rate * 0.98),
        holds("frames analysed", seen, f"at least {sent['frames']}", seen >= sent["frames"]),
        holds("dropped by the kernel", dropped, "0", dropped == 0),
        holds("pictures a second", f"{pictures:.1f}", f"at least {options.pictures}", pictures >= options.pictures),
        holds("longest time without one", f"{longest * 1000:.0f} ms", f"{options.longest} ms",
              longest * 1000 <= options.longest),
        holds("longest from key to picture", f"{slowest * 1000:.0f} ms", f"{options.key} ms",
              slowest * 1000 <= options.key),
    ]
    return 0 if all(verdicts) else 1


def leave(number, _frame):
    raise SystemExit(128 + number)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("capture", help="pcap of Ethernet frames")
    parser.add_argument("--rate", type=int, default=50000)
    parser.add_argument("--seconds", type=float, default=60, help="at most; else as long as the capture lasts")
    parser.add_argument("--rest", type=float, default=5, help="for what is not analysed yet")
    parser.add_argument("--pictures", type=float, default=19, help="a second, at least; it draws one every 50 ms")
    parser.add_argument("--longest", type=float, default=250, help="ms without a picture, at most")
    parser.add_argument("--key", type=float, default=50, help="ms from a key to what it shows, at most")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, leave)
    if os.getloadavg()[0] > os.cpu_count() / 2:
        print(f"Others keep this machine busy (load {os.getloadavg()[0]:.1f}): what follows is not the program's alone.")
    if os.geteuid() != 0 or link("add", "mqlapse0", "type", "veth", "peer", "name", "mqlapse1").returncode != 0:
        print("SKIP: no right to make a pair of interfaces, mqlapse0 and mqlapse1, or they are there already")
        return SKIPPED
    try:
        for name in ("mqlapse0", "mqlapse1"):
            link("set", name, "up")
        with tempfile.TemporaryDirectory() as folder:
            return judge(options, *measure(options, pathlib.Path(folder)))
    finally:
        link("del", "mqlapse0")


if __name__ == "__main__":
    sys.exit(main())
