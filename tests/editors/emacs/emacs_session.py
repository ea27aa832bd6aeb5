"""A real Emacs with the lines that the README gives, and a script of ours that does what a person would."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from needed import needed

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
TOOLS = Path(sys.executable).parent
LONGEST_RUN = 120  # seconds

Answer = dict[str, Any]


def block_of(page: str, name: str) -> str:
    """The lines that a page tells people to copy: its ```elisp block between the comments ``name``:begin and :end."""
    text = (ROOT / page).read_text(encoding="utf-8")
    pattern = rf"^<!-- {name}:begin -->$.*?^```elisp\n(.*?)^```$.*?^<!-- {name}:end -->$"
    found = re.search(pattern, text, re.MULTILINE | re.DOTALL)
    if found is None:
        pytest.fail(f"{page} has no ```elisp block between `<!-- {name}:begin -->` and its end", pytrace=False)
    return found[1]


def need_emacs() -> None:
    """Skip where Emacs or one of its libraries is missing."""
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
    """The step that opens a file."""
    return {"do": "open", "path": str(path)}


class Emacs:
    """Emacs for one workspace; ``folder`` is its world, ``lines`` are the user's, ``client`` is how they are driven."""

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
        script, answers = path.with_suffix(".steps"), path.with_suffix(".answers")
        script.write_text(json.dumps([opening(path), *steps]), encoding="utf-8")
        answers.write_text("", encoding="utf-8")
        return subprocess.Popen(
            [
                *("emacs", "--batch", "--eval", "(package-activate-all)"),
                *("-l", self.folder / "init.el", "-l", self.client, "-l", HERE / "drive.el"),
            ],
            cwd=self.workspace,
            env={**self.environment, "LOOPWISE_STEPS": str(script), "LOOPWISE_ANSWERS": str(answers)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        )

    def answers(self, path: Path) -> list[Answer]:
        """What is done so far, the opening first."""
        text = path.with_suffix(".answers").read_text(encoding="utf-8")
        return [json.loads(line) for line in text.splitlines()]

    def run(self, path: Path, *steps: Answer) -> list[Answer]:
        """Open ``path``, do the steps, quit; an answer for each step."""
        process = self.start(path, steps)
        try:
            said, _ = process.communicate(timeout=LONGEST_RUN)
        except subprocess.TimeoutExpired:
            process.kill()
            said, _ = process.communicate()
            pytest.fail(f"Emacs was not done after {LONGEST_RUN} s; it said\n{said}")
        answers = self.answers(path)
        trouble = next((answer["trouble"] for answer in answers if "trouble" in answer), None)
        if trouble or process.returncode or len(answers) != len(steps) + 1:
            pytest.fail(f"{trouble or 'Emacs stopped early'}; it said\n{said}\nand did {answers}")
        return answers[1:]
