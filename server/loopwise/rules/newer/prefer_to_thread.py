"""``asyncio.to_thread`` runs a function in a thread without needing the loop.

``loop.run_in_executor(None, f, a)`` needs the loop, ``None`` as the executor for the default one, and a ``partial`` for
keyword arguments.
``to_thread(f, a)`` uses the same threads, accepts keyword arguments, and passes the context variables on.
Only calls that are awaited immediately are reported: ``run_in_executor`` starts immediately, ``to_thread`` when it is
awaited.
"""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.analysis.known_names import LOOP_GETTERS, RUN_IN_EXECUTOR
from loopwise.analysis.rule import Example, Finding, Fix, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.rules.fixes import to_thread_edits
from loopwise.syntax import IDENTIFIERS, Node, arguments_of, field, nodes_of, parts_of, span_of, text_of
from loopwise.text import Edit, Span


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    positional, keywords, _ = arguments_of(node)
    if len(positional) < 2 or positional[0].type != "none" or keywords:
        return
    if not unit.is_awaited(node) or not unit.on_loop(node) or not unit.call_in(node, RUN_IN_EXECUTOR):
        return
    callee = field(node, "function")
    name = field(callee, "attribute") if callee is not None else None
    if callee is None or name is None:
        return
    message = "Use asyncio.to_thread(), which needs no loop and passes context variables on"
    yield Finding(span_of(name), message, lambda: (_fix(unit, node, positional),))


def _fix(unit: Unit, call: Node, positional: list[Node]) -> Fix:
    written = unit.imported(call, "asyncio", "to_thread")
    edits = [*written.edits, *to_thread_edits(unit, call, written.text, positional[1:])]
    edits += _unneeded(unit, field(call, "function") or call)
    # The function may see other values of context variables than now.
    is_safe = "#" not in text_of(call) and b"contextvars" not in unit.file.source.data
    return Fix("Use asyncio.to_thread()", tuple(edits), safe=is_safe)


def _unneeded(unit: Unit, callee: Node) -> Iterator[Edit]:
    """Delete the line ``loop = asyncio.get_running_loop()``, if the loop was used only here."""
    owner, function = field(callee, "object"), unit.function(callee)
    if owner is None or function is None or owner.type != "identifier":
        return
    uses = [node for node in nodes_of(function, IDENTIFIERS) if node.text == owner.text]
    made = uses[0].parent if len(uses) == 2 and uses[1] == owner else None
    value = field(made, "right") if made is not None and made.type == "assignment" else None
    statement = made.parent if made is not None else None
    if value is None or statement is None or statement.parent is None or len(parts_of(statement.parent)) < 2:
        return
    line = unit.file.source.line_at(statement.start_byte)
    start, end = unit.file.source.starts[line], unit.file.source.line_span(line).end
    alone = unit.file.source.data[start:end].strip() == statement.text
    if value.type == "call" and unit.call_in(value, LOOP_GETTERS) and alone and line + 1 < len(unit.file.source.starts):
        yield Edit(Span(start, unit.file.source.starts[line + 1]), b"")


RULE = Rule(
    code="LW501",
    name="prefer-to-thread",
    severity=Severity.HINT,
    nodes=("call",),
    check=check,
    triggers=RUN_IN_EXECUTOR.last,
    **page(__doc__),
    cards=("asyncio.to_thread", "asyncio.loop.run_in_executor"),
    examples=(
        Example(
            bad="""\
import asyncio

async def main(path):
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(None, path.read_text, "utf-8")
#                     ^^^^^^^^^^^^^^^
""",
            fixed=(
                """\
import asyncio

async def main(path):
    return await asyncio.to_thread(path.read_text, "utf-8")
""",
            ),
        ),
        Example(
            good="""\
import asyncio

async def main(read):
    await asyncio.to_thread(read)
""",
        ),
    ),
)
