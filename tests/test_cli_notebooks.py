"""``loopwise check`` on notebooks: cell by cell, and fixed without other changes to the file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from checking import Output, found, put, said, settle


@pytest.fixture(autouse=True)
def somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty repository."""
    settle(tmp_path, monkeypatch)


def notebook(*cells: str, language: str = "python", **fields: Any) -> dict[str, Any]:
    """Return a notebook of format 4; a cell that starts with ``#!md`` is a Markdown cell."""
    made: list[dict[str, Any]] = []
    for text in cells:
        kind = "markdown" if text.startswith("#!md") else "code"
        made.append({"cell_type": kind, "metadata": {}, "source": text.splitlines(keepends=True)})
    metadata = {"language_info": {"name": language}}
    return {"cells": made, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5, **fields}


def saved(book: dict[str, Any], *, indent: int = 1, end: str = "\n") -> Path:
    return put("book.ipynb", json.dumps(book, indent=indent, ensure_ascii=False) + end)


CELLS = (
    "#!md Some words",
    "import asyncio\n%matplotlib inline",
    "import time\nasync def f():\n    !ls\n    time.sleep(1)\n    'é'; asyncio.sleep(1)",
    "await f()",
)


def test_findings_are_reported_by_cell(capsys: Output) -> None:
    saved(notebook(*CELLS))
    text = said(capsys, "--output-format", "concise", code=1)
    assert [line.partition(" [*]")[0] for line in text.splitlines()[:2]] == [
        "book.ipynb:cell 3:4:5: LW201",
        "book.ipynb:cell 3:5:10: LW101",
    ]
    assert "book.ipynb:cell 3:4:5: warning LW201" in said(capsys, "book.ipynb", code=1)
    first = found(capsys, code=1)[0]
    assert (first["cell"], first["line"], first["column"]) == (3, 4, 5)
    assert (first["fix"]["edits"][0]["cell"], first["fix"]["edits"][0]["line"]) == (3, 4)


@pytest.mark.parametrize("indent", [1, 2, 4])
@pytest.mark.parametrize("end", ["", "\n"])
def test_fixes_change_nothing_else(capsys: Output, indent: int, end: str) -> None:
    """Magics and the layout of the file are unchanged."""
    path = saved(notebook(*CELLS), indent=indent, end=end)
    before = path.read_text("utf-8")
    said(capsys, "--fix")
    wanted = before.replace("    time.sleep(1)", "    await asyncio.sleep(1)")
    assert path.read_text("utf-8") == wanted.replace("; asyncio.sleep(1)", "; await asyncio.sleep(1)")


def test_a_fix_that_needs_an_import_puts_it_into_a_cell(capsys: Output) -> None:
    path = saved(notebook("import time\n", "async def f():\n    time.sleep(1)\n"))
    said(capsys, "--fix")
    cells = ["".join(cell["source"]) for cell in json.loads(path.read_text("utf-8"))["cells"]]
    assert any("import asyncio" in cell for cell in cells)
    assert "await asyncio.sleep(1)" in cells[1]


def test_top_level_await_is_allowed_and_running_a_loop_is_reported(capsys: Output) -> None:
    saved(notebook("import asyncio\nasync def f(): ...", "await f()", "asyncio.run(f())"))
    assert [(one["name"], one["cell"]) for one in found(capsys, code=1)] == [("run-in-running-loop", 3)]


def test_notebooks_in_other_languages_are_left_out(capsys: Output) -> None:
    saved(notebook(*CELLS, language="R"))
    assert found(capsys, code=0) == []


@pytest.mark.parametrize("text", ["", "{}", "[]", "not json", '{"cells": [{}]}', '{"worksheets": []}'])
def test_an_invalid_notebook_is_reported(capsys: Output, text: str) -> None:
    put("book.ipynb", text)
    assert "book.ipynb:1: error: not a notebook of format 4" in said(capsys, code=2)
