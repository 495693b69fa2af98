# SPDX-License-Identifier: MIT
"""A message takes hardly more instructions in VLAN, VXLAN and the like than plain, and WebSocket not half as
much again: the limits of carriers.py, in what does not differ from run to run."""

import shutil
import sys

sys.dont_write_bytecode = True

import carriers

# What has a limit there; and these, which have a lot to do for a message.
MORE = {"fragments": 5, "ws in parts": 2}


def main():
    if shutil.which("valgrind") is None or not carriers.PROGRAM.exists() or not carriers.TOOL.exists():
        print("Skipped: valgrind is not installed, or mqlapse or scenario_tool is not built.")
        return carriers.SKIPPED
    limits = {name: limit for name, (_, limit) in carriers.CARRIERS.items() if limit is not None} | MORE
    counted = carriers.each_message(200, ("plain", *limits))
    good = True
    for name, limit in limits.items():
        ratio = counted[name] / counted["plain"]
        good = good and ratio <= limit
        print(f"{name}: {counted[name]:.0f} instructions for a message, {ratio:.2f} of {counted['plain']:.0f} "
              f"plain; at most {limit} times that are allowed")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
