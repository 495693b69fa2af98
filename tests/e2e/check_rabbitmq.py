# SPDX-License-Identifier: MIT
"""Clients lose and keep their sessions at RabbitMQ, which keeps them over a restart, ends them after a
time it does not tell, and drops the oldest messages of a full queue; mqlapse, which captures, must say
what happened."""

import sys

sys.dont_write_bytecode = True

import plays
import stage
from brokers import RabbitMQ

TTL = 5  # seconds


def brokers_in(folder):
    return {"rabbitmq": RabbitMQ(folder, "rabbitmq", ttl=TTL * 1000)}


def live(stages):
    everywhere = plays.EVERYWHERE + [plays.refused_version, plays.no_subscription(False), plays.overflow(10, "last")]
    # A session is a queue, which goes when it is not used for so long.
    cap = plays.silent_cap("capped", (0.5, 1, 1.5), (6.5, 7, 7.5), version=4)
    return [(play, stages["rabbitmq"]) for play in [*everywhere, cap]]


def restart(stages):
    return [(plays.Restart().play([True] * 6), stages["rabbitmq"])]


if __name__ == "__main__":
    sys.exit(stage.main("RabbitMQ", RabbitMQ.why_not(), brokers_in, [live, restart]))
