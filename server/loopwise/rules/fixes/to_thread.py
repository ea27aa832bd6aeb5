"""Rewrites ``loop.run_in_executor(None, f, a)`` as ``asyncio.to_thread(f, a)``."""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.analysis.known_names import PARTIAL
from loopwise.analysis.unit import Unit
from loopwise.syntax import Node, arguments_of, field, span_of
from loopwise.text import Edit, Span, encode
from loopwise.writing import lead_of, moved


def to_thread_edits(unit: Unit, call: Node, to_thread: str, given: list[Node]) -> Iterator[Edit]:
    """The edits of a call; ``to_thread`` is the spelling of the function, ``given`` the callable and its arguments.

    The arguments of a ``functools.partial`` become arguments of ``to_thread``.
    """
    callee, arguments = field(call, "function") or call, field(call, "arguments") or call
    start, (function, *rest) = arguments.named_children[0].start_byte, given
    yield Edit(span_of(callee), encode(to_thread))
    inner = field(function, "arguments") if function.type == "call" else None
    if inner is not None and not rest and unit.call_in(function, PARTIAL) and arguments_of(function)[0]:
        span = Span(inner.named_children[0].start_byte, inner.named_children[-1].end_byte)
        text = moved(unit.file, span, lead_of(unit.file, start))
        yield Edit(Span(start, function.end_byte), encode(text))
    else:
        yield Edit(Span(start, function.start_byte), b"")


__all__ = ["to_thread_edits"]
