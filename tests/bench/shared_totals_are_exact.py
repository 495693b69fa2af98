# SPDX-License-Identifier: MIT
import sys

sys.dont_write_bytecode = True

import run

run.run(["--shared", "--scale", "0.01", "--check-only"])
