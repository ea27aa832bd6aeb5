"""For Markdown: a flowchart that GitHub, GitLab and many editors draw."""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.cli.graph.net import net_of
from loopwise.graph import Chart

_MOST = 60  # functions; of more, each module is one node


def drawn(chart: Chart) -> str:
    return "\n".join(_lines(chart)) + "\n"


def _lines(chart: Chart) -> Iterator[str]:
    net = net_of(chart, _MOST)
    yield "flowchart LR"
    for number, (module, nodes) in enumerate(net.groups.items()):
        indent = "    " if module else "  "
        if module:
            yield f'  subgraph m{number}["{_quoted(module)}"]'
        for name, label in nodes.items():
            yield f'{indent}{name}["{_quoted(label)}"]'
        if module:
            yield "  end"
    for arrow in net.arrows:
        yield f'  {arrow.source} -->|"{arrow.label}"| {arrow.target}'
    yield "  classDef entry stroke-width:3px"
    yield "  classDef blocks stroke:#c00,stroke-dasharray:4"
    for name, mark in net.marks.items():
        yield f"  class {name} {mark}"


def _quoted(text: str) -> str:
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;").replace(">", "&gt;")
