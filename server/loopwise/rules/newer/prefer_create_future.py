"""``loop.create_future()`` creates the future that suits the loop; ``asyncio.Future()`` may not.

Other event loops (uvloop) have their own faster futures, which ``create_future`` returns.
It also shows which loop the future belongs to.
Tests are not reported: they are seldom changed for that.
"""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.analysis.prefilter import names
from loopwise.analysis.rule import Example, Finding, Fix, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.rules.fixes import is_event_loop
from loopwise.semantics.index import is_test
from loopwise.syntax import NAMES_AND_CALLS, Node, arguments_of, field, source_of, span_of, text_of
from loopwise.text import Edit, encode

_FUTURE = names("asyncio.Future")


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    positional, keywords, starred = arguments_of(node)
    if positional or starred or keywords.keys() - {"loop"} or is_test(unit.file.key):
        return
    if not (keywords or unit.on_loop(node)) or not unit.call_in(node, _FUTURE):
        return
    loop = keywords.get("loop")
    if loop is not None and loop.type not in NAMES_AND_CALLS:
        return
    message = "Future should be created with loop.create_future(), which suits the loop"
    yield Finding(span_of(field(node, "function") or node), message, lambda: tuple(_fixes(unit, node, loop)))


def _fixes(unit: Unit, call: Node, loop: Node | None) -> Iterator[Fix]:
    if "#" in text_of(call):
        return
    if loop is not None:
        sure = is_event_loop(unit, loop)
        edit = Edit(span_of(call), encode(f"{source_of(loop)}.create_future()"))
        yield Fix("Use loop.create_future()", (edit,), safe=sure)
        return
    written = unit.imported(call, "asyncio", "get_running_loop")
    edit = Edit(span_of(call), encode(f"{written.text}().create_future()"))
    callee = field(call, "function")
    says_of_what = callee is not None and callee.type == "subscript"  # ``Future[int]()``: a type checker loses that
    yield Fix("Use get_running_loop().create_future()", (*written.edits, edit), safe=not says_of_what)


RULE = Rule(
    code="LW503",
    name="prefer-create-future",
    severity=Severity.HINT,
    nodes=("call",),
    check=check,
    triggers=_FUTURE.last,
    **page(__doc__),
    cards=("asyncio.Future", "asyncio.loop.create_future"),
    examples=(
        Example(
            bad="""\
import asyncio

async def main():
    future = asyncio.Future()
#            ^^^^^^^^^^^^^^
    await future
""",
            fixed=(
                """\
import asyncio

async def main():
    future = asyncio.get_running_loop().create_future()
    await future
""",
            ),
        ),
        Example(
            good="""\
import asyncio

async def main(loop: asyncio.AbstractEventLoop):
    return loop.create_future()
""",
        ),
    ),
)
