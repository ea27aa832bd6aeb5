"""For browsers: the tree to open and close, each call a link to its line; one file that loads nothing."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path
from urllib.parse import quote

from loopwise.graph import Branch, Chart

_OPEN = 3  # levels that are open at first
_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem; color: #222; background: #fff }
details, .leaf { margin-left: 1.4rem } summary { cursor: pointer } .leaf { padding-left: 1rem }
.words { color: #666 } .place { color: #888; text-decoration: none; font-size: 85%; margin-left: .8rem }
.place:hover { text-decoration: underline } .notes { color: #775; font-size: 90% }
.task, .group, .gathers { color: #06c } .thread, .process { color: #083 } .callback { color: #a50 }
.bad { color: #c00; font-weight: 600 } h2 { font-size: 1.1rem; margin: 1.2rem 0 .2rem } .figures { color: #555 }
@media (prefers-color-scheme: dark) { body { color: #ddd; background: #1b1b1b } .words, .figures { color: #999 } }
"""


def drawn(chart: Chart) -> str:
    body = "\n".join(_body(chart))
    head = f'<meta charset="utf-8"><title>{escape(chart.title)}</title><style>{_STYLE}</style>'
    return f'<!doctype html>\n<html lang="en"><head>{head}</head><body>\n{body}\n</body></html>\n'


def _body(chart: Chart) -> Iterator[str]:
    yield f'<h1>{escape(chart.title)}</h1><p class="figures">{escape(chart.summary())}</p>'
    if chart.callers:
        yield "<h2>Reached from</h2>"
        for one in chart.callers:
            yield from _branch(chart, one, 0)
    for heading, branches in _parts(chart):
        if branches:
            yield f"<h2>{heading}</h2>"
            for module, some in _by_module(chart, branches):
                yield f"<details{' open' if heading != _OTHERS else ''}><summary><b>{escape(module)}</b></summary>"
                for one in some:
                    yield from _branch(chart, one, 1)
                yield "</details>"


_OTHERS = "Not called in these files"


def _parts(chart: Chart) -> Iterator[tuple[str, list[Branch]]]:
    yield "Event loops", [one for one in chart.branches if one.why.startswith("run")]
    yield "Handlers", [one for one in chart.branches if one.why.startswith("@")]
    yield "Asked for", [one for one in chart.branches if not one.why]
    yield _OTHERS, [one for one in chart.branches if one.why and not one.why.startswith(("run", "@"))]


def _by_module(chart: Chart, branches: list[Branch]) -> Iterator[tuple[str, list[Branch]]]:
    found: dict[str, list[Branch]] = {}
    for one in branches:
        name = one.ref.name if one.ref is not None else ""
        found.setdefault(chart.label(one).removesuffix(name).rstrip("."), []).append(one)
    yield from found.items()


def _branch(chart: Chart, branch: Branch, deep: int) -> Iterator[str]:
    line = _line(chart, branch)
    if not branch.branches:
        yield f'<div class="leaf">{line}</div>'
        return
    yield f"<details{' open' if deep < _OPEN else ''}><summary>{line}</summary>"
    for one in branch.branches:
        yield from _branch(chart, one, deep + 1)
    yield "</details>"


def _line(chart: Chart, branch: Branch) -> str:
    bad = " bad" if branch.kind == "blocks" or branch.lost else ""
    notes = " · ".join(chart.notes(branch))
    said = f'<span class="words">{escape(chart.words(branch))}</span> ' if chart.words(branch) else ""
    label = f'<span class="{branch.kind}{bad}">{"⚠ " if bad else ""}{escape(chart.label(branch))}</span>'
    more = f' <span class="notes">{escape(notes)}</span>' if notes else ""
    path = chart.path(branch)
    link = f"vscode://file{quote(Path(path).as_posix())}:{branch.line + 1}" if path.startswith("/") else ""
    place = f'<a class="place" href="{link}">{escape(chart.place(branch))}</a>' if link else ""
    return f"{said}{label}{more}{place}"
