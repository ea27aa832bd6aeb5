"""The context of a node: the scope that runs it, and the use of its value."""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.syntax import BODIES, Node, field, is_async, parts_of, text_of

# Expressions that pass a value on; which of their parts it is tells how.
_PASSING = frozenset(
    "not_operator conditional_expression list_comprehension set_comprehension generator_expression list tuple"
    " named_expression if_clause expression_list".split()
)


def runs_in(node: Node) -> str:
    """The scope that runs a node: ``async``, ``def``, ``lambda``, ``class``, ``module``, ``generator`` (expression)."""
    inner, outer = node, node.parent
    while outer is not None:
        if outer.type == "generator_expression" and inner != _first_clause(outer):
            return "generator"
        if outer.type == "function_definition" and inner == field(outer, "body"):
            return "async" if is_async(outer) else "def"
        if outer.type == "module" or (outer.type in BODIES and inner == field(outer, "body")):
            return outer.type.partition("_")[0]
        inner, outer = outer, outer.parent
    return "module"


def function_of(node: Node) -> Node | None:
    """The function whose body contains a node; None in a lambda, class body or module."""
    inner, outer = node, node.parent
    while outer is not None and not (outer.type in BODIES and inner == field(outer, "body")):
        inner, outer = outer, outer.parent
    return outer if outer is not None and outer.type == "function_definition" else None


def upwards(node: Node, stop: Node | None = None) -> Iterator[Node]:
    """A node and its ancestors, up to ``stop``."""
    current: Node | None = node
    while current is not None:
        yield current
        if current == stop:
            return
        current = current.parent


def around(node: Node, *types: str) -> Node | None:
    """The nearest node of some types among a node and its ancestors."""
    return next((each for each in upwards(node) if each.type in types), None)


def statement_of(node: Node) -> Node:
    """The statement that contains a node, which may be a compound one."""
    found = node
    while found.parent is not None and found.parent.type not in {"block", "module"}:
        found = found.parent
    return found


def statements(block: Node | None) -> list[Node]:
    """The statements of a block."""
    return [node for node in parts_of(block) if node.type != "comment"] if block is not None else []


def position(node: Node) -> str:
    """The use of an expression's value: ``statement``, ``if``, ``or right: while``, ``assign _`` …"""
    inner, outer = node, node.parent
    while outer is not None and outer.type == "parenthesized_expression":
        inner, outer = outer, outer.parent
    if outer is None:
        return ""
    match outer.type:
        case "expression_statement":
            return "statement" if len(parts_of(outer)) == 1 else "tuple: statement"
        case "assignment":
            return _target(outer)
        case "if_statement" | "elif_clause" | "while_statement" | "assert_statement":
            return outer.type.partition("_")[0]
        case "boolean_operator":
            operator = field(outer, "operator")
            side = "left" if inner == field(outer, "left") else "right"
            return f"{text_of(operator) if operator is not None else ''} {side}: {position(outer)}"
        case kind if kind in _PASSING:
            return f"{kind} {parts_of(outer).index(inner)}: {position(outer)}"
    return outer.type


def _target(assignment: Node) -> str:
    target = field(assignment, "left")
    kind = "" if target is None else "_" if text_of(target) == "_" else target.type
    return f"assign {kind}{' annotated' if field(assignment, 'type') is not None else ''}"


def _first_clause(generator: Node) -> Node | None:
    """The clause whose iterable is evaluated in place."""
    return next((node for node in parts_of(generator) if node.type == "for_in_clause"), None)
