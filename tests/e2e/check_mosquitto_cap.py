# SPDX-License-Identifier: MIT
"""mosquitto with persistent_client_expiration discards sessions sooner than asked and never says so;
mqlapse must learn it from the absences.  The option counts hours, so the broker's clock runs fast."""

import sys

sys.dont_write_bytecode = True

import plays
import stage
from brokers import Mosquitto, find_faketime

# An hour of the broker takes 4 s.
SPEED = 900
SHORT, LONG = (0.5, 1.0, 1.5), (5.5, 6.0, 6.5)


def why_not():
    return Mosquitto.why_not() or (None if find_faketime() else "libfaketime is not installed")


def brokers_in(folder):
    return {"capped": Mosquitto(folder, "capped", persistent_client_expiration="1h", speed=SPEED)}


def act(stages):
    for version, settings in ((4, {}), (5, {"expiry": 4294967295})):
        settings = {"version": version, "keep_alive": 0, **settings}
        yield plays.silent_cap(f"capped-{version}", SHORT, LONG, **settings), stages["capped"]


if __name__ == "__main__":
    sys.exit(stage.main("mosquitto-cap", why_not(), brokers_in, [lambda stages: list(act(stages))]))
