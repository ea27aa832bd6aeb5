"""The calls that created the object on which a method is called."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from loopwise.analysis.known_names import RUN_THREADSAFE
from loopwise.analysis.prefilter import callee_word
from loopwise.analysis.unit import Unit
from loopwise.syntax import Node, arguments_of, awaited_part, field, nodes_of, parts_of, text_of, unwrap

THREADS = frozenset({"to_thread", "run_in_executor", "submit"})


def all_givers(unit: Unit, call: Node, test: Callable[[Unit, Node], bool]) -> bool:
    """Do all calls that created a method's receiver, here or in the same function, pass the test?"""
    owner = receiver(call)
    if owner is not None and owner.type == "call":
        return test(unit, owner)
    function = unit.function(owner) if owner is not None and owner.type == "identifier" else None
    givers = list(_givers(function, owner)) if function is not None and owner is not None else []
    return bool(givers) and all(test(unit, giver) for giver in givers)


def opens_in_thread(unit: Unit, giver: Node) -> bool:
    """Is the expression ``await asyncio.to_thread(open, …)``?"""
    call = unwrap(awaited) if (awaited := awaited_part(giver)) is not None else giver
    if giver.type != "await" or call.type != "call" or callee_word(call, unit.aliases) not in THREADS:
        return False
    positional, _, _ = arguments_of(call)
    return any(text_of(one).rpartition(".")[2] == "open" for one in positional[:2])


def is_threadsafe(unit: Unit, call: Node) -> bool:
    return call.type == "call" and unit.call_in(call, RUN_THREADSAFE) is not None


def receiver(call: Node) -> Node | None:
    callee = field(call, "function")
    return field(callee, "object") if callee is not None and callee.type == "attribute" else None


def _givers(function: Node, name: Node) -> Iterator[Node]:
    """The expressions that the function binds to a name, by ``=`` or ``with … as``."""
    for node in nodes_of(function, frozenset({"assignment", "as_pattern"})):
        if node.type == "assignment":
            target, value = field(node, "left"), field(node, "right")
        else:
            value, target = parts_of(node)[0], field(node, "alias")
            target = parts_of(target)[0] if target is not None and parts_of(target) else target
        if target is not None and value is not None and target.text == name.text:
            yield value
