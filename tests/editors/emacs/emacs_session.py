"""A real Emacs with the lines from the README, driven by a script that acts like a user."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from needed import needed
from scripted import Answer, ended, start

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
TOOLS = Path(sys.executable).parent


def block_of(page: str, name: str) -> str:
    """Return the lines of a page's ```elisp block for copying, between the comments ``name``:begin and :end."""
    text = (ROOT / page).read_text(encoding="utf-8")
    pattern = rf"^<!-- {name}:begin -->$.*?^```elisp\n(.*?)^```$.*?^<!-- {name}:end -->$"
    found = re.search(pattern, text, re.MULTILINE | re.DOTALL)
    if found is None:
        pytest.fail(f"{page} has no ```elisp block between `<!-- {name}:begin -->` and its end", pytrace=False)
    return found[1]


def need_emacs() -> None:
    """Skip if Emacs or one of its libraries is missing."""
    libraries = "(package-activate-all)(require 'eglot)(require 'lsp-mode)(require 'yasnippet)"
    try:
        ended = subprocess.run(
            ["emacs", "--batch", "--eval", f"(progn {libraries})"], capture_output=True, timeout=60, check=False
        )
        there = ended.returncode == 0
    except OSError:
        there = False
    needed("emacs", there, "tests/editors/emacs/setup.sh installs it with eglot, lsp-mode and yasnippet")


def opening(path: Path) -> Answer:
    """Return the step that opens a file."""
    return {"do": "open", "path": str(path)}


class Emacs:
    """Emacs for one workspace; ``folder`` is its home, ``lines`` are the user's, ``client`` selects the driver."""

    def __init__(self, folder: Path, client: str, lines: str) -> None:
        self.folder = folder
        self.client = HERE / client
        self.workspace = folder / "bakery"
        self.workspace.mkdir()
        (folder / "init.el").write_text(lines, encoding="utf-8")
        path = f"{TOOLS}{os.pathsep}{os.environ.get('PATH', '')}"
        self.environment = {**os.environ, "PATH": path, "HOME": str(folder), "LC_ALL": "C.UTF-8"}

    def write(self, name: str, text: str) -> Path:
        path = self.workspace / name
        path.write_text(text, encoding="utf-8")
        return path

    def start(self, path: Path, steps: Sequence[Answer]) -> subprocess.Popen[str]:
        command = [
            *("emacs", "--batch", "--eval", "(package-activate-all)"),
            *("-l", self.folder / "init.el", "-l", self.client, "-l", HERE / "drive.el"),
        ]
        return start(command, self.workspace, self.environment, path, [opening(path), *steps])

    def run(self, path: Path, *steps: Answer) -> list[Answer]:
        """Open ``path``, do the steps, quit; return an answer for each step."""
        return ended(self.start(path, steps), path, len(steps) + 1)[1:]
