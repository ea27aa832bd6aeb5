"""The pages of ``completions/``: what is offered at a place, and what the file is once it is accepted.

A section brings its files as named blocks (a ``toml pyproject.toml`` for the target Python and the settings), then
cases: a ``python`` block with a ``$0``, whose name, if it has one, is the file (``cell`` a cell of a notebook).
Below it are any of

``text``          the first items as an editor lists them, a line each; ``-``: there are none at all
``text has``      labels, one a line, that are somewhere in the list
``text never``    labels that are not
``python LABEL``  the file after that item is accepted and nothing typed
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from loopwise.cards.snippet_text import fault, plain
from loopwise.features.completion.complete import Completions, Options, completions
from loopwise.features.completion.items import Item, ItemKind, Tier
from loopwise.lsp.convert.positions import path_of
from loopwise.project.document import Document
from loopwise.text import Edit, Source, decode, encode
from marked import MARK, cursor
from scenario import Stage, Stages
from test_signature_help import BROKEN_ABOVE, BROKEN_BELOW, SOURCES

PAGES = Path(__file__).with_name("completions")
NEEDS_MORE = "needs what follows"  # in the prose of a section: the cases mean something by the blocks below them
BY_ITSELF = "by itself"  # likewise: no request, a space or `=` was typed
CELL = "vscode-notebook-cell:/book.ipynb#c1"
BELOW = "\n\nvalue = 3\n\nasync def unfinished(x):\n    pass\n"
# The parser takes the text on the level of a head without a name for its body.
BROKEN_ABOVE_PLAIN = tuple(text for text in BROKEN_ABOVE if text != "class :\n")
SHAPED = (ItemKind.SNIPPET, ItemKind.TEMPLATE)  # whole statements: they are only offered where nothing follows
FIRST = 5  # items that stay the same, whatever is broken elsewhere
_FENCE = re.compile(r"^```(?P<language>\w+)(?: +(?P<name>\S+))?\n(?P<text>.*?)^```\n", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^## (.+)$", re.MULTILINE)
_TABS = re.compile(r"^\t+", re.MULTILINE)
_HEAD = re.compile(r"(?:(?:(?:import|from) (?:.*\([^)]*\)|.*[^(\n]))?\n)*")
_WORD_START = re.compile(r"(?<![a-zA-Z0-9])[a-zA-Z0-9]|(?<=[a-z])[A-Z]")


class Claim(NamedTuple):
    """A block below a case."""

    kind: str
    """``text``, ``has``, ``never``, or ``accept``."""
    label: str
    text: str
    at: tuple[int, int]
    """Span of ``text`` in the page."""


class Case(NamedTuple):
    """A ``python`` block with a ``$0``, and its claims."""

    page: Path
    title: str
    number: int
    """Number of the case in its section, from 1."""
    prose: str
    files: dict[str, str]
    name: str
    code: str
    claims: list[Claim]

    def __str__(self) -> str:
        return f"{self.page.stem}: {self.title} {self.number}"


def cases() -> Iterator[Case]:
    """Yield all cases of all pages."""
    for page in sorted(PAGES.glob("*.md")):
        text = page.read_text("utf-8")
        starts = [found.start() for found in _HEADING.finditer(text)]
        for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
            yield from _cases(page, text, start, end)


def _cases(page: Path, text: str, start: int, end: int) -> Iterator[Case]:
    title = text[start:end].partition("\n")[0].removeprefix("## ")
    prose = _FENCE.sub("", text[start:end])
    files: dict[str, str] = {}
    found: list[Case] = []
    for fence in _FENCE.finditer(text, start, end):
        name, code = fence["name"] or "", fence["text"]
        if MARK in code:
            found.append(Case(page, title, len(found) + 1, prose, files, name or "main.py", code, []))
        elif not found:
            files[name] = code
        else:
            python = fence["language"] == "python"
            kind, label = ("accept", name) if python else (name or "text", "")
            found[-1].claims.append(Claim(kind, label, code, fence.span("text")))
    yield from found


CASES = list(cases())


class Asker:
    """The files of a case in a folder and its code in an editor, in one variant after the other."""

    def __init__(self, case: Case, stages: Stages) -> None:
        self.case = case
        self.stage = stages.of(case.files)
        self.workspace = self.stage.workspace
        self.path = self.stage.folder / case.name if case.name != "cell" else None
        self._refresh()

    def _refresh(self) -> None:
        loop = asyncio.new_event_loop()
        loop.run_until_complete(self.workspace.index(self.path).refresh())
        loop.close()

    def document(self, code: str) -> Document:
        if self.path is not None:
            return self.stage.open(self.case.name, code)
        document = Document(CELL, 1, path_of(CELL), Source.of(code), cells=(0,))
        self.workspace.open(document)
        return document

    def ask(self, code: str, offset: int) -> Completions:
        """Complete at an offset in code points."""
        document = self.document(code)
        options = Options.of(self.workspace.root(document.path).settings.completion)
        if BY_ITSELF in self.case.prose:
            options = Options(options.mode, options.through_await, typed=True)
        return completions(self.workspace.view(document), len(encode(code[:offset])), options)

    def listed(self, code: str, offset: int) -> list[Item]:
        """Return the items as an editor lists them, filtered by the letters before the cursor."""
        return filtered(self.ask(code, offset).items, code, offset)

    def first(self, code: str, offset: int, *besides: ItemKind) -> list[str]:
        """Return the labels at the top, without those that the disturbances add."""
        return first_labels([item for item in self.listed(code, offset) if item.kind not in besides])


def first_labels(items: list[Item]) -> list[str]:
    return [item.label for item in items if item.label != "unfinished"][:FIRST]


def filtered(items: tuple[Item, ...], code: str, offset: int) -> list[Item]:
    """Return the items that match the typed letters, in order, those that start with them first."""
    data = encode(code)
    at = len(encode(code[:offset]))
    ranked = [(_rank(decode(data[item.span.start : at]), item.plain), item) for item in items]
    return [item for rank, item in sorted(ranked, key=lambda pair: pair[0]) if rank < 2]


def _rank(typed: str, text: str) -> int:
    """Return 0 if the text starts with the letters, 1 if it contains them as an editor matches, else 2."""
    if text.lower().startswith(typed.lower()):
        return 0
    starts = (found.start() for found in _WORD_START.finditer(text) if found[0].lower() == typed[0].lower())
    for start in starts:
        letters = iter(text[start:].lower())
        if all(letter in letters for letter in typed.lower()):
            return 1
    return 2


def line_of(item: Item) -> str:
    """Return an item as a line of an editor's list."""
    origin = f"  [{item.origin}]" if item.origin else ""
    mark = {Tier.LAST: "  (last)", Tier.DEPRECATED: "  (deprecated)"}.get(item.tier, "")
    return f"{item.label}{item.detail}{origin}{mark}"


def accepted(code: str, item: Item) -> str:
    """Return the text after an item is accepted."""
    source = Source.of(code)
    line = source.data[source.line_span(source.line_at(item.span.start)).start : item.span.start]
    indent = decode(line[: len(line) - len(line.lstrip(b" \t"))])
    text = plain(item.insert) if item.snippet else item.insert
    text = _TABS.sub(lambda tabs: "    " * len(tabs[0]), text).replace("\n", "\n" + indent)
    text = re.sub(r"^[ \t]+$", "", text, flags=re.MULTILINE) if "\n" in text else text
    if "\r\n" in code:
        text = text.replace("\n", "\r\n")
    return edited(code, [*item.edits, Edit(item.span, encode(text))])


def edited(code: str, edits: list[Edit]) -> str:
    """Apply edits whose places are those of the original text; at the same place, the first comes first."""
    source = Source.of(code)
    for edit in sorted(edits, key=lambda edit: edit.span.start)[::-1]:
        source = source.edited(edit)
    return source.text


def edits_above(item: Item, code: str) -> list[Edit]:
    """Return the item's edits above its own line: its imports, and the one that makes its function async."""
    line = encode(code).rfind(b"\n", 0, item.span.start) + 1
    return [edit for edit in item.edits if edit.span.end <= line]


def body_of(code: str, offset: int) -> int:
    """Return the offset of the code below the imports, at the latest that of the cursor's line."""
    head = _HEAD.match(code, 0, code.rfind("\n", 0, offset) + 1)
    return head.end() if head is not None else 0


def told(claim: Claim, case: Case, items: list[Item]) -> str:
    """Return the text of a block that would be correct."""
    labels = [item.label for item in items]
    wanted = claim.text.splitlines()
    if claim.kind == "has":
        return "".join(f"{label}\n" for label in wanted if label in labels)
    if claim.kind == "never":
        return "".join(f"{label}\n" for label in wanted if label not in labels)
    if claim.kind == "text":
        return "".join(f"{line_of(item)}\n" for item in items[: len(wanted) or FIRST]) or "-\n"
    assert claim.kind == "accept"
    assert claim.label in labels, labels[:20]
    return accepted(cursor(case.code)[0], items[labels.index(claim.label)])


def test_pages_are_read_in_full() -> None:
    """Each case has its own name and at least one claim, and no page's cases are lost."""
    names = [str(case) for case in CASES]
    assert sorted(set(names)) == sorted(names)
    pages = [page.read_text("utf-8") for page in PAGES.glob("*.md")]
    assert len(CASES) == sum(page.count(MARK) for page in pages)
    blocks = sum(len(case.claims) for case in CASES) + len(CASES)
    blocks += sum(len(files) for files in {id(case.files): case.files for case in CASES}.values())
    assert blocks == sum(page.count("```") // 2 for page in pages)
    assert not [str(case) for case in CASES if not case.claims]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_place_offers_what_the_page_says(case: Case, stages: Stages, request: pytest.FixtureRequest) -> None:
    """``pytest --update`` rewrites the pages to the actual items."""
    items = Asker(case, stages).listed(*cursor(case.code))
    if request.config.getoption("--update"):
        (now,) = [other for other in cases() if str(other) == str(case)]
        text = case.page.read_text("utf-8")
        for claim in reversed(now.claims):
            text = text[: claim.at[0]] + told(claim, case, items) + text[claim.at[1] :]
        case.page.write_text(text, "utf-8")
        return
    for claim in case.claims:
        assert told(claim, case, items) == claim.text, claim.kind


@pytest.mark.parametrize("case", CASES, ids=str)
def test_any_item_can_be_accepted(case: Case, stages: Stages) -> None:
    """Its edits do not overlap, its snippet is valid, and a second request finds its imports."""
    asker = Asker(case, stages)
    code, offset = cursor(case.code)
    at = len(encode(code[:offset]))
    items = asker.ask(code, offset).items
    for item in items:
        assert item.span.start <= at <= item.span.end
        assert not item.snippet or fault(item.insert) is None, item
        spans = sorted([*(edit.span for edit in item.edits), item.span], key=lambda span: (span.start, span.end))
        assert all(one.end <= other.start for one, other in zip(spans, spans[1:], strict=False)), item
    for item in [item for item in items if edits_above(item, code) and item.kind is not ItemKind.KEYWORD][:3]:
        again = edited(code, edits_above(item, code))
        same = [one for one in asker.ask(again, offset + len(again) - len(code)).items if one.plain == item.plain]
        assert same and not any(edits_above(one, again) for one in same), item


@pytest.mark.parametrize("case", CASES, ids=str)
def test_broken_code_elsewhere_changes_nothing(case: Case, stages: Stages) -> None:
    """A half-typed statement above or below does not change the first items."""
    asker = Asker(case, stages)
    code, offset = cursor(case.code)
    expected = asker.first(code, offset)
    start = body_of(code, offset)
    above_it = BROKEN_ABOVE if code[code.rfind("\n", 0, offset) + 1 :].startswith(" ") else BROKEN_ABOVE_PLAIN
    for above, below in [*((text, "") for text in above_it), *(("", text) for text in BROKEN_BELOW)]:
        disturbed = code[:start] + above + code[start:] + below
        assert asker.first(disturbed, len(above) + offset) == expected, repr(above or below)


@pytest.mark.parametrize("case", [case for case in CASES if NEEDS_MORE not in case.prose], ids=str)
def test_it_is_there_while_the_line_is_typed(case: Case, stages: Stages) -> None:
    """Nothing after the cursor is needed: neither the rest of the line nor that of the file."""
    asker = Asker(case, stages)
    code, offset = cursor(case.code)
    expected = asker.first(code, offset, *SHAPED)
    line_end = code.find("\n", offset)
    for rest in ("", "\n", code[line_end:], BELOW):
        assert asker.first(code[:offset] + rest, offset, *SHAPED) == expected, repr(rest)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_lines_may_end_in_crlf(case: Case, stages: Stages) -> None:
    """The items are the same, and the accepted text has the line ends of the file."""
    asker = Asker(case, stages)
    code, offset = cursor(case.code)
    expected = asker.first(code, offset)
    windows, at = code.replace("\n", "\r\n"), offset + code.count("\n", 0, offset)
    items = asker.listed(windows, at)
    assert first_labels(items) == expected
    for claim in case.claims:
        if claim.kind == "accept":
            (item,) = [item for item in items if item.label == claim.label][:1]
            assert accepted(windows, item) == claim.text.replace("\n", "\r\n")


@pytest.mark.parametrize("source", SOURCES[:3], ids=lambda path: path.stem)
def test_no_place_in_real_code_makes_it_raise(source: Path, tmp_path: Path) -> None:
    """No request at any position of a standard library file raises, with the file whole or cut off at the cursor."""
    text = source.read_text("utf-8")
    stage = Stage(tmp_path, {"main.py": text})
    whole = stage.workspace.view(stage.open("main.py", text))
    for offset in range(0, len(text), 501):
        at = len(encode(text[:offset]))
        completions(whole, at)
    for offset in range(0, len(text), 1999):
        cut = stage.workspace.view(stage.open("main.py", text[:offset]))
        completions(cut, len(encode(text[:offset])))


WALKED = {f"shop_{number}.py": f"async def sell_{number}(): ...\n" for number in range(30)}


@pytest.mark.parametrize(
    ("line", "incomplete"),
    [
        ("await $0", True),
        ("await sell_2$0", False),
        ("async with $0", False),
        ("await asyncio.$0", False),
        ("x = $0", False),
    ],
)
def test_more_letters_add_items_only_if_the_list_was_incomplete(line: str, incomplete: bool, stages: Stages) -> None:
    """``isIncomplete``: of thirty functions of other modules twenty are listed, of eleven all."""
    code, offset = cursor(f"import asyncio\n\nasync def main():\n    {line}\n")
    case = Case(PAGES / "none.md", "", 1, "", WALKED, "main.py", code, [])
    assert Asker(case, stages).ask(code, offset).incomplete is incomplete


def test_a_list_is_incomplete_before_the_project_is_read(tmp_path: Path) -> None:
    """Until the first walk is finished, there may be more."""
    stage = Stage(tmp_path, WALKED)
    code, offset = cursor("async def main():\n    await sell_2$0\n")
    found = completions(stage.workspace.view(stage.open("main.py", code)), offset)
    assert found.incomplete
    assert not [item for item in found.items if item.label.startswith("sell")]
