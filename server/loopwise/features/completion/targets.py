"""Recognizes places where a new name is introduced, which only the user can know: definitions, targets, patterns."""

from __future__ import annotations

import re

from loopwise.syntax import Node, field, parts_of

AFTER_NEW = re.compile(rb"\b(?:async|def|class|as|global|nonlocal|lambda|for)[ \t]+\Z")
"""Text before the cursor after which a new name is introduced."""


def is_new_name(path: tuple[Node, ...]) -> bool:
    """Is a new name being introduced here?"""
    node, parent = path[-1], path[-2] if len(path) > 1 else path[-1]
    if _is_target(path) or any(part.type in _NO_PLACE or _is_pattern(part) for part in path):
        return True
    if parent.type in {"function_definition", "class_definition"}:
        return field(parent, "name") == node
    if parent.type in {"for_statement", "for_in_clause"}:
        return field(parent, "left") == node
    if parent.type == "aliased_import":
        return field(parent, "alias") == node
    if parent.type in {"as_pattern_target", "parameters", "lambda_parameters", "default_parameter", "global_statement"}:
        return field(parent, "value") != node
    if parent.type in {"typed_parameter", "typed_default_parameter"}:
        return field(parent, "type") != node and field(parent, "value") != node
    return parent.type in {"nonlocal_statement", "attribute"} and parent.is_error


# Only names that exist already can follow, and the general server lists those.
_NO_PLACE = frozenset({"delete_statement", "global_statement", "nonlocal_statement"})


def _is_pattern(node: Node) -> bool:
    """Is it a pattern of a ``case``, and not an expression?"""
    return node.type.endswith("_pattern") and node.type != "as_pattern"


def _is_target(path: tuple[Node, ...]) -> bool:
    """Is it an assignment's target?  Code in the brackets of a target is not."""
    for outer, inner in reversed(list(zip(path, path[1:], strict=False))):
        if outer.type == "subscript" and inner != parts_of(outer)[0]:
            return False
        if outer.type in {"assignment", "augmented_assignment"}:
            return field(outer, "left") == inner
        if outer.type == "named_expression":
            return field(outer, "name") == inner
        if outer.type.endswith(("_statement", "argument_list", "block")):
            return False
    return False
