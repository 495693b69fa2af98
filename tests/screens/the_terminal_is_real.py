#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The program in a real terminal, tmux: it draws at every size, obeys signals, and leaves all as it was."""
import os
import signal
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TREE = os.path.dirname(os.path.dirname(HERE))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(TREE, "tests", "support"))

import tmux
from tmux import Terminal, wait

PROGRAM = os.path.abspath(os.path.join(os.environ.get("top_builddir", "."), "mqlapse"))
SAMPLE = os.path.join(TREE, "samples", "founding.pcap")
def alive(pid):
    try:
        with open("/proc/%d/stat" % pid, encoding="ascii") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def begin(terminal, arguments="-r " + SAMPLE, wanted="mqlapse"):
    terminal.line("%s %s; echo status $?" % (PROGRAM, arguments))
    terminal.shows(wanted)
    return wait(terminal.child, "the program to run")


def is_a_shell_again(terminal):
    """Echo and line editing work: what is typed can be read, and runs."""
    terminal.line("clear; stty -a | grep -o ' -\\{0,1\\}echo ' ; echo sum $((20+22))")
    text = terminal.shows("sum 42")
    assert " echo" in text and " -echo" not in text, text


def draws_at_every_size(folder):
    for columns, rows in ((80, 24), (120, 40), (200, 50), (20, 5)):
        terminal = Terminal(columns, rows, folder)
        try:
            begin(terminal)
            terminal.shows("pump-7")
            terminal.keys("Q")
            terminal.shows("status 0")
            is_a_shell_again(terminal)
        finally:
            terminal.end()


def survives_resizing(folder):
    terminal = Terminal(100, 30, folder)
    try:
        pid = begin(terminal)
        for columns, rows in ((1, 1), (500, 200), (2, 1), (40, 10), (1, 60), (300, 2), (80, 24)):
            terminal.tmux("resize-window", "-x", str(columns), "-y", str(rows))
            terminal.keys("Enter", "Tab", "q")
            time.sleep(0.2)
            assert alive(pid), "gone at %d x %d" % (columns, rows)
        terminal.shows("pump-7")
        terminal.keys("Q")
        terminal.shows("status 0")
    finally:
        terminal.end()


def signals_end_it_and_restore_the_terminal(folder):
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGSEGV, signal.SIGABRT):
        terminal = Terminal(80, 24, folder)
        try:
            pid = begin(terminal)
            terminal.shows("pump-7")
            os.kill(pid, number)
            terminal.shows("status ")
            is_a_shell_again(terminal)
        finally:
            terminal.end()


def stops_and_goes_on(folder):
    terminal = Terminal(80, 24, folder)
    try:
        terminal.line("set -m")
        terminal.line("%s -r %s" % (PROGRAM, SAMPLE))
        terminal.shows("pump-7")
        terminal.keys("C-z")
        terminal.shows("topped")
        terminal.line("echo sum $((20+22))")
        terminal.shows("sum 42")
        terminal.line("fg")
        terminal.shows("pump-7")
        terminal.keys("Q")
        is_a_shell_again(terminal)
    finally:
        terminal.end()


def ends_with_its_terminal(folder):
    terminal = Terminal(80, 24, folder)
    pid = begin(terminal)
    terminal.shows("pump-7")
    terminal.end()
    wait(lambda: not alive(pid), "the program to end when its terminal is gone", 3)


def reads_a_capture_from_a_pipe_and_keys_from_the_terminal(folder):
    terminal = Terminal(80, 24, folder)
    try:
        terminal.line("cat %s | %s -r -; echo status $?" % (SAMPLE, PROGRAM))
        terminal.shows("pump-7")
        terminal.keys("Q")
        terminal.shows("status 0")
        is_a_shell_again(terminal)
    finally:
        terminal.end()


def click(terminal, column, row):
    """Button 1 down and up, as terminals send it that know no other way; cells are counted from 1."""
    for button in (0x20, 0x23):
        octets = [0x1b, ord("["), ord("M"), button, 0x20 + column, 0x20 + row]
        terminal.tmux("send-keys", "-H", *("%02x" % octet for octet in octets))


def takes_clicks_when_it_is_asked_to(folder):
    terminal = Terminal(80, 24, folder)
    try:
        begin(terminal)
        rows = terminal.shows("console-2").splitlines()
        row = next(i for i, text in enumerate(rows) if "console-2" in text) + 1
        heading = next(i for i, text in enumerate(rows) if "CLIENT" in text) + 1
        terminal.keys("M")
        terminal.shows("The mouse is used here")
        click(terminal, 12, heading)
        terminal.shows("CLIENT\u25bc")
        click(terminal, 12, row)
        time.sleep(1)  # two clicks in a moment would open it
        rows = terminal.screen().splitlines()
        wanted = rows[row - 1].split()[2]
        click(terminal, 12, row)
        click(terminal, 12, row)
        wait(lambda: wanted in terminal.screen().splitlines()[0], "the timeline of " + wanted)
        terminal.keys("q", "M")
        terminal.shows("The mouse is the terminal")
        terminal.keys("Q")
        terminal.shows("status 0")
        is_a_shell_again(terminal)
    finally:
        terminal.end()


def follows_a_file_that_grows(folder):
    with open(SAMPLE, "rb") as file:
        octets = file.read()
    path = os.path.join(folder, "growing.pcap")
    with open(path, "wb") as file:
        file.write(octets[:2000])
    terminal = Terminal(80, 24, folder)
    try:
        begin(terminal, "-r %s --follow" % path)
        terminal.shows("live")
        assert "expiry-absent" not in terminal.screen()
        with open(path, "ab") as file:
            file.write(octets[2000:])
        terminal.shows("expiry-absent")
        terminal.keys("Q")
        terminal.shows("status 0")
    finally:
        terminal.end()


def says_what_is_wrong_before_it_takes_the_screen(folder):
    terminal = Terminal(80, 24, folder)
    try:
        terminal.line("%s -r /nonexistent; echo status $?" % PROGRAM)
        assert "/nonexistent" in terminal.shows("status 2")
        terminal.line("clear; TERM=no-such-terminal %s -r %s; echo then status $?" % (PROGRAM, SAMPLE))
        assert "no-such-terminal" in terminal.shows("then status 2")
        terminal.line("clear; TERM=dumb %s -r %s; echo dumb status $?" % (PROGRAM, SAMPLE))
        assert "use --report" in terminal.shows("dumb status 2").replace("\n", "")
        os.makedirs(os.path.join(folder, "mqlapse"), exist_ok=True)
        with open(os.path.join(folder, "mqlapse", "config"), "w", encoding="ascii") as file:
            file.write("[keys]\nquit = j\n")
        terminal.line("clear; %s -r %s; echo last status $?" % (PROGRAM, SAMPLE))
        assert "key j" in terminal.shows("last status 1").replace("\n", " ")
    finally:
        os.remove(os.path.join(folder, "mqlapse", "config"))
        terminal.end()


TESTS = [
    draws_at_every_size,
    survives_resizing,
    signals_end_it_and_restore_the_terminal,
    stops_and_goes_on,
    ends_with_its_terminal,
    reads_a_capture_from_a_pipe_and_keys_from_the_terminal,
    takes_clicks_when_it_is_asked_to,
    follows_a_file_that_grows,
    says_what_is_wrong_before_it_takes_the_screen,
]


def main():
    if tmux.missing():
        print("Skipped: %s is not installed." % tmux.missing())
        return 77
    good = True
    for test in TESTS:
        with tempfile.TemporaryDirectory() as folder:
            try:
                test(folder)
                print("ok: " + test.__name__)
            except AssertionError as fault:
                print("FAIL: %s: %s" % (test.__name__, fault))
                good = False
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
