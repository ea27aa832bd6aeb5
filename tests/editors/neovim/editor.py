"""A real Neovim with the configuration that users copy, driven by a script that acts like a user."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from scripted import Answer, ended, start

HERE = Path(__file__).parent
README = HERE.parents[2] / "README.md"
BLOCK = re.compile(r"^<!-- neovim:begin -->$.*?^```lua\n(.*?)^```$.*?^<!-- neovim:end -->$", re.MULTILINE | re.DOTALL)
TOOLS = Path(sys.executable).parent
CROSSED = "Cancel notification for unknown message id"  # what other servers say when a cancellation met its answer


def readme_block() -> str:
    """Return the lines for Neovim that the README tells users to copy."""
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
        command = [TOOLS / "nvim", "--headless", "-i", "NONE", "-n", "-S", self.script, path]
        return start(command, self.workspace, self.environment, path, steps)

    def run(self, path: Path, *steps: Answer) -> list[Answer]:
        """Open ``path``, do the steps, quit; return an answer for each step."""
        answers = ended(self.start(path, steps), path, len(steps), self.log)
        if complaints := self.log():
            pytest.fail(f"all is done, but this is in Neovim's log:\n{complaints}")
        return answers

    def log(self) -> str:
        """Return the client's complaints and the server's standard error."""
        path = self.folder / "state" / "nvim" / "lsp.log"
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        passed_over = ("[START]", CROSSED) if "LOOPWISE_CLIENTS" in self.environment else ("[START]",)
        return "\n".join(line for line in lines if not any(text in line for text in passed_over))
