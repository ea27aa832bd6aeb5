"""The file that users can copy into their configuration of Neovim, copied there."""

from __future__ import annotations

import re

import pytest
from editor import README, Neovim
from test_neovim_completion import Case, main_with, marked, visit
from test_neovim_fixes import BAD, at

from processes import still_running

pytestmark = pytest.mark.editor

PLACE = "lsp/loopwise.lua"
FILE = README.parent / "server" / "editors" / "neovim" / PLACE
LINE = 'vim.lsp.enable("loopwise")'
OLD_WAY = """\
import asyncio


async def main() -> None:
    asyncio.sleep(1)
    print(asyncio.iscoroutinefunction(main))
"""  # the example ignores the second finding
GONE_WITHIN = 10  # seconds


def dropped(folder: pytest.TempPathFactory, script: str) -> Neovim:
    return Neovim(folder.mktemp("dropped"), script, {"pyproject.toml": ""}, LINE, {PLACE: FILE})


def test_the_readme_says_where_the_file_goes() -> None:
    text = README.read_text(encoding="utf-8")
    assert FILE.relative_to(README.parent).as_posix() in text
    assert LINE in text


def test_a_session(tmp_path_factory: pytest.TempPathFactory) -> None:
    text, here = at(BAD)
    neovim = dropped(tmp_path_factory, "drive.lua")
    found, hover, listed, running = neovim.run(
        neovim.write("app.py", text),
        {"do": "diagnostics", "count": 2},
        {"do": "hover", **here},
        {"do": "actions", **here},
        {"do": "processes"},
    )
    assert len(found["shown"]) == 2
    assert "[blocking-sleep]" in hover["text"]
    assert listed["titles"][0] == "Await asyncio.sleep() instead"
    assert still_running(running["processes"], GONE_WITHIN) == []


def test_a_menu_opens_while_typing(tmp_path_factory: pytest.TempPathFactory) -> None:
    case = Case("await and a space", main_with("$0"), "await ", "fetch", main_with("await fetch($0)"))
    answer = visit(dropped(tmp_path_factory, "complete.lua"), [case], "auto")[case]
    assert marked(answer["accepted"]) == case.gives


def test_its_example_of_settings_works(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The lines are in comments; with the dashes removed, they take effect, and the server reports no problem."""
    text = FILE.read_text(encoding="utf-8")
    example = re.sub(r"^  -- (settings|  |\})", r"  \1", text, flags=re.MULTILINE)
    assert example.count("\n  settings = {\n") == 1
    file = tmp_path_factory.mktemp("example") / "loopwise.lua"
    file.write_text(example, encoding="utf-8")
    neovim = Neovim(tmp_path_factory.mktemp("obeyed"), "fixes.lua", {"pyproject.toml": ""}, LINE, {PLACE: file})
    (found,) = neovim.run(neovim.write("app.py", OLD_WAY), {"do": "diagnostics", "count": 1})
    assert found["shown"] == ["missing-await: asyncio.sleep(1)"]
