"""Uses of a function other than calls: a function passed by name cannot be awaited by the code that receives it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from loopwise.analysis.unit import Unit
from loopwise.assists.conversion.files import Files
from loopwise.assists.parts import LOOKED_UP, called, expression_of
from loopwise.graph import Graph, Ref, targets
from loopwise.semantics.infer import Foreign, Unknown, each
from loopwise.syntax import IMPORTS, Node, field, node_at, source_of
from loopwise.text import Span, encode

_LABELS = {"class_definition": "name", "function_definition": "name", "keyword_argument": "name"}


# Names that objects of many kinds have: an unknown object with such a method is most likely something else.
_COMMON = frozenset(name for cls in (bytes, dict, list, object, set, str) for name in vars(cls)) | frozenset(
    "call check close commit connect create delete done emit execute exists fetch flush get handle load log open post"
    " process put read request reset run save send set start stop submit wait write".split()
)


class Uses(msgspec.Struct, frozen=True):
    """``unfollowed`` counts calls on receivers of unknown type, where the method's name is a common one."""

    unfollowed: int = 0
    refused: str = ""


def uses_of(graph: Graph, files: Files, ref: Ref, family: frozenset[Ref], *, awaited: bool = False) -> Uses:
    """The uses of a function in all files of the graph, except the calls that the graph has as edges.

    Calls on unknown objects count if the change would break them: those not awaited, or with ``awaited`` those awaited.
    """
    name = ref.name.rpartition(".")[2]
    incoming = (one for relative in family for one in graph.incoming(relative))
    spans = {(source.path, edge.start, edge.end) for source, edge in incoming}
    unfollowed = 0
    for path in graph.modules:
        unit = files.unit(path)
        if unit is None or encode(name) not in unit.file.source.data:
            continue
        found = re.search(LOOKED_UP % re.escape(name), unit.file.source.text)
        if found is not None:
            line = unit.file.source.text.count("\n", 0, found.start()) + 1
            return Uses(refused=f"{files.short(path)}:{line} looks {name}() up as a text")
        for use in _spelled(unit, name):
            call = called(use)
            if call is not None and (path, call.start_byte, call.end_byte) in spans:
                continue
            if _is_use_of(unit, use, family):
                how = "uses it without calling it" if call is None else "calls it where the call cannot be followed"
                return Uses(refused=f"{files.at(path, use)} {how}: {source_of(expression_of(use))}")
            if call is not None and _is_unknown(unit, use, ref, awaited=awaited):
                if name not in _COMMON:
                    return Uses(refused=f"{files.at(path, use)} calls .{name}() on an object of unknown type")
                unfollowed += 1
    return Uses(unfollowed)


def _spelled(unit: Unit, name: str) -> Iterator[Node]:
    """The identifiers with that name that are not imports, definitions or labels."""
    for match in re.finditer(rb"\b" + re.escape(encode(name)) + rb"\b", unit.file.source.data):
        node = node_at(unit.file.root, Span(*match.span()))
        outer = node.parent if node is not None and node.type == "identifier" else None
        if node is None or outer is None or outer.type in IMPORTS:
            continue
        label = _LABELS.get(outer.type)
        if label is None or field(outer, label) != node:
            yield node


def _is_use_of(unit: Unit, use: Node, family: frozenset[Ref]) -> bool:
    outer = use.parent
    is_target = outer is not None and outer.type in {"assignment", "typed_parameter"} and field(outer, "left") == use
    return not is_target and any(target.ref in family for target in targets(unit, expression_of(use)))


def _is_unknown(unit: Unit, use: Node, ref: Ref, *, awaited: bool) -> bool:
    """Is it a call, awaited or not, of a method of an unknown object?"""
    expression, call = expression_of(use), called(use)
    if (
        ("." not in ref.name and not awaited)
        or expression == use
        or call is None
        or unit.is_awaited(call) is not awaited
    ):
        return False
    members = each(unit.value(expression))
    return all(isinstance(member, Unknown) and not isinstance(member, Foreign) for member in members)
