# SPDX-License-Identifier: MIT
"""How sure a report is of what it says."""

CONFIDENCES = ("cannot-know", "consistent", "strong", "proven")


def is_surer(confidence, than):
    return CONFIDENCES.index(confidence) > CONFIDENCES.index(than)
