"""``loopwise complete``: the completions that an editor would offer at a place."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from contextlib import suppress

import msgspec

from loopwise.cards import plain
from loopwise.cli.arguments import Parser, add_answer, json_keys
from loopwise.cli.opened import opened
from loopwise.cli.place import Place, Position, positions
from loopwise.cli.screen import Row, Screen, excerpt, make_screen, warn, write_json
from loopwise.features.completion import Completions, Item, Options, completions
from loopwise.project import Document, Workspace
from loopwise.text import Edit, Source, Span, decode

_MOST = 20  # items shown: a screen
_PATIENCE = 5.0  # seconds for the project's other modules; the user is not typing
_EPILOG = """\
examples:
  loopwise complete app.py:12:15
  loopwise complete app.py:12:15 --all
  loopwise complete src/app.py:12:15 --format json

The cursor is before the given column. Lines and columns are counted from 1; the
column after a line's last character is the end of the line.
The text output shows the items that begin with, or contain, the letters before
the cursor; the JSON output has the whole list, as an editor receives it.
The exit code is 0 if there is something to offer, otherwise 1.
"""


class Change(msgspec.Struct, frozen=True):
    """Replaces the text from ``start`` up to ``end``."""

    start: Position
    end: Position
    text: str


class Offer(msgspec.Struct, frozen=True):
    """An item of the list, as JSON; all keys are always present."""

    label: str
    kind: str
    """``function``, ``method``, ``class``, ``exception``, ``constant``, ``variable``, ``field``, ``property``,
    ``parameter``, ``module``, ``keyword``, ``snippet`` or ``template``."""
    insert: str
    """The replacement for the text from ``start`` up to ``end``."""
    snippet: bool
    """Is ``insert`` a snippet of the Language Server Protocol, with tab stops?"""
    plain: str
    """The result of ``insert`` when it is accepted and nothing else is typed."""
    start: Position
    end: Position
    """The name at the cursor; the end is the column after it."""
    edits: tuple[Change, ...]
    """Further changes: an import, an ``async``.  Positions are those before any change."""
    detail: str
    """The result: ``→ Task``; empty if unknown."""
    origin: str
    """The origin; empty if it is not shown."""
    filter: str
    """The text that typed letters are compared with."""
    symbol: str | None
    """The argument for ``loopwise explain``; null for the user's own names."""
    deprecated: bool


class Answer(msgspec.Struct, frozen=True):
    """The answer, as JSON; all keys are always present."""

    file: str
    line: int
    column: int
    target: str
    """The target Pythons: ``3.12``, ``3.11-3.14``."""
    typed: str
    """The letters of a name before the cursor."""
    incomplete: bool
    """May further letters bring up more items?"""
    items: tuple[Offer, ...]
    """The items, the best first."""


def add_arguments(parser: Parser) -> None:
    parser.epilog = _EPILOG + json_keys(Answer, items=Offer, edits=Change)
    parser.add_argument("place", metavar="FILE:LINE:COLUMN", help="the position of the cursor, such as app.py:12:15")
    parser.add_argument("--all", action="store_true", help=f"show all matching items, not only {_MOST}")
    add_answer(parser)


def run(options: argparse.Namespace) -> int:
    """Show the list; returns 1 if it is empty."""
    place, document, offset, workspace = opened(options)
    root = workspace.root(document.path)
    found = completions_at(workspace, document, offset)
    warn(workspace.problems)
    if options.format == "json":
        write_json(_answer(place, str(root.target), document.source, offset, found))
    elif found.items:
        screen = make_screen(options.svg)
        screen.excerpt(excerpt(document.source, Span(offset, offset)))
        _show(screen, found, _typed(document.source, offset, found), None if options.all else _MOST)
        screen.close()
    else:
        print(f"loopwise: {place}: nothing is offered at this position", file=sys.stderr)
    return 0 if found.items else 1


def completions_at(workspace: Workspace, document: Document, offset: int) -> Completions:
    """The completions at byte offset ``offset``; the project's other modules are read if they could add to them."""
    options = Options.of(workspace.root(document.path).settings.completion)
    found = completions(workspace.view(document), offset, options)
    if not found.incomplete:
        return found
    with suppress(OSError, asyncio.TimeoutError):  # then what was read by then has to do
        asyncio.run(asyncio.wait_for(workspace.index(document.path).refresh(), _PATIENCE))
    return completions(workspace.view(document), offset, options)


def _show(screen: Screen, found: Completions, typed: str, most: int | None) -> None:
    fitting = _fitting(found.items, typed)
    shown = fitting[:most]
    if shown:
        screen.table([row_of(item.label, item.detail, item.origin) for item in shown])
    if not shown:
        screen.markdown(f"None of {len(found.items)} items contains `{typed}`.")
    elif len(fitting) > len(shown):
        screen.markdown(f"… and {len(fitting) - len(shown)} more; use `--all` to show them.")
    elif found.incomplete:
        screen.markdown("There may be more when another letter is typed.")


def row_of(label: str, detail: str | None, origin: str | None) -> Row:
    """A row for :meth:`~loopwise.cli.screen.output.Screen.table`."""
    return label, (detail or "").strip(), origin or ""


def _fitting(items: Sequence[Item], typed: str) -> list[Item]:
    """The items that editors keep: those that begin with the typed letters, then those that have them in order."""
    letters = typed.lower()
    whole = [item for item in items if item.plain.lower().startswith(letters)]
    rest = [item for item in items if item not in whole and _has(item.plain.lower(), letters)]
    return whole + rest


def _has(text: str, letters: str) -> bool:
    left = iter(text)
    return all(letter in left for letter in letters)


def _typed(source: Source, offset: int, found: Completions) -> str:
    return decode(source.data[found.items[0].span.start : offset]) if found.items else ""


def _answer(place: Place, target: str, source: Source, offset: int, found: Completions) -> Answer:
    offers = tuple(_offer(source, item) for item in found.items)
    typed = _typed(source, offset, found)
    return Answer(place.file, place.line, place.column, target, typed, found.incomplete, offers)


def _offer(source: Source, item: Item) -> Offer:
    snippet = item.snippet and "$" in item.insert
    text = plain(item.insert) if item.snippet else item.insert
    return Offer(
        item.label,
        item.kind.value,
        item.insert if snippet else text,
        snippet,
        text,
        *positions(source, item.span),
        tuple(_change(source, edit) for edit in item.edits),
        item.detail.strip(),
        item.origin,
        item.plain,
        item.symbol,
        item.deprecated,
    )


def _change(source: Source, edit: Edit) -> Change:
    return Change(*positions(source, edit.span), decode(edit.text))
