"""A generator that yields inside a ``with`` keeps it open as long as its consumer likes, and may close it too late.

If the loop over an asynchronous generator exits early, the generator stays suspended: the ``with`` block exits only
when the generator is garbage-collected, in another task.  Until then, a lock stays locked, a connection open.

A function that yields once is intended as a context manager: decorate it with ``contextlib.asynccontextmanager``.
For a stream of values, let the caller enter the context, or let callers close the generator with
``contextlib.aclosing``.

Each block is reported once.
Not reported: a file or response whose own content the generator yields, decorated functions (context managers,
fixtures, routes), and generators that FastAPI, Starlette and similar frameworks close themselves (dependencies, bodies
of streaming responses).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from loopwise.analysis.flow import own
from loopwise.analysis.rule import Example, Finding, Fix, Related, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.cards import closing, driving
from loopwise.semantics.infer import Function, Signature, each
from loopwise.syntax import (
    HANDLERS,
    IDENTIFIERS,
    LOOPS,
    YIELDS,
    Node,
    field,
    is_async,
    nodes_of,
    parts_of,
    span_of,
    text_of,
    unwrap,
)
from loopwise.text import decode, encode
from loopwise.writing import indent_of, insert, newline_of

# Functions and methods of libraries that give a file, a response or a socket.
_STREAMS = frozenset("delete fdopen get open patch post put request send stream urlopen ws_connect".split())
# By name: held resources that other code waits for.
_SHARED = re.compile(r"cursor|session|conn|pool|lock|sem|transaction|begin|acquire|\bdb\b", re.IGNORECASE)
_ASSIGNMENTS = frozenset({"assignment", "named_expression"})
_WORD = re.compile(r"(?<![\w.])\w+")
# What needs no closing, or has a rule of its own.
_HARMLESS = frozenset(
    "suppress nullcontext aclosing timeout timeout_at TaskGroup create_task_group open_nursery fail_after"
    " move_on_after catch_warnings warns raises".split()
)
_HOOK = re.compile(r"^(?:get_|provide_|override_|lifespan)|lifespan$|_lifespan_|^__aiter__$")
_CLOSERS = frozenset({"asynccontextmanager", "aclosing"})


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    function = unit.function(node)
    if function is None or not is_async(function) or unit.decorators(function) or _is_from(node):
        return
    holder = _holder(unit, node)
    if holder is None or all(_is_harmless(unit, item) for item in _items(holder)) or _is_closed(unit, function):
        return
    first, *others = [one for one in own(holder, YIELDS) if _holder(unit, one) == holder]
    if node != first or any(_is_streamed(unit, one, holder) for one in (first, *others)):
        return
    once = _yields_once(unit, function)
    kept = next(item for item in _items(holder) if not _is_harmless(unit, item))
    related = [Related(span_of(kept), "Held open here"), *(Related(span_of(one), "Here too") for one in others)]
    yield Finding(
        span_of(node),
        "Context stays open until the generator is closed, possibly much later and in another task",
        lambda: tuple(_fixes(unit, function)) if once else (),
        tuple(related),
    )


def _holder(unit: Unit, node: Node) -> Node | None:
    """The innermost ``with`` around a node."""
    return next((outer for outer in unit.around(node) if outer.type == "with_statement"), None)


def _is_streamed(unit: Unit, node: Node, holder: Node) -> bool:
    """Is the open resource, a file or response, itself the source of the yielded values?"""
    names = {text_of(name) for item in _items(holder) if _opens_stream(item) for name in _aliases(item)}
    given = [part for outer in unit.around(node) if outer.end_byte <= holder.end_byte for part in _source(outer)]
    if not given:
        return False
    words = {word for part in (node, *given) for word in _WORD.findall(text_of(part))}
    set_from = {
        text_of(left)
        for one in nodes_of(holder, _ASSIGNMENTS)
        if (left := field(one, "left") or field(one, "name")) is not None
        and not names.isdisjoint(_WORD.findall(text_of(field(one, "right") or field(one, "value") or one)))
    }
    return not (names | set_from).isdisjoint(words)


def _opens_stream(item: Node) -> bool:
    """Is it probably a file or response, rather than something with several uses: a connection, a cursor?"""
    value = parts_of(item)[0] if item.type == "as_pattern" else item
    callee = field(value, "function") if value.type == "call" else None
    if callee is not None and text_of(callee).rpartition(".")[2] in _STREAMS:
        return True
    return _SHARED.search(text_of(item)) is None


def _aliases(item: Node) -> Iterator[Node]:
    alias = field(item, "alias")
    yield from nodes_of(alias, IDENTIFIERS) if alias is not None else ()


def _source(outer: Node) -> Iterator[Node]:
    """The iterable of a loop, or its condition."""
    part = field(outer, "right" if outer.type == "for_statement" else "condition") if outer.type in LOOPS else None
    yield from [part] if part is not None else []


def _is_from(node: Node) -> bool:
    return any(child.type == "from" for child in node.children)


def _items(statement: Node) -> list[Node]:
    clause = next((child for child in parts_of(statement) if child.type == "with_clause"), None)
    found = nodes_of(clause, frozenset({"with_item"})) if clause is not None else []
    return [value for item in found if (value := field(item, "value")) is not None]


def _is_harmless(unit: Unit, item: Node) -> bool:
    value = parts_of(item)[0] if item.type == "as_pattern" else item
    callee = field(value, "function") if value.type == "call" else None
    if callee is None or text_of(callee).rpartition(".")[2] in _HARMLESS:
        return callee is not None
    functions = [one.nodes[0] for one in each(unit.called(value)) if isinstance(one, Function)]
    makers = [one.made_of for one in each(unit.called(value)) if isinstance(one, Signature)]
    functions += [one.nodes[0] for one in makers if isinstance(one, Function)]
    return bool(functions) and all(map(_only_translates, functions))


def _only_translates(function: Node) -> bool:
    """Does a context manager only translate errors, holding nothing: ``try: yield`` with ``except`` alone?"""
    body = field(function, "body")
    statements = [one for one in parts_of(body) if one.type != "comment"] if body is not None else []
    *before, last = statements or [function]
    clauses = [one for one in parts_of(last) if one.type not in {"comment", "block"}]
    inner = field(last, "body")
    yields = [text_of(one) for one in parts_of(inner) if one.type != "comment"] if inner is not None else []
    if last.type != "try_statement" or yields != ["yield"] or not all(one.type in HANDLERS for one in clauses):
        return False
    return all(unwrap(one).type == "string" for one in before)


def _is_closed(unit: Unit, function: Node) -> bool:
    """Does a framework, or code in this file, close the generator?"""
    name = field(function, "name")
    if name is None or unit.per_edit.get(__name__, lambda: _framework().search(unit.file.source.data) is not None):
        return True
    if _yields_once(unit, function) and _HOOK.search(text_of(name)):
        return True
    uses = [one for one in nodes_of(unit.file.root, IDENTIFIERS) if one.text == name.text and one != name]
    closes = b".aclose(" in unit.file.source.data
    return any(_is_handed_over(use, closes=closes) for use in uses)


def _yields_once(unit: Unit, function: Node) -> bool:
    body = field(function, "body")
    found = list(own(body, YIELDS)) if body is not None else []
    return len(found) == 1 and not any(outer.type in LOOPS for outer in unit.around(found[0]))


def _is_handed_over(use: Node, *, closes: bool) -> bool:
    """Is a function passed as a value, or its result passed to something that closes it?"""
    whole = use.parent if use.parent is not None and use.parent.type == "attribute" else use
    call = whole.parent
    if call is None:
        return False
    if call.type in {"argument_list", "keyword_argument", "assignment", "pair", "list"}:
        return True
    if call.type == "call" and call.parent is not None and call.parent.type == "assignment" and closes:
        return True
    outer = call.parent.parent if call.type == "call" and call.parent is not None else None
    callee = field(outer, "function") if outer is not None and outer.type == "call" else None
    return callee is not None and text_of(callee).rpartition(".")[2] in _CLOSERS | driving()


@cache
def _framework() -> re.Pattern[bytes]:
    """A framework that closes the generators of the file itself, by its package or by the names in the file."""
    packages, ends = (b"|".join(encode(name) for name in sorted(names)) for names in closing())
    return re.compile(rb"\b(?:%b|\w*(?:%b))\b" % (packages, ends))


def _fixes(unit: Unit, function: Node) -> Iterator[Fix]:
    """Put ``@asynccontextmanager`` on a function that yields once."""
    indent = indent_of(unit.file, function.start_byte)
    if indent is None:
        return
    written = unit.imported(function, "contextlib", "asynccontextmanager")
    newline = newline_of(unit.file, function.start_byte)
    line = insert(function.start_byte, f"@{written.text}{decode(newline + indent)}")
    yield Fix("Convert to an async context manager", (*written.edits, line), safe=False)


RULE = Rule(
    code="LW421",
    name="yield-in-cm-in-async-gen",
    severity=Severity.HINT,
    nodes=("yield",),
    check=check,
    triggers=frozenset({"yield"}),
    **page(__doc__),
    peers=("ASYNC119",),
    cards=("async generator",),
    examples=(
        Example(
            bad="""\
async def connection(pool):
    async with pool.acquire() as conn:
        yield conn
#       ^^^^^^^^^^
""",
            fixed=(
                """\
import contextlib


@contextlib.asynccontextmanager
async def connection(pool):
    async with pool.acquire() as conn:
        yield conn
""",
            ),
        ),
        Example(
            good="""\
import contextlib

@contextlib.asynccontextmanager
async def opened(pool):
    async with pool.acquire() as conn:
        yield conn
""",
        ),
    ),
)
