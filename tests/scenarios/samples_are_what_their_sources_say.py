# SPDX-License-Identifier: MIT
"""Each samples/NAME.pcap is, byte for byte, what scenario_tool makes of samples/NAME.scenario."""

import os
import pathlib
import subprocess
import sys
import tempfile

samples = pathlib.Path(os.environ.get("top_srcdir", ".")).resolve() / "samples"
tool = pathlib.Path(os.environ.get("top_builddir", ".")).resolve() / "tests/support/scenario_tool"
sources = sorted(samples.glob("*.scenario"))
wrong = 0 if sources else 1
with tempfile.TemporaryDirectory() as folder:
    for source in sources:
        made = pathlib.Path(folder) / "made.pcap"
        subprocess.run([tool, source, "-o", made], check=True)
        committed = source.with_suffix(".pcap")
        good = committed.exists() and committed.read_bytes() == made.read_bytes()
        print(f"{'ok' if good else 'FAIL'} {source.stem}" +
              ("" if good else f": make it again: scenario_tool {source} -o {committed}"))
        wrong += not good
sys.exit(1 if wrong else 0)
