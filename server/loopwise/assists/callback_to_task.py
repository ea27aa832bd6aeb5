"""A function that the loop is to call later, ``loop.call_later(5, f, a)``, is called by a task that sleeps first.

A task has a name and a traceback, its errors stay in it until somebody asks, and the code in it can ``await``.
Like the handle that ``call_later`` returns it can be cancelled; where the handle is asked for more, it is refused.
So is a call that is due together with another one of the function, as a task comes a round of the loop later.
For that reason ``call_soon`` is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from loopwise.analysis.execution_context import ExecutionContext
from loopwise.analysis.flow import uses
from loopwise.analysis.prefilter import callee_word, names
from loopwise.analysis.rule import Fix, page
from loopwise.analysis.unit import Unit
from loopwise.assists.assist import Assist, Example
from loopwise.assists.parts import (
    due_together,
    is_nothing,
    is_simple,
    joined,
    noted,
    only_cancelled,
    statement_at,
    tasks_listed,
)
from loopwise.rules.fixes import free_name, in_set, is_comment_of, line_of
from loopwise.semantics.infer import Unknown, each
from loopwise.syntax import Node, arguments_of, field, source_of
from loopwise.text import Edit, Span, decode, encode
from loopwise.writing import insert, usual_step

_TITLE = "Call the function in a task"
_OFFERED = noted(_TITLE, "errors stay in the task")
_RUNNING = re.compile(r"(?:asyncio\.)?get_running_loop\(\)")
_CALLS = names("asyncio.loop.call_later asyncio.AbstractEventLoop.call_later")
# Recognizes the helper of an earlier use of this assist, so that it is not inserted twice.
_HEAD = "(delay, callback, *args):"


def offer(_: tuple[Node, ...], span: Span, unit: Unit) -> Iterator[Fix]:
    statement = statement_at(unit, span)
    if statement is None or statement.type != "expression_statement" or not is_simple(statement):
        return
    inner = statement.named_children[0]
    call = field(inner, "right") if inner.type == "assignment" else inner
    if call is None or call.type != "call" or not _is_one(unit, call) or not _runs_in_loop(unit, call):
        return
    positional, keywords, _starred = arguments_of(call)
    if keywords or len(positional) < 2 or unit.is_coroutine_function(unit.value(positional[1])):
        return
    if is_nothing(positional[0]):
        return
    left = field(inner, "left") if inner.type == "assignment" else None
    refused = (
        tasks_listed(unit)
        or due_together(unit, call, positional[0])
        or (only_cancelled(unit, left) if left is not None else "")
    )
    if refused:
        yield Fix(_TITLE, (), safe=False, refused=refused)
    else:
        yield _fix(unit, statement, call, is_kept=left is not None)


def _runs_in_loop(unit: Unit, call: Node) -> bool:
    """Does the code run in a loop: a coroutine function, or a function that asks for the running loop itself?"""
    if unit.runs(call) is not ExecutionContext.SYNC:
        return unit.runs(call) is ExecutionContext.ASYNC
    callee, function = field(call, "function"), unit.function(call)
    receiver = field(callee, "object") if callee is not None else None
    if receiver is None or function is None:
        return False
    found = [receiver]
    if receiver.type == "identifier":
        bound = (use.parent for use in uses(function, source_of(receiver)))
        stored = [one for one in bound if one is not None and one.type == "assignment"]
        found = [field(one, "right") or one for one in stored]
    return bool(found) and all(_RUNNING.fullmatch(source_of(one)) for one in found)


def _is_one(unit: Unit, call: Node) -> bool:
    if callee_word(call, unit.aliases) not in _CALLS.last:
        return False
    callee = field(call, "function")
    receiver = field(callee, "object") if callee is not None else None
    if receiver is None or not source_of(receiver).rstrip("()").endswith("loop"):
        return False
    return unit.call_in(call, _CALLS) is not None or all(isinstance(one, Unknown) for one in each(unit.called(call)))


def _fix(unit: Unit, statement: Node, call: Node, *, is_kept: bool) -> Fix:
    line = line_of(unit, statement)
    arguments = field(call, "arguments")
    if line is None or arguments is None:
        return Fix(_TITLE, (), safe=False, refused="The statement shares its line with other code")
    name, above = _helper(unit, statement, line.newline)
    create = unit.imported(call, "asyncio", "create_task")
    opened = Edit(Span(call.start_byte, arguments.start_byte + 1), encode(f"{create.text}({name}("))
    inner = (opened, insert(call.end_byte, ")"))
    if is_kept:
        return Fix(_OFFERED, joined([*create.edits, *above, *inner]), safe=False, holes=(name,))
    fix = in_set(unit, line, None, inner)
    return Fix(_OFFERED, joined([*create.edits, *above, *fix.edits]), safe=False, holes=(*fix.holes, name))


def _helper(unit: Unit, statement: Node, newline: str) -> tuple[str, tuple[Edit, ...]]:
    """The helper that sleeps and then calls, and the edits that insert it above the outermost definition if missing."""
    found = re.search(rf"^async def (\w+){re.escape(_HEAD)}", decode(unit.file.source.data), re.MULTILINE)
    if found:
        return found[1], ()
    name = free_name(unit, "call_after", "call_after_delay")
    sleep = unit.imported(statement, "asyncio", "sleep")
    top = statement
    while top.parent is not None and top.parent.type != "module":
        top = top.parent
    while top.prev_sibling is not None and is_comment_of(top.prev_sibling, top):
        top = top.prev_sibling
    start = unit.file.source.starts[unit.file.source.line_at(top.start_byte)]
    step = decode(usual_step(encode(lines.indent))) if (lines := line_of(unit, statement)) else "    "
    code = f"async def {name}{_HEAD}", f"{step}await {sleep.text}(delay)", f"{step}callback(*args)", "", "", ""
    return name, (*sleep.edits, insert(start, newline.join(code)))


ASSIST = Assist(
    name="callback-to-task",
    kind="refactor.rewrite",
    offer=offer,
    **page(__doc__),
    examples=(
        Example(
            before="""\
import asyncio

class Watch:
    async def start(self, loop):
        self.timer = loop.call_later(5, self.tick, "late")$0
""",
            after=(
                """\
import asyncio

async def call_after(delay, callback, *args):
    await asyncio.sleep(delay)
    callback(*args)


class Watch:
    async def start(self, loop):
        self.timer = asyncio.create_task(call_after(5, self.tick, "late"))
""",
            ),
        ),
        Example(
            before="""\
import asyncio

async def call_after(delay, callback, *args):
    await asyncio.sleep(delay)
    callback(*args)


async def main():
    asyncio.get_running_loop().call_later$0(3, lambda: print("soon"))
    await asyncio.sleep(1)
""",
            after=(
                """\
import asyncio

background_tasks = set()


async def call_after(delay, callback, *args):
    await asyncio.sleep(delay)
    callback(*args)


async def main():
    task = asyncio.create_task(call_after(3, lambda: print("soon")))
    background_tasks.add(task)
    task.add_done_callback(background_tasks.discard)
    await asyncio.sleep(1)
""",
            ),
        ),
        Example(
            before="""\
async def main(loop, tick):
    timer = loop.call_later(5, tick)$0
    print(timer.when())
    timer.cancel()
""",
            refused="timer.when() is used",
        ),
        Example(
            before="""\
def main(loop, tick):
    loop.call_later(5, tick)$0
"""
        ),
        Example(
            before="""\
async def main(phone):
    phone.call_later(5, "me")$0
"""
        ),
    ),
)
