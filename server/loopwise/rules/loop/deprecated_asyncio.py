"""Parts of asyncio are deprecated or removed on the newest Python that the project supports.

``loop=`` arguments (removed in 3.10), ``@asyncio.coroutine`` (3.11), ``Task.all_tasks`` (3.9) and child watchers (3.14)
raise where they are used; event loop policies and ``asyncio.iscoroutinefunction`` warn since 3.14, and will be removed
in 3.16.
The message says which, and what to use instead.

Code that checks the version or the attribute first, or catches the error, is not reported.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from loopwise.analysis.asyncio import gone_arguments, imports_of, last_parts, names_used, outdated
from loopwise.analysis.flow import asked_first
from loopwise.analysis.known_names import LACKED
from loopwise.analysis.rule import Example, Finding, Fix, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.cards import load_api
from loopwise.rules.fixes import fixes_of, is_set, saying
from loopwise.semantics.bindings import Kind
from loopwise.semantics.symbols import is_asyncio
from loopwise.syntax import Node, field, span_of, text_of
from loopwise.text import Edit, encode

# Gone before the oldest Python that was measured.
_OF_TASK = {"all_tasks": "asyncio.all_tasks", "current_task": "asyncio.current_task"}
_WORDS = last_parts(outdated(load_api().span.ceiling)) | _OF_TASK.keys()


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    if node.type == "import_from_statement":
        yield from _imported(node, unit)
        return
    yield from _named(node, unit)
    if node.type == "call":
        yield from gone_arguments(node, unit)


def _imported(node: Node, unit: Unit) -> tuple[Finding, ...]:
    """Names that can no longer be imported; those that merely warn are reported where they are used."""
    facts = outdated(unit.target.ceiling)
    # An import of a removed name fails at once, even if the name is never used.
    gone = [
        (name, full) for name, full in imports_of(node) if full in facts and facts[full].removed_at(unit.target.ceiling)
    ]
    if not gone or asked_first(node):
        return ()
    return tuple(Finding(span_of(name), saying(unit, full), deprecated=True) for name, full in gone)


def _named(node: Node, unit: Unit) -> tuple[Finding, ...]:
    facts = outdated(unit.target.ceiling)
    named = names_used(unit, node, _WORDS)
    named = ((name, full) for name, full in named if full in facts and not _is_of_other(unit, name))
    used = [(name, full) for name, full in named if not is_set(name, full)]
    if not used:
        return _of_task(node, unit) if node.type == "attribute" else ()
    if asked_first(node):
        return ()
    return tuple(
        Finding(
            span_of(name),
            saying(unit, full),
            partial(fixes_of, unit, name, full),
            deprecated=True,
        )
        for name, full in used
    )


def _is_of_other(unit: Unit, name: Node) -> bool:
    """Is it imported from a module other than asyncio, which may choose by itself what each Python provides?"""
    outer = name.parent
    if outer is not None and outer.type == "attribute" and name == field(outer, "attribute"):
        return False
    bindings = unit.file.table_of(unit.file.root).by_name.get(text_of(name), ())
    return any(one.kind is Kind.FROM and not is_asyncio(one.module) for one in bindings)


def _of_task(node: Node, unit: Unit) -> tuple[Finding, ...]:
    """``asyncio.Task.all_tasks`` and the like."""
    name, owner = field(node, "attribute"), field(node, "object")
    last = text_of(name) if name is not None else ""
    instead = _OF_TASK.get(last)
    if name is None or owner is None or not instead or unit.name(owner) != "asyncio.Task" or asked_first(node):
        return ()

    def fixes() -> tuple[Fix, ...]:
        written = unit.imported(node, "asyncio", last)
        return (Fix(f"Use {instead}()", (*written.edits, Edit(span_of(node), encode(written.text)))),)

    message = f"Python 3.9 removed asyncio.Task.{last}; use {instead}"
    return (Finding(span_of(name), message, fixes, deprecated=True),)


RULE = Rule(
    code="LW409",
    name="deprecated-asyncio",
    severity=Severity.WARNING,
    nodes=("attribute", "call", "decorator", "class_definition", "import_from_statement"),
    check=check,
    triggers=_WORDS | {"loop", "reuse_address"},
    **page(__doc__),
    peers=("reportDeprecated", "deprecated", *LACKED),
    cards=("asyncio.iscoroutinefunction", "asyncio.set_event_loop_policy"),
    examples=(
        Example(
            bad="""\
import asyncio

async def main(loop):
    queue = asyncio.Queue(maxsize=3, loop=loop)
#                                    ^^^^^^^^^
    await queue.get()
""",
            fixed=(
                """\
import asyncio

async def main(loop):
    queue = asyncio.Queue(maxsize=3)
    await queue.get()
""",
            ),
        ),
        Example(
            bad="""\
import asyncio

def is_async(function):
    return asyncio.iscoroutinefunction(function)
#                  ^^^^^^^^^^^^^^^^^^^
""",
            fixed=(
                """\
import asyncio
import inspect

def is_async(function):
    return inspect.iscoroutinefunction(function)
""",
            ),
        ),
        Example(
            good="""\
import sys
from asyncio import iscoroutinefunction

def check(function):
    if sys.version_info < (3, 14):
        return iscoroutinefunction(function)
""",
        ),
    ),
)
