"""Findings while typing: correct where text is typed, steady everywhere else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from loopwise.diagnosis import live
from loopwise.diagnosis.live import Checked
from loopwise.diagnosis.selection import Selection, selection_for
from loopwise.project.document import Document
from loopwise.project.workspace import Workspace
from loopwise.semantics.index import ProjectNames
from loopwise.text import Edit, Region, Source, Span, decode, encode
from sharing import sharing_stubs

TEXT = """\
import asyncio
import time

LIMIT = 3

async def first():
    time.sleep(1)
    $0
    asyncio.sleep(1)

class Client:
    async def second(self):
        time.sleep(2)

    def third(self):
        self.second()

async def fourth():
    asyncio.sleep(4)
"""
ALL = [
    "blocking-sleep: time.sleep(1)",
    "missing-await: asyncio.sleep(1)",
    "blocking-sleep: time.sleep(2)",
    "missing-await: self.second()",
    "missing-await: asyncio.sleep(4)",
]
RULES = {"blocking-sleep", "missing-await"}


class Typist:
    """Types into a document and updates its findings as the server does."""

    def __init__(self, folder: Path, text: str) -> None:
        self.workspace = sharing_stubs(Workspace([folder]))
        self.cursor = len(encode(text[: text.index("$0")]))
        path = folder / "main.py"
        self.document = Document(path.as_uri(), 1, path, Source.of(text.replace("$0", "")))
        self.workspace.open(self.document)
        chosen = selection_for(self.workspace.root(path), path)
        self.selection = Selection(tuple(rule for rule in chosen.rules if rule.name in RULES))
        self.checked = self.whole()

    def whole(self, before: Checked | None = None) -> Checked:
        steps = live.whole(self.workspace.view(self.document), self.selection, ProjectNames(), before)
        while True:
            try:
                next(steps)
            except StopIteration as done:
                found: Checked = done.value
                return found

    def type(self, text: str) -> Iterator[list[str]]:
        """Yield the findings after each key."""
        for key in text:
            self.replace(0, key)
            yield self.shown()

    def replace(self, before: int, text: str) -> None:
        """Delete bytes before the cursor and insert a text."""
        edit = Edit(Span(self.cursor - before, self.cursor), encode(text))
        self.document = self.document.edited(self.document.version + 1, edit)
        self.workspace.change(self.document)
        self.cursor = edit.new_end
        view = self.workspace.view(self.document)
        self.checked = live.typed(self.checked, Region.of(edit), view, self.selection)

    def shown(self, checked: Checked | None = None) -> list[str]:
        data = self.document.source.data
        found = (checked or self.checked).shown().found
        spans = [(one.rule.name, one.finding.span) for one in found]
        return [f"{name}: {decode(data[span.start : span.end])}" for name, span in spans]


@pytest.fixture
def typist(tmp_path: Path) -> Typist:
    return Typist(tmp_path, TEXT)


def test_everything_is_found_on_the_first_run(typist: Typist) -> None:
    assert typist.shown() == ALL


@pytest.mark.parametrize(
    "line", ["x = LIMIT", "await asyncio.sleep(0)", "print('(')", "for x in range(3): pass", "é = '🦊'"]
)
def test_typing_changes_no_other_line(typist: Typist, line: str) -> None:
    """Half-typed text does not either."""
    for shown in typist.type(line):
        assert [each for each in shown if each in ALL] == ALL, decode(typist.document.source.data)
    assert typist.shown() == ALL == typist.shown(typist.whole(typist.checked))


@pytest.mark.parametrize("line", ["time.sleep(9)", "asyncio.sleep(9)", "time.sleep( 9 ); x = 1"])
def test_findings_in_typed_text_appear_at_once(typist: Typist, line: str) -> None:
    """With the last key, and equal to those of a check of the whole file."""
    *_, last = typist.type(line)
    assert len(last) == len(ALL) + 1
    assert last == typist.shown(typist.whole())


def test_fixed_findings_disappear_at_once(typist: Typist) -> None:
    typist.cursor = typist.document.source.data.index(b"asyncio.sleep(1)")
    *_, last = typist.type("await ")
    assert last == [each for each in ALL if each != "missing-await: asyncio.sleep(1)"]


def test_an_unclosed_bracket_clears_no_findings(typist: Typist) -> None:
    """The check in the next pause does not clear them either."""
    *_, last = typist.type("print(")
    assert last == ALL
    assert typist.shown(typist.whole(typist.checked)) == ALL


def test_outside_functions_the_statement_decides(tmp_path: Path) -> None:
    typist = Typist(tmp_path, "import asyncio\n\nx = 1\n$0\nasync def main():\n    asyncio.sleep(1)\n")
    *_, last = typist.type("asyncio.sleep(2)")
    assert last == ["missing-await: asyncio.sleep(2)", "missing-await: asyncio.sleep(1)"]
    typist.replace(len("asyncio.sleep(2)"), "")
    assert typist.shown() == ["missing-await: asyncio.sleep(1)"]


def test_a_line_at_the_end_belongs_to_the_function_above(typist: Typist) -> None:
    typist.cursor = len(typist.document.source.data)
    typist.replace(0, "    time.sleep(5)\n")
    assert typist.shown() == [*ALL, "blocking-sleep: time.sleep(5)"]


def test_a_line_above_moves_what_is_below(typist: Typist) -> None:
    typist.cursor = 0
    *_, last = typist.type("# é\n\n")
    assert last == ALL


def test_deleting_a_function_deletes_its_findings(typist: Typist) -> None:
    data = typist.document.source.data
    start, end = data.index(b"async def fourth"), len(data)
    typist.cursor = end
    typist.replace(end - start, "")
    assert typist.shown() == ALL[:-1]
