"""``python -m loopwise``: the command."""

import os
import sys

# ``-m`` puts the current folder, which is the user's, first on the path: nothing of ours may come from there.
if sys.path and sys.path[0] in {"", os.getcwd()}:
    del sys.path[0]

from loopwise.cli.main import main

raise SystemExit(main())
