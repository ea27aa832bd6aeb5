"""Neovim beside a general Python server, as most people run it: the README's lines, and jedi-language-server."""

from __future__ import annotations

import os
import shutil

import pytest
from editor import TOOLS, Neovim, readme_block
from test_neovim_completion import Case, main_with, marked, visit

from marked import place
from needed import needed
from processes import still_running
from scripted import Answer

pytestmark = pytest.mark.editor

GENERAL = "jedi-language-server"
BESIDE = f"""
vim.lsp.config("jedi", {{
  cmd = {{ "{GENERAL}" }},
  filetypes = {{ "python" }},
  root_markers = {{ "pyproject.toml", ".git" }},
  on_attach = function(client, buffer)
    vim.lsp.completion.enable(true, client.id, buffer, {{ autotrigger = true }})
  end,
}})
vim.lsp.enable("jedi")
"""
GONE_WITHIN = 10  # seconds
TEXT = """\
import asyncio
import time


async def fetch(url: str = "") -> str:
    return url.upper()


async def main() -> None:
    time.sleep(1)
    asyncio.sleep(2)
    await asyncio.sleep(3)
"""
OURS = "Pause this task for a number of seconds while other tasks run."
THEIRS = "Coroutine that completes after a given time"


@pytest.fixture(scope="module", autouse=True)
def _there() -> None:
    there = shutil.which(GENERAL, path=f"{TOOLS}{os.pathsep}{os.environ.get('PATH', '')}") is not None
    needed(GENERAL, there, f"pip install {GENERAL} into the environment of the tests, or somewhere on PATH")


@pytest.fixture(scope="module")
def lines() -> str:
    return readme_block() + BESIDE


@pytest.fixture(scope="module")
def neovim(tmp_path_factory: pytest.TempPathFactory, lines: str) -> Neovim:
    files = {"pyproject.toml": '[project]\nname = "bakery"\nversion = "1.0"\nrequires-python = ">=3.11"\n'}
    return _of_two(Neovim(tmp_path_factory.mktemp("beside"), "drive.lua", files, lines))


def _of_two(neovim: Neovim) -> Neovim:
    neovim.environment["LOOPWISE_CLIENTS"] = "2"
    return neovim


def at(name: str, text: str = TEXT) -> dict[str, int]:
    """Return the first place of ``name``, as a step takes it."""
    line, column = place(text, text.index(name), "utf-8")
    return {"line": line, "column": column}


@pytest.fixture(scope="module")
def session(neovim: Neovim) -> list[Answer]:
    return neovim.run(
        neovim.write("app.py", TEXT),
        {"do": "diagnostics", "count": 2},
        {"do": "hover", **at("sleep(3)")},
        {"do": "hover", **at("upper")},
        {"do": "hover", **at("time\n")},
        {"do": "actions", **at("time.sleep")},
        {"do": "processes"},
        {"do": "stop"},
    )


def test_both_servers_answer_if_both_know_something(session: list[Answer]) -> None:
    text = session[1]["text"]
    assert OURS in text
    assert THEIRS in text


def test_the_other_server_answers_alone_if_we_know_nothing(session: list[Answer]) -> None:
    _, _, upper, module, *_ = session
    assert "Return a copy of the string converted to uppercase." in upper["text"]
    assert "This module provides various functions to manipulate time values." in module["text"]
    assert "loopwise" not in upper["text"] + module["text"]


def test_findings_are_reported_once(session: list[Answer]) -> None:
    shown = session[0]["shown"]
    assert len(set(shown)) == len(shown) == 2


def test_the_fixes_of_both_are_listed(session: list[Answer]) -> None:
    titles = session[4]["titles"]
    assert "Await asyncio.sleep() instead" in titles
    assert any(title.startswith("Extract expression") for title in titles), "none of the other server"
    assert len(set(titles)) == len(titles)


def test_no_process_remains(session: list[Answer]) -> None:
    processes = session[5]["processes"]
    assert len(processes) >= 2, "both servers should run"
    assert still_running(processes, GONE_WITHIN) == []


def test_no_process_remains_after_quitting(neovim: Neovim) -> None:
    answers = neovim.run(neovim.write("quits.py", TEXT), {"do": "hover", **at("sleep(3)")}, {"do": "processes"})
    assert len(answers[1]["processes"]) >= 2, "both servers should run"
    assert still_running(answers[1]["processes"], GONE_WITHIN) == []


MAIN = main_with("$0")
CASES = [
    Case("a name that both have", MAIN, "await fe", "fetch", main_with("await fetch($0)")),
    Case("a member of asyncio", MAIN, "await asyncio.gat", "gather", main_with("await asyncio.gather($0)")),
    Case("a member through the await", MAIN, "print(fetch().nu", "number", main_with("print((await fetch()).number$0")),
    Case("what only the other knows", MAIN, "'a'.upp", "upper", main_with("'a'.upper()$0")),
]


@pytest.fixture(scope="module")
def typed(tmp_path_factory: pytest.TempPathFactory, lines: str) -> dict[Case, Answer]:
    neovim = _of_two(Neovim(tmp_path_factory.mktemp("completion"), "complete.lua", {}, lines))
    return visit(neovim, CASES, "get")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_completions_are_merged(case: Case, typed: dict[Case, Answer]) -> None:
    """Ours is inserted, with its call, if both offer a name; neither offers it twice."""
    menu = typed[case]["menu"]
    assert max(menu.count(label) for label in menu) <= 2
    assert marked(typed[case]["accepted"]) == case.gives
