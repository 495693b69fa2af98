# SPDX-License-Identifier: MIT
"""Clients that do what no library does at mosquitto, with and without persistence, with limits, and
restarted; mqlapse, which captures, must say what happened."""

import sys

sys.dont_write_bytecode = True

import at_mosquitto
import plays
import stage
from brokers import Mosquitto

# 3.1.1 and 5.0, Clean Start 0; then 5.0, Clean Start 1 with an interval, of which mosquitto 2.0 writes
# nothing to disk (§2.3 C27).
OLD = [{"version": 4}, {"version": 4}, {"version": 4}]
KEPT = [{"expiry": 3600}, {"expiry": 3600}, {"expiry": 4294967295}]
CLEAN = [{"clean": True, **settings} for settings in KEPT]
PARTLY = ("persistence-incomplete", "broker-fault", "strong")
# Killed before anything was written: that it keeps something, no client ever saw.
UNWRITTEN = ("restart-without-persistence|persistence-incomplete", "broker-policy|broker-fault", "strong")


def brokers_in(folder):
    settings = {
        "plain": {"persistence": "false"},
        "short": {"persistence": "false", "max_queued_messages": 10},
        "forgets": {"persistence": "false"},
        "forgets-killed": {"persistence": "false"},
        "keeps": {"persistence": "true"},
        "partly": {"persistence": "true"},
        "saves": {"persistence": "true", "autosave_interval": 1},
        "unsaved": {"persistence": "true", "autosave_interval": 1800},
    }
    return {name: Mosquitto(folder, name, **lines) for name, lines in settings.items()}


def act(stages):
    everywhere = plays.EVERYWHERE + plays.OF_5 + [plays.no_subscription(True)] + at_mosquitto.PLAIN
    yield from ((play, stages["plain"]) for play in everywhere)
    yield plays.overflow(10, "first"), stages["short"]
    yield from ((play, stages["short"]) for play in at_mosquitto.SHORT)
    yield plays.Restart("stop", OLD + KEPT).play([False] * 6, *plays.FORGETS), stages["forgets"]
    yield plays.Restart("kill", KEPT + OLD).play([False] * 6, *plays.FORGETS), stages["forgets-killed"]
    yield plays.Restart("stop", OLD + KEPT).play([True] * 6), stages["keeps"]
    yield plays.Restart("stop", KEPT + CLEAN).play([True] * 3 + [False] * 3, *PARTLY), stages["partly"]
    yield plays.Restart("kill", OLD + KEPT, wait=2.5).play([True] * 6), stages["saves"]
    yield plays.Restart("kill", OLD + KEPT).play([False] * 6, *UNWRITTEN), stages["unsaved"]


if __name__ == "__main__":
    sys.exit(stage.main("mosquitto", Mosquitto.why_not(), brokers_in, [lambda stages: list(act(stages))]))
