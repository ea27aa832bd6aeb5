"""``asyncio.TimeoutError`` is the built-in ``TimeoutError`` since Python 3.11.

The old name remains as a deprecated alias.
The rule applies only if every supported Python is known to be 3.11 or newer: before, they are two classes.
A project that does not say which Pythons it supports is therefore not checked: in 20 packages drawn at random this was
72 of 259 findings, and most of the packages support 3.10.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from loopwise.analysis.asyncio import block_of
from loopwise.analysis.flow import uses
from loopwise.analysis.rule import Example, Finding, Fix, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.semantics.bindings import Binding, Kind
from loopwise.syntax import Node, field, parts_of, span_of, text_of
from loopwise.text import Edit, Span
from loopwise.writing import replace

# Only from 3.11 on are the two the same class.
_SINCE = (3, 11)
_NAME = "TimeoutError"
_MODULES = frozenset({"asyncio", "asyncio.exceptions"})
_TITLE = "Use the built-in TimeoutError"
_MESSAGE = "Exception asyncio.TimeoutError is an alias of the built-in TimeoutError"


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    # Before 3.11 the two are different classes.
    if unit.target.assumed or unit.target.floor < _SINCE:
        return
    if node.type == "import_from_statement":
        module = field(node, "module_name")
        for name in node.children_by_field_name("name") if module and text_of(module) in _MODULES else ():
            if text_of(field(name, "name") or name) == _NAME:
                yield _finding(name, partial(_unimported, unit, node, name))
        return
    attribute, owner = field(node, "attribute"), field(node, "object")
    if attribute is None or owner is None or text_of(attribute) != _NAME or unit.name(owner) not in _MODULES:
        return
    yield _finding(node, partial(_replaced, unit, node))


def _finding(node: Node, fix: Callable[[], Fix]) -> Finding:
    return Finding(span_of(node), _MESSAGE, lambda: (fix(),), deprecated=True)


def _replaced(unit: Unit, node: Node) -> Fix:
    if _is_bound(unit, node):
        return Fix(_TITLE, (), refused="Another TimeoutError is bound here")
    return Fix(_TITLE, (_without(node) or replace(node, _NAME),), safe=not unit.file.table.stars)


def _is_bound(unit: Unit, node: Node) -> bool:
    """Does the file bind the name to something else, at module level or in the function?"""
    scopes = [unit.file.root, *(scope for scope in [unit.function(node)] if scope is not None)]
    bindings = (b for scope in scopes for b in unit.file.table_of(scope).by_name.get(_NAME, ()))
    return any(not _is_alias(binding) for binding in bindings)


def _is_alias(binding: Binding) -> bool:
    return binding.kind is Kind.FROM and binding.module in {*_MODULES, "builtins"}


def _without(node: Node) -> Edit | None:
    """Remove the name from a tuple that already contains the built-in one."""
    outer = node.parent
    if outer is None or outer.type != "tuple":
        return None
    listed = parts_of(outer)
    others = [one for one in listed if one != node and one.type != "comment"]
    if not any(text_of(one) == _NAME for one in others) or len(others) + 1 < len(listed):
        return None
    if len(others) == 1:
        return replace(outer, _NAME)
    index = listed.index(node)
    if index + 1 < len(listed):
        return Edit(Span(node.start_byte, listed[index + 1].start_byte), b"")
    return Edit(Span(listed[index - 1].end_byte, node.end_byte), b"")


def _unimported(unit: Unit, statement: Node, part: Node) -> Fix:
    """Remove the import; uses under another name are changed too.  Other modules may import it from here."""
    edits: list[Edit] = []
    alias = field(part, "alias")
    name = text_of(alias) if alias is not None else _NAME
    if name != _NAME:
        found = [use for use in uses(unit.file.root, name) if use.start_byte >= part.end_byte]
        if len(unit.file.table.by_name.get(name, ())) != 1 or any(_means_else(unit, use) for use in found):
            return Fix(_TITLE, (), refused=f"'{name}' has more than one meaning in this file")
        edits = [replace(use, _NAME) for use in found]
    gone = _import_gone(unit, statement, part)
    if gone is None:
        return Fix(_TITLE, (), refused="The import is the only statement in its block")
    return Fix(_TITLE, (gone, *edits), safe=False)


def _means_else(unit: Unit, use: Node) -> bool:
    return unit.name(use) != f"builtins.{_NAME}"


def _import_gone(unit: Unit, statement: Node, part: Node) -> Edit | None:
    names = statement.children_by_field_name("name")
    if len(names) > 1:
        index = names.index(part)
        if index + 1 < len(names):
            return Edit(Span(part.start_byte, names[index + 1].start_byte), b"")
        return Edit(Span(names[index - 1].end_byte, part.end_byte), b"")
    block, source = block_of(statement), unit.file.source
    first, last = source.line_at(statement.start_byte), source.line_at(statement.end_byte)
    lines = Span(source.starts[first], source.line_span(last).end)
    alone = source.data[lines.start : lines.end].strip() == (statement.text or b"")
    if block is None or (block.type == "block" and len(parts_of(block)) == 1) or not alone:
        return None
    return Edit(Span(lines.start, source.starts[last + 1] if last + 1 < len(source.starts) else lines.end), b"")


RULE = Rule(
    code="LW309",
    name="timeout-error-alias",
    severity=Severity.HINT,
    nodes=("attribute", "import_from_statement"),
    check=check,
    triggers=frozenset({_NAME}),
    **page(__doc__),
    peers=("UP041",),
    cards=("asyncio.TimeoutError",),
    examples=(
        Example(
            bad="""\
import asyncio

async def main(work):
    try:
        await work()
    except (OSError, asyncio.TimeoutError):
#                    ^^^^^^^^^^^^^^^^^^^^
        pass
""",
            fixed=(
                """\
import asyncio

async def main(work):
    try:
        await work()
    except (OSError, TimeoutError):
        pass
""",
            ),
            target="3.11-3.14",
        ),
        Example(
            good="""\
import asyncio
from asyncio import TimeoutError as Late

async def main(work):
    try:
        await work()
    except (Late, asyncio.TimeoutError):
        pass
""",
            target="3.10-3.14",
        ),
    ),
)
