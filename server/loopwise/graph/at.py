"""Finds the project's function at a cursor: by its definition, or by a name that refers to it."""

from __future__ import annotations

from typing import NamedTuple

from loopwise.analysis.flow import waits
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
    # Of several possible targets none is certain.
    return found.pop() if len(found) == 1 else None


class Defined(NamedTuple):
    """A function, and whether it is a coroutine function that waits for nothing."""

    ref: Ref
    is_async: bool


def definition_at(view: View, offset: int) -> Defined | None:
    """The function whose name a byte offset touches at its definition.

    ``None`` for async generators, and for coroutine functions that wait for something.
    """
    name = name_at(view.file.root, offset)
    outer = name.parent if name is not None else None
    if outer is None or outer.type != "function_definition" or field(outer, "name") != name:
        return None
    body = field(outer, "body")
    if is_async(outer) and (body is None or any(True for _ in waits(body))):
        return None
    return Defined(Ref(view.file.key, definitions.qualname(view.file, outer)), is_async(outer))
