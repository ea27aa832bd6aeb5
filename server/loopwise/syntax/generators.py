"""Asynchronous generator expressions."""

from __future__ import annotations

from tree_sitter import Node

from loopwise.syntax.kinds import AWAITS, FORS
from loopwise.syntax.tree import is_async, nodes_of, parts_of

_SUSPENDS = AWAITS | FORS
# Their awaits suspend something else.
_NESTED = frozenset({"function_definition", "lambda", "generator_expression"})


def is_async_generator(node: Node) -> bool:
    """Is it a generator expression with ``async for``, or with an ``await`` outside its first iterable?

    Python evaluates the first iterable outside the generator.
    """
    if node.type != "generator_expression":
        return False
    clauses = [child for child in parts_of(node) if child.type == "for_in_clause"]
    if any(is_async(clause) for clause in clauses):
        return True
    return any(_suspends(part) for part in parts_of(node) if part not in clauses[:1])


def _suspends(part: Node) -> bool:
    found = [one for one in nodes_of(part, _SUSPENDS) if one.type == "await" or is_async(one)]
    if not found:
        return False
    nested = [(one.start_byte, one.end_byte) for one in nodes_of(part, _NESTED)]
    return any(not any(start <= one.start_byte < end for start, end in nested) for one in found)
