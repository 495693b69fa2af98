# SPDX-License-Identifier: MIT
"""Stories behind which so much else happens that all of them may be forgotten (--memory)."""

import re

from confidence import is_surer

VISITOR, VISITS = "visitor-zz", 600
SETTLED = 160  # so many clients of another broker that stay: of what lies beside them nothing can go
STEP_S = 0.2


def seconds_of(line):
    words = line.split()
    return float(words[0]) if words and re.fullmatch(r"-?[0-9.]+", words[0]) else None


def end_of(lines):
    last = 0.0
    for line in lines:
        begin = seconds_of(line)
        if begin is None:
            continue
        repeats = re.search(r"repeat (\S+).*?every (\S+)", line)
        last = max(last, begin + (float(repeats[1]) * float(repeats[2]) if repeats else 0))
    return last


def settled(lines):
    first = min(filter(lambda begin: begin is not None, map(seconds_of, lines)), default=0.0)
    yield "broker broker-zz 10.99.0.9:1883"
    for i in range(SETTLED):
        yield f"host settled-zz{i} 10.201.{i // 200}.{i % 200 + 1}"
    for i in range(SETTLED):
        yield (f"{first - 50 + i * 0.1:.1f} settled-zz{i} > broker-zz CONNECT v3.1.1 client=settled-zz{i} "
               "clean_session=1 keep_alive=0 => CONNACK")


def lengthened(text, beside):
    """beside: of the first connections others are among those that stay"""
    lines = [line for line in text.splitlines() if not line.startswith(("expect", "end-at"))]
    broker = next((line.split()[1] for line in lines if line.startswith("broker ")), None)
    if broker is None:
        return None
    begin = end_of(lines) + 60
    lines += settled(lines) if beside else ()
    lines.append(f"host {VISITOR} 10.200.0.1")
    for i in range(VISITS):
        lines.append(f"{begin + i * STEP_S:.4f} {VISITOR} > {broker} CONNECT v3.1.1 client={VISITOR} "
                     "clean_session=1 => CONNACK")
        lines.append(f"{begin + (i + 0.5) * STEP_S:.4f} {VISITOR} DISCONNECT ; FIN")
    return "\n".join(lines) + "\n"


def findings_of(report):
    return {(one["broker"], one["client_id"], one["from_connection"], one["to_connection"], one["cause"]): one
            for one in report["findings"] if one["client_id"] != VISITOR}


def incidents_of(report):
    return {(one["broker"], one["kind"]): one["confidence"] for one in report["incidents"]}


def compare(whole, limited):
    """What is said with a ceiling, and not, or not so surely, without."""
    known, told = findings_of(whole), findings_of(limited)
    for key, finding in told.items():
        said = f"{key[1]}, {key[2]} to {key[3]}: {key[4]}, {finding['responsible']}, {finding['confidence']}"
        before = known.get(key)
        if before is None and finding["responsible"] != "unknowable":
            yield f"{said}: nothing of that without a ceiling"
        elif before is not None and is_surer(finding["confidence"], before["confidence"]):
            yield f"{said}: {before['confidence']} without a ceiling"
        elif before is not None and "unknowable" == before["responsible"] != finding["responsible"]:
            yield f"{said}: names nobody without a ceiling"
    incidents = incidents_of(whole)
    for what, confidence in incidents_of(limited).items():
        if what not in incidents or is_surer(confidence, incidents[what]):
            yield f"{what} is {confidence}, and {incidents.get(what, 'not there')} without a ceiling"
