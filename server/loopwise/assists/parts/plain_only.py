"""Functions that have to stay plain, and those that already return coroutines."""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.analysis.unit import Unit
from loopwise.assists.parts.wrappers import plain_wrapper
from loopwise.cards import Takes, takes
from loopwise.semantics.index import imported_modules, roots_of
from loopwise.semantics.infer import PROPERTIES, Function, each
from loopwise.syntax import FUNCTIONS, RETURNS, Node, decorators_of, field, nodes_of, source_of, unwrap

# ``hybrid_property`` is SQLAlchemy's.
_PROPERTIES = PROPERTIES | {"setter", "getter", "deleter", "hybrid_property"}
_CACHES = frozenset({"cache", "lru_cache"})
# Decorators of attrs, pydantic, functools, click, typer and pluggy that call the function without awaiting it.
_PLAIN_ONLY = frozenset(
    "callback validator field_validator model_validator root_validator singledispatch computed_field hookimpl".split()
)
# Usual names of the only parameter of a decorator, in the standard library and in flask, click, fastapi, discord.py.
_DECORATED = frozenset("callback cb cls f fn func function handler method target wrapped".split())
# Methods of asyncio's protocols, which need not derive from a class of asyncio's.
_OF_PROTOCOLS = frozenset(
    "connection_made connection_lost data_received eof_received datagram_received error_received pause_writing"
    " resume_writing get_buffer buffer_updated pipe_data_received pipe_connection_lost process_exited".split()
)


def plain_only(unit: Unit, function: Node, name: str, *, managers: bool = False) -> str:
    """The reason why a function cannot be async, from its decorators and its class; empty if there is none.

    With ``managers``, context managers are accepted: the caller converts ``contextmanager`` and each ``with`` too.
    """
    marks = frozenset(unit.decorators(function))
    if marks & _PROPERTIES:
        return f"{name} is a property, so every read would have to be awaited"
    if marks & _CACHES:
        return f"The cache around {name}() would store the coroutine, which can be awaited only once"
    of_frameworks = {mark for mark, kind in accepted(unit, function) if kind == "plain"}
    if found := next(iter(sorted(marks & _PLAIN_ONLY | of_frameworks)), ""):
        return f"{found} can only decorate a plain function"
    if "contextmanager" in marks and not managers:
        return "contextmanager takes a plain generator; asynccontextmanager takes an async one, for 'async with'"
    if name in _OF_PROTOCOLS and unit.owner(function) is not None:
        return f"A transport calls {name}() without awaiting the result"
    if _returns_decorator(unit, function):
        return f"{name}() returns a decorator, and '@' cannot await it"
    wrapper = plain_wrapper(unit, function)
    return f"The decorator {wrapper} calls {name}() without awaiting it" if wrapper else ""


def accepted(unit: Unit, function: Node) -> Iterator[tuple[str, Takes | None]]:
    """The decorators of a function by their last names, with the kind of functions that each accepts.

    ``None`` if no framework is known to have it, or if it is a function of the project, which can be read.
    """
    packages = roots_of(imported_modules(unit.file.source.data))
    for expression in decorators_of(function):
        target = (field(expression, "function") if expression.type == "call" else None) or expression
        mark = source_of(target).rpartition(".")[2]
        is_own = any(isinstance(one, Function) and not one.file.is_stub for one in each(unit.value(target)))
        yield mark, None if is_own else takes((mark,), packages)


def _returns_decorator(unit: Unit, function: Node) -> bool:
    """Does it return a function of its own that takes, as its only argument, what is decorated?"""
    own = {source_of(field(one, "name") or one): one for one in nodes_of(function, FUNCTIONS) if one != function}
    for node in nodes_of(function, RETURNS):
        value = unwrap(node.named_children[0]) if node.named_children else None
        inner = own.get(source_of(value)) if value is not None and value.type == "identifier" else None
        if inner is not None and unit.function(node) == function:
            name = source_of(field(inner, "name") or inner)
            parameters = [one.name for one in unit.file.table_of(inner).parameters]
            if len(parameters) == 1 and ("decorat" in name or parameters[0] in _DECORATED):
                return True
    return False


def handed_on(unit: Unit, function: Node) -> list[Node]:
    """The calls whose coroutines a function returns, if it returns nothing else."""
    returns = [node for node in nodes_of(function, RETURNS) if unit.function(node) == function]
    values = [unwrap(node.named_children[0]) for node in returns if node.named_children]
    is_all = len(values) == len(returns) and all(one.type == "call" and unit.gives_coroutine(one) for one in values)
    return values if is_all else []


__all__ = ["accepted", "handed_on", "plain_only"]
