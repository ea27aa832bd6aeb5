"""Names that have a value when a statement raises an error now, and would not after the edit."""

from __future__ import annotations

from collections.abc import Iterable

from loopwise.analysis.asyncio import items
from loopwise.analysis.flow import Exit, exits, uses
from loopwise.analysis.unit import Unit
from loopwise.assists.parts.names_read import is_read_after
from loopwise.syntax import HANDLERS, Node, field, source_of


def lost_names(unit: Unit, statement: Node, targets: Iterable[Node]) -> str:
    """The reason why targets that lose their values on an error matter: a handler goes on and uses them."""
    inner, bound = statement, list(targets)
    for outer in unit.around(statement):
        for target in bound:
            refused = ""
            if outer.type == "try_statement" and inner == field(outer, "body"):
                refused = _lost(unit, outer, target)
            if outer.type == "with_statement" and any("suppress(" in source_of(item.value) for item in items(outer)):
                refused = _lost_after(unit, outer, target)
            if refused:
                return refused
        inner = outer
    return ""


def _lost(unit: Unit, attempt: Node, target: Node) -> str:
    name, is_name = source_of(target), target.type == "identifier"
    for clause in attempt.named_children:
        if clause.type == "finally_clause" and (not is_name or any(True for _ in uses(clause, name))):
            return f"'finally' may read {name}, whose value from before an error would be lost"
        if clause.type not in HANDLERS:
            continue
        block = next((child for child in clause.named_children if child.type == "block"), clause)
        goes_on = Exit.FALL in exits(block) and (not is_name or is_read_after(unit, attempt, name))
        if goes_on or any(True for _ in uses(block, name)):
            return f"A handler continues, and the value of {name} from before the error would be lost"
    return ""


def _lost_after(unit: Unit, statement: Node, target: Node) -> str:
    """The same for a ``suppress()``, after which execution continues."""
    name = source_of(target)
    if target.type == "identifier" and not is_read_after(unit, statement, name):
        return ""
    return f"suppress() continues, and the value of {name} from before the error would be lost"


__all__ = ["lost_names"]
