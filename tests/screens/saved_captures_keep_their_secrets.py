#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What `s` saves of a client from a capture of TLS is read again by itself: by this program, and by tshark."""
import os
import pathlib
import shutil
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path[:0] = [str(HERE.parent / "support"), str(HERE.parent / "cli")]

import runner
import saved_captures_tell_the_story as saving
import tmux
from tmux import Terminal

PROGRAM = pathlib.Path(os.environ.get("top_builddir", ".")).resolve() / "mqlapse"


def save_in_dashboard(folder, words, client, out):
    """Selects @client, and saves it under the name @out."""
    terminal = Terminal(100, 20, str(folder))
    try:
        terminal.line(f"{PROGRAM} {' '.join(map(str, words))}; echo status $?")
        terminal.shows(client)
        terminal.keys("/")
        terminal.line(client)
        terminal.keys("s")
        terminal.shows(f"The frames of {client}")
        terminal.keys("C-u")
        terminal.line(str(out))
        terminal.shows("packets to")
        terminal.keys("Escape", "Q")
        terminal.shows("status 0")
    finally:
        terminal.end()


def of_client(report, client):
    return [one for one in report["clients"] if one["client_id"] == client]


def check_secrets(transport, folder):
    capture, keys = saving.play(folder, "founding", "--transport", transport)
    if capture is None:
        raise runner.Skipped("this build has no libssl")
    out = folder / "out.pcapng"
    words = ["-r", capture, "--keylog", keys]
    save_in_dashboard(folder, words, "pump-7", out)
    before, after = runner.report_of(*words), runner.report_of("-r", out)
    if [one["client_id"] for one in after["clients"]] != ["pump-7"]:
        yield f"in it are {[one['client_id'] for one in after['clients']]}"
    if [one["cause"] for one in after["findings"] if one["severity"] == "loss"] != ["expiry-absent"]:
        yield f"found in it: {after['findings']}"
    connections = of_client(before, "pump-7")[0]["connections"]
    lines = saving.Saved(out).key_log().splitlines()
    if not set(lines) <= set(keys.read_text(encoding="ascii").splitlines()):
        yield "it has other secrets than there were"
    if len({line.split()[1] for line in lines}) != len(connections):
        yield f"it has the secrets of {len({line.split()[1] for line in lines})} connections, not {len(connections)}"
    if not any("session lost here: expiry-absent" in text for text in saving.Saved(out).all_comments()):
        yield "it does not say where the session was lost"
    if shutil.which("tshark") is None:
        print(f"skipped for {transport}: tshark is not installed")
        return
    # It does not look for MQTT in WebSocket; that it was asked for shows that the secrets fit.
    inside, field = ("http", "http.upgrade") if transport == "wss" else ("mqtt", "mqtt.clientid")
    seen = saving.tshark("-r", out, "-d", "tcp.port==1883,tls", "-d", f"tls.port==1883,{inside}", "-Y", field,
                         "-T", "fields", "-e", field)
    due = ["websocket"] * 2 * len(connections) if transport == "wss" else ["pump-7"] * len(connections)
    if [one.replace("WebSocket", "websocket") for one in seen] != due:
        yield f"tshark sees {seen} in it, not {due}"


def case_of(transport):
    def run():
        with tempfile.TemporaryDirectory() as folder:
            return list(check_secrets(transport, pathlib.Path(folder)))
    return f"saved from {transport}", run


def main():
    if tmux.missing():
        print(f"Skipped: {tmux.missing()} is not installed.")
        return runner.SKIPPED
    return runner.run_cases([case_of(transport) for transport in ("tls12", "tls13", "wss")])


if __name__ == "__main__":
    sys.exit(main())
