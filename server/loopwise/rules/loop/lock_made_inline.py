"""A lock that is created where it is acquired excludes no other task, because each task creates its own.

``async with asyncio.Lock():`` creates a new lock each time, which no other task can hold or wait for.  The same applies
to a semaphore or a condition, and to a lock in a local variable that only the function itself sees.

A property that creates a new one each time it is read is no better.

An event or queue in the body of a class has the opposite problem: all instances of the class share it.

Create the lock once, where all users of the object that it protects can access it: in ``__init__``, in the module, or
in the function that starts the tasks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from loopwise.analysis.asyncio import free_name, outermost, sole_statement
from loopwise.analysis.execution_context import ExecutionContext
from loopwise.analysis.prefilter import callee_word, names
from loopwise.analysis.rule import Example, Finding, Fix, Related, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.semantics.bindings import Kind
from loopwise.semantics.infer import Function, Instance, each, members
from loopwise.syntax import (
    IDENTIFIERS,
    Node,
    field,
    first_of,
    is_async,
    node_at,
    nodes_of,
    parts_of,
    source_of,
    span_of,
    text_of,
)
from loopwise.text import decode
from loopwise.writing import insert, newline_of, replace

_LOCKS = names("asyncio.Lock asyncio.Semaphore asyncio.BoundedSemaphore asyncio.Condition")
_SHARED = names("asyncio.Event asyncio.Condition asyncio.Queue asyncio.Barrier")
# Methods of locks; any other use means that the object is kept or passed on.
_OWN = frozenset({"acquire", "release", "locked", "notify", "notify_all", "wait", "wait_for"})


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    if node.type == "assignment":
        yield from _of_class(node, unit)
        return
    statement = node.parent.parent if node.parent is not None else None
    value = field(node, "value")
    if statement is None or statement.type != "with_statement" or not is_async(statement) or value is None:
        return
    made = parts_of(value)[0] if value.type == "as_pattern" else value
    given = _giver(unit, made)
    if given is not None:
        message = f"Lock '{text_of(made)}' is new on each use, so it excludes no other task"
        yield Finding(span_of(made), message, related=(Related(span_of(given), "Created here"),))
        return
    name = made if made.type == "identifier" else None
    if name is not None:
        assigned = _made_for(name, unit)
        if assigned is None or not _is_unseen(name, unit):
            return
        made = assigned
    if made.type != "call" or callee_word(made, unit.aliases) not in _LOCKS.last:
        return
    symbol = unit.call_in(made, _LOCKS)
    if not symbol:
        return
    lock = made
    where = "here on each use" if name is None else "on each call of the function"
    yield Finding(
        span_of(lock),
        f"{symbol.rpartition('.')[2]} is created {where}, so no other task shares it",
        lambda: tuple(_fixes(unit, lock, inline=name is None)),
    )


def _of_class(node: Node, unit: Unit) -> Iterator[Finding]:
    """An event, condition or queue in a class body, which all instances share."""
    left, right = field(node, "left"), field(node, "right")
    made = right if right is not None and right.type == "call" else None
    if left is None or made is None or callee_word(made, unit.aliases) not in _SHARED.last:
        return
    cls = node.parent.parent.parent if node.parent is not None and node.parent.parent is not None else None
    if cls is None or cls.type != "class_definition" or unit.runs(node) is not ExecutionContext.CLASS:
        return
    # Only if instances use it as their own: through the class it is shared on purpose.
    used = re.compile(rb"\bself\." + (left.text or b"") + rb"\.(?:set|clear|wait|put|get|notify)")
    asked = re.compile(rb"\b(?:cls|" + (field(cls, "name") or cls).text + rb")\." + (left.text or b"") + rb"\b")  # type: ignore[operator]
    text = cls.text or b""
    if used.search(text) and not asked.search(text) and unit.call_in(made, _SHARED):
        yield Finding(span_of(made), f"Class attribute '{text_of(left)}' is created once, so all instances share it")


def _giver(unit: Unit, made: Node) -> Node | None:
    """The call in a property or function of this file that creates the lock each time it is called."""
    if made.type == "attribute":
        owner, name = field(made, "object"), text_of(field(made, "attribute") or made)
        classes = [one.cls for one in each(unit.value(owner)) if isinstance(one, Instance)] if owner is not None else []
        methods = [m for cls in classes if cls.file is unit.file for m in members.methods(cls.node)]
        found = [m for m in methods if text_of(field(m, "name") or m) == name and "property" in unit.decorators(m)]
    else:
        functions = each(unit.called(made)) if made.type == "call" else ()
        of_file = [one for one in functions if isinstance(one, Function) and one.file is unit.file]
        found = [node for one in of_file for node in one.nodes if not unit.decorators(node)]
    returned = sole_statement(field(found[0], "body")) if len(found) == 1 and not is_async(found[0]) else None
    call = first_of(returned) if returned is not None else None
    if call is None or returned is None or returned.type != "return_statement" or call.type != "call":
        return None
    return call if callee_word(call, unit.aliases) in _LOCKS.last and unit.call_in(call, _LOCKS) else None


def _made_for(name: Node, unit: Unit) -> Node | None:
    """The value that the function binds to a local name, if it does so once."""
    function = unit.function(name)
    if function is None:
        return None
    bindings = unit.file.table_of(function).by_name.get(text_of(name), ())
    if len(bindings) != 1 or bindings[0].kind is not Kind.ASSIGN or bindings[0].value is None or bindings[0].path:
        return None
    return node_at(unit.file.root, bindings[0].value.shifted(function.start_byte))


def _is_unseen(name: Node, unit: Unit) -> bool:
    """Does only the function itself, and no nested one, use the name, and only for locking?"""
    function = unit.function(name)
    uses = [one for one in nodes_of(function, IDENTIFIERS) if one.text == name.text] if function is not None else []
    return bool(uses) and all(unit.function(one) == function and _is_own(one) for one in uses)


def _is_own(use: Node) -> bool:
    """Is a name assigned to, entered, or used to call a lock's method?"""
    outer = use.parent
    if outer is None:
        return False
    if outer.type == "attribute":
        method, call = field(outer, "attribute"), outer.parent
        is_called = call is not None and call.type == "call" and field(call, "function") == outer
        return is_called and method is not None and text_of(method) in _OWN
    if outer.type in {"with_item", "as_pattern"}:
        return True
    return outer.type == "assignment" and field(outer, "left") == use and outer.parent is not None


def _fixes(unit: Unit, lock: Node, *, inline: bool) -> Iterator[Fix]:
    """Replace it by a module-level lock."""
    if not inline or unit.target.floor < (3, 10):  # before 3.10 a lock belongs to the loop in which it is made
        return
    top = outermost(lock)
    newline = decode(newline_of(unit.file, top.start_byte))
    word = callee_word(lock, unit.aliases) or "lock"
    name = free_name(unit, {"Lock": "lock", "Condition": "condition"}.get(word, "semaphore"))
    blank = newline * 3 if top.type.endswith("_definition") else newline
    arguments = field(lock, "arguments")
    # At module level the names of other arguments may not exist.
    if arguments is not None and any(child.type not in {"integer", "comment"} for child in parts_of(arguments)):
        return
    edits = (insert(top.start_byte, f"{name} = {source_of(lock)}{blank}"), replace(lock, name))
    yield Fix("Move the lock to module level", edits, safe=False, holes=(name,))


RULE = Rule(
    code="LW415",
    name="lock-made-inline",
    severity=Severity.WARNING,
    nodes=("with_item", "assignment"),
    check=check,
    triggers=_LOCKS.last | _SHARED.last | {"with"},
    **page(__doc__),
    cards=("asyncio.Lock", "asyncio.Semaphore"),
    examples=(
        Example(
            bad="""\
import asyncio

async def save(store, row):
    async with asyncio.Lock():
#              ^^^^^^^^^^^^^^
        await store.write(row)
""",
            fixed=(
                """\
import asyncio

lock = asyncio.Lock()


async def save(store, row):
    async with lock:
        await store.write(row)
""",
            ),
        ),
        Example(
            good="""\
import asyncio

class Store:
    def __init__(self):
        self.lock = asyncio.Lock()

    async def save(self, row):
        async with self.lock:
            await self.write(row)

    async def write(self, row): ...
""",
        ),
    ),
)
