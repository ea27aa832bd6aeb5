"""One call that is awaited, as a statement of a row."""

from __future__ import annotations

import msgspec

from loopwise.analysis.flow import waits
from loopwise.syntax import IDENTIFIERS, PLACES, Node, arguments_of, field, nodes_of, source_of, unwrap


class Step(msgspec.Struct, frozen=True):
    """``left = await call``, or ``await call``."""

    statement: Node
    wait: Node
    call: Node
    left: Node | None

    @property
    def inner(self) -> Node:
        """The call that does the work: for a ``wait_for``, its argument."""
        if source_of(field(self.call, "function") or self.call).rpartition(".")[2] == "wait_for":
            positional, _, _ = arguments_of(self.call)
            first = unwrap(positional[0]) if positional else self.call
            return first if first.type == "call" else self.call
        return self.call

    @property
    def targets(self) -> list[Node]:
        """The targets that it assigns: names, attributes, items."""
        if self.left is None:
            return []
        is_one = self.left.type in {"identifier", *PLACES}
        found = [self.left] if is_one else [one for one in self.left.named_children if one.type != "comment"]
        return [one.named_children[0] if "splat" in one.type else one for one in found]

    @property
    def bound(self) -> frozenset[str]:
        return frozenset(" ".join(source_of(one).split()) for one in self.targets)

    @property
    def read(self) -> frozenset[str]:
        """The names, attributes and items that it reads."""
        nodes = [self.call, *(one for one in self.targets if one.type in PLACES)]
        names = {source_of(one) for node in nodes for one in nodes_of(node, IDENTIFIERS)}
        return frozenset(names | {" ".join(source_of(one).split()) for one in nodes_of(self.call, PLACES)})


def step_of(statement: Node) -> Step | None:
    """The step of a statement; ``None`` if it is not one."""
    if statement.type != "expression_statement" or len(statement.named_children) != 1:
        return None
    value, left = statement.named_children[0], None
    if value.type == "assignment":
        left, value = field(value, "left"), field(value, "right") or value
    wait = unwrap(value)
    call = unwrap(wait.named_children[0]) if wait.type == "await" and wait.named_children else None
    if call is None or call.type != "call" or len(list(waits(statement))) != 1:
        return None
    return Step(statement, wait, call, left)


__all__ = ["Step", "step_of"]
