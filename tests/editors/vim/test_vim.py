"""Vim with ALE as a user has it: the lines of EDITORS.md, in a real Vim."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from marked import place
from needed import needed
from scripted import Answer, ended, start

pytestmark = pytest.mark.editor

HERE = Path(__file__).parent
PAGE = HERE.parents[2] / "server" / "EDITORS.md"
TOOLS = Path(sys.executable).parent
BLOCK = re.compile(r"^<!-- vim-ale:begin -->$.*?^```vim\n(.*?)^```$.*?^<!-- vim-ale:end -->$", re.MULTILINE | re.DOTALL)
# Debian has ALE where its own tool for add-ons finds it, a plugin manager elsewhere.
ALE = "set nocompatible encoding=utf-8\nset runtimepath^=/usr/share/vim-ale\nfiletype plugin on\n"
BAD = """\
import asyncio
import time


async def main() -> None:
    s = "🦊é"; time.sleep(1)
    asyncio.sleep(2)
    await asyncio.
"""


@pytest.fixture(scope="module", autouse=True)
def _there() -> None:
    vim = shutil.which("vim")
    jobs = vim and b"+job" in subprocess.run([vim, "--version"], capture_output=True, check=False).stdout
    there = bool(jobs) and Path("/usr/share/vim-ale").is_dir()
    needed("vim-ale", there, "tests/editors/vim/setup.sh installs Vim with ALE")


def at(text: str, offset: int) -> Answer:
    """Return a place as Vim counts: from 1, columns in bytes."""
    line, column = place(text, offset, "utf-8")
    return {"line": line + 1, "column": column + 1}


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> list[Answer]:
    folder = tmp_path_factory.mktemp("vim")
    lines = BLOCK.search(PAGE.read_text("utf-8"))
    assert lines is not None, f"{PAGE.name} has no ```vim block between `<!-- vim-ale:begin -->` and its end"
    (folder / "vimrc").write_text(f"{ALE}{lines[1]}let g:ale_hover_to_preview = 1\n", encoding="utf-8")
    (folder / "pyproject.toml").write_text('[project]\nname = "x"\nversion = "1"\nrequires-python = ">=3.11"\n')
    path = folder / "app.py"
    path.write_text(BAD, encoding="utf-8")
    environment = {**os.environ, "PATH": f"{TOOLS}{os.pathsep}{os.environ.get('PATH', '')}", "HOME": str(folder)}
    environment["LC_ALL"], environment["TERM"] = "C.UTF-8", "dumb"
    steps: list[Answer] = [
        {"do": "diagnostics", "count": 2},
        {"do": "hover", **at(BAD, BAD.index("sleep(2)"))},
        {"do": "complete", **at(BAD, len(BAD) - 1)},
        {
            "do": "act",
            **at(BAD, BAD.index("asyncio.sleep(2)")),
            "title": "Await the call",
            "until": "await asyncio.sleep",
        },
        {"do": "diagnostics", "count": 1},
    ]
    command = ["vim", "--not-a-term", "-N", "-n", "-i", "NONE", "-u", folder / "vimrc", "-S", HERE / "drive.vim", path]
    return ended(start(command, folder, environment, path, steps), path, len(steps))


def test_findings_are_shown(session: list[Answer]) -> None:
    assert [(one["line"], one["code"]) for one in session[0]["found"]] == [(6, "blocking-sleep"), (7, "missing-await")]


def test_a_hover_shows_the_card(session: list[Answer]) -> None:
    assert "asyncio.sleep" in session[1]["text"]
    assert "`" not in session[1]["text"].partition("\n")[0]


def test_completions_come_in_our_order(session: list[Answer]) -> None:
    words = [word.partition("(")[0] for word in session[2]["words"]]
    assert words[0] == "sleep"
    assert {"gather", "to_thread", "wait_for"} <= set(words[:12])


def test_an_action_fixes_the_finding(session: list[Answer]) -> None:
    assert "    await asyncio.sleep(2)" in session[3]["text"]
    assert [one["code"] for one in session[4]["found"]] == ["blocking-sleep"]
