# SPDX-License-Identifier: MIT
"""Clients lose and keep their sessions at aedes, which knows no MQTT 5.0 and forgets with its process;
mqlapse, which captures, must say what happened."""

import sys

sys.dont_write_bytecode = True

import plays
import stage
from brokers import Aedes


def brokers_in(folder):
    return {"aedes": Aedes(folder, "aedes"), "aedes-restarted": Aedes(folder, "aedes-restarted")}


def act(stages):
    # A session without a subscription is answered with Session Present 0 (L19).
    bare = plays.no_subscription(False)
    yield from ((play, stages["aedes"]) for play in plays.EVERYWHERE + [plays.refused_version, bare])
    yield plays.Restart().play([False] * 6, *plays.FORGETS), stages["aedes-restarted"]


if __name__ == "__main__":
    sys.exit(stage.main("aedes", Aedes.why_not(), brokers_in, [lambda stages: list(act(stages))]))
