"""A condition checked before an await may no longer hold after it.

``if self.client is None: self.client = await connect()`` connects twice if two tasks call it: the second one passes
the check while the first one still waits.  The first client is lost and never closed.

An ``asyncio.Lock`` around the check and the code that follows lets one task through at a time.
Or store the awaitable before it is done: ``self.client = asyncio.ensure_future(connect())``, and await that.
If a function is called only once, the code is correct.

Only objects that are expensive to have twice are reported, judged by their names: clients, connections, sessions,
processes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from loopwise.analysis.asyncio import callers, is_costly, is_guarded, is_shared
from loopwise.analysis.flow import first_wait, own
from loopwise.analysis.rule import Example, Finding, Fix, Related, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.semantics.index import is_test
from loopwise.semantics.infer import Function, each
from loopwise.syntax import (
    ASSIGNMENTS,
    NAMES,
    STRINGS,
    Node,
    awaited_part,
    field,
    nodes_of,
    parts_of,
    span_of,
    text_of,
    unwrap,
)
from loopwise.text import Edit, Span, decode, encode
from loopwise.writing import indent_of, insert, moved_in, newline_of, step_of

# Storing one of these resets the state; it does not create the thing that the test looked for.
_NOTHING = frozenset({"None", "False", "True", '""', "''", "[]", "{}", "()", "0"})
# Called once for each object, by what knows that.
_ONCE = re.compile(
    r"__a(?:enter|exit|iter|next)__|asyncSetUp|asyncTearDown|main|_?async_(?:setup|added|will).*|setup|.*startup"
)

# Called once by an owner too, unless several functions of the file make sure of it by them.
_BY_OWNER = re.compile(
    r"_*(?:lazy_|do_|async_|a)?(?:connect|open|start|initiali[sz]e|init|set_?up|launch|boot)(?:_.*)?"
)
# Called from two places, an initializer may well run twice at the same time.
_OFTEN = 2


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    """``node`` is an ``if`` statement."""
    test, body = field(node, "condition"), field(node, "consequence")
    if test is None or body is None or first_wait(test) is not None:
        return
    for tested, then in _tested(node, test, body):
        wait = _stored_late(unit, then, tested)
        if wait is None or not unit.on_loop(node) or not _is_shared(unit, tested) or is_guarded(unit, node):
            continue
        if _is_once(unit, node, tested) or is_test(unit.file.key):
            return
        shown = text_of(tested)
        yield Finding(
            span_of(tested),
            f"Another task can pass the same check during the await and repeat '{shown}'",
            lambda tested=tested: (_locked(unit, node, tested),),  # type: ignore[misc]
            (Related(Span(wait.start_byte, wait.start_byte + len("await")), "Awaits here"),),
        )
        return


def _tested(statement: Node, test: Node, body: Node) -> Iterator[tuple[Node, list[Node]]]:
    """The tested state, and the statements that run if it is missing: the block, or those after one that leaves."""
    yield from ((one, list(parts_of(body))) for one in _absent(test))
    leaves = bool(parts_of(body)) and parts_of(body)[-1].type == "return_statement"
    there = _there(test) if leaves and field(statement, "alternative") is None else None
    block = statement.parent
    if there is not None and block is not None:
        yield there, [one for one in parts_of(block) if one.start_byte >= statement.end_byte]


def _there(test: Node) -> Node | None:
    """The state whose presence a test checks: ``x``, ``x is not None``."""
    test = unwrap(test)
    if test.type != "comparison_operator":
        return test if test.type in NAMES else None
    left = parts_of(test)[0]
    return left if left.type in NAMES and text_of(test).split()[-3:] == ["is", "not", "None"] else None


def _is_shared(unit: Unit, tested: Node) -> bool:
    """Can independent tasks reach it?  A variable of an enclosing function belongs to one call of that function."""
    if not is_shared(unit, tested) or text_of(tested).rpartition(".")[2] == "session":
        return False
    function = unit.function(tested)
    return tested.type != "identifier" or function is None or unit.function(function) is None


def _absent(test: Node) -> Iterator[Node]:
    """The state whose absence a test checks: ``x is None``, ``not x``, ``key not in x``."""
    test = unwrap(test)
    if test.type == "boolean_operator":
        for part in (field(test, "left"), field(test, "right")):
            if part is not None:
                yield from _absent(part)
    elif test.type == "not_operator":
        inner = field(test, "argument")
        if inner is not None and unwrap(inner).type in NAMES:
            yield unwrap(inner)
    elif test.type == "comparison_operator" and len(parts_of(test)) == 2:
        left, right = parts_of(test)
        between = text_of(test)[left.end_byte - test.start_byte : right.start_byte - test.start_byte].split()
        if between in (["is"], ["=="]) and text_of(right) == "None" and left.type in NAMES:
            yield left
        elif between == ["not", "in"] and right.type in NAMES:
            yield right


def _stored_late(unit: Unit, then: list[Node], tested: Node) -> Node | None:
    """The ``await`` after which statements store the tested state, unless they also store it before."""
    own_waits = [one for statement in then for one in own(statement, frozenset({"await"}))]
    for assignment in (one for statement in then for one in own(statement, ASSIGNMENTS)):
        left, right = field(assignment, "left"), field(assignment, "right")
        if left is None or right is None or not _is_same(left, tested):
            continue
        # The state is reset, or a second task finds the lock held.
        if text_of(right) in _NOTHING or is_guarded(unit, assignment):
            return None
        # Storing twice is harmless if nothing has to be closed.
        if not is_costly(tested, right):
            return None
        waits = [one for one in own_waits if one.start_byte < assignment.end_byte]
        return waits[0] if waits else None
    first = own_waits[0] if own_waits else None
    return first if first is not None and _is_stored_by(unit, first, tested) else None


def _is_stored_by(unit: Unit, wait: Node, tested: Node) -> bool:
    """Does an awaited method of the same object store it, after suspending itself?"""
    awaited = awaited_part(wait)
    call = unwrap(awaited) if awaited is not None else None
    callee = field(call, "function") if call is not None and call.type == "call" else None
    if (
        callee is None
        or text_of(callee).rpartition(".")[0] != text_of(tested).rpartition(".")[0]
        or "." not in text_of(callee)
    ):
        return False
    functions = [one for one in each(unit.value(callee)) if isinstance(one, Function) and one.file is unit.file]
    bodies = [field(node, "body") for one in functions for node in one.nodes]
    return any(body is not None and _keeps_late(unit, body, tested) for body in bodies)


def _keeps_late(unit: Unit, body: Node, tested: Node) -> bool:
    name = text_of(tested).rpartition(".")[2]
    for assignment in own(body, ASSIGNMENTS):
        left, right = field(assignment, "left"), field(assignment, "right")
        if left is None or right is None or text_of(left).rpartition(".")[2] != name or text_of(right) in _NOTHING:
            continue
        wait = first_wait(body)
        is_late = wait is not None and wait.start_byte < assignment.end_byte and not is_guarded(unit, assignment)
        return is_late and is_costly(tested, right)
    return False


def _is_same(left: Node, tested: Node) -> bool:
    """Is it ``x = …`` or ``x[…] = …`` for the tested ``x``?"""
    inner = field(left, "value") if left.type == "subscript" else left
    return inner is not None and text_of(inner) == text_of(tested)


def _is_once(unit: Unit, node: Node, tested: Node) -> bool:
    function = unit.function(node)
    name = field(function, "name") if function is not None else None
    if name is None or function is None:
        return False
    if _BY_OWNER.fullmatch(text_of(name)) is not None:
        return len(callers(unit, function)) < _OFTEN and not _is_returned(function, tested)
    return _ONCE.fullmatch(text_of(name)) is not None


def _is_returned(function: Node, tested: Node) -> bool:
    """Do others get the tested state through this function?"""
    returns = own(function, frozenset({"return_statement"}))
    return any(text_of(parts_of(one)[0]) == text_of(tested) for one in returns if parts_of(one))


def _locked(unit: Unit, node: Node, tested: Node) -> Fix:
    """A lock created in ``__init__`` and held around the statement, and around those that store what is missing."""
    title = "Guard the check with an asyncio.Lock"
    function, owner = unit.function(node), unit.owner(unit.function(node) or node)
    name, receiver = field(tested, "attribute"), text_of(tested).rpartition(".")[0]
    made = _constructor(owner.node, receiver) if owner is not None else None
    if function is None or name is None or made is None:
        return Fix(title, (), refused="The class has no __init__ to create the lock in")
    indent, body = indent_of(unit.file, node.start_byte), field(node, "consequence")
    step = step_of(unit.file, body, indent) if indent is not None and body is not None else None
    block = node.parent
    around = parts_of(block)[-1] if block is not None and not _is_stored_in(node, tested) else node
    strings = [one for one in nodes_of(block or node, STRINGS) if node.start_byte <= one.start_byte < around.end_byte]
    if indent is None or step is None or any(b"\n" in (text.text or b"") for text in strings):
        return Fix(title, (), refused="The statement cannot be indented as written")
    last = parts_of(made)[-1]
    inner, newline = indent_of(unit.file, parts_of(made)[0].start_byte), newline_of(unit.file, node.start_byte)
    lock = f"_{text_of(name).lstrip('_')}_lock"
    if inner is None or lock in text_of(owner.node if owner is not None else node):
        return Fix(title, (), refused=f"The class already has an attribute '{lock}'")
    written = unit.imported(made, "asyncio", "Lock")
    make = insert(last.end_byte, decode(newline + inner) + f"{receiver}.{lock} = {written.text}()")
    head = encode(f"async with {receiver}.{lock}:") + newline + indent + step
    below = unit.file.source.starts[node.start_point[0] + 1]
    rest = moved_in(unit.file, Span(below, around.end_byte), indent, step)
    at = Span(node.start_byte, node.start_byte)
    return Fix(title, (*written.edits, make, Edit(at, head), *rest), safe=False, holes=(lock,))


def _is_stored_in(statement: Node, tested: Node) -> bool:
    """Is the missing state made in the block of the statement, and not after it?"""
    test = field(statement, "condition")
    return test is None or any(one == tested for one in _absent(test))


def _constructor(cls: Node, receiver: str) -> Node | None:
    """The block of a class's ``__init__``, if its receiver has the same name."""
    body = field(cls, "body")
    for function in parts_of(body) if body is not None else ():
        name, parameters = field(function, "name"), field(function, "parameters")
        if name is None or parameters is None or text_of(name) != "__init__" or not parts_of(parameters):
            continue
        return field(function, "body") if text_of(parts_of(parameters)[0]) == receiver else None
    return None


RULE = Rule(
    code="LW423",
    name="check-then-act",
    severity=Severity.HINT,
    nodes=("if_statement",),
    check=check,
    triggers=frozenset({"await"}),
    **page(__doc__),
    cards=("asyncio.Lock",),
    examples=(
        Example(
            bad="""\
class Store:
    def __init__(self):
        self.client = None

    async def get(self):
        if self.client is None:
#          ^^^^^^^^^^^
            # the first one
            self.client = await connect()
        return self.client

async def connect(): ...
""",
            fixed=(
                """\
import asyncio


class Store:
    def __init__(self):
        self.client = None
        self._client_lock = asyncio.Lock()

    async def get(self):
        async with self._client_lock:
            if self.client is None:
                # the first one
                self.client = await connect()
        return self.client

async def connect(): ...
""",
            ),
        ),
        Example(
            good="""\
import asyncio

class Store:
    def __init__(self):
        self.client = None
        self.lock = asyncio.Lock()

    async def get(self, connect):
        async with self.lock:
            if self.client is None:
                self.client = await connect()
""",
        ),
    ),
)
