"""Scenarios: Markdown pages in which each ``##`` section is a test.

A section says in prose why it is there and brings its files as code blocks::

    ```python              main.py; further ones without a name are main_2.py, main_3.py …
    ```python pkg/shop.py  a module of the workspace
    ```toml pyproject.toml any other file

Python blocks hold claims (see ``marked.py``).
What a claim says is a hover in one line::

    asyncio.Queue.get           the card of a public name
    jobs: asyncio.Queue[int]    a name that holds an asyncio object, or some in a container
    (coroutine function) main   one of the user's own functions
    (keyword) async for         a word of the syntax
    -                           nothing

A block with a ``$0`` in place of claims is followed by a ``markdown`` block: the whole hover as an editor shows it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from loopwise.features.hover.kinds import ContainerHover, FunctionHover, HolderHover, Hover, SymbolHover
from loopwise.features.hover.present import markdown
from loopwise.features.hover.resolve import hover
from loopwise.project.document import Document
from loopwise.project.workspace import Workspace
from loopwise.text import Source, encode
from marked import MARK, Claim, claims, cursor
from sections import FENCE, raw_sections, title_of
from sharing import sharing_stubs

PAGES = Path(__file__).with_name("scenarios")
_SAYS = re.compile(r"^(?P<lead>\s*#\s*(?:\^+|<-)\s+)\S.*$")


class Block(NamedTuple):
    """A fenced block; ``name`` is the file that it stands for."""

    name: str
    text: str
    shown: str | None = None
    """The ``markdown`` block that follows a ``$0``."""

    @property
    def code(self) -> str:
        """The file's text without marks."""
        return cursor(self.text)[0] if MARK in self.text else claims(self.text)[0]

    @property
    def claims(self) -> list[Claim]:
        """Return the claims of the block about its symbols."""
        return [] if MARK in self.text or not self.name.endswith(".py") else claims(self.text)[1]


class Section(NamedTuple):
    """A section of a page, which is one test."""

    page: Path
    title: str
    raw: str
    blocks: tuple[Block, ...]

    def __str__(self) -> str:
        return f"{self.page.stem}: {self.title}"


def sections() -> Iterator[Section]:
    """Yield all sections of all pages."""
    for page in sorted(PAGES.glob("*.md")):
        for raw in raw_sections(page.read_text("utf-8")):
            yield Section(page, title_of(raw), raw, tuple(_blocks(raw)))


def _blocks(raw: str) -> Iterator[Block]:
    unnamed = 0
    found = list(FENCE.finditer(raw))
    for index, fence in enumerate(found):
        if fence["language"] == "markdown" and fence["name"] is None:
            continue
        name = fence["name"]
        if name is None:
            unnamed += 1
            name = "main.py" if unnamed == 1 else f"main_{unnamed}.py"
        after = found[index + 1] if index + 1 < len(found) else None
        shown = after["text"] if after is not None and MARK in fence["text"] else None
        yield Block(name, fence["text"], shown)


class Stage:
    """The files of a section in a folder, with one workspace over them."""

    def __init__(self, folder: Path, files: Mapping[str, str]) -> None:
        self.folder = folder
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(encode(text))
        self.workspace = sharing_stubs(Workspace([folder]))

    def cleared(self) -> Stage:
        """Close all documents; return the stage."""
        for uri in list(self.workspace.documents):
            self.workspace.close(uri)
        return self

    def open(self, name: str, text: str) -> Document:
        """Open a file with a text, which may differ from the one on disk."""
        path = self.folder / name
        document = Document(path.as_uri(), 1, path, Source.of(text))
        self.workspace.open(document)
        return document

    def hover(self, document: Document, offset: int) -> Hover | None:
        """Return the hover at an offset in code points."""
        at = len(encode(document.source.text[:offset]))
        return hover(self.workspace.view(document), at)

    def markdown(self, document: Document, offset: int) -> str:
        """Return the whole hover as Markdown, ``-`` for none."""
        found = self.hover(document, offset)
        return markdown(found, self.workspace.view(document).target) if found is not None else "-"


class Stages:
    """Makes one stage for each set of files and shares it in a process, because loading cards and packages is slow."""

    def __init__(self, folders: pytest.TempPathFactory) -> None:
        self._folders = folders
        self._made: dict[tuple[tuple[str, str], ...], Stage] = {}

    def of(self, files: Mapping[str, str]) -> Stage:
        """Return the stage with these files on disk and no document open. Tests must not write to its folder."""
        key = tuple(sorted(files.items()))
        if key not in self._made:
            self._made[key] = Stage(self._folders.mktemp("stage"), files)
        return self._made[key].cleared()


def stage(section: Section, stages: Stages) -> Stage:
    """Return the stage with the section's files."""
    return stages.of({block.name: block.code for block in section.blocks})


def said(found: Hover | None) -> str:
    """Return a hover in one line, in the form of claims."""
    match found:
        case None:
            return "-"
        case SymbolHover(name=name):
            return name
        case HolderHover(name=name, type=kind) | ContainerHover(name=name, type=kind):
            return f"{name}: {kind}"
        case FunctionHover(outline=outline):
            return f"({outline.kind}) {outline.name}"
    return f"(keyword) {found.card.name}"


def answers(section: Section, stages: Stages) -> Iterator[tuple[Block, Claim, str]]:
    """Yield each claim with the actual hover."""
    scene = stage(section, stages)
    for block in section.blocks:
        document = scene.open(block.name, block.code) if block.claims else None
        for claim in block.claims if document is not None else ():
            assert document is not None
            yield block, claim, said(scene.hover(document, claim.offset))


def updated(section: Section, stages: Stages) -> str:
    """Return the section with its claims, and the hovers after a ``$0``, replaced by the actual ones."""
    scene = stage(section, stages)
    blocks = iter(section.blocks)
    parts: list[str] = []
    end, shown = 0, ""
    for fence in FENCE.finditer(section.raw):
        text = fence["text"]
        if fence["language"] == "markdown" and fence["name"] is None:
            text = shown
        elif MARK in text:
            block = next(blocks)
            code, offset = cursor(text)
            shown = scene.markdown(scene.open(block.name, code), offset) + "\n"
        else:
            text = _with_answers(scene, next(blocks))
        parts += [section.raw[end : fence.start("text")], text]
        end = fence.end("text")
    return "".join([*parts, section.raw[end:]])


def _with_answers(scene: Stage, block: Block) -> str:
    """Return the text of a block with its claims replaced by the actual hovers."""
    if not block.claims:
        return block.text
    document = scene.open(block.name, block.code)
    found = iter([said(scene.hover(document, claim.offset)) for claim in block.claims])
    lines = block.text.splitlines(keepends=True)
    return "".join(f"{m['lead']}{next(found)}\n" if (m := _SAYS.match(line)) else line for line in lines)


CLAIMED_CODE = [block.code for section in sections() for block in section.blocks if block.claims]
"""The code of all blocks with claims, for tests that disturb it."""
