"""The operands of expressions and statements that need a value: what a coroutine or future in their place does."""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.analysis.asyncio.groups import items
from loopwise.syntax import PATTERNS, Node, field, first_of, is_async, parts_of, text_of, unwrap

# The methods that a coroutine object really has.
_OWN = frozenset({"send", "throw", "close"})
_LITERALS = frozenset({"true", "false", "integer", "float", "string"})
_TERNARY = 3  # parts of ``a if test else b``


def operands(node: Node) -> Iterator[tuple[Node, str, bool]]:
    """The operands whose values a node needs, the consequence for a coroutine, and whether names count like calls."""
    for whole, what, names_too in _operands(node):
        yield from ((one, what, names_too) for one in branches(whole))


def branches(node: Node) -> Iterator[Node]:
    """The expressions that an operand may stand for: both of ``a if test else b``, the last of ``a or b``."""
    inner = unwrap(node)
    if inner.type == "conditional_expression" and len(parts_of(inner)) >= _TERNARY:
        yield from (*branches(parts_of(inner)[0]), *branches(parts_of(inner)[2]))
    elif inner.type in {"boolean_operator", "named_expression"}:
        last = field(inner, "right" if inner.type == "boolean_operator" else "value")
        yield from branches(last) if last is not None else ()
    else:
        yield node


def _operands(node: Node) -> Iterator[tuple[Node, str, bool]]:
    """The same for whole expressions."""
    first = first_of(node)
    if node.type == "interpolation" and first is not None:
        yield first, "is formatted instead of its result", False
    elif node.type == "comparison_operator":
        fixed = any(side.type in _LITERALS for side in parts_of(node))
        yield from ((side, "is compared instead of its result", fixed) for side in parts_of(node))
    elif node.type == "unary_operator" and field(node, "argument") is not None:
        yield field(node, "argument") or node, "does not support the operator", True
    elif node.type == "match_statement" and first is not None:
        yield first, "is compared instead of its result", False
    elif node.type == "subscript" and first is not None:
        yield first, "has no items", True
        yield from ((index, "cannot be used as an index", False) for index in node.children_by_field_name("subscript"))
    elif node.type == "attribute" and first is not None:
        name = text_of(field(node, "attribute") or node)
        # Attributes of coroutine and generator objects.
        if name not in _OWN and not name.startswith(("cr_", "gi_", "__")):
            yield first, f"has no attribute {name}", True
    elif node.type in {"binary_operator", "augmented_assignment"}:
        operator = field(node, "operator")
        shows = operator is not None and text_of(operator) == "%" and first is not None and first.type == "string"
        what = "is formatted instead of its result" if shows else "does not support the operator"
        sides = (field(node, "left") if node.type == "binary_operator" else None, field(node, "right"))
        yield from ((side, what, not shows) for side in sides if side is not None)
    elif node.type in {"for_statement", "for_in_clause"}:
        right = field(node, "right") if not is_async(node) else None  # that is async-for-on-sync-iterable
        yield from [(right, "cannot be iterated", True)] if right is not None else []
    elif node.type in {"list_splat", "dictionary_splat"} and first is not None:
        yield first, "cannot be unpacked", True
    else:
        yield from _parts(node)


def _parts(node: Node) -> Iterator[tuple[Node, str, bool]]:
    """The same for statements: what is unpacked, entered or raised."""
    if node.type == "assignment":
        left, right = field(node, "left"), field(node, "right")
        if left is not None and right is not None and left.type in PATTERNS:
            yield right, "cannot be unpacked", True
    elif node.type == "with_statement" and not is_async(node):
        yield from ((item.value, "cannot be entered", False) for item in items(node))
    elif node.type == "raise_statement" and parts_of(node):
        yield parts_of(node)[0], "cannot be raised", False
