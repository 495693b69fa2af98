#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Names, topics, users and payloads that hold control sequences are shown, and do nothing.

No cell of any screen may hold a control character, a character that turns the direction of writing,
or half a character; and what is copied for the clipboard goes out coded, in tmux.
"""
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TREE = os.path.dirname(os.path.dirname(HERE))
BUILD = os.environ.get("top_builddir", ".")
PLAY = os.path.join(BUILD, "tests", "screens", "play")
TOOL = os.path.join(BUILD, "tests", "support", "scenario_tool")

# Clears the screen, retitles the window, fills the clipboard, turns the writing, moves the cursor by C1.
EVIL = r"a\x1b[2J\x1b]0;owned\x07\x1b]52;c;b3duZWQ=\x07\xe2\x80\xaeb\x0d\x0a\x9b31m\xc2\x9b5n\x7f\xff"

STORY = r"""
broker mosq 10.0.0.5:1883
host d 10.0.0.9
host gw 10.0.0.7
auto-ack
-5 gw > mosq CONNECT v5 client="p%(evil)s" clean_start=1 keep_alive=0 => CONNACK
0  d > mosq CONNECT v5 client="c%(evil)s" clean_start=0 username="u%(evil)s" => CONNACK
1  d SUBSCRIBE "t/%(evil)s" qos=1
9  d DISCONNECT
9.1 d FIN
20 gw PUBLISH topic="t/%(evil)s" "%(evil)s" qos=1
30 d > mosq CONNECT v5 client="c%(evil)s" clean_start=0 username="u%(evil)s" => CONNACK
31 d SUBSCRIBE "t/%(evil)s" qos=1
""" % {"evil": EVIL}

WALKS = {
    "clients": [],
    "columns": ["F10", "End", "Space", "q"],
    "searching": ["/", "=owned"],
    "not found": ["/", "=nowhere", "Enter"],
    "findings": ["2", "Tab", "Enter"],
    "brokers": ["3"],
    "timeline": ["Enter"],
    "timeline card": ["Enter", "Tab", "End"],
    "ladder": ["Enter", "x"],
    "packet": ["Enter", "Home", "Down", "r"],
    "packet octets": ["Enter", "Home", "Down", "r", "Tab"],
    "publish": ["Enter", "x", "/", "=PUBLISH", "Enter", "r"],
    "compare": ["Enter", "Home", "Down", "Space", "End", "Space", "="],
    "messages": [":", "=goto nowhere", "Enter", "L"],
}

BAD = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufffd]")


def picture(capture, size, keys):
    result = subprocess.run([PLAY, capture, size, *keys], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            timeout=120, check=False)
    if result.returncode != 0:
        raise AssertionError("play: " + result.stderr.decode(errors="replace"))
    return result.stdout.decode()  # strict: half a character raises


def check(capture, name, size, keys):
    text = picture(capture, size, keys)
    found = BAD.search(text)
    good = found is None
    shown = name in ("messages", "brokers") or size != "200x50" or "\\x1B" in text or "1b" in text.lower()
    print("%s: %s at %s%s%s" % ("ok" if good and shown else "FAIL", name, size,
                                "" if good else ": holds %r" % found.group(),
                                "" if shown else ": does not show what was sent\n" + text))
    return good and shown


def main():
    with tempfile.TemporaryDirectory() as folder:
        story = os.path.join(folder, "evil.scenario")
        capture = os.path.join(folder, "evil.pcap")
        with open(story, "w", encoding="ascii") as file:
            file.write(STORY)
        subprocess.run([TOOL, story, "-o", capture], check=True)
        results = [check(capture, name, size, keys) for name, keys in WALKS.items()
                   for size in ("200x50", "80x24", "30x6")]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
