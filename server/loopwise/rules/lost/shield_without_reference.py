"""The task that ``shield`` protects may be garbage-collected, because nothing else references it.

``await asyncio.shield(save())`` creates a task from the coroutine.  When the awaiting task is cancelled, ``shield``
drops the task, and the event loop references tasks only weakly, so it may be garbage-collected before it finishes.

Create the task first and store it: in a module-level set, on an object, or in a task group.  A local variable keeps it
alive as long as the function continues after the cancellation (to await it again in an ``except``).
"""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.analysis.asyncio import argument, free_name, line_before, stands_alone
from loopwise.analysis.known_names import TASK_MAKERS
from loopwise.analysis.prefilter import names
from loopwise.analysis.rule import Example, Finding, Fix, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.rules.fixes import task_set
from loopwise.semantics.infer import Instance, members
from loopwise.syntax import Node, field, parts_of, source_of, span_of
from loopwise.writing import replace

_SHIELD = names("asyncio.shield")
_LASTING = frozenset({"parenthesized_expression", "await", "assignment", "expression_statement", "argument_list"})


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    given = argument(node, 0, "arg")
    if given is None or given.type != "call" or _is_kept(node) or not unit.call_in(node, _SHIELD):
        return
    makes_task = bool(unit.call_in(given, TASK_MAKERS)) and not _keeps(unit, given)
    if not makes_task and (not unit.gives_coroutine(given) or _is_asyncio(unit, given)):
        return
    inner = given
    yield Finding(
        span_of(node),
        "Shielded task is not stored, so it may be garbage-collected if this is cancelled",
        lambda: tuple(_fixes(unit, node, inner, makes_task=makes_task)),
    )


def _is_kept(call: Node) -> bool:
    """Is the future that ``shield`` returns stored in an attribute?  It holds the task while it is not cancelled."""
    outer = call.parent
    target = field(outer, "left") if outer is not None and outer.type == "assignment" else None
    return target is not None and target.type in {"attribute", "subscript"}


def _is_asyncio(unit: Unit, call: Node) -> bool:
    """Is it one of asyncio's own coroutines, which is referenced by what it waits for?"""
    return (unit.call_name(call) or "").startswith("asyncio.")


def _keeps(unit: Unit, call: Node) -> bool:
    """Is it a method of an object that keeps references to its tasks?"""
    callee = field(call, "function")
    owner = field(callee, "object") if callee is not None and callee.type == "attribute" else None
    value = unit.value(owner) if owner is not None else None
    return isinstance(value, Instance) and next(members.found_in(unit.ev, value.cls, "__aexit__"), None) is not None


def _fixes(unit: Unit, call: Node, given: Node, *, makes_task: bool) -> Iterator[Fix]:
    statement = unit.statement(call)
    if not unit.on_loop(call) or not stands_alone(unit, statement) or any(_moves(node) for node in _above(call)):
        return
    create, name = unit.imported(statement, "asyncio", "create_task"), _name(unit, call)
    made = source_of(given) if makes_task else f"{create.text}({source_of(given)})"
    arguments = field(call, "arguments")
    alone = arguments is not None and len(parts_of(arguments)) == 1 and given.parent == arguments
    kept = replace(arguments, f"({name})") if arguments is not None and alone else replace(given, name)
    before = () if makes_task else create.edits
    holder, new = task_set(unit, statement)
    lines = (f"{name} = {made}", f"{holder}.add({name})", f"{name}.add_done_callback({holder}.discard)")
    edits = (*before, *new, line_before(unit, statement, *lines), kept)
    yield Fix("Store the task", edits, safe=False, holes=(name, holder))


def _name(unit: Unit, call: Node) -> str:
    """A name for the task that the function does not use yet."""
    function = unit.function(call)
    bound = unit.file.table_of(function).by_name if function is not None else {}
    return next(name for name in ("task", "inner", "shielded", free_name(unit, "task")) if name not in bound)


def _above(call: Node) -> Iterator[Node]:
    """The nodes between a call and its statement."""
    node = call.parent
    while node is not None and node.type not in {"block", "module"}:
        yield node
        node = node.parent


def _moves(node: Node) -> bool:
    """May the code in the node run more than once, or not at all, or later?"""
    return node.type not in _LASTING | {"return_statement", "call", "keyword_argument", "with_statement"}


RULE = Rule(
    code="LW117",
    name="shield-without-reference",
    severity=Severity.HINT,
    nodes=("call",),
    check=check,
    triggers=_SHIELD.last,
    **page(__doc__),
    cards=("asyncio.shield",),
    examples=(
        Example(
            bad="""\
import asyncio

async def save(): ...

async def main():
    await asyncio.shield(save())
#         ^^^^^^^^^^^^^^^^^^^^^^
""",
            fixed=(
                """\
import asyncio

background_tasks = set()


async def save(): ...

async def main():
    task = asyncio.create_task(save())
    background_tasks.add(task)
    task.add_done_callback(background_tasks.discard)
    await asyncio.shield(task)
""",
            ),
        ),
        Example(
            good="""\
import asyncio

tasks = set()

async def save(): ...

async def main():
    task = asyncio.create_task(save())
    tasks.add(task)
    await asyncio.shield(task)
"""
        ),
    ),
)
