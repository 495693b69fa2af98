#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Somebody watches the dashboard while a real client loses its session at a real mosquitto."""

import os
import pathlib
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))

import lab
import tmux
from lab import Member, mosquitto_pub

TOPIC = "watched/command"


def start_watching(terminal, port):
    terminal.line(f"{lab.PROGRAM} -i lo tcp port {port}; echo status $?")
    terminal.shows("live")
    pid = tmux.wait(terminal.child, "the program to run")
    tmux.wait(lambda: lab.captures(pid), "the capture to run")
    return pid


def loses_its_session(port):
    """MQTT 5.0, Clean Start 0, no Session Expiry Interval: one message is gone."""
    member = Member(port, "watched")
    member.subscribe(TOPIC)
    member.leave()
    mosquitto_pub(port, "watched-publisher", TOPIC, "nobody there")
    return Member(port, "watched")


def check(terminal, port):
    start_watching(terminal, port)
    member = loses_its_session(port)
    screen = terminal.shows("expiry-absent")
    row = next(line for line in screen.splitlines() if "expiry-absent" in line)
    assert "watched" in row and "online" in row, screen

    terminal.keys("p")
    terminal.shows("frozen")
    other = Member(port, "late-comer")
    terminal.shows(" new")
    assert "late-comer" not in terminal.screen(), terminal.screen()
    terminal.keys("p")
    terminal.shows("late-comer")

    terminal.keys("/")
    terminal.line("watched$")
    terminal.keys("Enter")
    terminal.shows("SUBSCRIBE")
    terminal.keys("F")
    member.subscribe("watched/more")
    terminal.shows("watched/more")
    member.leave()
    other.leave()
    terminal.keys("Q")
    terminal.shows("status 0")


def main():
    lab.use_a_python_that_has_paho()
    missing = lab.what_is_missing() or (tmux.missing() and f"{tmux.missing()} is not installed")
    if missing:
        print(f"Skipped: {missing}.")
        return lab.SKIPPED
    with tempfile.TemporaryDirectory() as folder:
        broker = lab.Broker(pathlib.Path(folder), "watched")
        broker.start()
        terminal = tmux.Terminal(140, 40, folder)
        try:
            check(terminal, broker.port)
        except (AssertionError, lab.Failed) as fault:
            print(f"FAIL: {fault}\n{terminal.screen()}")
            return 1
        finally:
            terminal.end()
            broker.stop()
    print("ok: a loss was seen as it happened, frozen and not, and its packets looked into")
    return 0


if __name__ == "__main__":
    sys.exit(main())
