"""``loopwise explain``: what a name, a keyword, a message or a rule means."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import msgspec

from loopwise.cards import load_api
from loopwise.cli.arguments import Parser, Refused, add_answer, editor_settings, json_keys
from loopwise.cli.screen import make_screen, warn, write_json
from loopwise.features.hover import docs_link, markdown
from loopwise.features.lookup import Found, look_up, suggestions
from loopwise.project import Root, Workspace
from loopwise.versions import Target

_EPILOG = """\
examples:
  loopwise explain TaskGroup
  loopwise explain Queue.get
  loopwise explain async with
  loopwise explain "coroutine 'main' was never awaited"
  loopwise explain dangling-task
  loopwise explain RUF006
  python app.py 2>&1 | loopwise explain -

The exit code is 0 if there is an answer, 1 if there is none.
"""


class Explanation(msgspec.Struct, frozen=True):
    """The answer as JSON; all keys are always there."""

    query: str
    target: str
    """The Pythons that it is about: ``3.12``, ``3.11-3.14``."""
    found: bool
    kind: str | None = None
    """``name``, ``keyword``, ``message``, ``pattern`` or ``rule``; null when nothing was found, as with all below."""
    name: str | None = None
    summary: str | None = None
    """One sentence."""
    markdown: str | None = None
    """Everything, as the editor would show it."""
    since: str | None = None
    deprecated: str | None = None
    removed: str | None = None
    """Python versions; null where they do not apply."""
    docs: str | None = None
    """Address in Python's documentation."""
    page: str | None = None
    """The page of the cheatsheet."""
    matched: str | None = None
    """The part of the query that is a known message."""
    others: tuple[str, ...] = ()
    """What else may be meant."""
    near: tuple[str, ...] = ()
    """When nothing was found: what comes near."""


def add_arguments(parser: Parser) -> None:
    parser.epilog = _EPILOG + json_keys(Explanation)
    meaning = (
        'a name (gather, asyncio.Queue.get), a keyword (async with), a "message", a rule (dangling-task, LW110, '
        "RUF006), or - to read one from a pipe"
    )
    parser.add_argument("what", nargs="+", metavar="NAME|KEYWORD|MESSAGE|RULE", help=meaning)
    add_answer(parser)


def run(options: argparse.Namespace) -> int:
    """Explain; 1 when there is nothing to explain."""
    query = " ".join(options.what)
    text = sys.stdin.read() if query == "-" else query
    if not text.strip():
        raise Refused("there is nothing to explain: write a name, a keyword, a message or a rule")
    workspace = Workspace()
    workspace.configure({None: editor_settings(options)})
    root = workspace.root(Path.cwd())
    warn(workspace.problems)
    found = look_up(root.catalogue, load_api(), text)
    near = () if found else suggestions(root.catalogue, text)
    if options.format == "json":
        write_json(explanation(query, root.target, found, near))
    elif found:
        _show(found, root, options.svg)
    else:
        _miss(text, near)
    return 0 if found else 1


def explanation(query: str, target: Target, found: Found | None, near: tuple[str, ...] = ()) -> Explanation:
    """The answer for programs."""
    if found is None:
        return Explanation(query, str(target), False, near=near)
    facts, card = found.facts, found.card
    return Explanation(
        query,
        str(target),
        True,
        found.kind,
        found.name,
        card.headline if card else found.summary,
        markdown(found.hover, target, samples="all", pitfalls=None),
        facts.since if facts else None,
        facts.deprecated if facts else None,
        facts.removed if facts else None,
        docs_link(facts, target) if facts else None,
        Path(card.page).stem if card else None,
        found.matched or None,
        found.others,
    )


def _show(found: Found, root: Root, svg: str | None) -> None:
    screen = make_screen(svg)
    screen.markdown(markdown(found.hover, root.target, samples="all", pitfalls=None))
    if found.others:
        screen.markdown("Also: " + ", ".join(f"`{name}`" for name in found.others))
    screen.close()


def _miss(text: str, near: tuple[str, ...]) -> None:
    shown = " ".join(text.split())
    shown = shown if len(shown) <= 60 else shown[:59] + "…"
    advice = (
        f"did you mean {', '.join(f'`{name}`' for name in near)}?"
        if near
        else "`loopwise cheatsheet` lists what there is"
    )
    print(f"loopwise: nothing is known about `{shown}`: {advice}", file=sys.stderr)
