"""A coroutine function that awaits nothing could be a plain function.

Creating and awaiting a coroutine takes time, and readers look for the place where the function waits.

This is a matter of taste, so the rule is off by default.  It ignores functions that may have to be coroutine
functions: methods, decorated functions, tests, generators, stubs, functions that are passed as values, and the hooks of
frameworks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from loopwise.analysis.flow import waits
from loopwise.analysis.rule import Example, Finding, Fix, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.cards import awaiting
from loopwise.semantics.infer import is_generator
from loopwise.syntax import IDENTIFIERS, Node, await_of, field, is_async, nodes_of, parts_of, span_of, text_of, unwrap
from loopwise.text import Edit, Span, encode

# Fixtures and tests are often async because of their runner.
_TEST = re.compile(r"(?:^|[/\\])(?:tests?|testing|conftest\.py)(?:[/\\]|$)|(?:^|[/\\])test_[^/\\]*$|_test\.py$")
_EMPTY = frozenset({"pass_statement", "raise_statement", "comment"})


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    name = field(node, "name")
    if name is None or not is_async(node) or unit.decorators(node) or unit.file.is_stub or _is_required(unit, node):
        return
    if is_generator(node) or next(waits(node), None) is not None or _is_empty(node):
        return
    # A function that is passed on may be needed as a coroutine function by its receiver.
    uses = _uses(unit, node, name)
    if all(_call_of(use) is not None for use in uses):
        yield Finding(
            span_of(name),
            f"Coroutine function '{text_of(name)}' awaits nothing",
            lambda: tuple(_fixes(unit, node, uses)),
            unnecessary=True,
        )


def _is_required(unit: Unit, function: Node) -> bool:
    """May other code require it to be a coroutine function?"""
    if unit.owner(function) is not None or text_of(field(function, "name") or function).startswith(("test", "async_")):
        return True
    test, framework = unit.per_edit.get(__name__, lambda: _of_file(unit))
    return test or framework


def _of_file(unit: Unit) -> tuple[bool, bool]:
    return _TEST.search(unit.file.key) is not None, _frameworks().search(unit.file.source.data) is not None


@cache
def _frameworks() -> re.Pattern[bytes]:
    """The import of a framework that awaits the user's functions."""
    packages = "|".join(sorted(awaiting()))
    return re.compile(rf"^\s*(?:from|import)\s+(?:{packages})\b".encode(), re.MULTILINE)


def _is_empty(function: Node) -> bool:
    body = field(function, "body")
    statements = parts_of(body) if body is not None else []
    return all(
        one.type in _EMPTY or (one.type == "expression_statement" and unwrap(one).type in {"string", "ellipsis"})
        for one in statements
    )


def _uses(unit: Unit, function: Node, name: Node) -> list[Node]:
    """The uses of the function's name in the file, including attributes of other objects, except ``__all__``."""
    found = [one for one in nodes_of(unit.file.root, IDENTIFIERS) if one.text == name.text and one != name]
    strings = re.compile(rb"[\"']" + re.escape(encode(text_of(name))) + rb"[\"']")
    return [*found, *([function] if strings.search(unit.file.source.data) else [])]


def _call_of(use: Node) -> Node | None:
    """The call that has a name as its callee."""
    callee = use.parent if use.parent is not None and use.parent.type == "attribute" else use
    call = callee.parent
    return call if call is not None and call.type == "call" and field(call, "function") == callee else None


def _fixes(unit: Unit, function: Node, uses: list[Node]) -> Iterator[Fix]:
    """Remove ``async``, and ``await`` from its calls in the file; other files are not considered."""
    first, second = function.children[0], function.children[1]
    edits = [Edit(Span(first.start_byte, second.start_byte), b"")]
    for call in filter(None, map(_call_of, uses)):
        wait = await_of(call)
        if wait is None:
            reason = "The file uses the coroutine that the function returns"
            yield Fix("Convert to a plain function", (), refused=reason)
            return
        edits.append(Edit(Span(wait.start_byte, parts_of(wait)[0].start_byte), b""))
    yield Fix("Convert to a plain function", tuple(edits), safe=False)


RULE = Rule(
    code="LW118",
    name="unused-async",
    severity=Severity.HINT,
    nodes=("function_definition",),
    check=check,
    triggers=frozenset({"async"}),
    **page(__doc__),
    default_on=False,
    peers=("RUF029", "ASYNC124", "S7503"),
    cards=("corof",),
    examples=(
        Example(
            bad="""\
async def total(rows):
#         ^^^^^
    return sum(rows)

async def main(load):
    print(await total(await load()))
""",
            fixed=(
                """\
def total(rows):
    return sum(rows)

async def main(load):
    print(total(await load()))
""",
            ),
        ),
        Example(
            good="""\
async def waits(rows):
    return [row async for row in rows]

async def numbers():
    yield 1
"""
        ),
    ),
)
