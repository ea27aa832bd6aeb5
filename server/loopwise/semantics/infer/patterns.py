"""Patterns of ``match``, and the values they match."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loopwise.semantics.bindings import File
from loopwise.semantics.infer.values import NONE, UNKNOWN, ClassObject, Instance, Value, each, join
from loopwise.syntax import Node

if TYPE_CHECKING:
    from loopwise.semantics.infer.evaluator import Evaluator


def matched(ev: Evaluator, file: File, pattern: Node) -> Value:
    """The values that a pattern matches: instances of its classes; unknown if it names none."""
    while pattern.type in {"case_pattern", "as_pattern"} and pattern.named_children:
        pattern = pattern.named_children[0]
    if pattern.type == "union_pattern":
        return join(matched(ev, file, choice) for choice in pattern.named_children)
    if pattern.type == "class_pattern" and pattern.named_children:
        classes = each(ev.value(file, pattern.named_children[0]))
        return join(Instance(cls) if isinstance(cls, ClassObject) else UNKNOWN for cls in classes)
    return NONE if pattern.type == "none" else UNKNOWN
