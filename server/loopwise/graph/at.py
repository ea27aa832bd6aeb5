"""Finds the project's function at a cursor: by its definition, or by a name that refers to it."""

from __future__ import annotations

from loopwise.analysis.prefilter import aliases_of
from loopwise.analysis.unit import Unit
from loopwise.graph.targets import targets
from loopwise.graph.values import Ref
from loopwise.project import View
from loopwise.semantics.infer import definitions
from loopwise.syntax import field, is_async, name_at


def function_at(view: View, offset: int) -> Ref | None:
    """The function whose name contains a byte offset; ``None`` if the name does not certainly mean one function."""
    name = name_at(view.file.root, offset)
    if name is None or name.parent is None:
        return None
    outer = name.parent
    if outer.type == "function_definition" and field(outer, "name") == name:
        return Ref(view.file.key, definitions.qualname(view.file, outer))
    callee = outer if outer.type == "attribute" and field(outer, "attribute") == name else name
    unit = Unit(view, view.file.root, aliases_of(view.file.source.data))
    found = {target.ref for target in targets(unit, callee)}
    return found.pop() if len(found) == 1 else None


def definition_at(view: View, offset: int) -> Ref | None:
    """The plain function whose name, at its definition, contains a byte offset."""
    name = name_at(view.file.root, offset)
    outer = name.parent if name is not None else None
    if outer is None or outer.type != "function_definition" or field(outer, "name") != name or is_async(outer):
        return None
    return Ref(view.file.key, definitions.qualname(view.file, outer))
