"""Find the Pythons of this machine: the running one, pyenv's, and those on the path."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

VERSIONS = ("3.10", "3.11", "3.12", "3.13", "3.14", "3.15")


def find(version: str) -> str | None:
    """Return an interpreter of a version like 3.12, or None."""
    if version == ".".join(map(str, sys.version_info[:2])):
        return sys.executable
    installed = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))
    return str(installed[-1]) if installed else shutil.which(f"python{version}")
