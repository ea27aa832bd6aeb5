"""A value that is read before an await and written after it overwrites updates by other tasks in between.

``self.total += await count()`` reads ``self.total``, waits, adds, and writes.
If two tasks do so at the same time, both read the same number, and one of the two additions is lost.
The same applies to ``self.total = self.total + await count()``.

Await first, into a local variable, and then read and write without an ``await`` in between.
Under an ``asyncio.Lock``, the code is correct, and so it is with a list, which ``+=`` extends in place.
"""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.analysis.asyncio import is_guarded, is_shared
from loopwise.analysis.flow import own
from loopwise.analysis.rule import Example, Finding, Fix, Related, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.semantics.infer import Instance, Literal, Tuple, each
from loopwise.syntax import AWAITS, EFFECTS, IDENTIFIERS, Node, field, nodes_of, source_of, span_of, text_of
from loopwise.text import Edit, Span, decode, encode
from loopwise.writing import insert, replace

# Parts of these may not run at all, so the value may have been read after the suspension.
_MAYBE = frozenset(
    "conditional_expression boolean_operator comparison_operator list_comprehension set_comprehension"
    " dictionary_comprehension generator_expression lambda".split()
)
# What `+=` and its kin give a new object of.
_VALUES = frozenset(
    "builtins.int builtins.float builtins.complex builtins.bool builtins.str builtins.bytes builtins.tuple"
    " builtins.frozenset decimal.Decimal fractions.Fraction datetime.timedelta datetime.datetime".split()
)


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    left, right = field(node, "left"), field(node, "right")
    if left is None or right is None or not (awaits := list(own(right, AWAITS))):
        return
    read = left if node.type == "augmented_assignment" else _read_before(left, right, awaits)
    # A local variable is not reachable for other tasks, and a held lock keeps them out.
    if read is None or not unit.on_loop(node) or not is_shared(unit, left) or is_guarded(unit, node):
        return
    if node.type == "augmented_assignment" and not _is_replaced(unit, left):
        return
    shown = text_of(left)
    yield Finding(
        span_of(left),
        f"Value '{shown}' is read before an await and written after it, losing updates by other tasks",
        lambda: (_fix(unit, node, left, right, awaits),),
        (Related(Span(awaits[-1].start_byte, awaits[-1].start_byte + len("await")), "Awaits here"),),
    )


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
