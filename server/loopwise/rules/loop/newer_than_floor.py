"""The project supports a Python version that does not have this part of asyncio yet.

The oldest Python named by ``requires-python`` (or the setting ``target-version``) decides:
there, ``asyncio.TaskGroup`` (3.11) or ``asyncio.run(…, loop_factory=…)`` (3.12) raises as soon as the line runs.
If the project does not name one, the newest Python is assumed, and nothing is reported.

Code that checks the version or the attribute first, or catches the error, is not reported; neither is code that only
type checkers read.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from loopwise.analysis.asyncio import imports_of, last_parts, names_used, newer, newer_parameters
from loopwise.analysis.flow import asked_first
from loopwise.analysis.known_names import LACKED
from loopwise.analysis.prefilter import Names, callee_word
from loopwise.analysis.rule import Example, Finding, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.cards import load_api
from loopwise.syntax import Node, field, parts_of, span_of, text_of
from loopwise.versions import Version, version_text

_INSTEAD = {
    "asyncio.TaskGroup": "asyncio.gather() or taskgroup",
    "asyncio.timeout": "asyncio.wait_for() or async-timeout",
    "asyncio.timeout_at": "asyncio.wait_for() or async-timeout",
    "asyncio.Timeout": "the async-timeout package",
    "asyncio.Runner": "asyncio.run()",
    "asyncio.Barrier": "asyncio.Condition and a counter",
    "asyncio.EventLoop": "asyncio.new_event_loop()",
    "asyncio.Queue.shutdown": "a sentinel item",
    "asyncio.QueueShutDown": "a sentinel item",
    "asyncio.TaskGroup.cancel": "an exception and except*",
}
# Makes annotations strings, so that a name in one is never looked up.
_LATE = "from __future__ import annotations"
_FLOOR = load_api().span.floor
_WORDS = frozenset(word for floor in load_api().known for word in last_parts(newer(floor)))
_PARAMETERS = frozenset(name for by_name in newer_parameters(_FLOOR).values() for name in by_name)
_MODULE_LEVEL = frozenset(name.rpartition(".")[2] for name in newer(_FLOOR) if name.count(".") == 1)


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    floor = unit.target.floor
    lacking = newer(floor)
    if not lacking and not newer_parameters(floor):
        return
    if node.type == "import_from_statement":
        found = [(name, full) for name, full in imports_of(node) if full in lacking]
    else:
        used = names_used(unit, node, _WORDS) if _may_be(node, unit) else ()
        found = [(name, full) for name, full in used if full in lacking and node.type == "attribute"]
    given = list(_parameters(node, unit, floor)) if node.type == "call" else []
    # Code that tests for the name has a way for older Pythons.
    if (not found and not given) or asked_first(node) or _is_unread(unit, node):
        return
    for name, full in found:
        yield Finding(span_of(name), _message(full, f"{lacking[full].since}", floor))
    for name, function, since in given:
        what = f"parameter {text_of(name)!r} of {function}()"
        yield Finding(span_of(name), f"Supported Python {version_text(floor)} lacks {what} (new in {since})")


def _message(full: str, since: str, floor: Version) -> str:
    instead = f"; use {_INSTEAD[full]}" if full in _INSTEAD else ""
    return f"Supported Python {version_text(floor)} lacks {full} (new in {since}){instead}"


@cache
def _words(floor: Version) -> frozenset[str]:
    return last_parts(newer(floor))


def _may_be(node: Node, unit: Unit) -> bool:
    """May it be an asyncio name, by its spelling: ``timeout`` only after the module, ``uncancel`` after anything?"""
    name, owner = field(node, "attribute"), field(node, "object")
    if node.type != "attribute" or name is None or owner is None or text_of(name) not in _words(unit.target.floor):
        return False
    if text_of(name) not in _MODULE_LEVEL:
        return True
    first = text_of(owner).partition(".")[0]
    if any(binding.branches for binding in unit.file.table.by_name.get(first, ())):
        return False  # imported under a condition: as something else where it is not there
    return unit.aliases.get(first, first) in {
        "asyncio",
        "timeouts",
        "taskgroups",
        "runners",
        "locks",
        "queues",
        "tasks",
    }


def _parameters(call: Node, unit: Unit, floor: Version) -> Iterator[tuple[Node, str, str]]:
    """Arguments for parameters that a Python lacks: the name, the function, the version that added it."""
    arguments, word = field(call, "arguments"), callee_word(call, unit.aliases)
    if arguments is None:
        return
    later = newer_parameters(floor)
    known = Names(frozenset(later), last_parts(later))
    if word not in known.last:
        return
    for argument in parts_of(arguments):
        name = field(argument, "name") if argument.type == "keyword_argument" else None
        if name is not None and text_of(name) in _PARAMETERS:
            full = unit.call_in(call, known)
            if full is not None and text_of(name) in later[full]:
                yield name, full, later[full][text_of(name)]


def _is_unread(unit: Unit, node: Node) -> bool:
    """Is it in an annotation that is never evaluated?"""
    outer = node.parent
    while outer is not None and outer.type not in {"block", "module"}:
        if outer.type == "type":
            return _LATE.encode() in unit.file.source.data
        outer = outer.parent
    return False


RULE = Rule(
    code="LW410",
    name="newer-than-floor",
    severity=Severity.WARNING,
    nodes=("attribute", "call", "import_from_statement"),
    check=check,
    triggers=_WORDS | _PARAMETERS,
    **page(__doc__),
    peers=LACKED,
    cards=("asyncio.TaskGroup", "asyncio.timeout"),
    examples=(
        Example(
            bad="""\
import asyncio as aio

async def main(work):
    async with aio.TaskGroup() as group:
#                  ^^^^^^^^^
        group.create_task(work())
""",
            target="3.10-3.14",
        ),
        Example(
            good="""\
import asyncio

async def main(work):
    async with asyncio.TaskGroup() as group, asyncio.timeout(1):
        group.create_task(work(), eager_start=True)
        group.create_task(work(), context=None)
        await asyncio.sleep(1)
"""
        ),
    ),
)
