"""``loopwise hover``: the hover that an editor would show at a place."""

from __future__ import annotations

import argparse
import asyncio
import sys

import msgspec

from loopwise.cli.arguments import Parser, add_answer, json_keys
from loopwise.cli.opened import opened
from loopwise.cli.place import Place, Position, positions
from loopwise.cli.screen import excerpt, make_screen, warn, write_json
from loopwise.diagnosis.selection import selection_for
from loopwise.features.hover import (
    ContainerHover,
    FunctionHover,
    HolderHover,
    Hover,
    KeywordHover,
    PageHover,
    SymbolHover,
    by_jedi,
    hover,
    hover_word,
    markdown,
)
from loopwise.project import Document, Workspace
from loopwise.semantics import oracle
from loopwise.text import Source

_EPILOG = """\
examples:
  loopwise hover app.py:12:8
  loopwise hover src/app.py:12:8 --format json

Lines and columns are counted from 1. The exit code is 0 if there is a hover, otherwise 1.
"""
_PATIENCE = 10.0  # seconds for jedi; the user is not typing


class Answer(msgspec.Struct, frozen=True):
    """The answer, as JSON; all keys are always present."""

    file: str
    line: int
    column: int
    target: str
    """The target Pythons: ``3.12``, ``3.11-3.14``."""
    found: bool
    kind: str | None = None
    """``name`` (of asyncio or of a card), ``object`` (a name bound to an asyncio object), ``function`` (one of the
    user's own), ``keyword`` or ``rule``; null if there is no hover, like all keys below."""
    name: str | None = None
    """The public name, the object's class, the function or the keyword."""
    start: Position | None = None
    end: Position | None = None
    """The range of the hover; the end is the column after it."""
    markdown: str | None = None


def add_arguments(parser: Parser) -> None:
    parser.epilog = _EPILOG + json_keys(Answer)
    parser.add_argument("place", metavar="FILE:LINE:COLUMN", help="the position of the pointer, such as app.py:12:8")
    add_answer(parser)


def run(options: argparse.Namespace) -> int:
    """Show the hover; returns 1 if there is none."""
    place, document, offset, workspace = opened(options)
    found = hover_at(workspace, document, offset)
    warn(workspace.problems)
    root = workspace.root(document.path)
    text = markdown(found, root.target, samples=root.settings.hover.samples) if found else None
    if options.format == "json":
        write_json(_answer(place, str(root.target), document.source, found, text))
    elif found is not None and text is not None:
        screen = make_screen(options.svg)
        screen.excerpt(excerpt(document.source, found.span))
        screen.panel(text)
        screen.close()
    else:
        print(f"loopwise: {place}: no asyncio symbol at this position", file=sys.stderr)
    return 0 if found else 1


def hover_at(workspace: Workspace, document: Document, offset: int) -> Hover | None:
    """The hover from local flow, else from jedi."""
    view, root = workspace.view(document), workspace.root(document.path)
    found = hover(view, offset) or hover_word(view, offset, selection_for(root, document.path))
    if found is not None or not root.settings.jedi.enable:
        return found
    question = by_jedi.question(view, document.path, root.folder, offset)
    answers = asyncio.run(_ask_jedi(question)) if question is not None else None
    return by_jedi.hover(view, offset, answers) if answers else None


async def _ask_jedi(question: oracle.Question) -> tuple[oracle.Answer, ...] | None:
    lane = oracle.Oracle()
    try:
        return await lane.ask(question, _PATIENCE)
    finally:
        await lane.close()


def _answer(place: Place, target: str, source: Source, found: Hover | None, text: str | None) -> Answer:
    if found is None:
        return Answer(place.file, place.line, place.column, target, False)
    kind, name = kind_and_name(found)
    start, end = positions(source, found.span)
    return Answer(place.file, place.line, place.column, target, True, kind, name, start, end, text)


def kind_and_name(found: Hover) -> tuple[str, str]:
    """The kind and name of a hover's subject."""
    match found:
        case SymbolHover():
            return "name", found.name
        case HolderHover():
            return "object", found.cls
        case ContainerHover():
            return "container", found.type
        case FunctionHover():
            return "function", found.outline.name
        case KeywordHover():
            return "keyword", found.card.name
        case PageHover():
            return "rule", found.name
