"""Finds places in a file where typing is worth showing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from loopwise.features.signature_help import signature_help
from loopwise.lsp.demo import Typing
from loopwise.project import View
from loopwise.semantics import symbols
from loopwise.syntax import Node, field, walk

_LOOKED_AT = 20_000  # nodes of a very long file
_TRIED = 60  # calls and names whose meaning is computed


def worth_typing(view: View) -> list[Typing]:
    """After an ``await``, after ``asyncio.``, inside a call's parentheses: one of each, if there are any."""
    nodes = tuple(islice(walk(view.file.root), _LOOKED_AT))
    found = (_after_await(view, nodes), _after_module(view, nodes), _inside_call(view, nodes))
    return sorted((typing for typing in found if typing is not None), key=lambda typing: typing.cursor)


def _after_await(view: View, nodes: Sequence[Node]) -> Typing | None:
    """Prefer an operand other than one of asyncio's functions."""
    first: Typing | None = None
    for node in nodes:
        if node.type == "await":
            cursor = node.named_children[0].start_byte if node.named_children else node.end_byte
            typing = _typing(view, node, cursor) if cursor == node.start_byte + len("await ") else None
            first = first or typing
            if typing is not None and not _is_module(view, _before_dot(node.named_children[0])):
                return typing
    return first


def _before_dot(node: Node) -> Node:
    """The receiver in ``name.attribute()``; the whole expression if there is no dot."""
    callee = field(node, "function") or node
    return field(callee, "object") or callee


def _after_module(view: View, nodes: Sequence[Node]) -> Typing | None:
    attributes = (node for node in nodes if node.type == "attribute" and not _has_above(node, "type"))
    for node in islice(attributes, _TRIED):
        owner, name = field(node, "object"), field(node, "attribute")
        if owner is not None and name is not None and _is_module(view, owner):
            typing = _typing(view, node, name.start_byte)
            if typing is not None:
                return typing
    return None


def _inside_call(view: View, nodes: Sequence[Node]) -> Typing | None:
    """At an argument of a known call; preferably one with documentation, and a later one."""
    best: Typing | None = None
    most = (False, False)
    for number, argument in islice(_arguments(nodes), _TRIED):
        typing = _typing(view, argument, (field(argument, "value") or argument).start_byte, inside_call=True)
        found = signature_help(view, typing.cursor) if typing is not None else None
        signature = found.signatures[found.active] if found is not None else None
        if signature is None or signature.active is None:
            continue
        worth = bool(signature.parameters[signature.active].documentation), number > 0
        if best is None or worth > most:
            best, most = typing, worth
    return best


def _arguments(nodes: Sequence[Node]) -> Iterator[tuple[int, Node]]:
    """The arguments of each call, numbered from 0."""
    for node in nodes:
        if node.type == "argument_list" and node.parent is not None and node.parent.type == "call":
            yield from enumerate(node.named_children)


def _is_module(view: View, node: Node) -> bool:
    """Is it the name ``asyncio``, or an alias of it?"""
    return node.type == "identifier" and symbols.use_of(view.evaluator, view.api, view.file, node).name == "asyncio"


def _has_above(node: Node, kind: str) -> bool:
    parent = node.parent
    return parent is not None and (parent.type == kind or _has_above(parent, kind))


def _typing(view: View, node: Node, cursor: int, *, inside_call: bool = False) -> Typing | None:
    """The moment at which the line ends at ``cursor``, in or before ``node``; ``None`` if code continues below it."""
    source = view.file.source
    end = source.line_span(source.line_at(cursor)).end
    above: Node | None = node
    while above is not None and above.end_byte <= end:
        if above.type == "string":
            return None
        above = above.parent
    goes_on = above is not None and above.type not in {"module", "block"} and _body(above) is None
    return None if goes_on else Typing(cursor, end, inside_call)


def _body(node: Node) -> Node | None:
    return field(node, "body") or field(node, "consequence")
