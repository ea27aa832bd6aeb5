"""Decorators by their names."""

from __future__ import annotations

from loopwise.syntax import Node, decorators_of, field, text_of

PROPERTIES = frozenset({"property", "cached_property", "abstractproperty"})


def decorator_names(node: Node) -> tuple[str, ...]:
    """Last parts of the names of a definition's decorators (``wraps`` for ``functools.wraps(f)``)."""
    names = []
    for expression in decorators_of(node):
        function = field(expression, "function") if expression.type == "call" else expression
        names.append(text_of(function).rpartition(".")[2] if function is not None else "")
    return tuple(names)


def makes_property(decorator: str) -> bool:
    """Does a decorator of that name turn a method into an attribute?  Frameworks have many of their own."""
    return decorator in PROPERTIES or decorator.endswith(("_property", "reify"))
