"""A real Neovim with the configuration that people copy, and a script of ours that does what a person would."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
README = HERE.parents[2] / "README.md"
BLOCK = re.compile(r"^<!-- neovim:begin -->$.*?^```lua\n(.*?)^```$.*?^<!-- neovim:end -->$", re.MULTILINE | re.DOTALL)
TOOLS = Path(sys.executable).parent
LONGEST_RUN = 90  # seconds
CROSSED = "Cancel notification for unknown message id"  # a cancellation that met its answer on the way: no trouble

Answer = dict[str, Any]


def readme_block() -> str:
    """The lines for Neovim that the README tells people to copy."""
    text = README.read_text(encoding="utf-8") if README.exists() else ""
    found = BLOCK.search(text)
    if found is None:
        pytest.fail(
            f"{README.name} has no ```lua block between `<!-- neovim:begin -->` and `<!-- neovim:end -->`: "
            "the configuration that people copy, and that this test runs, has to stand there",
            pytrace=False,
        )
    return found[1]


class Neovim:
    """Headless Neovims for one workspace; ``folder`` is their world, ``script`` says what is done in it.

    ``lines`` is the user's init.lua, of the README where it is ``None``; ``dropped`` are files below ~/.config/nvim.
    """

    def __init__(
        self,
        folder: Path,
        script: str,
        files: Mapping[str, str],
        lines: str | None = None,
        dropped: Mapping[str, Path] | None = None,
    ) -> None:
        self.folder = folder
        self.script = HERE / script
        self.workspace = folder / "bakery"
        self.workspace.mkdir()
        for name, text in files.items():
            self.write(name, text)
        home = folder / "config" / "nvim"
        home.mkdir(parents=True)
        (home / "init.lua").write_text(readme_block() if lines is None else lines, encoding="utf-8")
        for name, source in (dropped or {}).items():
            (home / name).parent.mkdir(exist_ok=True)
            shutil.copy(source, home / name)
        self.environment = {**os.environ, "PATH": f"{TOOLS}{os.pathsep}{os.environ.get('PATH', '')}"}
        for name in ("CONFIG", "DATA", "STATE", "CACHE"):
            self.environment[f"XDG_{name}_HOME"] = str(folder / name.lower())

    def write(self, name: str, text: str, newline: str = "\n") -> Path:
        path = self.workspace / name
        path.parent.mkdir(exist_ok=True)
        with path.open("w", encoding="utf-8", newline=newline) as file:
            file.write(text)
        return path

    def start(self, path: Path, steps: Sequence[Answer]) -> subprocess.Popen[str]:
        script, answers = path.with_suffix(".steps"), path.with_suffix(".answers")
        script.write_text(json.dumps(steps), encoding="utf-8")
        answers.write_text("", encoding="utf-8")
        return subprocess.Popen(
            [TOOLS / "nvim", "--headless", "-i", "NONE", "-n", "-S", self.script, path],
            cwd=self.workspace,
            env={**self.environment, "LOOPWISE_STEPS": str(script), "LOOPWISE_ANSWERS": str(answers)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        )

    def answers(self, path: Path) -> list[Answer]:
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
            pytest.fail(f"Neovim was not done after {LONGEST_RUN} s\n{said}\n{self.log()}")
        answers = self.answers(path)
        trouble = next((answer["trouble"] for answer in answers if "trouble" in answer), None)
        if trouble or process.returncode or len(answers) != len(steps):
            pytest.fail(f"{trouble or 'Neovim stopped early'}\nNeovim said: {said}\nits log:\n{self.log()}")
        if complaints := self.log():
            pytest.fail(f"all is done, but this is in Neovim's log:\n{complaints}")
        return answers

    def log(self) -> str:
        """What the client complained about, and what the server wrote to its standard error."""
        path = self.folder / "state" / "nvim" / "lsp.log"
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        return "\n".join(line for line in lines if not line.startswith("[START]") and CROSSED not in line)
