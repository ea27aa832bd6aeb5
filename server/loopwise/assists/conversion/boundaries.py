"""Plain functions that stay plain, and run in an event loop what they called: entry points, tests, threads."""

from __future__ import annotations

from collections.abc import Sequence

from loopwise.analysis.unit import Unit
from loopwise.graph import Function, Incoming
from loopwise.semantics.index import is_test
from loopwise.syntax import Node

# Last parts of the decorators of frameworks that take plain functions only.
_COMMANDS = frozenset("callback command fixture group hookimpl main result_callback subcommand task".split())
# Last parts of decorators with which frameworks of the web and of chats register handlers of both kinds.
_HANDLERS = frozenset(
    "api_route delete errorhandler exception_handler get handler head listen listener middleware on on_event options"
    " patch post put route websocket".split()
)
# What the entry points of programs are called, where nothing in the project calls them.
_ENTRIES = frozenset("cli entry_point entrypoint main run_cli".split())


def boundary(unit: Unit, definition: Node, function: Function, incoming: Sequence[Incoming]) -> str:
    """Why a plain function is where an event loop is to be run; empty if it is to become async itself."""
    marks = frozenset(unit.decorators(definition))
    if any(edge.kind == "runs" for edge in function.edges):
        return "it runs an event loop itself"
    if marks & _COMMANDS:
        return "its decorator takes plain functions"
    if is_test(unit.file.key) and (not incoming or function.name.rpartition(".")[2].startswith("test")):
        return "a test"
    if incoming and all(edge.kind in {"process", "thread"} for _, edge in incoming):
        return "it runs in a thread of its own"
    if not incoming and function.name in _ENTRIES:
        return "an entry point"
    if not incoming and not marks & _HANDLERS and any("." in mark.partition("(")[0] for mark in function.decorators):
        return "its decorator may take plain functions only"
    return ""
