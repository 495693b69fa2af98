# SPDX-License-Identifier: MIT
import sys

sys.dont_write_bytecode = True

import run

run.run(["--check-only", "--megabytes", "4"])
