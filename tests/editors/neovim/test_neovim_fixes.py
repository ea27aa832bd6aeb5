"""Findings and fixes as a user gets them: a real Neovim with the configuration from the README."""

from __future__ import annotations

import pytest
from editor import Neovim

from marked import cursor, place
from scripted import Answer

pytestmark = pytest.mark.editor

BAD = """\
import asyncio
import time


async def main() -> None:
    s = "🦊é"; time.sl$0eep(1)
    asyncio.sleep(2)
    await asyncio.sleep(3)
"""
FOUND = ["blocking-sleep: time.sleep(1)", "missing-await: asyncio.sleep(2)"]


def slept(text: str) -> str:
    """Return BAD with its first finding fixed; an unneeded import is removed."""
    return text.replace("time.sleep(1)", "await asyncio.sleep(1)").replace("import time\n", "")


@pytest.fixture(scope="module")
def neovim(tmp_path_factory: pytest.TempPathFactory) -> Neovim:
    return Neovim(tmp_path_factory.mktemp("neovim"), "fixes.lua", {"pyproject.toml": "[tool.loopwise]\n"})


def at(marked: str) -> tuple[str, Answer]:
    """Return the text, and its ``$0`` as a step takes it."""
    text, offset = cursor(marked)
    line, column = place(text, offset, "utf-8")
    return text, {"line": line, "column": column}


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_a_chosen_fix_is_applied(neovim: Neovim, newline: str) -> None:
    text, here = at(BAD)
    path = neovim.write(f"fix_{len(newline)}.py", text, newline)
    found, fixed, left = neovim.run(
        path,
        {"do": "diagnostics", "count": 2},
        {"do": "fix", "title": "Await asyncio.sleep() instead", **here},
        {"do": "diagnostics", "count": 1},
    )
    assert found["shown"] == FOUND
    assert fixed["lines"] == slept(text).splitlines()
    assert left["shown"] == FOUND[1:]


def test_everything_is_fixed_in_one_run(neovim: Neovim) -> None:
    text, _ = at(BAD)
    path = neovim.write("fix_all.py", text)
    _, fixed, left = neovim.run(
        path, {"do": "diagnostics", "count": 2}, {"do": "fix all"}, {"do": "diagnostics", "count": 0}
    )
    expected = slept(text).replace("    asyncio.sl", "    await asyncio.sl")
    assert fixed["lines"] == expected.splitlines()
    assert not left["shown"]


def test_suppressed_findings_are_not_reported(neovim: Neovim) -> None:
    text, here = at(BAD)
    path = neovim.write("silence.py", text)
    _, silenced, left = neovim.run(
        path,
        {"do": "diagnostics", "count": 2},
        {"do": "fix", "title": "Suppress blocking-sleep here", **here},
        {"do": "diagnostics", "count": 1},
    )
    assert "time.sleep(1)  # loopwise: ignore[blocking-sleep]" in silenced["lines"][here["line"]]
    assert left["shown"] == FOUND[1:]


def test_typed_code_is_checked(neovim: Neovim) -> None:
    text, here = at(BAD.replace("$0", "").replace("sleep(3)", "sleep(3)$0"))
    path = neovim.write("type.py", text)
    _, _, found = neovim.run(
        path,
        {"do": "diagnostics", "count": 2},
        {"do": "type", "text": "\ntime.sleep(4)", **here},
        {"do": "diagnostics", "count": 3},
    )
    assert "blocking-sleep: time.sleep(4)" in found["shown"]
