"""Decides whether an expression is certainly an event loop."""

from __future__ import annotations

from loopwise.analysis.unit import Unit
from loopwise.syntax import Node, field, node_at, source_of


def is_event_loop(unit: Unit, node: Node) -> bool:
    """Is it an event loop, and not an optional parameter, whatever its annotation says?"""
    return unit.is_instance(unit.value(node), "asyncio.AbstractEventLoop") and not _is_left_out(unit, node)


def _is_left_out(unit: Unit, name: Node) -> bool:
    """Is it ``loop`` of ``def start(loop: AbstractEventLoop = None)``, in that function or one nested in it?"""
    function = unit.function(name)
    while function is not None:
        for parameter in unit.file.table_of(function).parameters:
            if parameter.name == source_of(name):
                span = parameter.value
                # ``loop: AbstractEventLoop = None`` predates strict annotations: the loop may be None.
                default = node_at(function, span.shifted(function.start_byte)) if span is not None else None
                return default is not None and default.type == "none" and field(name, "object") is None
        function = unit.function(function)
    return False
