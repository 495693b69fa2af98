# SPDX-License-Identifier: MIT
"""What must be true of the report of a live capture, whatever it captured."""


def judge_capture(report):
    dropped = report["capture"]["dropped_by_kernel"]
    if not isinstance(dropped, int) or isinstance(dropped, bool):
        yield f"dropped_by_kernel is {dropped!r}, expected was a number"
    elif dropped > 0:
        yield f"the kernel dropped {dropped} packets, which makes every other judgement uncertain"
    if report["capture"]["tcp"]["gaps"] != 0:
        yield f"{report['capture']['tcp']['gaps']} gaps in the streams of a loopback interface"


def judge_saved(report, again):
    """What was captured live and what was saved meanwhile tell the same."""
    for part in ("clients", "findings", "summary"):
        if report[part] != again[part]:
            difference = first_difference(report[part], again[part])
            yield f"{part} differ when the saved capture is read: {difference}"


def first_difference(one, other, path=""):
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted(one.keys() | other.keys()):
            if one.get(key) != other.get(key):
                return first_difference(one.get(key), other.get(key), f"{path}.{key}")
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for i, (left, right) in enumerate(zip(one, other)):
            if left != right:
                return first_difference(left, right, f"{path}[{i}]")
    return f"{path} is {str(one)[:200]!r} live, {str(other)[:200]!r} read"
