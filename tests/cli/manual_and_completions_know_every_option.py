# SPDX-License-Identifier: MIT
"""The manual page and the completions of three shells name the options that the program has, and no others."""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))

import runner
from runner import mqlapse

MANUAL = runner.TREE / "ui/manual/mqlapse.8"
COMPLETIONS = runner.TREE / "ui/completions"
FORMATS = {"text", "json", "ndjson", "csv", "markdown", "html"}  # the contract's
SEVERITIES = {"loss", "risk", "note"}


def options_of(text):
    """Long names with the letter before them, of lines as in "  -r, --read=FILE   ..."."""
    found = re.findall(r"^ +(?:-(\w), )?--([a-z-]+)", text, re.MULTILINE)
    return {name: letter for letter, name in found}


def check_manual(options):
    page = MANUAL.read_text(encoding="utf-8").replace("\\-", "-")
    page = re.sub(r"\\f.|^\.[BI]{1,2}R? ?", "", page, flags=re.MULTILINE)
    heads = re.findall(r'^\.TP\n(?:-(\w) ", " )?--([a-z-]+)', page, re.MULTILINE)
    told = {name: letter for letter, name in heads}
    for name, letter in options.items():
        if told.get(name) != letter:
            yield f"the manual has --{name} with {told.get(name)!r}, not {letter!r}"
    for name in told.keys() - options.keys():
        yield f"the manual has an option --{name}, which there is not"
    for status in ("0", "1", "2", "3", "4", "130"):
        if not re.search(rf"^{status}$", page, re.MULTILINE):
            yield f"the manual does not tell exit status {status}"
    for lint in (["groff", "-man", "-ww", "-Tutf8"], ["mandoc", "-T", "lint", "-W", "warning"]):
        if shutil.which(lint[0]):
            done = subprocess.run([*lint, str(MANUAL)], check=False, capture_output=True, text=True)
            complaints = done.stderr if lint[0] == "groff" else done.stdout + done.stderr
            if complaints:
                yield f"{lint[0]}: {complaints.strip()[:300]}"


def in_bash(*words):
    """What bash offers for the last of @words."""
    script = ('source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _mqlapse; '
              'printf "%s\\n" "${COMPREPLY[@]}"')
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / "mqlapse").symlink_to(runner.PROGRAM)
        done = subprocess.run(["bash", "-c", script, "-", str(COMPLETIONS / "mqlapse.bash"), *words],
                              check=False, capture_output=True, text=True, timeout=60,
                              env={"PATH": f"{folder}:/usr/bin:/bin"})
    if done.returncode != 0 or done.stderr:
        raise runner.Failed(f"bash: {done.stderr}")
    return set(done.stdout.split())


def check_bash(options, causes, parties):
    """What is offered is what the program takes."""
    offered = {word.removeprefix("--") for word in in_bash("mqlapse", "--")}
    if offered != options.keys():
        yield f"bash offers other options: {sorted(offered ^ options.keys())}"
    brokers = set(re.findall(r"[a-z]+", re.search(
        r"one of (.*), not", mqlapse("--broker-is", "?").stderr.decode())[1]))
    for words, expected in (
            (("mqlapse", "--report", "="), FORMATS),
            (("mqlapse", "--report", "=", "js"), {"json"}),
            (("mqlapse", "--vantage", ""), {"broker", "client", "tap"}),
            (("mqlapse", "--broker-is", ""), brokers),
            (("mqlapse", "--explain", ""), causes),
            (("mqlapse", "--explain", "=", "expiry-a"), {"expiry-absent"}),
            (("mqlapse", "--fail-on", ""), causes | parties | SEVERITIES),
            (("mqlapse", "-r", str(runner.TREE / "README.")), {str(runner.TREE / "README.md")}),
            (("mqlapse", "port"), set())):
        got = in_bash(*words)
        if got != expected:
            yield f"bash offers for {words[1:]}: {sorted(got)}, not {sorted(expected)}"
    if "any" not in in_bash("mqlapse", "-i", ""):
        yield "bash does not offer the interface any"


def check_text(options, file, form, shell):
    text = (COMPLETIONS / file).read_text(encoding="utf-8")
    told = form(text)
    if told != options:
        yield f"{file}: other options: {sorted(set(told.items()) ^ set(options.items()))}"
    for name in FORMATS:
        if name not in text:
            yield f"{file}: no format {name}"
    if shutil.which(shell):
        done = subprocess.run([shell, "-n", str(COMPLETIONS / file)], check=False, capture_output=True, text=True)
        if done.returncode != 0:
            yield f"{file}: {done.stderr}"


def of_zsh(text):
    """'{-r+,--read=}' and '--follow[...]'."""
    found = {name: letter for letter, name in re.findall(r"\{-(\w)\+?,--([a-z-]+)=?\}", text)}
    found.update({name: "" for name in re.findall(r"'\*?--([a-z-]+)(?:=-?)?\[", text)})
    return found


def of_fish(text):
    return {name: letter for letter, name in re.findall(r"^complete -c mqlapse (?:-s (\w) )?-l ([a-z-]+)", text, re.MULTILINE)}


def main():
    options = options_of(mqlapse("--help").stdout.decode())
    if len(options) < 15:
        sys.exit(f"--help shows {len(options)} options")
    causes = [line.split()[:2] for line in mqlapse("--list-causes").stdout.decode().splitlines()]
    faults = [*check_manual(options),
              *check_bash(options, {cause for cause, _ in causes}, {party for _, party in causes}),
              *check_text(options, "_mqlapse", of_zsh, "zsh"),
              *check_text(options, "mqlapse.fish", of_fish, "fish")]
    for fault in faults:
        print(f"FAIL: {fault}")
    sys.exit(1 if faults else 0)


main()
