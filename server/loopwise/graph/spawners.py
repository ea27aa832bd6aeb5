"""The project's functions that start their arguments: ``def spawn(coro): tasks.add(create_task(coro))``."""

from __future__ import annotations

from loopwise.analysis.flow import own
from loopwise.analysis.unit import Unit
from loopwise.graph.starters import Given, given, kind_of
from loopwise.graph.targets import in_file
from loopwise.semantics.infer import Function, Signature, definitions, each
from loopwise.syntax import CALLS, Node, field, parts_of, text_of


def spawned(unit: Unit, call: Node) -> Given | None:
    """The way the coroutine of ``call`` is started by a function of the project; ``None`` if by none."""
    place = _argument_of(call)
    if place is None:
        return None
    taker, at, keyword = place
    known = kind_of(unit.call_name(taker))
    if known is not None:
        return Given(known, call)
    for value in each(unit.called(taker)):
        function = value.made_of if isinstance(value, Signature) else value
        if isinstance(function, Function) and not function.file.is_stub and len(function.nodes) == 1:
            name = keyword or _parameter(unit, function, at)
            started = _started(unit, function, name) if name else None
            if started is not None:
                return started._replace(node=call)
    return None


def _argument_of(node: Node) -> tuple[Node, int, str] | None:
    """The call that a node is an argument of, with its position or keyword."""
    outer, keyword = node.parent, ""
    if outer is not None and outer.type == "keyword_argument":
        name = field(outer, "name")
        node, keyword, outer = outer, text_of(name) if name is not None else "", outer.parent
    taker = outer.parent if outer is not None and outer.type == "argument_list" else None
    if outer is None or taker is None or taker.type != "call":
        return None
    return taker, next(i for i, one in enumerate(parts_of(outer)) if one == node), keyword


def _parameter(unit: Unit, function: Function, at: int) -> str:
    parameters = definitions.signature_parts(unit.ev, function)[0][1]
    return parameters[at].name if at < len(parameters) and not parameters[at].splat else ""


def _started(unit: Unit, function: Function, name: str) -> Given | None:
    """The way a function starts the value of one of its parameters."""
    body = field(function.nodes[0], "body")
    if body is None:
        return None
    other = unit if function.file is unit.file else in_file(unit, function.file)
    for inner in own(body, CALLS):
        # A cheap test of the text before the call is evaluated.
        if name.encode() not in (inner.text or b""):
            continue
        for one in given(other, inner) or ():
            if one.node.type == "identifier" and text_of(one.node) == name:
                return one
    return None
