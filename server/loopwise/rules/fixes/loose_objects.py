"""Finds asyncio's own objects, which are not safe to use in another thread, in what is passed to a function."""

from __future__ import annotations

from loopwise.analysis.unit import Unit
from loopwise.semantics.infer import UNKNOWN, Instance, Tuple, Value, each
from loopwise.syntax import ASSIGNMENTS, Node, field, nodes_of, parts_of, source_of

# asyncio's own objects are not thread-safe, except for reading their state.
LOOSE = ("asyncio.Future", "asyncio.Queue", "asyncio.Event", "asyncio.Lock", "asyncio.Condition", "asyncio.Semaphore")
_OTHERS = ("asyncio.StreamReader", "asyncio.StreamWriter", "asyncio.Transport", "asyncio.TaskGroup", "asyncio.Barrier")
_LOOPS = ("asyncio.AbstractEventLoop",)


def splats(call: Node) -> list[Node]:
    """The arguments that are unpacked: ``*args``."""
    listed = field(call, "arguments")
    return [one for one in parts_of(listed) if one.type == "list_splat" and parts_of(one)] if listed is not None else []


def held(value: Value) -> tuple[Value, ...]:
    """The values in a container, as far as its type tells."""
    if isinstance(value, Tuple):
        return value.items
    return value.cls.args if isinstance(value, Instance) else ()


def loose_part(unit: Unit, value: Value) -> str:
    """The attribute of an object of the project that holds one of asyncio's objects: ``.queue``."""
    classes = (one.cls for one in each(value) if isinstance(one, Instance) and not one.cls.file.is_stub)
    for cls in classes:
        for stored in nodes_of(cls.node, ASSIGNMENTS):
            left, right = field(stored, "left"), field(stored, "right")
            hint = field(stored, "type")
            if left is None or (right is None and hint is None):
                continue
            made_of = unit.ev.value(cls.file, right) if right is not None else UNKNOWN
            said = unit.ev.annotation(cls.file, hint) if hint is not None else UNKNOWN
            if any(is_loose(unit, made) or unit.is_instance(made, *_LOOPS) for made in (made_of, said)):
                return f".{source_of(field(left, 'attribute') or left)}"
    return ""


def is_loose(unit: Unit, value: Value) -> bool:
    return unit.is_instance(value, *LOOSE, *_OTHERS)


__all__ = ["LOOSE", "held", "is_loose", "loose_part", "splats"]
