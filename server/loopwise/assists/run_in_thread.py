"""A call of a plain function in async code runs in a thread: ``await asyncio.to_thread(f, a)``.

The loop goes on meanwhile.
It helps where the function waits for something, or works long in code that lets other threads run; the function must
be safe to run beside the loop.
It is refused where the function of the project, or one that it calls, is seen to need the loop's thread (for the loop
itself, signal handlers, context variables, asyncio's objects and SQLite's), and where a lock is held around the call.
Methods of the object itself, and calls of which nothing is known, are offered only where the call is selected.
Where a rule already says that the call blocks, its fix is the one to use.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from loopwise.analysis.blocking import blocking
from loopwise.analysis.execution_context import ExecutionContext
from loopwise.analysis.rule import Fix, page
from loopwise.analysis.unit import Unit
from loopwise.assists.assist import Assist, Example
from loopwise.assists.parts import innermost, trimmed
from loopwise.rules.fixes import in_thread, needs_loop_thread
from loopwise.semantics.infer import Foreign, Function, Instance, Unknown, Value, each, is_generator
from loopwise.semantics.symbols import is_asyncio
from loopwise.syntax import COMPREHENSIONS, Node, arguments_of, field, is_async, parts_of, source_of
from loopwise.text import Span

# Modules whose functions only work with what they are given, and quickly.
_QUICK = frozenset(
    "builtins typing logging functools itertools operator collections contextlib dataclasses inspect types enum math"
    " re string copy weakref warnings abc datetime uuid random sys os.path posixpath textwrap traceback time"
    " _warnings struct _struct binascii contextvars _contextvars ipaddress heapq _heapq bisect _bisect urllib.parse"
    " shlex html fnmatch decimal fractions statistics numbers secrets".split()
)
# Loggers of any library: their calls are quick.
_LOGGER = re.compile(r"(?:.*\.)?_?log(?:ger|ging)?", re.IGNORECASE)
# Libraries whose functions may ask for the running loop, or for the context of their thread; so may the classes of any
# library that cannot be read.
_ASYNC_LIBRARIES = frozenset(
    "anyio asyncclick asyncpg click discord fastapi grpc hikari httpx motor starlette telegram trio websockets".split()
)
# Calling such a function only creates an object; the work would still happen on the loop.
_LAZY = frozenset({"typing.Awaitable", "typing.Coroutine", "typing.Generator", "typing.AsyncGenerator"})
# Places in which ``await`` is a syntax error, or would change what the statement means.
_TAKEN = frozenset({"decorator", "with_item", "raise_statement", "type"})


def offer(_: tuple[Node, ...], span: Span, unit: Unit) -> Iterator[Fix]:
    call = innermost(unit, span, "call")
    callee = field(call, "function") if call is not None else None
    if call is None or callee is None or callee.type not in {"identifier", "attribute"}:
        return
    whole = trimmed(unit.file.source.data, span)
    is_chosen = span.start != span.end and whole == Span(call.start_byte, call.end_byte)
    if not is_chosen and not callee.start_byte <= span.start <= callee.end_byte:
        return
    if unit.runs(call) not in {ExecutionContext.ASYNC, ExecutionContext.CELL} or not _can_move(unit, call):
        return
    name = source_of(field(callee, "attribute") or callee)
    if not is_chosen and (source_of(callee).startswith(("self.", "cls.")) or "async" in name):
        return
    if not is_chosen and _LOGGER.fullmatch(source_of(field(callee, "object") or callee)):
        return
    called = each(unit.called(call))
    if all(_is_plain(unit, one) or (is_chosen and type(one) is Unknown) for one in called):
        refused = needs_loop_thread(unit, call)
        edits = in_thread(unit, call) if not refused else ()
        yield Fix(f"Run {name}() in a thread", edits, safe=False, refused=refused)


def _can_move(unit: Unit, call: Node) -> bool:
    """Is the call neither awaited nor reported already, and in a place where ``await`` is allowed?"""
    if unit.is_awaited(call) or blocking(unit, call) is not None or source_of(call).startswith("super()"):
        return False
    around = list(unit.around(call))
    if any(outer.type in _TAKEN for outer in around) or any(outer.type == "await" for outer in around[:1]):
        return False
    positional, keywords, _ = arguments_of(call)
    given = [*positional, *keywords.values()]
    return not _is_repeated(call, around) and not any(one.type == "await" for one in given)


def _is_repeated(call: Node, around: list[Node]) -> bool:
    """Does a comprehension evaluate the call for each of its items?  Its first iterable it evaluates once."""
    for outer in around:
        if outer.type in COMPREHENSIONS:
            first = next((child for child in parts_of(outer) if child.type == "for_in_clause"), None)
            right = field(first, "right") if first is not None else None
            if right is None or not right.start_byte <= call.start_byte < right.end_byte:
                return True
    return False


def _is_plain(unit: Unit, callee: Value) -> bool:
    """Is it a function that may take long and does not return an awaitable?"""
    if isinstance(callee, Foreign):
        library, last = callee.name.partition(".")[0], callee.name.rpartition(".")[2]
        return not _is_for_async(library) and not last[:1].isupper() and library not in {"unittest", "pytest"}
    if not isinstance(callee, Function) or is_asyncio(callee.file.name) or callee.file.name in _QUICK:
        return False
    if _is_for_async(callee.file.name.partition(".")[0]):
        return False
    if any(is_async(node) or is_generator(node) for node in callee.nodes):
        return False
    result = unit.ev.called(callee)
    return not any(isinstance(one, Instance) and _is_lazy(unit, one) for one in each(result))


def _is_for_async(library: str) -> bool:
    """May a library's functions ask for the running loop, or act on it?"""
    return library.startswith("aio") or library in _ASYNC_LIBRARIES


def _is_lazy(unit: Unit, result: Instance) -> bool:
    return unit.is_coroutine(result) or unit.is_instance(result, "asyncio.Future", *_LAZY)


ASSIST = Assist(
    name="run-in-thread",
    general=True,
    kind="refactor.rewrite",
    offer=offer,
    **page(__doc__),
    examples=(
        Example(
            before="""\
from tools import shrink

async def main(path):
    small = shr$0ink(path, 10, quality=3).name
    return small
""",
            after=(
                """\
import asyncio

from tools import shrink

async def main(path):
    small = (await asyncio.to_thread(shrink, path, 10, quality=3)).name
    return small
""",
            ),
            files={"tools.py": "def shrink(path, size, quality=1):\n    return path\n"},
        ),
        Example(
            before="""\
from asyncio import sleep

async def main(model, data):
    await sleep(1)
    return $0model.train(
        data,
    )$0
""",
            after=(
                """\
from asyncio import sleep, to_thread

async def main(model, data):
    await sleep(1)
    return await to_thread(model.train,
        data,
    )
""",
            ),
        ),
        Example(
            before="""\
import time

async def main():
    time.sle$0ep(1)
"""
        ),
        Example(
            before="""\
async def main(names):
    print$0(names)
"""
        ),
        Example(
            before="""\
import asyncio

async def work(): ...

async def main():
    task = asyncio.create_task(wo$0rk())
    await task
"""
        ),
        Example(
            before="""\
class Picture:
    def shrink(self, size): ...

    async def show(self):
        self.shrink$0(10)
"""
        ),
        Example(
            before="""\
def shrink(path): ...

def main(path):
    shr$0ink(path)
"""
        ),
    ),
)
