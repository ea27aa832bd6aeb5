"""A value that is read before an await and written after it overwrites updates by other tasks in between.

``self.total += await count()`` reads ``self.total``, waits, adds, and writes.
If two tasks do so at the same time, both read the same number, and one of the two additions is lost.
The same applies to ``self.total = self.total + await count()``, and to ``old = self.total``, an ``await``, and
``self.total = old + 1``.
An item that is popped, and stored again after an ``await``, is missing for the others at that time (a hint).

Await first, into a local variable, and then read and write without an ``await`` in between.
Under an ``asyncio.Lock``, the code is correct, and so it is with a list, which ``+=`` extends in place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

import msgspec

from loopwise.analysis.asyncio import is_guarded, is_shared
from loopwise.analysis.flow import first_wait, own
from loopwise.analysis.rule import Example, Finding, Fix, Related, Rule, Severity, no_fixes, page
from loopwise.analysis.unit import Unit
from loopwise.semantics.infer import Instance, Literal, Tuple, each
from loopwise.syntax import (
    ASSIGNMENTS,
    AWAITS,
    EFFECTS,
    IDENTIFIERS,
    NAMES,
    Node,
    arguments_of,
    field,
    next_of,
    nodes_of,
    source_of,
    span_of,
    text_of,
    unwrap,
)
from loopwise.text import Edit, Span, decode, encode
from loopwise.writing import insert, replace

# Parts of these may not run at all, so the value may have been read after the suspension.
_MAYBE = frozenset(
    "conditional_expression boolean_operator comparison_operator list_comprehension set_comprehension"
    " dictionary_comprehension generator_expression lambda".split()
)
_NEAR = 30  # statements after a copy, among which it is written back: more than are read as one step
# What `+=` and its kin give a new object of.
_VALUES = frozenset(
    "builtins.int builtins.float builtins.complex builtins.bool builtins.str builtins.bytes builtins.tuple"
    " builtins.frozenset decimal.Decimal fractions.Fraction datetime.timedelta datetime.datetime".split()
)


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    left, right = field(node, "left"), field(node, "right")
    if left is None or right is None:
        return
    if not (awaits := list(own(right, AWAITS))):
        yield from _copied(node, unit, left, right)
        return
    read = left if node.type == "augmented_assignment" else _read_before(left, right, awaits)
    # A local variable is not reachable for other tasks, and a held lock keeps them out.
    if read is None or not unit.on_loop(node) or not is_shared(unit, left) or is_guarded(unit, node):
        return
    if node.type == "augmented_assignment" and not _is_replaced(unit, left):
        return
    yield _lost(left, awaits[-1], lambda: (_fix(unit, node, left, right, awaits),))


def _lost(written: Node, wait: Node, fixes: Callable[[], tuple[Fix, ...]]) -> Finding:
    message = f"Value '{text_of(written)}' is read before an await and written after it, losing updates by other tasks"
    related = (Related(Span(wait.start_byte, wait.start_byte + len("await")), "Awaits here"),)
    return Finding(span_of(written), message, fixes, related)


def _copied(node: Node, unit: Unit, copy: Node, source: Node) -> Iterator[Finding]:
    """``old = self.total``, an await, then ``self.total = old + 1`` in the same block."""
    popped = _popped(source)
    if node.type != "assignment" or node.parent is None or node.parent.type != "expression_statement":
        return
    if copy.type != "identifier" or (source.type not in NAMES and not popped):
        return
    if source.type == "identifier" and not is_shared(unit, source):
        return
    wait: Node | None = None
    for later in islice(_after(node.parent), _NEAR):
        written = _stored(later, popped) if popped else _written(later, text_of(copy), text_of(source))
        if written is not None and wait is not None:
            if unit.on_loop(node) and is_shared(unit, written) and not is_guarded(unit, node):
                severity = Severity.HINT if popped else None
                yield msgspec.structs.replace(_lost(written, wait, no_fixes), severity=severity)
            return
        # Read again, or set, it may well be up to date.
        if (popped.partition("[")[0] or text_of(source)) in text_of(later):
            return
        if not popped and any(_sets(one, text_of(copy)) for one in own(later, ASSIGNMENTS)):
            return
        wait = wait or first_wait(later)


def _after(statement: Node) -> Iterator[Node]:
    """The statements after one in its block."""
    later = next_of(statement)
    while later is not None:
        yield later
        later = next_of(later)


def _popped(source: Node) -> str:
    """``held[key]`` for ``held.pop(key)``, which leaves it missing; empty if the source is something else."""
    callee = field(source, "function") if source.type == "call" else None
    owner = field(callee, "object") if callee is not None and callee.type == "attribute" else None
    positional = arguments_of(source)[0]
    if callee is None or owner is None or not positional or text_of(field(callee, "attribute") or callee) != "pop":
        return ""
    return f"{text_of(owner)}[{text_of(positional[0])}]" if owner.type in NAMES else ""


def _stored(statement: Node, item: str) -> Node | None:
    """``held[key]`` in ``held[key] = …``."""
    inner = unwrap(statement)
    left = field(inner, "left") if inner.type == "assignment" else None
    return left if left is not None and text_of(left) == item else None


def _sets(assignment: Node, name: str) -> bool:
    return text_of(field(assignment, "left") or assignment) == name


def _written(statement: Node, copy: str, name: str) -> Node | None:
    """``name`` in ``name = copy + …``."""
    inner = unwrap(statement)
    left, right = field(inner, "left"), field(inner, "right")
    if inner.type != "assignment" or left is None or right is None or unwrap(right).type != "binary_operator":
        return None
    sides = (field(unwrap(right), side) for side in ("left", "right"))
    return left if text_of(left) == name and any(side is not None and text_of(side) == copy for side in sides) else None


def _read_before(left: Node, right: Node, awaits: list[Node]) -> Node | None:
    """The place where ``right`` reads the assigned variable, unconditionally and before it suspends."""
    if left.type not in {"attribute", "subscript", "identifier"}:
        return None
    for read in own(right, frozenset({left.type})):
        if text_of(read) != text_of(left) or any(outer.type in _MAYBE for outer in _between(read, right)):
            continue
        after = [one for one in awaits if one.start_byte >= read.end_byte]
        if any(not any(outer.type in _MAYBE for outer in _between(one, right)) for one in after):
            return read
    return None


def _between(inner: Node, outer: Node) -> Iterator[Node]:
    """The nodes between ``inner`` and ``outer``, without either."""
    node: Node | None = inner
    while node is not None:
        yield node
        if node == outer:
            return
        node = node.parent


def _is_replaced(unit: Unit, left: Node) -> bool:
    """Does the operator create a new object?  A list would be changed in place."""
    members = each(unit.value(left))
    return any(
        isinstance(member, (Tuple, Literal)) or (isinstance(member, Instance) and member.cls.fullname in _VALUES)
        for member in members
    )


def _fix(unit: Unit, node: Node, left: Node, right: Node, awaits: list[Node]) -> Fix:
    title = "Await before reading the value"
    statement = node.parent
    if statement is None or statement.type != "expression_statement" or nodes_of(left, EFFECTS):
        return Fix(title, (), refused="The statement does something else as well")
    local, line = _free(unit, node), _line(unit, statement)
    if node.type == "augmented_assignment":
        head = decode(unit.file.source.data[node.start_byte : right.start_byte]).rstrip(" \t\\\r\n")
        first = Edit(Span(node.start_byte, right.start_byte), encode(f"{local} = "))
        return Fix(title, (first, insert(node.end_byte, f"{line}{head} {local}")), holes=(local,))
    if len(awaits) > 1 or any(outer.type in _MAYBE for outer in _between(awaits[0], right)):
        return Fix(title, (), refused="The statement awaits more than once, or only conditionally")
    first = insert(statement.start_byte, f"{local} = {source_of(awaits[0])}{line}")
    # Calls to the left of the await would run after it.
    others = [one for one in nodes_of(right, EFFECTS) if one.end_byte <= awaits[0].start_byte]
    return Fix(title, (first, replace(awaits[0], local)), safe=not others, holes=(local,))


def _line(unit: Unit, statement: Node) -> str:
    """The separator between two statements at the place of ``statement``."""
    data = unit.file.source.data
    start = data.rfind(b"\n", 0, statement.start_byte) + 1
    lead = decode(data[start : statement.start_byte])
    newline = "\r\n" if data[start - 2 : start] == b"\r\n" else "\n"
    return "; " if lead.strip() else newline + lead


def _free(unit: Unit, node: Node) -> str:
    taken = {text_of(name) for name in nodes_of(unit.function(node) or unit.root, IDENTIFIERS)}
    choices = ("value", "result", "awaited", *(f"value_{number}" for number in range(2, 100)))
    return next(name for name in choices if name not in taken)


RULE = Rule(
    code="LW413",
    name="race-across-await",
    severity=Severity.WARNING,
    nodes=("augmented_assignment", "assignment"),
    check=check,
    triggers=frozenset({"await"}),
    **page(__doc__),
    cards=("asyncio.Lock",),
    examples=(
        Example(
            bad="""\
class Meter:
    def __init__(self):
        self.total = 0

    async def read(self):
        return 1

    async def add(self):
        self.total += await self.read()  # one more
#       ^^^^^^^^^^
""",
            fixed=(
                """\
class Meter:
    def __init__(self):
        self.total = 0

    async def read(self):
        return 1

    async def add(self):
        value = await self.read()
        self.total += value  # one more
""",
            ),
        ),
        Example(
            bad="""\
class Meter:
    async def add(self, read):
        self.total = max(self.total, await read())
#       ^^^^^^^^^^
""",
            fixed=(
                """\
class Meter:
    async def add(self, read):
        value = await read()
        self.total = max(self.total, value)
""",
            ),
        ),
        Example(
            good="""\
import asyncio

class Meter:
    def __init__(self):
        self.total = 0
        self.lock = asyncio.Lock()

    async def read(self):
        return 1

    async def add(self):
        async with self.lock:
            self.total += await self.read()
""",
        ),
    ),
)
