"""Callbacks: arguments to be called later, and the statements that a fix writes for them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from loopwise.analysis.asyncio.evidence import coroutine_function
from loopwise.analysis.rule import Evidence, Related
from loopwise.analysis.unit import Unit
from loopwise.semantics.infer import Foreign, Function, Module, each
from loopwise.syntax import Node, field, parts_of, span_of, text_of
from loopwise.text import Edit, Span, decode, encode
from loopwise.writing import indent_of, insert, moved_in, newline_of, usual_step

_LONG = 50  # bytes of an expression that a message does not quote
_CALLABLE = frozenset({"identifier", "attribute", "lambda", "call"})


def argument(call: Node, index: int, keyword: str = "") -> Node | None:
    """The argument at a position or with a keyword; ``None`` if it is not passed or follows a ``*`` argument."""
    given = field(call, "arguments")
    listed = parts_of(given) if given is not None and given.type == "argument_list" else []
    nodes = [node for node in listed if node.type != "comment"]
    for node in nodes:
        name = field(node, "name") if node.type == "keyword_argument" else None
        if name is not None and keyword and text_of(name) == keyword:
            return field(node, "value")
    before = nodes[: index + 1]
    if len(before) <= index or any(node.type in _NOT_PLACED for node in before):
        return None
    return before[index]


# After these, positions cannot be counted: a starred argument fills any number of parameters.
_NOT_PLACED = frozenset({"list_splat", "dictionary_splat", "keyword_argument", "ERROR"})


def makes_coroutine(unit: Unit, node: Node) -> Evidence:
    """The evidence that calling a callback returns a coroutine that its caller does not await."""
    return coroutine_function(unit, node) if node.type in _CALLABLE else Evidence.NONE


def dotted(unit: Unit, node: Node) -> str:
    """The full name of an attribute chain that starts at a module, import aliases resolved (``pt.mark.slow``)."""
    first, rest = node, ""
    while first.type == "attribute":
        owner, name = field(first, "object"), field(first, "attribute")
        if owner is None or name is None:
            return ""
        first, rest = owner, f".{text_of(name)}{rest}"
    members = each(unit.value(first)) if first.type == "identifier" else ()
    names = {member.name for member in members if isinstance(member, (Module, Foreign))}
    if len(names) == len(members) == 1:
        return names.pop() + rest
    return unit.name(node) or ""


def defined(unit: Unit, node: Node) -> tuple[Related, ...]:
    """The definitions of the coroutine function that is passed, as related places."""
    found = [value for value in each(unit.value(node)) if isinstance(value, Function) and not value.file.is_stub]
    names = [(value, field(value.nodes[0], "name")) for value in found]
    return tuple(
        Related(
            span_of(name), f"'{text_of(name)}' is a coroutine function", value.file if value.file != unit.file else None
        )
        for value, name in names
        if name is not None
    )


def callback_label(node: Node) -> str:
    """The callback as named at the beginning of a message: ``Callback 'send'``."""
    if node.type == "lambda" or node.end_byte - node.start_byte >= _LONG:
        return "Lambda" if node.type == "lambda" else "Callback"
    return f"Callback '{text_of(node)}'"


def called(node: Node, arguments: Iterator[Node] | tuple[Node, ...] = ()) -> str | None:
    """The code of a call of the callback; ``None`` if that cannot be written in place."""
    given = ", ".join(text_of(argument) for argument in arguments)
    if node.type in {"identifier", "attribute"}:
        return f"{text_of(node)}({given})"
    body = field(node, "body")
    if node.type == "lambda" and body is not None and not given and field(node, "parameters") is None:
        return text_of(body)
    return None


def after(call: Node, node: Node) -> tuple[Node, ...] | None:
    """The arguments after the given one; ``None`` if keywords or comments are among them."""
    given = field(call, "arguments")
    nodes = [child for child in parts_of(given) if child.start_byte >= node.end_byte] if given is not None else []
    if given is None or any(child.type in {"comment", "keyword_argument", "dictionary_splat"} for child in nodes):
        return None
    return tuple(nodes)


def stands_alone(unit: Unit, statement: Node) -> bool:
    """Does a simple statement have its lines, inside a block, to itself?"""
    neighbours = (statement.prev_sibling, statement.next_sibling)
    if any(one is not None and one.type == ";" for one in neighbours) or not statement.type.endswith("_statement"):
        return False
    return indent_of(unit.file, statement.start_byte) is not None


def line_before(unit: Unit, statement: Node, *lines: str) -> Edit:
    """Insert lines, with the statement's indentation, before a statement that is alone on its line."""
    indent, newline = _layout(unit, statement)
    return insert(statement.start_byte, "".join(f"{line}{newline}{indent}" for line in lines))


def line_after(unit: Unit, statement: Node, *lines: str) -> Edit:
    """Insert lines, with the statement's indentation, after a statement alone on its line and its comment."""
    indent, newline = _layout(unit, statement)
    source = unit.file.source
    return insert(
        source.line_span(source.line_at(statement.end_byte)).end, "".join(f"{newline}{indent}{line}" for line in lines)
    )


def put_in(unit: Unit, statement: Node, head: str) -> tuple[Edit, ...]:
    """Move a statement that starts its line, with all of its lines, into a block below ``head``."""
    indent, newline = indent_of(unit.file, statement.start_byte) or b"", newline_of(unit.file, statement.start_byte)
    step, source = usual_step(indent), unit.file.source
    first = source.line_at(statement.start_byte)
    start = Edit(Span(statement.start_byte, statement.start_byte), encode(head) + newline + indent + step)
    if source.line_at(statement.end_byte) == first:
        return (start,)
    return (start, *moved_in(unit.file, Span(source.starts[first + 1], statement.end_byte), indent, step))


def _layout(unit: Unit, statement: Node) -> tuple[str, str]:
    """A statement's indentation, and the end of its line."""
    return decode(indent_of(unit.file, statement.start_byte) or b""), decode(
        newline_of(unit.file, statement.start_byte)
    )


def outermost(node: Node) -> Node:
    """The module-level statement that contains a node, including comments directly above it."""
    while node.parent is not None and node.parent.type != "module":
        node = node.parent
    above = node.prev_sibling
    while above is not None and above.type == "comment" and above.end_point[0] == node.start_point[0] - 1:
        node, above = above, above.prev_sibling
    return node


def free_name(unit: Unit, wanted: str, at: Node | None = None) -> str:
    """``wanted``, with a number if the file (or, for a local name, the function) already uses it."""
    function = unit.function(at) if at is not None else None
    data, name, number = (function.text if function is not None else None) or unit.file.source.data, wanted, 1
    while re.search(rb"(?<!\w)" + encode(name) + rb"(?!\w)", data):
        number += 1
        name = f"{wanted}_{number}"
    return name
