"""``loopwise explain``: what a name, a keyword, a message, a rule, a traceback or a log means."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import msgspec

from loopwise import disk
from loopwise.cards import load_api
from loopwise.cli.arguments import Parser, Refused, add_answer, editor_settings, json_keys
from loopwise.cli.explain.answer import Explanation, ReportAnswer, explanation, report_answer
from loopwise.cli.explain.reports import fixed, show
from loopwise.cli.screen import make_screen, warn, write_json
from loopwise.features.hover import markdown
from loopwise.features.lookup import Found, as_found, look_up, suggestions
from loopwise.features.tracebacks import Cause, causes, grouped
from loopwise.project import Root, Workspace

_EPILOG = """\
examples:
  loopwise explain TaskGroup
  loopwise explain Queue.get
  loopwise explain async with
  loopwise explain "coroutine 'main' was never awaited"
  loopwise explain dangling-task
  loopwise explain RUF006
  loopwise explain app.log
  python app.py 2>&1 | loopwise explain -

For a traceback or log, it names the line of your code that causes each error and
the problem there. Nothing leaves this machine.
The exit code is 0 if there is an answer, otherwise 1.
"""


def add_arguments(parser: Parser) -> None:
    parser.epilog = _EPILOG + json_keys(Explanation, reports=ReportAnswer)
    meaning = (
        'a name (gather, asyncio.Queue.get), a keyword (async with), a "message", a rule (dangling-task, LW110, '
        "RUF006), a traceback, a log file (app.log), or - to read one from a pipe"
    )
    parser.add_argument("what", nargs="+", metavar="NAME|KEYWORD|MESSAGE|RULE|FILE", help=meaning)
    parser.add_argument("--fix", action="store_true", help="fix the lines that cause the errors of a traceback or log")
    add_answer(parser)


def run(options: argparse.Namespace) -> int:
    """Explain; returns 1 if nothing was found."""
    query = " ".join(options.what)
    workspace = Workspace()
    workspace.configure({None: editor_settings(options)})
    root = workspace.root(Path.cwd())
    warn(workspace.problems)
    text = _text(query, root)
    if not text.strip():
        raise Refused("nothing to explain: pass a name, a keyword, a message or a rule")
    groups = _groups(workspace, text)
    found = None if groups else look_up(root.catalogue, load_api(), text)
    near = () if groups or found else suggestions(root.catalogue, text)
    if options.format == "json":
        write_json(_answer(query, root, groups, found, near))
    elif groups:
        show(groups, root, options.svg, fix=options.fix)
    elif found:
        _show(found, root, options.svg)
    else:
        _miss(text, near)
    if options.fix:
        fixed(groups)
    return 0 if groups or found else 1


def _text(query: str, root: Root) -> str:
    """The text to explain: the query itself, standard input, or the contents of the file it names."""
    if query == "-":
        return sys.stdin.read()
    if root.catalogue.card(query) is None and len(query) < _LONGEST_PATH and Path(query).is_file():
        return disk.text(Path(query), disk.LOG)
    return query


# Longer queries are pasted text. Asking the file system for one raises on some platforms.
_LONGEST_PATH = 1_000


def _groups(workspace: Workspace, text: str) -> list[list[Cause]]:
    """The causes in a traceback or log; empty if the text is just a message or a name."""
    found = causes(workspace, text, Path.cwd())
    lines = sum(1 for line in text.splitlines() if line.strip())
    is_log = lines > 1 or any(cause.place is not None for cause in found)
    return grouped(found) if is_log else []


def _answer(
    query: str, root: Root, groups: list[list[Cause]], found: Found | None, near: tuple[str, ...]
) -> Explanation:
    if not groups:
        return explanation(query, root.target, found, near)
    first = groups[0][0].meaning
    others = tuple(dict.fromkeys(group[0].meaning.card.name for group in groups[1:]))
    answer = explanation(query, root.target, as_found(load_api(), first.card))
    return msgspec.structs.replace(
        answer, matched=first.matched, others=others, reports=tuple(report_answer(group) for group in groups)
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
        f"did you mean {', '.join(f'`{name}`' for name in near)}?" if near else "`loopwise cheatsheet` lists the pages"
    )
    print(f"loopwise: nothing known about `{shown}`: {advice}", file=sys.stderr)
