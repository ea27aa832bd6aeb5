"""For Graphviz: ``loopwise graph --format dot | dot -Tsvg``."""

from __future__ import annotations

import json
from collections.abc import Iterator

from loopwise.cli.graph.net import net_of
from loopwise.graph import Chart

_MOST = 120  # functions; of more, each module is one node
_STYLES = {"entry": "penwidth=2.5", "blocks": 'color="#cc0000", style="rounded,dashed"'}


def drawn(chart: Chart) -> str:
    return "\n".join(_lines(chart)) + "\n"


def _lines(chart: Chart) -> Iterator[str]:
    net = net_of(chart, _MOST)
    yield "digraph loopwise {"
    yield '  rankdir=LR; node [shape=box, style=rounded, fontname="sans-serif"];'
    yield '  edge [fontname="sans-serif", fontsize=10];'
    for number, (module, nodes) in enumerate(net.groups.items()):
        if module:
            yield f"  subgraph cluster_{number} {{ label={_quoted(module)}; color=gray;"
        for name, label in nodes.items():
            style = _STYLES.get(net.marks.get(name, ""), "")
            yield f"    {name} [label={_quoted(label)}{', ' + style if style else ''}];"
        if module:
            yield "  }"
    for arrow in net.arrows:
        yield f"  {arrow.source} -> {arrow.target} [label={_quoted(arrow.label)}];"
    yield "}"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
