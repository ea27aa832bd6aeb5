"""The results of a ``gather`` are checked for exceptions, but the ``gather`` raises them instead.

``asyncio.gather`` returns exceptions in its list of results only with ``return_exceptions=True``.
Without it, the first exception is raised at the ``await``: the results are lost, the other tasks continue, and the
check (``isinstance(result, Exception)``) never finds anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from loopwise.analysis.known_names import GATHER
from loopwise.analysis.rule import Example, Finding, Fix, Related, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.syntax import CALLS, FORS, Node, arguments_of, field, nodes_of, parts_of, span_of, text_of, unwrap
from loopwise.writing import insert

_ERRORS = re.compile(r"(?:Exception|Error)\b")
# Coroutines that hand an exception back themselves.
_RETURNS = re.compile(rb"\breturn\s+(?:e|ex|exc|err|error|exception)\b")


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    keywords, wait = arguments_of(node)[1], node.parent
    # An unpacked mapping may contain the keyword.
    if "return_exceptions" in keywords or b"**" in (node.text or b"") or wait is None or wait.type != "await":
        return
    function = unit.function(node)
    asked = unit.per_edit.get(("isinstance", function.id), lambda: _asked(function)) if function is not None else []
    test = _test(function, wait, asked) if function is not None and asked else None
    if test is None or not unit.call_in(node, GATHER) or _RETURNS.search(unit.file.source.data):
        return
    message = "Result of gather() is never an exception without return_exceptions=True"
    related = (Related(span_of(test), "Checked for an exception here"),)
    yield Finding(span_of(node), message, lambda: tuple(_fixes(node)), related)


def _asked(function: Node) -> list[Node]:
    """The ``isinstance`` calls in a function."""
    return [one for one in nodes_of(function, CALLS) if text_of(field(one, "function") or one) == "isinstance"]


def _test(function: Node, wait: Node, asked: list[Node]) -> Node | None:
    """The place where the function tests whether a result is an exception."""
    names_of_one, results = set(), ""
    outer = wait.parent
    if outer is not None and outer.type == "assignment" and (left := field(outer, "left")) is not None:
        if left.type in {"pattern_list", "tuple_pattern"}:
            names_of_one |= {text_of(one) for one in parts_of(left)}
        else:
            results = text_of(left)
    for loop in nodes_of(function, FORS):
        right, left = field(loop, "right"), field(loop, "left")
        if right is not None and left is not None and _goes_through(unwrap(right), wait, results):
            names_of_one |= set(re.findall(r"\w+", text_of(left)))
    for call in asked:
        positional = arguments_of(call)[0]
        if call.start_byte < wait.start_byte or len(positional) < 2:
            continue
        one = text_of(positional[0])
        if (one in names_of_one or (results and one.startswith(f"{results}["))) and _ERRORS.search(
            text_of(positional[1])
        ):
            return call
    return None


def _goes_through(looped: Node, wait: Node, results: str) -> bool:
    """Does a loop iterate over the results, possibly with ``enumerate`` or ``zip``?"""
    if looped == wait or (results and text_of(looped) == results):
        return True
    callee = text_of(field(looped, "function") or looped) if looped.type == "call" else ""
    return callee in {"enumerate", "zip"} and any(
        one == wait or (results and text_of(one) == results) for one in arguments_of(looped)[0]
    )


def _fixes(call: Node) -> Iterator[Fix]:
    given = field(call, "arguments")
    items = [child for child in parts_of(given) if child.type != "comment"] if given is not None else []
    # A bare generator expression must be the only argument of a call.
    if items and items[-1].type != "generator_expression":
        edit = insert(items[-1].end_byte, ", return_exceptions=True")
        yield Fix("Add return_exceptions=True", (edit,), safe=False)


RULE = Rule(
    code="LW121",
    name="gather-raises",
    severity=Severity.WARNING,
    nodes=("call",),
    check=check,
    triggers=GATHER.last,
    **page(__doc__),
    cards=("asyncio.gather",),
    examples=(
        Example(
            bad="""\
import asyncio

async def main(fetch, urls):
    results = await asyncio.gather(*map(fetch, urls))
#                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    for url, result in zip(urls, results):
        if isinstance(result, Exception):
            print(url, result)
""",
            fixed=(
                """\
import asyncio

async def main(fetch, urls):
    results = await asyncio.gather(*map(fetch, urls), return_exceptions=True)
    for url, result in zip(urls, results):
        if isinstance(result, Exception):
            print(url, result)
""",
            ),
        ),
        Example(
            good="""\
import asyncio

async def main(fetch, urls, other):
    results = await asyncio.gather(*map(fetch, urls))
    for result in results:
        if isinstance(other, Exception) or isinstance(result, str):
            print(result)
"""
        ),
    ),
)
