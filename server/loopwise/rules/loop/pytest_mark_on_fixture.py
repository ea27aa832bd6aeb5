"""A mark on a fixture has no effect: ``pytest.mark.asyncio`` is for tests.

pytest ignores marks on fixtures, and newer versions reject them.  A fixture that is a coroutine function needs
``@pytest_asyncio.fixture``, or ``asyncio_mode = "auto"``; the mark does not replace it.
"""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.analysis.asyncio import dotted
from loopwise.analysis.rule import Example, Finding, Fix, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.syntax import Node, decorators_of, field, first_of, parts_of, span_of, text_of
from loopwise.text import Edit, Span

# Marks of pytest-asyncio, anyio, pytest-trio and the plugins for tornado.
_MARKS = frozenset(f"pytest.mark.{name}" for name in ("asyncio", "anyio", "trio", "tornado_asyncio", "gen_test"))
_FIXTURES = frozenset({"pytest.fixture", "pytest_asyncio.fixture", "_pytest.fixtures.fixture"})


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    expression = first_of(node)
    function = field(node.parent, "definition") if node.parent is not None else None
    if expression is None or function is None or function.type != "function_definition":
        return
    mark = _callee(expression)
    # Tests of the text first: most decorators are no marks.
    if ".mark" not in f".{text_of(mark)}" and text_of(mark).partition(".")[0] not in unit.aliases:
        return
    others = [one for one in decorators_of(function) if one != expression]
    if not any(text_of(_callee(one)).endswith("fixture") or _is_fixture(unit, one) for one in others):
        return
    if dotted(unit, mark) not in _MARKS or not any(_is_fixture(unit, one) for one in others):
        return
    yield Finding(span_of(expression), "Mark has no effect on a fixture", lambda: _fixes(unit, node), unnecessary=True)


def _callee(expression: Node) -> Node:
    callee = field(expression, "function") if expression.type == "call" else None
    return callee if callee is not None else expression


def _is_fixture(unit: Unit, expression: Node) -> bool:
    return dotted(unit, _callee(expression)) in _FIXTURES


def _fixes(unit: Unit, decorator: Node) -> tuple[Fix, ...]:
    """Remove the decorator, up to what follows it: a comment, the next decorator, the function."""
    mark, following = parts_of(decorator)[0], decorator.next_sibling
    if following is None:
        return ()
    between = unit.file.source.data[mark.end_byte : following.start_byte]
    comment = between.find(b"#")
    end = mark.end_byte + comment if comment >= 0 else following.start_byte
    return (Fix("Remove the mark", (Edit(Span(decorator.start_byte, end), b""),)),)


RULE = Rule(
    code="LW422",
    name="pytest-mark-on-fixture",
    severity=Severity.HINT,
    nodes=("decorator",),
    check=check,
    triggers=frozenset({"mark"}),
    **page(__doc__),
    peers=("PT024",),
    cards=("corof",),
    examples=(
        Example(
            bad="""\
import pytest

@pytest.mark.asyncio
#^^^^^^^^^^^^^^^^^^^
@pytest.fixture
async def client():
    return 1
""",
            fixed=(
                """\
import pytest

@pytest.fixture
async def client():
    return 1
""",
            ),
        ),
        Example(
            good="""\
import pytest

@pytest.mark.asyncio
async def test_client():
    assert True
""",
        ),
    ),
)
