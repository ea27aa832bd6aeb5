"""Syntax that the Python running the tests may not know yet, but the user's does."""

from __future__ import annotations

from pathlib import Path

import pytest

from loopwise.cli.main import main
from loopwise.diagnosis.fix_all import fixed
from loopwise.diagnosis.run import Found, findings
from loopwise.features.hover import SymbolHover, hover
from loopwise.project import Document, Workspace
from loopwise.rules.registry import all_rules
from loopwise.syntax import is_broken, parse
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


NEWER = [
    "lazy import json\n",
    "if 1:\n    lazy from json import (\n        loads,\n    )\n",
    "def f[T = int](x: T) -> T: ...\n",
    "class A[T: (int, str) = str, *Ts = *tuple[int, ...], **P = [int]]: ...\n",
    "type Pair[K = int,\n          V = dict[K, str]] = tuple[K, V]\n",
    "merged = {**table for table in tables(1, 2)}\n",
    "merged = {\n    **table\n    for table in tables\n}\n",
    "t = t'{1}'\nmerged = {**one, 'a': [*b for b in c]}\nlazy import x\n",
]
"""Syntax that the grammar does not know yet."""


@pytest.mark.parametrize("text", NEWER)
def test_newer_syntax_is_valid(text: str) -> None:
    """Its tree has no error, and the text of the tree is what was written."""
    source = Source.of(text.encode())
    root = parse(source).root_node
    assert not root.has_error
    assert root.text == source.data
    assert not is_broken(source)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("lazy import json\nx = f(a\ny = 1\n", 2),
        ("x = f(a\ny = 1\n", 1),
        ("lazy = 1\nlazy importing json\n", 2),
        ("merged = {**one: two for one in three}\n", 1),
    ],
)
def test_errors_beside_newer_syntax_are_reported(
    text: str, line: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "app.py"
    path.write_text(text, "utf-8")
    main(["check", "--no-cache", str(path)])
    assert f"app.py:{line}: error: syntax error" in capsys.readouterr().out


def test_check_reads_syntax_newer_than_its_own_python(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "app.py"
    path.write_text(LAZY, "utf-8")
    main(["check", "--no-cache", "--fix", "--target-version", "3.15", str(path)])
    assert "syntax error" not in capsys.readouterr().out
    assert path.read_text("utf-8") == LAZY.replace("    fetch(1)", "    await fetch(1)")
