"""The callers of a function within its file, and conditions that hold at them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from loopwise.analysis.unit import Unit
from loopwise.syntax import CALLS, Node, field, nodes_of

_DEEPEST = 3  # callers of callers


def callers(unit: Unit, function: Node) -> list[Node]:
    """The calls inside functions of the file whose callee has the function's name."""
    name = field(function, "name")
    by_name = unit.per_edit.get("calls by name", lambda: _by_name(unit))
    return by_name.get(name.text or b"", []) if name is not None else []


def holds_at_callers(unit: Unit, function: Node, holds: Callable[[Node], bool], deep: int = _DEEPEST) -> bool:
    """Does a condition hold at a function's callers, or might it, because nothing here calls a private function?"""
    name = field(function, "name")
    calls = callers(unit, function)
    if name is None or any(map(holds, calls)):
        return True
    if not is_private(name):
        return False
    around = [one for call in calls if (one := unit.function(call)) is not None and one != function]
    return not around or (deep > 0 and any(holds_at_callers(unit, one, holds, deep - 1) for one in around))


def is_private(name: Node) -> bool:
    """Is a name private to its module or class?"""
    text = name.text or b""
    return text.startswith(b"_") and not text.endswith(b"__")


def _by_name(unit: Unit) -> Mapping[bytes, list[Node]]:
    found: dict[bytes, list[Node]] = {}
    for call in nodes_of(unit.file.root, CALLS):
        callee = field(call, "function")
        last = field(callee, "attribute") if callee is not None and callee.type == "attribute" else callee
        if last is not None and last.text and unit.function(call) is not None:
            found.setdefault(last.text, []).append(call)
    return found
