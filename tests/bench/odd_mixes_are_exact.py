# SPDX-License-Identifier: MIT
"""The shared generator with traffic unlike its four workloads: many reconnects, twins, losses, packets
cut and out of order, files whose times step back.  What each client lost, and why, is compared with
the truth, client by client.  With a number and a seed, that many mixes by chance."""
import collections
import pathlib
import random
import sys
import tempfile

sys.dont_write_bytecode = True

import run

MIXES = (
    # Its few clients make it write some frames late: the file's times step back by minutes.
    "W2 565830 0.002 reconnects=8 span=600 on-share=0.9 clean-share=0.4 takeover-share=0.4 split-share=0.9 keepalive=1200",
    "W2 199126 0.0005 v5-share=1 loss-share=0.5 takeover-share=0.4 refuse-share=0.1 burst=30",
    # Clean Start 1 shortly before the expiry.
    "W2 97994 0.001 v6-share=0 loss-share=0.1 clean-share=0.4 interleave=1",
    "W2 750115 0.001 reconnects=3 clean-share=0.1 split-share=0.9 takeover-share=0.4 refuse-share=0.1",
    # Each client alone: nothing is known of others at any moment.
    "W2 109497 0.0005 reconnects=20 v5-share=1 span=7200 ooo-share=0.05 retr-share=0.3 refuse-share=0.1 keepalive=5 interleave=1",
    "W2 876915 0.0005 reconnects=20 v5-share=1 clean-share=0.1 ooo-share=0.05 takeover-share=0.1",
    "W1 943924 0.001 persist-share=1 on-share=0.5 split-share=0.9 expiry=never",
    "W4 94438 0.0002 reconnects=20 v5-share=0.3 refuse-share=0.05 interleave=50",
    "W2 328422 0.0005 v5-share=0 persist-share=1 loss-share=0.3 ooo-share=0.3 retr-share=0.3",
    "W2 530531 0.0005 persist-share=0.5 takeover-share=0.1 pre-share=0.8 cmd-share=0.8 keepalive=1200",
)
CHOICES = {
    "reconnects": (1, 3, 8, 20), "v5-share": (0, 0.3, 1), "v6-share": (0, 1), "persist-share": (0, 0.5, 1),
    "span": (600, 7200, 86400), "on-share": (0.1, 0.5, 0.9), "loss-share": (0, 0.1, 0.5),
    "clean-share": (0, 0.1, 0.4), "ooo-share": (0, 0.05, 0.3), "retr-share": (0, 0.05, 0.3),
    "split-share": (0, 0.1, 0.9), "takeover-share": (0, 0.1, 0.4), "refuse-share": (0, 0.1),
    "pre-share": (0, 0.2, 0.8), "cmd-share": (0, 0.2, 0.8), "keepalive": (60, 1200),
    "burst": (1, 5, 30), "interleave": (0, 1, 50),
}
# A restart is a narrower word for it, as long as nobody is named; so is what one client alone shows.
BROKER_LOST = run.CLASSES["broker-lost"] | {"restart-without-persistence"}


def by_chance(chance):
    words = [f"{name}={chance.choice(values)}" for name, values in CHOICES.items() if chance.random() < 0.4]
    return " ".join([chance.choice(("W1", "W2", "W2", "W4")), str(chance.randrange(10 ** 6)), "0.0005", *words])


def capture_of(mix, folder):
    workload, seed, scale, *words = mix.split()
    options = [word for pair in words for word in ("--" + pair.split("=")[0], pair.split("=")[1])]
    path, lost = folder / "mix.pcap", folder / "mix.lost"
    truth = run.run_quietly(folder / "gen", "--workload", workload, "--seed", seed, "--scale", scale,
                            *options, "--lost-log", lost, "-o", path)
    return run.Capture(mix, path, run.json.loads(truth), lost)


def class_of(finding, before):
    """What the truth calls it; "any": the capture leaves open whether time had run out, and names nobody."""
    cause = "expired" if run.is_misled(finding, before) else finding["cause"]
    if finding["responsible"] == "unknowable":
        if cause in ("expired", "expiry-shortened"):
            return "any"
        if cause in BROKER_LOST:
            return "broker-lost"
    return run.class_of(cause)


def losses_told(report):
    told = collections.defaultdict(collections.Counter)
    for finding, before in run.findings_with_before(report):
        # The truth knows of a loss when the client is back, and of sessions, not of single messages.
        if finding["to_connection"] is None or finding["cause"] in run.NOT_IN_THE_TRUTH | {"subscription-missing"}:
            continue
        if finding["severity"] == "loss" or finding["cause"] in run.NOT_A_LOSS:
            told[finding["client_id"]][class_of(finding, before)] += 1
    return told


def check_lost(capture, report):
    true, told = run.losses_true(capture), losses_told(report)
    for client in sorted(true.keys() | told.keys()):
        said = told[client].copy()
        n_any = said.pop("any", 0)
        open_still = {kind: true[client][kind] - said[kind] for kind in true[client].keys() | said.keys()}
        if min(open_still.values(), default=0) < 0 or sum(open_still.values()) != n_any:
            yield f"client {client}: told {dict(told[client])}, truth {dict(true[client])}"


def check(capture, report):
    yield from run.by_type(capture, report)
    yield from check_lost(capture, report)


def play(words, treat):
    """The exit status of a test: treat(mixes, folder, chance) tells whether all is well.  words: how many
    mixes by chance, and a seed; none: those that are listed."""
    if not run.PROGRAM.exists() or not (run.SHARED / "gen.c").exists():
        print(f"Skipped: {run.PROGRAM} or {run.SHARED} is not there.")
        return run.SKIPPED
    chance = random.Random(int(words[1]) if len(words) > 1 else 1)
    mixes = [by_chance(chance) for _ in range(int(words[0]))] if words else MIXES
    where = run.BUILD / "tests" / "bench"
    where.mkdir(parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory(prefix="mixes-", dir=where) as name:
            folder = pathlib.Path(name)
            run.compile_into(folder, run.SHARED / "gen.c", "-lm")
            return 0 if treat(mixes, folder, chance) else 1
    except (run.Failed, OSError) as failure:
        print(f"Fault: {failure}")
        return 1


def are_exact(mixes, folder, _chance):
    wrong = [mix for mix in mixes if not run.check_totals(capture_of(mix, folder), folder, check)]
    print(f"{len(mixes) - len(wrong)} of {len(mixes)} mixes are exact")
    return not wrong


if __name__ == "__main__":
    sys.exit(play(sys.argv[1:], are_exact))
