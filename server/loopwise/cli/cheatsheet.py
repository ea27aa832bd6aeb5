"""``loopwise cheatsheet``: the list of pages, or a whole page, for the target Pythons."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path

import msgspec

from loopwise.cards import Api, Card, Catalogue, load_api, page_head
from loopwise.cli.arguments import Parser, add_answer, editor_settings, json_keys
from loopwise.cli.screen import make_screen, warn, write_json
from loopwise.features.hover import markdown
from loopwise.features.lookup import Found, as_found
from loopwise.project import Workspace
from loopwise.versions import Target

_EPILOG = """\
examples:
  loopwise cheatsheet
  loopwise cheatsheet tasks
  loopwise cheatsheet queues --target-version 3.10 | less

The exit code is 0, or 1 if the page does not exist.
"""


class Page(msgspec.Struct, frozen=True):
    """A page in the list, as JSON."""

    page: str
    """The argument for ``loopwise cheatsheet``."""
    title: str
    about: str
    """One sentence."""
    cards: int
    """The number of cards, including those for other Pythons."""


class Pages(msgspec.Struct, frozen=True):
    """The list of pages, as JSON."""

    target: str
    pages: tuple[Page, ...]


class Entry(msgspec.Struct, frozen=True):
    """A card of a page, as JSON."""

    kind: str
    """``name``, ``keyword``, ``message`` or ``pattern``."""
    name: str
    summary: str
    markdown: str


class WholePage(msgspec.Struct, frozen=True):
    """The output of ``loopwise cheatsheet PAGE``, as JSON."""

    target: str
    page: str
    title: str
    about: str
    cards: tuple[Entry, ...]
    absent: tuple[str, ...]
    """Names that no Python of the target has."""


def add_arguments(parser: Parser) -> None:
    parser.epilog = _EPILOG + json_keys(WholePage)
    parser.add_argument("page", nargs="?", metavar="PAGE", help="the page to show (default: list the pages)")
    add_answer(parser)


def run(options: argparse.Namespace) -> int:
    """Show the list or a page; returns 1 if there is no such page."""
    workspace = Workspace()
    workspace.configure({None: editor_settings(options)})
    root = workspace.root(Path.cwd())
    warn(workspace.problems)
    if options.page is None:
        _list(options, Pages(str(root.target), tuple(pages(root.catalogue))))
        return 0
    keys = {_stem(key): key for key in root.catalogue.pages()}
    key = keys.get(options.page.lower().removesuffix(".md"))
    if key is None:
        _miss(options.page, sorted(keys))
        return 1
    _show(options, whole_page(root.catalogue, load_api(), key, root.target))
    return 0


def pages(catalogue: Catalogue) -> Iterator[Page]:
    """All pages; ours first, by name."""
    for key, cards in catalogue.pages().items():
        title, about = page_head(key)
        yield Page(_stem(key), title, _first_sentence(about), len(cards))


def whole_page(catalogue: Catalogue, facts: Api, key: str, target: Target) -> WholePage:
    """A page without the parts that do not apply to ``target``."""
    title, about = page_head(key)
    found = [as_found(facts, card) for card in catalogue.pages()[key]]
    there = tuple(_entry(one, card, target) for one in found if (card := one.card) and _is_there(one, target))
    absent = tuple(one.name for one in found if not _is_there(one, target))
    return WholePage(str(target), _stem(key), title, about, there, absent)


def _entry(found: Found, card: Card, target: Target) -> Entry:
    return Entry(found.kind, found.name, card.headline, markdown(found.hover, target, samples="all", pitfalls=None))


def _is_there(found: Found, target: Target) -> bool:
    return found.facts is None or target.touches(found.facts.lifetime)


def _stem(key: str) -> str:
    return Path(key).stem.lower()


def _first_sentence(text: str) -> str:
    sentence, dot, _ = text.partition("\n")[0].partition(". ")
    return sentence + dot.rstrip()


def _list(options: argparse.Namespace, found: Pages) -> None:
    if options.format == "json":
        write_json(found)
        return
    screen = make_screen(options.svg)
    screen.heading(f"asyncio cheatsheet for Python {found.target}")
    screen.rows([(page.page, page.about) for page in found.pages])
    screen.markdown("`loopwise cheatsheet PAGE` shows a page, `loopwise explain NAME` a single card.")
    screen.close()


def _show(options: argparse.Namespace, page: WholePage) -> None:
    if options.format == "json":
        write_json(page)
        return
    screen = make_screen(options.svg)
    screen.heading(f"{page.title}, for Python {page.target}")
    if page.about:
        screen.markdown(page.about)
    for card in page.cards:
        screen.rule()
        screen.markdown(card.markdown)
    if page.absent:
        screen.rule()
        screen.markdown(f"Not in Python {page.target}: " + ", ".join(f"`{name}`" for name in page.absent))
    screen.close()


def _miss(page: str, known: Sequence[str]) -> None:
    close = get_close_matches(page.lower(), known, 1)
    advice = f"did you mean `{close[0]}`?" if close else f"the pages are {', '.join(known)}"
    hint = f"for a single name: `loopwise explain {page}`"
    print(f"loopwise: no cheatsheet page `{page}`: {advice}; {hint}", file=sys.stderr)
