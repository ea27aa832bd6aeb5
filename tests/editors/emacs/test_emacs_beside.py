"""Emacs beside a general Python server, with the lines of EDITORS.md: eglot through rass, and lsp-mode."""

from __future__ import annotations

import os
import shutil

import pytest
from emacs_session import TOOLS, block_of, need_emacs, opening
from test_emacs import BAD, FIX, MAIN, SLEEP, YASNIPPET, emacs_in, main_with, slept

from marked import cursor
from needed import needed
from processes import still_running
from scripted import Answer

pytestmark = pytest.mark.editor

GENERAL = "jedi-language-server"
PAGE = "server/EDITORS.md"
HOOK = "(add-hook 'python-mode-hook #'eglot-ensure)\n"
IN_ITS_PLACE = '"basedpyright-langserver" "--stdio"'  # what the page has in the place of GENERAL
JEDI = f"""
(with-eval-after-load 'lsp-mode
  (lsp-register-client
   (make-lsp-client :new-connection (lsp-stdio-connection '("{GENERAL}"))
                    :activation-fn (lsp-activate-on "python")
                    :server-id 'general)))
"""
GONE_WITHIN = 10  # seconds
TEXT = BAD.replace("🦊", "")  # lsp-mode 8 takes the protocol's columns for characters, and is off by one behind it
OURS = "Pause this task for a number of seconds while other tasks run."
THEIRS = "Coroutine that completes after a given time"


@pytest.fixture(scope="module", autouse=True)
def _there() -> None:
    need_emacs()
    path = f"{TOOLS}{os.pathsep}{os.environ.get('PATH', '')}"
    for program, package in ((GENERAL, GENERAL), ("rass", "rassumfrassum")):
        there = shutil.which(program, path=path) is not None
        needed(program, there, f"pip install {package} into the environment of the tests, or somewhere on PATH")


def session(folder: pytest.TempPathFactory, client: str, lines: str) -> list[Answer]:
    """Offsets are those of TEXT and MAIN."""
    emacs = emacs_in(folder, client, lines)
    text, at = cursor(MAIN)
    return emacs.run(
        emacs.write("app.py", TEXT),
        {"do": "hover", "at": TEXT.index("sleep(3)")},
        {"do": "hover", "at": TEXT.index("upper")},
        {"do": "diagnostics", "count": 2},
        {"do": "act", "at": TEXT.index(SLEEP), "title": FIX},
        opening(emacs.write("typed.py", text)),
        {"do": "type", "at": at, "text": "await fe"},
        {"do": "complete", "label": "fetch", "of": 2},  # both know it; a slow one is asked again
        {"do": "processes"},
        {"do": "shut down"},
    )


@pytest.fixture(scope="module")
def through_rass(tmp_path_factory: pytest.TempPathFactory) -> list[Answer]:
    lines = block_of(PAGE, "emacs-rass")
    assert IN_ITS_PLACE in lines
    return session(tmp_path_factory, "with_eglot.el", lines.replace(IN_ITS_PLACE, f'"{GENERAL}"') + HOOK)


@pytest.fixture(scope="module")
def in_lsp_mode(tmp_path_factory: pytest.TempPathFactory) -> list[Answer]:
    lines = YASNIPPET + block_of(PAGE, "emacs-lsp-mode") + JEDI
    return session(tmp_path_factory, "with_lsp_mode.el", lines)


def check_what_both_share(answers: list[Answer]) -> None:
    """Findings, fixes, completion and the exit are as they are without another server."""
    _, _, found, fixed, _, _, completed, running, _ = answers
    assert [one["text"] for one in found["shown"]] == [SLEEP, "asyncio.sleep(2)"]
    assert FIX in fixed["titles"]
    assert any("Extract expression" in title for title in fixed["titles"]), "none of the other server"
    assert fixed["text"] == slept(TEXT)
    assert completed["offered"].count("fetch") == 2
    assert len(running["processes"]) >= 2, "both servers should run"
    assert still_running(running["processes"], GONE_WITHIN) == []


def test_through_rass(through_rass: list[Answer]) -> None:
    check_what_both_share(through_rass)
    assert through_rass[6]["text"] == main_with("await fetch()")


def test_rass_asks_the_first_server_alone_for_hovers(through_rass: list[Answer]) -> None:
    """The page says so; if this fails, a newer rass merges them, and the page can say that."""
    known, unknown, *_ = through_rass
    assert THEIRS in known["text"]
    assert OURS not in known["text"]
    assert "Return a copy of the string converted to uppercase." in unknown["text"]


def test_in_lsp_mode(in_lsp_mode: list[Answer]) -> None:
    check_what_both_share(in_lsp_mode)
    assert in_lsp_mode[6]["text"] == main_with("await fetch()")


def test_lsp_mode_shows_both_hovers(in_lsp_mode: list[Answer]) -> None:
    known, unknown, *_ = in_lsp_mode
    assert THEIRS in known["text"]
    assert OURS in known["text"]
    assert "Return a copy of the string converted to uppercase." in unknown["text"]
    assert "asyncio" not in unknown["text"]
