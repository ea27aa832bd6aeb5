"""Reading or writing a file waits for the disk on the event loop's thread.

The time depends on the amount of data and on how busy the disk is; no other task can run in the meantime.
One call is reported per function, and none for a file that the same function opens on the event loop, because that is
already reported where the file is opened.

For small local files this is acceptable, and tests are not reported.
Otherwise, move all work on the file into one function and pass it to ``asyncio.to_thread``.
"""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.analysis.blocking import reported, words
from loopwise.analysis.rule import Example, Finding, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.rules.fixes import message
from loopwise.syntax import CALLS, Node, field, nodes_of, parts_of, span_of, text_of

_NAME = "blocking-file-method"


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    found = reported(node, unit, _NAME)
    if found is not None and _is_first(unit, node):
        yield Finding(span_of(node), message(found))


def _is_first(unit: Unit, call: Node) -> bool:
    """Is it the first such call in the ``with`` that opens its file, else in the function?"""
    owner = _owner(call)
    opened = (outer for outer in unit.around(call) if outer.type == "with_statement" and _binds(outer, owner))
    block = next(opened, None) or unit.function(call) or unit.root
    first = unit.per_edit.get(("first file method", block.id, owner), lambda: _first(unit, block, owner))
    # One finding for each file: moving the first call to a thread means moving all of them.
    return first is None or first == call.start_byte


def _owner(call: Node) -> str:
    """The receiver of a method, as written."""
    callee = field(call, "function")
    owner = field(callee, "object") if callee is not None else None
    return text_of(owner) if owner is not None else ""


def _binds(statement: Node, name: str) -> bool:
    heads = [child for child in parts_of(statement) if child.type == "with_clause"]
    aliases = (field(node, "alias") for head in heads for node in nodes_of(head, frozenset({"as_pattern"})))
    return any(alias is not None and text_of(alias) == name for alias in aliases)


def _first(unit: Unit, block: Node, owner: str) -> int | None:
    calls = (call for call in nodes_of(block, CALLS) if _owner(call) == owner)
    return next((call.start_byte for call in calls if reported(call, unit, _NAME) is not None), None)


RULE = Rule(
    code="LW207",
    name=_NAME,
    severity=Severity.HINT,
    nodes=("call",),
    check=check,
    triggers=words(_NAME),
    **page(__doc__),
    peers=("ASYNC232",),
    cards=("asyncio.to_thread",),
    examples=(
        Example(
            bad="""\
import asyncio

class Journal:
    def __init__(self, path):
        self.file = open(path, "a")

    async def write(self, line):
        self.file.write(line)
#       ^^^^^^^^^^^^^^^^^^^^^
        self.file.flush()

async def load(path):
    file = await asyncio.to_thread(open, path)
    return file.read()
#          ^^^^^^^^^^^
""",
        ),
        Example(
            good="""\
def work(path):
    with open(path) as file:
        return file.read()
"""
        ),
    ),
)
