"""Keeps the program from importing anything from the folder it is started in, which is the user's.

This module may import only what Python has loaded before our first line runs.
"""

from __future__ import annotations

import os
import sys


def guard() -> None:
    """Remove the user's folder from the path, here and in processes that are started from here.

    ``python -m`` adds it, and so does an empty or relative entry in ``PYTHONPATH``: Python makes these absolute, so
    that they cannot be recognized later.
    """
    said = os.environ.get("PYTHONPATH", "")
    absolute = [entry for entry in said.split(os.pathsep) if os.path.isabs(entry)]  # noqa: PTH117 - pathlib is not loaded
    users = {os.path.abspath(entry) for entry in said.split(os.pathsep) if entry not in absolute} | {os.getcwd()}
    sys.path[:] = [entry for entry in sys.path if entry and entry not in users]
    if said:
        os.environ["PYTHONPATH"] = os.pathsep.join(absolute)


def serving(module: str) -> str:
    """Code for ``python -c`` that runs a module's ``serve`` without importing anything from the current folder."""
    return f"import sys; sys.path[:] = [p for p in sys.path if p]; from {module} import serve; serve()"
