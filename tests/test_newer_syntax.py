"""Syntax that the Python running the tests may not know yet, but the user's does."""

from __future__ import annotations

from pathlib import Path

import pytest

from loopwise.diagnosis.fix_all import fixed
from loopwise.diagnosis.run import Found, findings
from loopwise.features.hover import SymbolHover, hover
from loopwise.project import Document, Workspace
from loopwise.rules.registry import all_rules
from loopwise.text import Source
from marked import cursor

LAZY = """\
lazy import asyncio
lazy from asyncio import gather, sleep as nap

async def fetch(n):
    await nap(n)
    return [n]

async def main(rows, tables):
    flat = [*row async for row in rows()]
    names = {*row for row in flat}
    merged = {**table for table in tables}
    text = t"{names} in {merged}"
    fetch(1)
    return await gather(fetch(2), fetch(3)), text
"""
"""Lazy imports and unpacking in comprehensions (3.15), template strings (3.14)."""


def found_in(document: Document) -> list[Found]:
    workspace = Workspace()
    workspace.configure({None: {"target-version": "3.15"}})
    return findings(workspace.view(document), all_rules().values())


def opened(text: str, folder: Path) -> Document:
    path = folder / "app.py"
    return Document(path.as_uri(), 1, path, Source.of(text.encode()), module=("app", folder))


def test_unknown_syntax_hides_no_findings(tmp_path: Path) -> None:
    """The mistake below it is found, and nothing else."""
    document = opened(LAZY, tmp_path)
    (one,) = found_in(document)
    assert one.rule.name == "missing-await"
    assert document.source.data[one.finding.span.start : one.finding.span.end] == b"fetch(1)"


def test_a_fix_leaves_newer_syntax_alone(tmp_path: Path) -> None:
    """Only the line with the mistake changes."""
    document = fixed(opened(LAZY, tmp_path), found_in).document
    assert document.source.text == LAZY.replace("    fetch(1)", "    await fetch(1)")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("lazy import asyn$0cio\n", "asyncio"),
        ("lazy from asyncio import gat$0her\n", "asyncio.gather"),
        ("lazy import asyncio as aio\n\naio.gath$0er()\n", "asyncio.gather"),
        (
            "lazy from asyncio import Queue\n\nasync def f():\n    q = Queue()\n    await q.g$0et()\n",
            "asyncio.Queue.get",
        ),
    ],
)
def test_lazily_imported_names_are_known(text: str, name: str, tmp_path: Path) -> None:
    code, offset = cursor(text)
    workspace = Workspace()
    workspace.configure({None: {"target-version": "3.15"}})
    found = hover(workspace.view(opened(code, tmp_path)), offset)
    assert isinstance(found, SymbolHover)
    assert found.name == name
