"""`python -m bench.unlogged serve …`: the web server of `allmenning serve`, without a log of who reads and changes what.

For `bin/bench log` alone, to tell what the log costs. Nothing of the platform imports the bench, and no setting of the
platform's leads here.
"""

from __future__ import annotations

import sys

from allmenning.doors.cli import commands
from allmenning.doors.cli.__main__ import main

if __name__ == "__main__":
    commands.APPLICATION = "bench.unlogged_wsgi:application"
    sys.exit(main())
