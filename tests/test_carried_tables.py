"""Tables that are carried from keystroke to keystroke equal those of a new scan."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loopwise.project.document import Document
from loopwise.semantics.bindings.binding import Table
from loopwise.semantics.bindings.carried import OUTER
from loopwise.semantics.bindings.scan import Scan
from loopwise.syntax.tree import Node, nodes_of
from loopwise.text import Edit, Source, Span, encode

FOLDER = Path(asyncio.__file__).parent
# Tables are carried in large files only.
LARGE = b"".join((FOLDER / f"{name}.py").read_bytes() for name in ("base_events", "tasks", "sslproto", "streams"))
SOURCES = {
    "whole": LARGE,
    "class": (FOLDER / "base_events.py").read_bytes() + LARGE,
    "tabs": LARGE.replace(b"    ", b"\t"),
}
KEYS = [
    "x", ".", "\n", "    ", "\n    ", "(", ")", '"', ":", "#", "x = 1\n", "self.y = x\n", "def f(): pass\n",
    "class C:\n    z = 1\n", "import a\n", "@", "=", "lambda: 0", "else:\n", "del ", "return ", "async ", "global x\n",
]  # fmt: skip
EXAMPLES = 25 if os.environ.get("CI") else 12

steps = st.lists(
    st.tuples(st.floats(0, 1), st.integers(0, 12), st.sampled_from(KEYS), st.booleans()), min_size=1, max_size=8
)


def outer_units(root: Node) -> list[Node]:
    return [root, *nodes_of(root, OUTER - {"module"})]


def contents(table: Table) -> tuple[object, ...]:
    return (dict(table.by_name), table.bindings, table.attributes, table.stars, table.imports)


@pytest.mark.parametrize("source", SOURCES)
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps)
def test_tables_equal_the_result_of_a_scan(source: str, changes: list[tuple[float, int, str, bool]]) -> None:
    """Edits cluster as in typing, and the tables may or may not be asked for between two of them."""
    document = Document("untitled:1", 1, None, Source.of(SOURCES[source]))
    at = 0
    for place, removed, added, asked in changes:
        size = len(document.source.data)
        at = round(place * size) if place < 0.5 or at == 0 else min(at, size)
        edit = Edit(Span(at, min(size, at + (removed if removed < 4 else 0))), encode(added))
        if asked:
            for unit in outer_units(document.file.root):
                document.file.table_of(unit)
        document = document.edited(document.version + 1, edit)
        at = edit.new_end
        for unit in outer_units(document.file.root):
            if asked or unit.type == "module":
                assert contents(document.file.table_of(unit)) == contents(Scan(unit).table())


# Found by the test above: the key, with the bar where it is typed, in a method of a class in a large file.
FOUND = {
    "a comment at the end of the last line": ("def f(self):\n        self.y = 2|", "#"),
    "a comment after the last line": ("def f(self):\n        self.y = 2|\n", "# and"),
    "a definition in a definition's name": ("def call_so|(self):\n        self.y = 2", "def g(): pass\n"),
    "a name after a broken head": ("def call_sodef g(): pass\n|(self):\n        self.y = 2", "."),
    "a string opened in the last line": ("def f(self):\n        self.y = 2|\n", '"'),
    "a line after the last one": ("def f(self):\n        self.y = 2|\n", "\n        x = 1"),
}


@pytest.mark.parametrize("case", FOUND)
@pytest.mark.parametrize("step", ["    ", "\t"])
def test_keys_that_were_once_carried_wrongly(case: str, step: str) -> None:
    """Each is a past mistake; the tables must equal those of a scan."""
    method, key = FOUND[case]
    filling = "".join(f"def filling_{number}(): pass\n" for number in range(3_000))
    text = f"{filling}\nclass C:\n    x = 1\n\n    {method}\n\n    z = 3\n\nlast = 4\n".replace("    ", step)
    at = text.index("|")
    document = Document("untitled:1", 1, None, Source.of(text.replace("|", "")))
    for unit in outer_units(document.file.root):
        document.file.table_of(unit)
    document = document.edited(2, Edit(Span(at, at), encode(key.replace("    ", step))))
    for unit in outer_units(document.file.root):
        assert contents(document.file.table_of(unit)) == contents(Scan(unit).table())


def test_a_key_in_a_method_moves_the_tables_around_it() -> None:
    """They are carried over, not rebuilt, and a keystroke that binds a name in them is noticed."""
    filling = "".join(f"def filling_{number}(): pass\n" for number in range(3_000))
    text = (
        f"{filling}import a\n\nclass C:\n    x = 1\n\n    def f(self):\n        self.y = 2\n\n    z = 3\n\nlast = 4\n"
    )
    document = Document("untitled:1", 1, None, Source.of(text))
    before = [contents(document.file.table_of(unit)) for unit in outer_units(document.file.root)]
    inside = document.edited(2, Edit(Span(text.index("2\n\n    z"), text.index("2\n\n    z")), b"1 + 1"))
    after = [inside.file.table_of(unit) for unit in outer_units(inside.file.root)]
    assert all(table.region is not None for table in after)
    assert [contents(table) for table in after] != before
    outside = inside.edited(3, Edit(Span(0, 0), b"b = 0\n"))
    assert "b" in outside.file.table.by_name
