"""The pages of ``signatures/``: what signature help shows, on whole calls and on calls that are being typed.

A section brings its files as named code blocks, then cases: a ``python`` block with a ``$0``, and a ``text`` block
with what is shown there: each signature with its active parameter between ``⟪`` and ``⟫``, below it its documentation
(``|``) and that of the parameter (``:``); ``-`` for nothing.  The signature that fits comes first.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from loopwise.features.signature_help.help import Signatures, signature_help
from loopwise.features.signature_help.parts import SignatureInfo
from loopwise.syntax import SMALL
from loopwise.text import encode
from marked import MARK, cursor
from scenario import Stage, Stages

PAGES = Path(__file__).with_name("signatures")
NEEDS_MORE = "needs what follows"  # in the prose of a section whose calls mean something by the blocks below them
BROKEN_ABOVE = ("total = = 3\n", "items = [1, 2\n\n", "class :\n", "def (x):\n    pass\n", "value = compute(1, [\n\n")
BROKEN_BELOW = (
    "\n\nasync def unfinished():\n    async with asyncio.\n",
    "\n\ndef unfinished(x, y",
    "\n\nvalue = compute(x, [1, 2\n",
    '\n\ntext = "unfinished\n',
)
_FOLDER = Path(asyncio.__file__).parent
SOURCES = (_FOLDER / "tasks.py", _FOLDER / "streams.py", _FOLDER / "base_events.py", _FOLDER / "__main__.py")
_FENCE = re.compile(r"^```(?P<language>\w+)(?: +(?P<name>\S+))?\n(?P<text>.*?)^```\n", re.MULTILINE | re.DOTALL)


class Case(NamedTuple):
    """A ``python`` block and the ``text`` block after it."""

    page: Path
    title: str
    number: int
    """Number of the case in its section, from 1."""
    prose: str
    files: dict[str, str]
    code: str
    shown: str
    at: tuple[int, int]
    """Span of ``shown`` in the page."""

    def __str__(self) -> str:
        return f"{self.page.stem}: {self.title} {self.number}"


def cases() -> Iterator[Case]:
    """Yield all cases of all pages."""
    for page in sorted(PAGES.glob("*.md")):
        text = page.read_text("utf-8")
        starts = [found.start() for found in re.finditer(r"^## ", text, re.MULTILINE)]
        for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
            yield from _cases(page, text, start, end)


def _cases(page: Path, text: str, start: int, end: int) -> Iterator[Case]:
    title = text[start:end].partition("\n")[0].removeprefix("## ")
    prose = _FENCE.sub("", text[start:end])
    files: dict[str, str] = {}
    code, number = "", 0
    for fence in _FENCE.finditer(text, start, end):
        if fence["name"]:
            files[fence["name"]] = fence["text"]
        elif MARK in fence["text"]:
            code = fence["text"]
        else:
            number += 1
            yield Case(page, title, number, prose, files, code, fence["text"], fence.span("text"))


CASES = list(cases())


def found(stages: Stages, files: dict[str, str], code: str, offset: int) -> Signatures | None:
    """Return signature help at an offset in code points of ``main.py``."""
    scene = stages.of({**files, "main.py": ""})
    document = scene.open("main.py", code)
    return signature_help(scene.workspace.view(document), len(encode(code[:offset])))


def said(help_: Signatures | None) -> list[str]:
    """Return the signatures in a line each, the best fit first; empty for none."""
    if help_ is None:
        return []
    first = help_.signatures[help_.active]
    return [_label(one) for one in (first, *(other for other in help_.signatures if other is not first))]


def _label(one: SignatureInfo) -> str:
    if one.active is None:
        return one.label
    parameter = one.parameters[one.active]
    before, inside, after = one.label[: parameter.start], one.label[parameter.start : parameter.end], parameter.end
    return f"{before}⟪{inside}⟫{one.label[after:]}"


def shown(help_: Signatures | None) -> str:
    """Return all text that is shown, in the form of the pages."""
    if help_ is None:
        return "-\n"
    first = help_.signatures[help_.active]
    lines = said(help_)
    lines += [f"| {line}" for line in first.documentation.splitlines()]
    if first.active is not None:
        lines += [f": {line}" for line in first.parameters[first.active].documentation.splitlines()]
    return "".join(f"{line}\n" for line in lines)


def test_pages_are_read_in_full() -> None:
    """Each case has a name of its own, and no page's cases are lost."""
    names = [str(case) for case in CASES]
    assert sorted(set(names)) == sorted(names)
    assert len(CASES) == sum(page.read_text("utf-8").count(MARK) for page in PAGES.glob("*.md"))


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_call_shows_what_the_page_says(case: Case, stages: Stages, request: pytest.FixtureRequest) -> None:
    """``pytest --update`` rewrites the pages to the actual text."""
    code, offset = cursor(case.code)
    is_ = shown(found(stages, case.files, code, offset))
    if request.config.getoption("--update"):
        (now,) = [other for other in cases() if str(other) == str(case)]
        text = case.page.read_text("utf-8")
        case.page.write_text(text[: now.at[0]] + is_ + text[now.at[1] :], "utf-8")
        return
    assert is_ == case.shown


@pytest.mark.parametrize("case", CASES, ids=str)
def test_broken_code_elsewhere_changes_nothing(case: Case, stages: Stages) -> None:
    """A half-typed statement above or below does not change the signatures."""
    code, offset = cursor(case.code)
    expected = said(found(stages, case.files, code, offset))
    for above, below in [*((text, "") for text in BROKEN_ABOVE), *(("", text) for text in BROKEN_BELOW)]:
        is_ = said(found(stages, case.files, above + code + below, len(above) + offset))
        assert is_ == expected, repr(above or below)


@pytest.mark.parametrize("case", [case for case in CASES if NEEDS_MORE not in case.prose], ids=str)
def test_it_is_there_while_the_call_is_typed(case: Case, stages: Stages) -> None:
    """Nothing after the cursor is needed: neither the rest of the line nor that of the file."""
    code, offset = cursor(case.code)
    expected = said(found(stages, case.files, code, offset))
    line_end = code.find("\n", offset)
    below = "\n\nvalue = 3\n\nasync def later(x):\n    await asyncio.sleep(x)\n"
    for rest in ("", "\n", code[line_end:], below, "\n    later()\n"):
        assert said(found(stages, case.files, code[:offset] + rest, offset)) == expected, repr(rest)


@pytest.mark.parametrize("case", [case for case in CASES if case.page.stem == "half_typed"], ids=str)
def test_large_files_behave_the_same(case: Case, stages: Stages) -> None:
    """Code that is too large for repairing is read as well as other code."""
    code, offset = cursor(case.code)
    expected = said(found(stages, case.files, code, offset))
    filler = "import asyncio\n" + "async def filler(x):\n    return [x, {1: 2}]\n\n" * (SMALL // 40)
    assert said(found(stages, case.files, filler + code, len(filler) + offset)) == expected


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_no_place_in_real_code_makes_it_raise(source: Path, tmp_path: Path) -> None:
    """No request at every 50th byte of a standard library file raises, and the answers are well-formed."""
    text = source.read_text("utf-8")
    scene = Stage(tmp_path, {"main.py": text})
    view = scene.workspace.view(scene.open("main.py", text))
    for answer in filter(None, (signature_help(view, offset) for offset in range(0, len(encode(text)), 50))):
        for one in answer.signatures:
            names = [one.label[parameter.start : parameter.end].lstrip("*") for parameter in one.parameters]
            assert all(name.startswith(p.name) for name, p in zip(names, one.parameters, strict=True)), one


@pytest.mark.parametrize("source", SOURCES[:2], ids=lambda path: path.stem)
def test_no_cut_of_real_code_makes_it_raise(source: Path, tmp_path: Path) -> None:
    """The same file as if it were being typed, cut off at the cursor."""
    text = source.read_text("utf-8")
    scene = Stage(tmp_path, {"main.py": text})
    for offset in range(0, len(text), 997):
        signature_help(scene.workspace.view(scene.open("main.py", text[:offset])), len(encode(text[:offset])))
