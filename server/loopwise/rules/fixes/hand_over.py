"""Converts a call where an awaitable or a callable is expected into one."""

from __future__ import annotations

from loopwise.analysis.asyncio import Wants, wanted
from loopwise.analysis.prefilter import callee_word
from loopwise.analysis.rule import Fix
from loopwise.analysis.unit import Unit
from loopwise.syntax import Node, arguments_of, field
from loopwise.text import Edit, Span
from loopwise.writing import insert, needs_brackets

# What a callback of the loop blocks, it blocks as much as a coroutine does.
_ON_LOOP = frozenset({"add_done_callback", "add_signal_handler", "call_at", "call_later", "call_soon"}) | {
    "call_soon_threadsafe"
}


def await_brackets(unit: Unit, call: Node) -> tuple[str, str]:
    """The texts before and after an awaitable that replaces a call: ``await``, and parentheses if needed.

    Empty where an awaitable is expected: ``wait_for(…, 1)``.
    """
    if wanted(unit, call) is Wants.AWAITABLE:
        return "", ""
    return ("(await ", ")") if needs_brackets(call) else ("await ", "")


def handed_over(unit: Unit, call: Node) -> Fix | None:
    """``to_thread(f, x)`` for ``to_thread(f(x))``; ``None`` if no callable is expected."""
    wants = wanted(unit, call)
    if wants in {Wants.VALUE, Wants.AWAITABLE}:
        return None
    title, taker = "Pass the function, not its result", _taker(call)
    callee, arguments = field(call, "function"), field(call, "arguments")
    if callee is None or arguments is None or taker is None:
        return Fix(title, (), refused="The call is incomplete")
    if callee_word(taker, unit.aliases) in _ON_LOOP:
        return Fix(title, (), refused="A callback also runs on the event loop; run the call in a thread instead")
    return Fix(title, _unwrapped(call, callee, arguments, wants), safe=False)


def _unwrapped(call: Node, callee: Node, arguments: Node, wants: Wants) -> tuple[Edit, ...]:
    """The function followed by its arguments; a lambda if they cannot be passed on."""
    positional, keywords, starred = arguments_of(call)
    given = bool(positional or keywords or starred)
    if not given:
        return (Edit(Span(callee.end_byte, arguments.end_byte), b""),)
    passed = wants is Wants.KEYED_CALLABLE or (wants is Wants.CALLABLE and not keywords and not starred)
    if not passed or arguments.type == "generator_expression" or call.parent is None:
        return (insert(call.start_byte, "lambda: "),)
    opening = Span(callee.end_byte, arguments.start_byte + 1)
    last = max(child.end_byte for child in arguments.named_children)
    return Edit(opening, b", "), Edit(Span(last, arguments.end_byte), b"")


def _taker(call: Node) -> Node | None:
    outer = call.parent
    while outer is not None and outer.type in {"keyword_argument", "parenthesized_expression"}:
        outer = outer.parent
    return outer.parent if outer is not None and outer.type == "argument_list" else None
