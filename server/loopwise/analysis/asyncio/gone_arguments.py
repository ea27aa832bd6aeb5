"""Arguments for parameters that asyncio's functions no longer have."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from loopwise.analysis.flow import asked_first
from loopwise.analysis.prefilter import callee_word, names
from loopwise.analysis.rule import Finding, Fix
from loopwise.analysis.unit import Unit
from loopwise.syntax import Node, field, parts_of, span_of, text_of
from loopwise.text import Edit, Span
from loopwise.versions import parse_version

# Deprecated in 3.8 and removed in 3.10, see "Changed in version" of each function's documentation.
_LOOPLESS = names(
    "asyncio.sleep asyncio.gather asyncio.shield asyncio.wait asyncio.wait_for asyncio.as_completed asyncio.Lock"
    " asyncio.Event asyncio.Condition asyncio.Semaphore asyncio.BoundedSemaphore asyncio.Queue asyncio.LifoQueue"
    " asyncio.PriorityQueue asyncio.open_connection asyncio.start_server asyncio.open_unix_connection"
    " asyncio.start_unix_server asyncio.create_subprocess_exec asyncio.create_subprocess_shell"
)
# ``reuse_address`` was removed in 3.11, because it let other processes take over the port.
_DATAGRAM = names("asyncio.loop.create_datagram_endpoint")


def gone_arguments(call: Node, unit: Unit) -> Iterator[Finding]:
    """The arguments of a call for parameters that the project's newest Python no longer has."""
    word, arguments = callee_word(call, unit.aliases), field(call, "arguments")
    if arguments is None or word not in _LOOPLESS.last | _DATAGRAM.last:
        return
    for argument in parts_of(arguments):
        name = field(argument, "name") if argument.type == "keyword_argument" else None
        given = text_of(name) if name is not None else ""
        known = {"loop": _LOOPLESS, "reuse_address": _DATAGRAM}.get(given)
        full = unit.call_in(call, known) if known is not None else None
        since = "3.10" if given == "loop" else "3.11"
        if full is None or (parse_version(since) or (0, 0)) > unit.target.ceiling or asked_first(call):
            continue
        message = f"Python {since} removed parameter {given!r} of {full}()"
        yield Finding(span_of(argument), message, partial(_fixes, argument), deprecated=True)


def without(argument: Node) -> Edit:
    """Remove one argument of a call, with the comma that separates it from the others."""
    before, after = argument.prev_sibling, argument.next_sibling
    start, end = argument.start_byte, argument.end_byte
    if before is not None and before.type == ",":
        start = before.start_byte
    elif after is not None and after.type == ",":
        following = after.next_sibling
        end = following.start_byte if following is not None else after.end_byte
    return Edit(Span(start, end), b"")


def _fixes(argument: Node) -> tuple[Fix, ...]:
    name = field(argument, "name")
    # A loop that was passed is the running one; an address that was to be used again is not one without.
    return (Fix("Remove the argument", (without(argument),), safe=name is not None and text_of(name) == "loop"),)
