"""``loopwise graph``: what awaits, starts, hands over and blocks what, from the entry points down."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from loopwise import disk
from loopwise.cli.arguments import Parser, Refused, add_target, editor_settings
from loopwise.cli.check.files import bases, targets
from loopwise.cli.graph.formats import names, writer
from loopwise.graph import Branch, Builder, Chart, Graph, ModuleGraph, Ref, unfolded
from loopwise.project import Document, Workspace
from loopwise.semantics.index import is_test
from loopwise.semantics.modules import read

_EPILOG = """\
examples:
  loopwise graph
  loopwise graph src/app
  loopwise graph app.server.Server.run
  loopwise graph --format html -o map.html

Entry points are the functions run by asyncio.run and similar functions, those
that decorators such as @app.get register with a framework, and async functions
that no code in these files calls. Tests are omitted unless they are named.
"""


def add_arguments(parser: Parser) -> None:
    parser.epilog = _EPILOG
    parser.add_argument(
        "what",
        nargs="?",
        default=".",
        metavar="PATH|FUNCTION",
        help="a file, a folder, or a function in the current folder",
    )
    parser.add_argument("--format", choices=names(), default="text", help="the output format (default: text)")
    parser.add_argument("-o", "--output", metavar="FILE", help="write to a file instead of standard output")
    add_target(parser)


def run(options: argparse.Namespace) -> int:
    """Write the graph; returns 1 if there is no async code."""
    chart = _chart(options)
    if not chart.branches:
        print(f"loopwise: {options.what}: no async functions found", file=sys.stderr)
        return 1
    text = writer(options.format)(chart)
    if options.output is None:
        sys.stdout.write(text)
        return 0
    try:
        Path(options.output).write_text(text, "utf-8")
    except OSError as error:
        raise Refused(f"{options.output}: {error.strerror}: choose a file in a writable folder") from None
    return 0


def _chart(options: argparse.Namespace) -> Chart:
    path = Path(options.what)
    if disk.exists(path):
        place = path.resolve()
        graph = Graph(_graphs(str(place), options))
        root = place if disk.is_folder(place) else place.parent
        return Chart(place.name, str(root), graph, unfolded(graph, tuple(graph.entries())))
    graph = Graph(_graphs(str(Path.cwd()), options))
    found = _named(graph, options.what)
    starts = tuple((ref, "") for ref in found)
    return Chart(options.what, str(Path.cwd()), graph, unfolded(graph, starts), tuple(_callers(graph, found)))


def _graphs(place: str, options: argparse.Namespace) -> Iterator[ModuleGraph]:
    """The graphs of the Python files at a path, without tests but with the project's modules that they reach."""
    workspace, builder = Workspace(bases([place])), Builder()
    workspace.configure({None: editor_settings(options)})
    for target in targets([place], workspace):
        path = Path(target.path)
        source = read(path) if path.suffix == ".py" and (target.path == place or not is_test(target.path)) else None
        if source is not None:
            yield builder.graph(workspace.view(Document(path.as_uri(), 1, path, source)))


def _named(graph: Graph, name: str) -> Sequence[Ref]:
    """The functions that a name refers to: a qualified name, or the end of one."""
    labels = {graph.label(ref): ref for ref, function in graph.functions() if ref.name}
    wanted = name.removesuffix("()")
    found = [ref for label, ref in labels.items() if label == wanted or label.endswith(f".{wanted}")]
    if found:
        return found
    from difflib import get_close_matches  # Only a mistake needs it.

    close = get_close_matches(wanted, [*labels, *(ref.name for ref in labels.values())], 1)
    advice = f"did you mean `{close[0]}`?" if close else "name a file, a folder, or a function in the current folder"
    raise Refused(f"{name}: no such path or function: {advice}")


def _callers(graph: Graph, refs: Sequence[Ref]) -> Iterator[Branch]:
    seen: set[tuple[Ref, str]] = set()
    for ref in refs:
        for source, edge in graph.incoming(ref):
            if (source, edge.kind) not in seen:
                seen.add((source, edge.kind))
                yield Branch(edge.kind, graph.label(source), source, source, edge.line, edge.within, edge.lost)
