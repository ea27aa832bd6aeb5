"""Replaces an event loop policy by ``asyncio.run(…, loop_factory=…)``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from loopwise.analysis.rule import Fix
from loopwise.analysis.unit import Unit
from loopwise.syntax import CALLS, Node, field, nodes_of, source_of, span_of
from loopwise.text import Edit, Span
from loopwise.writing import insert

_TITLE = "Pass loop_factory to asyncio.run()"
_FACTORIES = {
    "WindowsSelectorEventLoopPolicy": "SelectorEventLoop",
    "WindowsProactorEventLoopPolicy": "ProactorEventLoop",
    "DefaultEventLoopPolicy": "",  # what there is without it
    "EventLoopPolicy": "new_event_loop",  # uvloop's and winloop's
}
_POLICY = re.compile(r"(?P<owner>\w+)\.(?P<policy>\w+)\(\)")
_SINCE = (3, 12)
"""The Python that added ``loop_factory`` to ``asyncio.run``."""


def loop_factory(unit: Unit, call: Node) -> Iterator[Fix]:
    """Remove the statement ``set_event_loop_policy(…)``, and pass its loop to the program's ``asyncio.run``.

    Not safe: loops created elsewhere may depend on it.
    """
    factory = _factory(call)
    statement = call.parent
    if factory is None or statement is None or statement.type != "expression_statement":
        return
    if unit.target.floor < _SINCE:
        yield Fix(_TITLE, (), refused="asyncio.run() accepts loop_factory only since Python 3.12")
        return
    runs = [node for node in nodes_of(unit.file.root, CALLS) if _runs(unit, node)]
    block = statement.parent
    if len(runs) != 1 or _is_given(runs[0]) or block is None:
        yield Fix(_TITLE, (), refused="The file does not have exactly one asyncio.run() call to pass loop_factory to")
    elif block.type != "module" and block.named_child_count == 1:
        yield Fix(_TITLE, (), refused="The policy is set conditionally; pass loop_factory under the same condition")
    else:
        gone = Edit(_line_of(unit, statement), b"")
        yield Fix(_TITLE, (gone, *([_given(runs[0], factory)] if factory else [])), safe=False)


def _factory(call: Node) -> str | None:
    """The factory of the policy's loops, as written here; empty for the default, ``None`` if unknown."""
    arguments = field(call, "arguments")
    found = _POLICY.fullmatch(source_of(arguments).strip("()") + "()") if arguments is not None else None
    if found is None or found["policy"] not in _FACTORIES:
        return None
    factory = _FACTORIES[found["policy"]]
    return f"{found['owner']}.{factory}" if factory else ""


def _runs(unit: Unit, call: Node) -> bool:
    callee = field(call, "function")
    return callee is not None and unit.name(callee) == "asyncio.run"


def _is_given(run: Node) -> bool:
    arguments = field(run, "arguments")
    return arguments is None or "loop_factory" in source_of(arguments)


def _given(run: Node, factory: str) -> Edit:
    arguments = field(run, "arguments")
    given = arguments.named_children if arguments is not None else []
    return insert(given[-1].end_byte if given else run.end_byte - 1, f", loop_factory={factory}")


def _line_of(unit: Unit, statement: Node) -> Span:
    """The statement's span, including its line if it is alone there."""
    source, span = unit.file.source, span_of(statement)
    line = source.line_span(source.line_at(span.start))
    alone = source.data[line.start : line.end].strip() == source.data[span.start : span.end].strip()
    return Span(line.start, min(len(source.data), _after(source.data, line.end))) if alone else span


def _after(data: bytes, end: int) -> int:
    """The offset after the line end at ``end``, if there is one."""
    if data[end : end + 2] == b"\r\n":
        return end + 2
    return end + 1 if data[end : end + 1] in (b"\n", b"\r") else end
