# SPDX-License-Identifier: MIT
"""A terminal that a test can type into and read: a tmux server of its own."""

import os
import shutil
import subprocess
import time

PATIENCE = 20


def wait(condition, what, seconds=PATIENCE):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.05)
    raise AssertionError("waited in vain for " + what)


class Terminal:
    """A tmux server of its own, with a shell."""

    opened = 0

    def __init__(self, columns, rows, folder):
        Terminal.opened += 1
        self.socket = os.path.join(folder, "tmux-%d" % Terminal.opened)
        environment = dict(os.environ, PS1="$ ", ENV="", XDG_CONFIG_HOME=folder, LC_ALL="C.UTF-8")
        environment.pop("TMUX", None)
        environment.pop("NO_COLOR", None)
        subprocess.run(["tmux", "-S", self.socket, "-f", "/dev/null", "new-session", "-d", "-x",
                        str(columns), "-y", str(rows), "sh"], env=environment, check=True)

    def tmux(self, *words):
        result = subprocess.run(["tmux", "-S", self.socket, *words], stdout=subprocess.PIPE,
                                stderr=subprocess.DEVNULL, check=False)
        return result.stdout.decode(errors="replace")

    def keys(self, *keys):
        self.tmux("send-keys", *keys)

    def line(self, text):
        self.tmux("send-keys", "-l", text)
        self.keys("Enter")

    def screen(self):
        return self.tmux("capture-pane", "-p")

    def shows(self, text):
        return wait(lambda: text in self.screen() and self.screen(), repr(text) + " on:\n" + self.screen())

    def child(self):
        """The program's process, a child of the shell."""
        shell = self.tmux("display-message", "-p", "#{pane_pid}").strip()
        found = subprocess.run(["pgrep", "-P", shell], stdout=subprocess.PIPE, check=False)
        return int(found.stdout.split()[0]) if found.stdout.split() else None

    def end(self):
        self.tmux("kill-server")


def missing():
    """What is not there, or None."""
    return next((name for name in ("tmux", "pgrep") if shutil.which(name) is None), None)
