"""``pytest.raises`` of a group does not check the exceptions in the group.

``pytest.raises(ExceptionGroup)`` passes for any group, whatever exceptions it contains: a test that expects a
``ValueError`` passes if a ``TypeError`` is raised instead.

Since pytest 8.4, ``pytest.RaisesGroup(ValueError)`` states the expected exceptions, their number and their groups.
A call that checks the contents of the group (``check=``, or the group's exceptions after the ``with``) is correct too,
and not reported.
"""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.analysis.asyncio import argument, dotted
from loopwise.analysis.known_names import EXCEPTION_GROUPS
from loopwise.analysis.prefilter import callee_word
from loopwise.analysis.rule import Example, Finding, Fix, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.syntax import Node, arguments_of, field, parts_of, span_of, text_of, unwrap
from loopwise.writing import replace

# pytest moved the function between private modules.
_RAISES = frozenset({"pytest.raises", "_pytest.raises.raises", "_pytest.python_api.raises"})
# Any of these shows that the test knows it gets a group.
_LOOKS = (b".exceptions", b".group_contains", b".subgroup", b".split(", b".value", b".derive")


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    callee = field(node, "function")
    if callee is None or callee_word(node, unit.aliases) != "raises":
        return
    given = argument(node, 0, "expected_exception")
    groups = [one for one in _expected(given) if _is_group(unit, one)] if given is not None else []
    if not groups or dotted(unit, callee) not in _RAISES or _is_looked_at(unit, node):
        return
    first = groups[0]
    yield Finding(
        span_of(first),
        f"Test accepts any '{text_of(first)}', whatever exceptions it contains",
        lambda: tuple(_fixes(unit, node, first)),
    )


def _expected(given: Node) -> list[Node]:
    given = unwrap(given)
    return parts_of(given) if given.type == "tuple" else [given]


def _is_group(unit: Unit, node: Node) -> bool:
    return node.type in {"identifier", "attribute"} and dotted(unit, node) in EXCEPTION_GROUPS


def _is_looked_at(unit: Unit, call: Node) -> bool:
    """Does the test examine the contents of the group?"""
    _, keywords, _ = arguments_of(call)
    if "check" in keywords:
        return True
    holder = next((outer for outer in unit.around(call) if outer.type == "as_pattern"), None)
    name = field(holder, "alias") if holder is not None else None
    function = unit.function(call)
    if name is None or function is None:
        return call.parent is not None and call.parent.type != "expression_statement" and name is not None
    rest = (function.text or b"")[call.end_byte - function.start_byte :]
    return any((name.text or b"") + look in rest for look in _LOOKS)


def _fixes(unit: Unit, call: Node, group: Node) -> Iterator[Fix]:
    """``RaisesGroup``, with a tab stop for the expected exceptions; a ``match`` stays."""
    callee = field(call, "function")
    positional, keywords, _ = arguments_of(call)
    is_dotted = callee is not None and callee.type == "attribute"
    # ``pytest.raises`` is replaced in place; an imported name would need another import.
    if callee is None or not is_dotted or len(positional) != 1 or positional[0] != group or set(keywords) - {"match"}:
        return
    name = field(callee, "attribute")
    if name is not None:
        edits = (replace(name, "RaisesGroup"), replace(group, "Exception"))
        yield Fix("Name the expected exceptions with RaisesGroup", edits, safe=False, holes=("Exception",))


RULE = Rule(
    code="LW321",
    name="pytest-raises-group",
    severity=Severity.HINT,
    nodes=("call",),
    check=check,
    triggers=frozenset({"raises"}),
    **page(__doc__),
    peers=("ASYNC401",),
    cards=("except*",),
    examples=(
        Example(
            bad="""\
import pytest

async def test_start(start):
    with pytest.raises(ExceptionGroup, match="start"):
#                      ^^^^^^^^^^^^^^
        await start()
""",
            fixed=(
                """\
import pytest

async def test_start(start):
    with pytest.RaisesGroup(Exception, match="start"):
        await start()
""",
            ),
        ),
        Example(
            good="""\
import pytest

def test_start(start):
    with pytest.RaisesGroup(ValueError):
        start()
""",
        ),
    ),
)
