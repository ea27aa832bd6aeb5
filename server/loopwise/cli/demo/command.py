"""``loopwise demo``: the real server at work, seen from an editor's side."""

from __future__ import annotations

import argparse
import asyncio
import re
import sys
import textwrap
from collections.abc import Mapping
from pathlib import Path
from statistics import median

from loopwise.cli.arguments import Parser, Refused, add_picture, add_target, editor_settings
from loopwise.cli.demo.places import worth_seeing
from loopwise.cli.demo.typing import worth_typing
from loopwise.cli.place import read_document
from loopwise.cli.screen import Screen, excerpt, make_screen, warn
from loopwise.lsp.demo import Called, Offered, ServerFailed, Session, Typing, converse
from loopwise.project import Document, Workspace
from loopwise.text import Edit, Source, Span

_SAMPLE = Path(__file__).with_name("sample.py")
_SAMPLE_TARGET = {"target-version": "3.11"}  # on which one of its names is not there yet
_MOST = 8  # places shown: the demo ends on one screen
_TOP = 5  # of a list
_WIDTH = 72  # of a signature
_FIRM = "\N{NO-BREAK SPACE}"
_EPILOG = """\
examples:
  loopwise demo
  loopwise demo app.py --all

Your code is not run. The exit code is 0, or 1 if the file does not use asyncio.
"""


def add_arguments(parser: Parser) -> None:
    parser.epilog = _EPILOG
    parser.add_argument("file", nargs="?", metavar="FILE", help="your own Python file (default: a small sample)")
    parser.add_argument("--all", action="store_true", help=f"show all hovers, not only {_MOST}")
    add_target(parser)
    add_picture(parser)
    parser.add_argument("--most", type=int, default=_MOST, help=argparse.SUPPRESS)


def run(options: argparse.Namespace) -> int:
    """Show the hovers and the results of typing; returns 1 if there are no hovers."""
    document = read_document(options.file or str(_SAMPLE))
    settings = editor_settings(options) or ({} if options.file else _SAMPLE_TARGET)
    workspace = Workspace()
    workspace.configure({None: settings})
    workspace.open(document)
    root, view = workspace.root(document.path), workspace.view(document)
    warn(workspace.problems)
    places = worth_seeing(view, None if options.all else options.most)
    name = options.file or _SAMPLE.name
    if not places:
        print(f"loopwise: {name}: the file does not use asyncio; try `loopwise demo` without a file", file=sys.stderr)
        return 1
    screen = make_screen(options.svg)
    screen.heading(f"`{name}`, for Python {root.target}")
    typings = worth_typing(view)
    session = _converse(document, root.folder, [span.start for span in places], typings, settings)
    _show(screen, document, session)
    screen.close()
    return 0


def _converse(
    document: Document, folder: Path, places: list[int], typings: list[Typing], settings: Mapping[str, object]
) -> Session:
    command = (sys.executable, "-m", "loopwise", "serve")
    try:
        return asyncio.run(converse(command, document, folder, places, typings, settings))
    except ServerFailed as failure:
        message = f"the server failed ({failure}): see the output of `loopwise serve --log-level debug`"
        raise Refused(message) from None


def _show(screen: Screen, document: Document, session: Session) -> None:
    for heard in session.hovers:
        screen.excerpt(excerpt(document.source, heard.span))
        screen.panel(heard.markdown)
    if session.found:
        screen.markdown("Findings and their quick fixes:")
    for one in session.found:
        screen.excerpt(excerpt(document.source, one.span))
        fix = f"\n\nQuick fix: **{one.fix}**" if one.fix else ""
        screen.panel(f"**`{one.rule}`** {one.message}{fix}")
    if session.typed:
        screen.markdown("While you type:")
    for typed in session.typed:
        _show_typed(screen, document.source, typed)
    screen.markdown(f"{_told(session)} Next: configure your editor to run `loopwise serve` for Python files.")


def _show_typed(screen: Screen, source: Source, typed: Offered | Called) -> None:
    """Show the line as typed so far, and the editor's list or signature below it."""
    at = typed.at
    screen.excerpt(excerpt(source.edited(Edit(Span(at.cursor, at.end), b"")), Span(at.cursor, at.cursor)))
    if isinstance(typed, Offered):
        screen.table(typed.items[:_TOP])
    else:
        about = f"**`{typed.parameter}`**\n\n{typed.documentation}" if typed.parameter else typed.documentation
        screen.panel(f"```python\n{_wrapped(typed.label)}\n```\n\n{about}")


def _wrapped(signature: str) -> str:
    """A signature broken between parameters, or before the result."""
    words = re.sub(r"(?<!,) (?!->)", _FIRM, signature)
    lines = textwrap.fill(words, _WIDTH, subsequent_indent="    ", break_long_words=False, break_on_hyphens=False)
    return lines.replace(_FIRM, " ")


def _told(session: Session) -> str:
    """A summary of the requests and their duration."""
    lists = sum(isinstance(typed, Offered) for typed in session.typed)
    counts = {"hover": len(session.hovers), "list": lists, "signature": len(session.typed) - lists}
    shown = ", ".join(f"{count} {name}{'s' * (count != 1)}" for name, count in counts.items() if count)
    told = f"{shown}; server up in {session.started:.2f} s, median hover {median(session.seconds) * 1000:.1f} ms"
    if session.typed:
        told += f", median response to typing {median(session.typed_seconds) * 1000:.1f} ms"
    return f"{told}."
