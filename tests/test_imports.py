"""Imports added for a name: their place, their style, and that each is added once."""

from __future__ import annotations

import ast
import importlib
import os
import re
import runpy
import tempfile
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loopwise.semantics.bindings.files import File
from loopwise.text import Edit, Source, encode
from loopwise.writing.imports.spelling import Imported, importing
from marked import cursor
from scenario import CLAIMED_CODE

_SECTION = re.compile(
    r"^## (?P<title>.+)\n\n(?:.+\n\n)?"
    r"```python (?P<wanted>.+)\n(?P<before>(?:.*\n)*?)```\n```python\n(?P<after>(?:.*\n)*?)```\n",
    re.MULTILINE,
)
_TYPED = "typed"  # the text at the cursor when a completion is requested


class Wanted(NamedTuple):
    """A name to import, and the module to import it into."""

    module: str
    name: str | None
    own: bool = False
    into: str = "main"

    @classmethod
    def read(cls, text: str) -> Wanted:
        """Parse ``asyncio gather``, ``kitchen.oven bake own in=kitchen.main``."""
        module, name, *options = text.split()
        into = next((option[3:] for option in options if option.startswith("in=")), "main")
        return cls(module, name if name != "-" else None, "own" in options, into)


def sections() -> list[tuple[str, ...]]:
    text = Path(__file__).with_suffix("").with_name("imports.md").read_text("utf-8")
    found = [m.group("title", "wanted", "before", "after") for m in _SECTION.finditer(text)]
    assert len(found) == text.count("\n## ")
    return found


def ask(text: str, at: int, wanted: Wanted, typed: str = "") -> Imported:
    """Ask for the import of a name at an offset (code points) of a text, where ``typed`` is typed already."""
    source = Source.of(text[:at] + typed + text[at:])
    file = File(wanted.into, "main.py", source)
    return importing(file, len(encode(text[:at])), wanted.module, wanted.name, prefer_module=not wanted.own)


def applied(text: str, at: int, imported: Imported) -> str:
    """Return the text with the imports, and the name at an offset (code points)."""
    place = len(encode(text[:at]))
    edits = sorted(imported.edits, key=lambda edit: edit.span)
    ends = [0, *(edit.span.end for edit in edits), place]
    assert all(end <= edit.span.start for end, edit in zip(ends, edits, strict=False)), "edits overlap"
    assert ends[-2] <= place, "an edit below the cursor"
    data = encode(text[:at]) + encode(imported.text) + encode(text[at:])
    for edit in reversed(edits):
        data = _edited(data, edit)
    return data.decode()


def _edited(data: bytes, edit: Edit) -> bytes:
    return data[: edit.span.start] + edit.text + data[edit.span.end :]


@pytest.mark.parametrize(
    ("wanted", "before", "after"), [section[1:] for section in sections()], ids=[section[0] for section in sections()]
)
@pytest.mark.parametrize("typed", ["", _TYPED])
def test_an_import_is_added_in_the_style_of_the_file(wanted: str, before: str, after: str, typed: str) -> None:
    """As in ``imports.md``, whether or not some letters are typed already."""
    text, at = cursor(before)
    assert applied(text, at, ask(text, at, Wanted.read(wanted), typed)) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("$0", "import asyncio\n\nasyncio.gather"),
        ("\n\n$0", "import asyncio\n\n\nasyncio.gather"),
        ("\ufeff$0", "\ufeffimport asyncio\n\nasyncio.gather"),
        ("\ufeffimport sys\n$0", "\ufeffimport asyncio\nimport sys\nasyncio.gather"),
        ('\ufeff"""Doc."""\n$0', '\ufeff"""Doc."""\n\nimport asyncio\n\nasyncio.gather'),
        ("import sys\r\n\r\n$0", "import asyncio\r\nimport sys\r\n\r\nasyncio.gather"),
        ('"""Doc."""\r\nx = $0\r\n', '"""Doc."""\r\n\r\nimport asyncio\r\n\r\nx = asyncio.gather\r\n'),
        (
            "# Licence: ours\rimport sys\r\rx = $0\r",
            "# Licence: ours\rimport asyncio\rimport sys\r\rx = asyncio.gather\r",
        ),
        (
            "from asyncio import (\r\n    sleep,\r\n)\r\n$0",
            "from asyncio import (\r\n    gather,\r\n    sleep,\r\n)\r\ngather",
        ),
        ("import sys; $0", "import asyncio\n\nimport sys; asyncio.gather"),
        ("from asyncio import sleep; $0", "import asyncio\n\nfrom asyncio import sleep; asyncio.gather"),
        ("\fimport sys\n\f\ndef f():\n\t$0", "import asyncio\n\fimport sys\n\f\ndef f():\n\tasyncio.gather"),
        ("x = $0", "import asyncio\n\nx = asyncio.gather"),
        ("'é🦊'\nx = $0", "'é🦊'\n\nimport asyncio\n\nx = asyncio.gather"),
    ],
)
@pytest.mark.parametrize("typed", ["", _TYPED])
def test_line_ends_and_byte_order_marks_are_kept(before: str, after: str, typed: str) -> None:
    """Details that Markdown cannot show: line ends, byte order marks, files without a final newline."""
    text, at = cursor(before)
    assert applied(text, at, ask(text, at, Wanted("asyncio", "gather"), typed)) == after


PREAMBLES = [
    "",
    '"""The kitchen."""\n',
    "'''The kitchen.'''; size = 3\n\n",
    "#!/usr/bin/env python\n# -*- coding: utf-8 -*-\n",
    "# Licence: ours\n\n",
    "from __future__ import annotations\n",
    '# ours\n"""The kitchen.\n\nIt has an oven.\n"""\n\nfrom __future__ import (\n    annotations,\n)\n',
]
PARTS = [
    "\n",
    "\n\n",
    "# needed early\n",
    "size = 4\n",
    "import os\n",
    "import zlib  # at last\n",
    "import enum, asyncio\n",
    "import enum; import sys\n",
    "import asyncio as aio\n",
    "import asyncio.subprocess\n",
    "import concurrent.futures\n",
    "import concurrent.futures as futures\n",
    "import os.path as asyncio\n",
    "from typing import Any\n",
    "from collections import deque\n",
    "from asyncio import sleep\n",
    "from asyncio import Event as E, sleep  # naps\n",
    "from asyncio import (\n    Event,  # rings\n    # naps\n    sleep,\n)\n",
    "from asyncio import (Event,\n                     sleep)\n",
    "from asyncio import (  # ours\n\tsleep\n)\n",
    "from asyncio import sleep, \\\n    Event\n",
    "from asyncio import gather as g\n",
    "from asyncio import subprocess\n",
    "from asyncio import *\n",
    "from contextlib import suppress as quiet\n",
    "from concurrent import futures as asyncio\n",
    "gather = deque = 1\n",
    "asyncio = None\n",
    "try:\n    import asyncio\nexcept ImportError:\n    asyncio = None\n",
    "try:\n    from asyncio import gather\nexcept ImportError:\n    def gather(): pass\n",
    "import sys\nif sys.version_info >= (3, 8):\n    import asyncio\nelse:\n    import trollius as asyncio\n",
    "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import asyncio\n    from asyncio import gather\n",
    "if not zip:\n    import asyncio\n",
    "with open(__file__):\n    import asyncio as aio\n",
    "def helper():\n    import asyncio, contextlib\n    return asyncio\n",
    "class Helper:\n    import asyncio\n",
]
PLACES = [
    "def place():\n    return $0\n",
    "def place(asyncio=1):\n    return $0\n",
    "def place(asyncio=1, gather=2, Queue=3, subprocess=4, concurrent=5):\n    return $0\n",
    "def place():\n    import asyncio as local\n    return $0\n",
    "def place():\n    from asyncio import gather, Queue as Q\n    return $0\n",
    "def place():\n    value = $0\n    import asyncio\n    return value\n",
    "def place():\n    return [$0 for asyncio in 'x'][0]\n",
    "def outer():\n    import asyncio\n    def inner():\n        return $0\n    return inner\n\nplace = outer()\n",
    "class Oven:\n    asyncio = 1\n    def place(self):\n        return $0\n\nplace = Oven().place\n",
    "class Oven:\n    asyncio = 1\n    value = $0\n\ndef place():\n    return Oven.value\n",
    "value = $0\n\ndef place():\n    return value\n\nimport asyncio\n",
    "place = lambda asyncio=1: $0",
]
WANTED = [
    Wanted("asyncio", "gather"),
    Wanted("asyncio", "Queue"),
    Wanted("asyncio", "TimeoutError"),
    Wanted("asyncio", "gather", own=True),
    Wanted("asyncio", None),
    Wanted("asyncio.subprocess", "PIPE"),
    Wanted("asyncio.subprocess", None, own=True),
    Wanted("collections", "deque"),
    Wanted("contextlib", "suppress"),
    Wanted("concurrent.futures", "ThreadPoolExecutor"),
    Wanted("concurrent.futures", None),
]


@st.composite
def modules(draw: st.DrawFn) -> str:
    """Draw a module that can run, with a ``$0`` in the expression that its ``place()`` returns."""
    parts = draw(st.lists(st.sampled_from(PARTS), max_size=7))
    text = draw(st.sampled_from(PREAMBLES)) + "".join(parts) + draw(st.sampled_from(PLACES))
    return text.replace("\n", draw(st.sampled_from(["\n", "\n", "\r\n", "\r"])))


@settings(max_examples=200, deadline=None, derandomize="CI" in os.environ)
@given(modules(), st.sampled_from(WANTED))
def test_the_inserted_name_resolves_to_the_intended_one(module: str, wanted: Wanted) -> None:
    """Python itself resolves it; an existing import is used, so a second request adds nothing."""
    text, at = cursor(module)
    imported = ask(text, at, wanted, _TYPED)
    after = applied(text, at, imported)
    assert _returned(after) is _value(wanted), after

    place = at + len(after) - len(text) - len(imported.text)
    again = ask(after[:place] + after[place + len(imported.text) :], place, wanted, imported.text)
    assert again == Imported(imported.text, ()), after


@settings(max_examples=200, deadline=None, derandomize="CI" in os.environ)
@given(modules(), st.sampled_from(WANTED))
def test_one_import_is_added_and_nothing_else(module: str, wanted: Wanted) -> None:
    """Edits only insert: whole lines, or a name in a statement that imports from its module."""
    text, at = cursor(module)
    imported = ask(text, at, wanted, _TYPED)
    after = applied(text, at, imported)
    before = text[:at] + imported.text + text[at:]
    assert len(_imports(after)) == len(_imports(before)) + bool(imported.edits), after
    for edit in imported.edits:
        assert edit.span.start == edit.span.end
        extends = any(start < edit.span.start < end for start, end in _statements(before, wanted))
        assert extends or _is_lines(encode(text), edit), after


@settings(max_examples=200, deadline=None, derandomize="CI" in os.environ)
@given(st.sampled_from(CLAIMED_CODE), st.data(), st.sampled_from(WANTED))
def test_broken_code_gets_its_imports_too(text: str, data: st.DataObject, wanted: Wanted) -> None:
    """After any cut out of a text, the import goes above the new line and is found there again."""
    cut = sorted(data.draw(st.tuples(*[st.integers(0, len(text))] * 2)))
    lines = (text[: cut[0]] + text[cut[1] :]).splitlines(keepends=True)
    row = data.draw(st.integers(0, len(lines)))
    indent = re.match(" *", "".join(lines[row : row + 1]))
    before = "".join(lines[:row]) + (indent[0] if indent else "")
    text = before + "\n" + "".join(lines[row:])
    imported = ask(text, len(before), wanted, _TYPED)
    after = applied(text, len(before), imported)
    place = len(after) - len(text) + len(before) - len(imported.text)
    again = ask(after[:place] + after[place + len(imported.text) :], place, wanted, _TYPED)
    assert again == Imported(imported.text, ()), after


@settings(max_examples=200, deadline=None, derandomize="CI" in os.environ)
@given(st.sampled_from(CLAIMED_CODE), st.data(), st.sampled_from(WANTED))
def test_any_place_of_any_text_has_an_answer(text: str, data: st.DataObject, wanted: Wanted) -> None:
    """Inside names, strings and comments too; edits are above the place and do not overlap."""
    cut = sorted(data.draw(st.tuples(*[st.integers(0, len(text))] * 2)))
    text = text[: cut[0]] + text[cut[1] :]
    at = data.draw(st.integers(0, len(text)))
    imported = ask(text, at, wanted)
    applied(text, at, imported)
    assert all(edit.span.start == edit.span.end for edit in imported.edits)


def _returned(text: str) -> object:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "kitchen.py")
        path.write_bytes(encode(text))
        return runpy.run_path(str(path))["place"]()


def _value(wanted: Wanted) -> object:
    module = importlib.import_module(wanted.module)
    return module if wanted.name is None else getattr(module, wanted.name)


def _imports(text: str) -> list[tuple[str, str]]:
    """Return all imports of a text, at any depth."""
    return [
        (getattr(node, "module", None) or "", f"{alias.name} as {alias.asname}")
        for node in ast.walk(ast.parse(encode(text)))
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for alias in node.names
    ]


def _statements(text: str, wanted: Wanted) -> list[tuple[int, int]]:
    """Return byte ranges of the ``from`` statements that import from the wanted module or its package."""
    starts = [0, *(match.end() for match in re.finditer(rb"\r\n|\r|\n", encode(text)))]
    return [
        (starts[node.lineno - 1] + node.col_offset, starts[(node.end_lineno or 0) - 1] + (node.end_col_offset or 0) + 1)
        for node in ast.parse(encode(text)).body
        if isinstance(node, ast.ImportFrom) and node.module in {wanted.module, wanted.module.rpartition(".")[0]}
    ]


def _is_lines(data: bytes, edit: Edit) -> bool:
    """Does the edit insert whole lines?"""
    return data[: edit.span.start][-1:] in {b"", b"\n", b"\r"} and edit.text[-1:] in {b"\n", b"\r"}
