"""Where this program imports from: never from the folder that it is started in, which is the user's.

Only what Python has loaded before the first line of ours may be imported here.
"""

from __future__ import annotations

import os
import sys


def guard() -> None:
    """Take the user's folder off the path, here and in the processes that are started from here.

    ``python -m`` puts it there, and so does an entry of ``PYTHONPATH`` that is empty or relative: Python makes these
    absolute, so that they cannot be told from others later.
    """
    said = os.environ.get("PYTHONPATH", "")
    absolute = [entry for entry in said.split(os.pathsep) if os.path.isabs(entry)]  # noqa: PTH117 - pathlib is not loaded
    users = {os.path.abspath(entry) for entry in said.split(os.pathsep) if entry not in absolute} | {os.getcwd()}
    sys.path[:] = [entry for entry in sys.path if entry and entry not in users]
    if said:
        os.environ["PYTHONPATH"] = os.pathsep.join(absolute)


def serving(module: str) -> str:
    """Code for ``python -c`` that runs ``serve`` of a module and imports nothing from the folder it starts in."""
    return f"import sys; sys.path[:] = [p for p in sys.path if p]; from {module} import serve; serve()"
