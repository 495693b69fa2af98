# SPDX-License-Identifier: MIT
import sys

sys.dont_write_bytecode = True

import run

sys.exit(run.main("forgotten"))
