# SPDX-License-Identifier: MIT
"""Clients lose and keep their sessions at ejabberd, which ends a session whose queue is full, announces a
shorter expiry, and forgets with its process; mqlapse, which captures, must say what happened."""

import sys

sys.dont_write_bytecode = True

import plays
import stage
from brokers import Ejabberd


def brokers_in(folder):
    return {"ejabberd": Ejabberd(folder, "ejabberd", cap=3600, queue=10),
            "ejabberd-capped": Ejabberd(folder, "ejabberd-capped", cap=2, queue=1000)}


def live(stages):
    everywhere = plays.EVERYWHERE + plays.OF_5 + [plays.no_subscription(True), plays.overflow_ends_session]
    return [*((play, stages["ejabberd"]) for play in everywhere), (plays.shortened, stages["ejabberd-capped"])]


def restart(stages):
    return [(plays.Restart().play([False] * 6, *plays.FORGETS), stages["ejabberd"])]


if __name__ == "__main__":
    sys.exit(stage.main("ejabberd", Ejabberd.why_not(), brokers_in, [live, restart]))
