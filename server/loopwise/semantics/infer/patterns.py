"""Patterns of ``match``, and the values they match."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loopwise.semantics.bindings import File
from loopwise.semantics.infer.values import NONE, UNKNOWN, ClassObject, Instance, Value, each, join
from loopwise.syntax import Node, parts_of

if TYPE_CHECKING:
    from loopwise.semantics.infer.evaluator import Evaluator


def matched(ev: Evaluator, file: File, pattern: Node) -> Value:
    """The values that a pattern matches: instances of its classes; unknown if it names none."""
    while pattern.type in {"case_pattern", "as_pattern"} and parts_of(pattern):
        pattern = parts_of(pattern)[0]
    if pattern.type == "union_pattern":
        return join(matched(ev, file, choice) for choice in parts_of(pattern))
    if pattern.type == "class_pattern" and parts_of(pattern):
        classes = each(ev.value(file, parts_of(pattern)[0]))
        return join(Instance(cls) if isinstance(cls, ClassObject) else UNKNOWN for cls in classes)
    return NONE if pattern.type == "none" else UNKNOWN
