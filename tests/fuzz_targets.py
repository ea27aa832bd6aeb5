"""Targets for fuzzing: texts of people, as bytes, are read without an exception, and problems are said in a line.

``test_fuzz_inputs.py`` tries random texts made of ``PIECES``; ``benchmarks/fuzz.py`` searches with coverage.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from loopwise.cards import load
from loopwise.cli.check.notebook import cells_of
from loopwise.cli.check.report import FileError
from loopwise.diagnosis.analyse import analyse
from loopwise.diagnosis.selection import selection_for, unknown_rules
from loopwise.diagnosis.suppression import suppression
from loopwise.globs import Exclude, compiled, spec_of
from loopwise.problem import Problem, listen
from loopwise.project import Document, Workspace
from loopwise.rules import registry
from loopwise.text import Source, Span, decode

_CODE = b"import asyncio, time\nasync def f(x):\n    time.sleep(1)%s\n%s\n    asyncio.sleep(1)\n"
_PATHS = ("a.py", "src/a.py", "src/b/", ".venv/x/y.py", "a b/\u00e9.py")


def page(data: bytes) -> None:
    """A page of cards."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("shop.md", "messages.md"):
            Path(folder, name).write_bytes(data)
        with listen(_told):
            found = load((Path(folder),))
    said(found.problems)


def settings(data: bytes) -> None:
    """A pyproject.toml, which is what linters and packagers read as well."""
    with tempfile.TemporaryDirectory() as folder:
        for name in (
            "pyproject.toml",
            "ruff.toml",
            "setup.cfg",
            "tox.ini",
            "pyrightconfig.json",
            "mypy.ini",
            ".flake8",
        ):
            Path(folder, name).write_bytes(data)
        place = Path(folder, "app.py")
        with listen(_told):
            workspace = Workspace([Path(folder)], unknown_rules)
            selection_for(workspace.root(place), place)
        said(workspace.problems)


def options(data: bytes) -> None:
    """Settings of an editor, as JSON."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return
    with tempfile.TemporaryDirectory() as folder, listen(_told):
        workspace = Workspace([Path(folder)], unknown_rules)
        workspace.configure({None: value, Path(folder): value})
        selection_for(workspace.root(Path(folder, "app.py")), Path(folder, "app.py"))
        said(workspace.problems)


def ignore(data: bytes) -> None:
    """A .gitignore, and the patterns of settings."""
    lines = tuple(decode(data).splitlines())
    found = spec_of(lines)
    for path in _PATHS:
        found.check_file(path)
        Exclude(lines, "/top").says(f"/top/{path}", folder=path.endswith("/"))
        for line in lines:
            compiled(line).match(path)


def notebook(data: bytes) -> None:
    """A notebook file."""
    cells = cells_of(data)
    if isinstance(cells, FileError):
        assert "\n" not in str(cells)
        return
    joined = Document("", 0, None, Source.of(cells.notebook.data), cells=cells.notebook.starts)
    analyse_all(joined)
    if cells.numbers:
        cells.encoded(joined)


def comment(data: bytes) -> None:
    """A comment after a statement, on a line of its own, and above all of the code."""
    line = data.replace(b"\n", b" ").replace(b"\r", b" ").decode(errors="replace").encode()
    for code in (
        _CODE % (b"  # " + line, b""),
        _CODE % (b"", b"    # " + line),
        b"# " + line + b"\n" + _CODE % (b"", b""),
    ):
        document = Document("", 0, None, Source.of(code))
        analyse_all(document)
        suppression(
            document.file,
            Span(code.index(b"time.sleep"), code.index(b"time.sleep") + 4),
            registry.all_rules()["blocking-sleep"],
        )


TARGETS: Mapping[str, Callable[[bytes], None]] = {
    one.__name__: one for one in (page, settings, options, ignore, notebook, comment)
}


def analyse_all(document: Document) -> None:
    workspace = Workspace()
    workspace.open(document)
    analyse(workspace.view(document), selection_for(workspace.root(None), None))


def said(problems: Iterable[Problem]) -> None:
    """Each problem is a line with words."""
    for problem in problems:
        _told(problem)


def _told(problem: Problem) -> None:
    assert problem.message.strip()
    assert "\n" not in problem.message, problem.message
