"""Describes a library's function from the library's summary: kind, signature, docstring."""

from __future__ import annotations

from loopwise.features.hover.own_functions import Outline, signature_of
from loopwise.project import View
from loopwise.semantics import symbols
from loopwise.semantics.infer import Function, Instance, Signature, Value, docstring, each, is_generator, overloads
from loopwise.syntax import Node, decorators_of, is_async, text_of

_LONGEST = 240  # characters of a signature: three lines of a hover
_COROUTINES = frozenset({"typing.Coroutine", "types.CoroutineType"})


def library_outline(view: View, function: Function) -> Outline | None:
    """The outline of a function whose result can be awaited, entered or iterated; ``None`` for any other."""
    node = overloads.of_receiver(view.evaluator, function)[0]
    noun = "method" if function.owner is not None else "function"
    kind = _kind(view, function, node, noun)
    if kind is None:
        return None
    name = next(symbols.names_of_value(view.evaluator, function))
    root = function.file.name.partition(".")[0]
    library = view.libraries.label(root) if view.libraries is not None else root
    return Outline(name, kind, _shortened(signature_of(node)), (), (), library, docstring(node))


def _shortened(signature: str) -> str:
    """A signature cut to a reasonable length, with its result type kept."""
    if len(signature) <= _LONGEST:
        return signature
    parameters, arrow, result = signature.rpartition(" -> ")
    shown = (parameters or signature)[: _LONGEST - 40].rpartition(", ")[0]
    return f"{shown}, …)" + (f"{arrow}{result}" if arrow and len(result) <= _LONGEST else "")


def _kind(view: View, function: Function, node: Node, noun: str) -> str | None:
    if any(text_of(expression).endswith("asynccontextmanager") for expression in decorators_of(node)):
        return f"async context manager {noun} · enter it with `async with`"
    if is_async(node) and is_generator(node):
        return f"async generator {noun} · iterate it with `async for`"
    if is_async(node) and not decorators_of(node):
        return f"coroutine {noun} · await it"
    result = view.evaluator.called(function)
    if all(_is_coroutine(member) for member in each(result)):
        return f"coroutine {noun} · await it"
    if all(isinstance(member, Instance) and member.cls.fullname == "typing.Awaitable" for member in each(result)):
        return f"{noun} · await it"
    uses = [use for method, use in _USES.items() if all(_has(view, member, method) for member in each(result))]
    return f"{noun} · {' · '.join(uses)}" if uses else None


_USES = {
    "__await__": "returns an awaitable",
    "__aenter__": "enter it with `async with`",
    "__aiter__": "iterate it with `async for`",
}


def _is_coroutine(value: Value) -> bool:
    return isinstance(value, Instance) and value.cls.fullname in _COROUTINES


def _has(view: View, value: Value, method: str) -> bool:
    return isinstance(value, Instance) and isinstance(view.evaluator.attribute(value, method), (Function, Signature))
