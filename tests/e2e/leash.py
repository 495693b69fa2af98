# SPDX-License-Identifier: MIT
"""Runs a command, and takes it and all its children down when the test that wanted it dies, however that happens.

    leash.py DESCRIPTOR COMMAND [WORD...]

DESCRIPTOR is the end of a pipe whose other end only the test holds: when that closes, the test is gone.  (The
kernel's PR_SET_PDEATHSIG would fire when the thread of the test ends that started the broker.)  It leads a process
group of its own."""

import os
import signal
import subprocess
import sys
import threading

if __name__ != "__main__":
    READ_END, WRITE_END = os.pipe()  # the write end is this process's alone: descriptors are not inherited


def held(command):
    """(words, keywords) for Popen, by which @command does not outlive this process."""
    words = [sys.executable, os.path.abspath(__file__), str(READ_END), *command]
    return words, {"pass_fds": (READ_END,), "start_new_session": True}


def lives(group):
    """Whether a process of the group still runs: its leader may be dead and waited for before the others."""
    for folder in os.listdir("/proc"):
        try:
            with open(f"/proc/{folder}/stat", encoding="ascii", errors="replace") as file:
                state, _, owner = file.read().rsplit(")", 1)[1].split()[:3]
        except (OSError, IndexError, ValueError):
            continue
        if owner == str(group) and state not in "ZX":
            return True
    return False


def wait_for_the_end(descriptor):
    while os.read(descriptor, 1):
        pass
    os.killpg(0, signal.SIGKILL)


def main(descriptor, *command):
    child = subprocess.Popen(command)
    # To this process alone, or to the whole group.
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    threading.Thread(target=wait_for_the_end, args=(int(descriptor),), daemon=True).start()
    code = child.wait()
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
