"""Signature help: the parameters of the call around the cursor, and the current one.

Only asyncio's names and the user's own async functions get signatures.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from loopwise.features.completion import parameters, typed
from loopwise.features.signature_help.active import active, takes_all
from loopwise.features.signature_help.call import Call, call_at, is_damaged
from loopwise.features.signature_help.known import known
from loopwise.features.signature_help.own import own
from loopwise.features.signature_help.parts import Parts, SignatureInfo, info
from loopwise.project import View
from loopwise.semantics import symbols
from loopwise.semantics.bindings import File
from loopwise.semantics.infer import (
    ClassObject,
    Function,
    Instance,
    Signature,
    Value,
    decorator_names,
    each,
    takes_receiver,
)
from loopwise.syntax import CLOSED, Node, field, text_of
from loopwise.text import Edit, Span

_INSIDE = frozenset({"argument_list", "generator_expression"})  # ends where the expression ends
_MOST = 3  # overloads shown: an editor shows one at a time, and people page no further


class Signatures(msgspec.Struct, frozen=True):
    """The signatures of the callee, at most three; ``active`` is the index of the one that fits the arguments."""

    signatures: tuple[SignatureInfo, ...]
    active: int


def signature_help(view: View, offset: int) -> Signatures | None:
    """The signatures of the innermost call around byte offset ``offset``; ``None`` if Loopwise has none for it."""
    try:
        call = call_at(view.file, offset)
        found = list(_called(view, call, offset))[:_MOST] if call is not None else []
    except RecursionError:  # code nested so deeply that no person wrote it
        return None
    if call is None or not found:
        return None
    fits = (index for index, parts in enumerate(found) if takes_all(parts.parameters, call.arguments))
    shown = tuple(info(parts, active(parts.parameters, call.arguments)) for parts in found)
    return Signatures(shown, next(fits, 0))


def _called(view: View, call: Call, offset: int) -> Iterator[Parts]:
    callee = _callee(view.file, call.callee)
    found = list(_signatures(view, callee)) if callee is not None else []
    if found or not is_damaged(view.file):
        yield from found
        return
    file = _going_on(view.file, call, offset)
    callee = _callee(file, call.callee) if file is not None else None
    if file is not None and callee is not None:
        yield from _signatures(msgspec.structs.replace(view, file=file), callee)


def _callee(file: File, end: int) -> Node | None:
    """The callee that ends at byte offset ``end``; ``None`` if the parser has only fragments of it."""
    leaf = file.root.descendant_for_byte_range(end - 1, end)
    if leaf is None or leaf.end_byte != end:
        return None
    found: Node | None = None
    node: Node | None = leaf
    while node is not None and node.end_byte == end and (node == leaf or node.type in CLOSED | _INSIDE):
        found = node if node.type in CLOSED else found
        node = node.parent
    before = file.source.data[: found.start_byte].rstrip() if found is not None else b"."
    return None if before.endswith(b".") else found


def _going_on(file: File, call: Call, offset: int) -> File | None:
    """The text with the call completed without arguments; up to its parenthesis it is the user's."""
    data = file.source.data
    ends = (end for sign in (b"\n", b"\r") if (end := data.find(sign, offset)) >= 0)
    edit = Edit(Span(call.opener + 1, min(ends, default=len(data))), b"")
    found = typed(file.typed(edit), call.opener + 1)
    return found.file if found is not None else None


def _signatures(view: View, callee: Node) -> Iterator[Parts]:
    """The signatures of all possible values of an expression that Loopwise has signatures for."""
    name = field(callee, "attribute") if callee.type == "attribute" else callee
    if name is not None and name.type == "identifier":
        use = symbols.use_of(view.evaluator, view.api, view.file, name)
        symbol, value = use.name, use.value
    else:
        symbol, value = None, view.evaluator.value(view.file, callee)
    members = each(value)
    written = text_of(name) if name is not None and name.type == "identifier" else ""
    found = [_of(view, member, symbol if len(members) == 1 else None, written) for member in members]
    yield from dict.fromkeys(parts for some in found for parts in some)


def _of(view: View, value: Value, symbol: str | None, written: str) -> list[Parts]:
    """The signatures of one value; ``symbol`` is its public name, if already known."""
    symbol = symbol or symbols.name_of(view.api, value)
    if symbol is not None:
        parts = known(view, symbol, receiver=_wants_receiver(value))
        return [parts] if parts is not None else []
    if isinstance(value, Signature) and value.made_of is not None:
        value = value.made_of
    if isinstance(value, ClassObject):
        return list(_inherited(view, value))
    if isinstance(value, Instance):
        method = view.evaluator.attribute(value, "__call__")
        return own(method, written) if isinstance(method, Function) else []
    return _own(view, value) if isinstance(value, Function) else []


def _wants_receiver(value: Value) -> bool:
    """Is it a method accessed on its class, so that ``self`` is the first argument?"""
    if not isinstance(value, Function) or value.owner is None or takes_receiver(value):
        return False
    return "staticmethod" not in decorator_names(value.nodes[0])


def _inherited(view: View, cls: ClassObject) -> Iterator[Parts]:
    """The constructor that a user's class inherits from an asyncio class."""
    for function in parameters.constructor(view, cls):
        yield from _own(view, function, cls.qualname.rpartition(".")[2])


def _own(view: View, function: Function, name: str = "") -> list[Parts]:
    """The signatures of a user's async function, or of ``__init__`` in a subclass of an asyncio class."""
    owner = function.owner
    if owner is not None and symbols.is_asyncio(owner.file.name) and function.qualname.endswith(".__init__"):
        symbol = symbols.public(view.api, owner.fullname)
        parts = known(view, symbol, name=name or "__init__") if symbol is not None else None
        return [parts] if parts is not None else []
    return own(function)
