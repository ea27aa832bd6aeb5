"""Scopes: those in which a name can be looked up from a place, and the names that a comprehension binds."""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.semantics.bindings.binding import places
from loopwise.semantics.bindings.table import table_of
from loopwise.syntax import COMPREHENSIONS, Node, field, span_of, text_of, unwrap

# What can have type parameters; they are seen from all of it.
HEADED = frozenset({"function_definition", "class_definition", "type_alias_statement"})


def visible(path: tuple[Node, ...], use: Node) -> Iterator[tuple[Node, bool, bool]]:
    """The scopes around the end of ``path``, innermost first; ``use`` is the node to be resolved.

    Each comes with two flags: is the use in the scope's body, and is the name's meaning decided by the code that runs
    before the use (true until the search leaves a function)?
    """
    flowing = True
    for index in range(len(path) - 1, -1, -1):
        scope, inner = path[index], path[index + 1] if index + 1 < len(path) else None
        if scope.type in COMPREHENSIONS or scope.type in {"module", "ERROR"}:
            yield scope, True, flowing
        elif scope.type == "lambda":
            if inner is not None and (inner == field(scope, "body") or _is_parameter(scope, use)):
                yield scope, True, flowing
        elif scope.type == "class_definition":
            # Functions in a class do not see its names.
            yield scope, flowing and _in_body(scope, inner), flowing
        elif scope.type == "function_definition":
            inside = _in_body(scope, inner) or _is_parameter(scope, use)
            yield scope, inside, flowing
            flowing = flowing and not inside
        elif scope.type == "type_alias_statement":
            yield scope, False, flowing


def _in_body(scope: Node, inner: Node | None) -> bool:
    """Is ``inner`` in the body of a definition, or in broken code that will become its body?"""
    if inner is None:
        return False
    return inner == field(scope, "body") or (inner.type == "ERROR" and inner != scope.child(0))


def _is_parameter(scope: Node, use: Node) -> bool:
    """Is it a parameter's own name, which belongs to the function?  Its default and annotation do not."""
    return any(p.at.shifted(scope.start_byte) == span_of(use) for p in table_of(scope).parameters)


def comprehension_clause(scope: Node, name: str, use: Node) -> tuple[Node, tuple[int | None, ...]] | None:
    """The clause of a comprehension that binds ``name`` for ``use``, and the path within its target."""
    for clause in (child for child in scope.named_children if child.type == "for_in_clause"):
        left, right = field(clause, "left"), field(clause, "right")
        if left is None or right is None:
            continue
        if right.start_byte <= use.start_byte and use.end_byte <= right.end_byte:
            return None  # an iterable does not see its own target, nor later ones
        path = _path_in(left, name)
        if path is not None:
            return clause, path
    return None


def _path_in(target: Node, name: str) -> tuple[int | None, ...] | None:
    target = unwrap(target)
    if target.type == "identifier":
        return () if text_of(target) == name else None
    for place, item in places(target.named_children):
        found = _path_in(item, name)
        if found is not None:
            return (place, *found)
    return None
