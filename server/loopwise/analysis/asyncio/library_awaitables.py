"""Objects of libraries that do nothing until they are awaited, other than coroutines."""

from __future__ import annotations

from loopwise.analysis.asyncio.protocols import lacks
from loopwise.analysis.flow import asked_about
from loopwise.analysis.prefilter import callee_word
from loopwise.analysis.unit import Unit
from loopwise.semantics.bindings import Kind
from loopwise.semantics.infer import ClassObject, Function, Instance, Signature, each, inheritance, reaching
from loopwise.syntax import Node, field, node_at, path_to, span_of, text_of, unwrap
from loopwise.text import Span

# The method that an operand needs to have, by the node that uses it.
_NEEDED = {
    "assignment": "__iter__",
    "for_statement": "__iter__",
    "for_in_clause": "__iter__",
    "list_splat": "__iter__",
    "subscript": "__getitem__",
}


def is_pending(unit: Unit, node: Node) -> bool:
    """Is a call, or a local name that is assigned only such calls, an awaitable object that a library returned?

    That is what a library declares as an ``Awaitable``, as ``redis.asyncio`` does, or an object of a class derived from
    ``Coroutine``, such as the one that ``session.get(url)`` of aiohttp returns.
    """
    calls = [node] if node.type == "call" else _assigned(unit, node)
    return bool(calls) and all(_is_pending(unit, call) for call in calls) and not asked_about(unit, node)


def lacks_what(unit: Unit, node: Node, used: Node) -> bool:
    """Is ``used`` a library's awaitable object without what ``node`` needs of it: an attribute, items, an iterator?"""
    needed = _NEEDED.get(node.type, "")
    needed = text_of(field(node, "attribute") or node) if node.type == "attribute" else needed
    return bool(needed) and is_pending(unit, used) and lacks(unit, unit.value(used), needed)


def _assigned(unit: Unit, name: Node) -> list[Node]:
    """The calls that a local name may hold; empty if it may hold anything else."""
    function = unit.function(name) if name.type == "identifier" else None
    bindings = unit.file.table_of(function).by_name.get(text_of(name), ()) if function is not None else ()
    if function is None or not bindings or any(one.kind is not Kind.ASSIGN or one.path for one in bindings):
        return []
    if not any(_may_be(unit, function, one.value) for one in bindings if one.value is not None):
        return []
    path = path_to(unit.file.root, span_of(name))
    found = [
        node_at(function, one.value.shifted(function.start_byte)) if one.value is not None else None
        for one in reaching.reaching_bindings(bindings, function, path, name)
    ]
    calls = [unwrap(one) for one in found if one is not None]
    return calls if len(calls) == len(found) and all(one.type == "call" for one in calls) else []


def _may_be(unit: Unit, function: Node, span: Span) -> bool:
    """Does a binding's value have the spelling of such a call?"""
    node = node_at(function, span.shifted(function.start_byte))
    call = unwrap(node) if node is not None else None
    return call is not None and call.type == "call" and _is_spelled(unit, call)


def _is_spelled(unit: Unit, call: Node) -> bool:
    word = callee_word(call, unit.aliases)
    return unit.coroutines is None or word is None or word in unit.coroutines


def _is_pending(unit: Unit, call: Node) -> bool:
    if not _is_spelled(unit, call):
        return False
    called, made = each(unit.called(call)), each(unit.value(call))
    if not all(isinstance(one, Signature) or (isinstance(one, Function) and one.file.is_summary) for one in called):
        return False
    declared = all(isinstance(one, Function) for one in called)
    is_one = (
        isinstance(one, Instance)
        and ((declared and one.cls.fullname == "typing.Awaitable") or _is_coroutine_object(unit, one.cls))
        for one in made
    )
    return bool(called and made) and all(is_one) and not _is_queued(unit, call)


def _is_coroutine_object(unit: Unit, cls: ClassObject) -> bool:
    """Is it a library's class that is derived from ``Coroutine``?"""
    return cls.file.is_summary and any(base.fullname == "typing.Coroutine" for base in inheritance.mro(unit.ev, cls))


def _is_queued(unit: Unit, call: Node) -> bool:
    """Is it a call on an object that collects calls to run them later?"""
    receivers: list[ClassObject] = []
    callee = field(call, "function")
    while callee is not None:  # ``pipe.json().set(…)`` is collected too
        owner = field(callee, "object")
        receivers += [one.cls for one in each(unit.value(owner)) if isinstance(one, Instance)] if owner else []
        callee = field(owner, "function") if owner is not None else None
    return any(inheritance.is_pipeline(unit.ev, cls) for cls in receivers)
