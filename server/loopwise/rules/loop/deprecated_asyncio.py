"""Parts of asyncio are going, or gone: on the newest Python that the project runs on.

``loop=`` arguments (gone in 3.10), ``@asyncio.coroutine`` (3.11), ``Task.all_tasks`` (3.9) and child watchers (3.14)
raise where they are used; event loop policies and ``asyncio.iscoroutinefunction`` warn from 3.14 on, and go in 3.16.
The message says which, and what to use.

Code that asks for the version first, or for the attribute, or catches the error, is not reported.
"""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.knowledge_api import api
from loopwise.rules.dated import imports_of, last_parts, names_used, outdated
from loopwise.rules.guards import asked_first
from loopwise.rules.rule import Example, Finding, Fix, Rule, Severity
from loopwise.rules.spelled import callee_word, names
from loopwise.rules.unit import Unit
from loopwise.rules.write import about, insert
from loopwise.syntax import Node, field, is_async, nodes_of, span_of, text_of
from loopwise.text import Edit, Span, encode
from loopwise.versions import parse_version

_LOOPLESS = names(
    "asyncio.sleep asyncio.gather asyncio.shield asyncio.wait asyncio.wait_for asyncio.as_completed asyncio.Lock"
    " asyncio.Event asyncio.Condition asyncio.Semaphore asyncio.BoundedSemaphore asyncio.Queue asyncio.LifoQueue"
    " asyncio.PriorityQueue asyncio.open_connection asyncio.start_server asyncio.open_unix_connection"
    " asyncio.start_unix_server asyncio.create_subprocess_exec asyncio.create_subprocess_shell"
)
_DATAGRAM = names("asyncio.loop.create_datagram_endpoint")
# Gone before the oldest Python that was measured.
_OF_TASK = {"all_tasks": "asyncio.all_tasks", "current_task": "asyncio.current_task"}
_NEWEST = api().span.ceiling
_WORDS = last_parts(outdated(_NEWEST)) | _OF_TASK.keys()


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    if node.type == "import_from_statement":
        found = _imported(node, unit)
    else:
        found = _named(node, unit)
        if node.type == "call":
            found = (*found, *_parameters(node, unit))
    yield from (finding for finding in found)


def _imported(node: Node, unit: Unit) -> tuple[Finding, ...]:
    """Names that cannot be imported any more; those that merely warn are reported where they are used."""
    facts = outdated(unit.target.ceiling)
    gone = [(name, full) for name, full in imports_of(node) if full in facts and facts[full].removed_at(unit.target.ceiling)]
    if not gone or asked_first(node):
        return ()
    return tuple(Finding(span_of(name), _message(unit, full), deprecated=True) for name, full in gone)


def _named(node: Node, unit: Unit) -> tuple[Finding, ...]:
    facts = outdated(unit.target.ceiling)
    used = [(name, full) for name, full in names_used(unit, node, _WORDS) if full in facts]
    if not used:
        return _of_task(node, unit) if node.type == "attribute" else ()
    if asked_first(node):
        return ()
    return tuple(
        Finding(
            span_of(name), _message(unit, full), lambda name=name, full=full: tuple(_fixes(unit, name, full)), deprecated=True
        )
        for name, full in used
    )


def _message(unit: Unit, full: str) -> str:
    facts = outdated(unit.target.ceiling)[full]
    if facts.removed_at(unit.target.ceiling):
        when = f"is gone from Python {facts.removed} on"
    else:
        goes = f", and goes in {facts.removal}" if facts.removal else ""
        when = f"is deprecated from Python {facts.deprecated} on{goes}"
    return f"{full} {when}" + (f": use {facts.instead}" if facts.instead else "")


def _of_task(node: Node, unit: Unit) -> tuple[Finding, ...]:
    """``asyncio.Task.all_tasks``."""
    name, owner = field(node, "attribute"), field(node, "object")
    instead = _OF_TASK.get(text_of(name)) if name is not None else None
    if name is None or owner is None or instead is None or unit.name(owner) != "asyncio.Task" or asked_first(node):
        return ()
    last = text_of(name)

    def fixes() -> tuple[Fix, ...]:
        written = unit.imported(node, "asyncio", last)
        return (Fix(f"Use {instead}()", (*written.edits, Edit(span_of(node), encode(written.text)))),)

    return (Finding(span_of(name), f"asyncio.Task.{last} is gone from Python 3.9 on: use {instead}", fixes, deprecated=True),)


def _parameters(call: Node, unit: Unit) -> Iterator[Finding]:
    """Arguments for parameters that are gone."""
    word, arguments = callee_word(call, unit.others), field(call, "arguments")
    if arguments is None or word not in _LOOPLESS.last | _DATAGRAM.last:
        return
    for argument in arguments.named_children:
        name = field(argument, "name") if argument.type == "keyword_argument" else None
        given = text_of(name) if name is not None else ""
        known = {"loop": _LOOPLESS, "reuse_address": _DATAGRAM}.get(given)
        full = unit.call_in(call, known) if known is not None else None
        since = "3.10" if given == "loop" else "3.11"
        if full is None or (parse_version(since) or (0, 0)) > unit.target.ceiling or asked_first(call):
            continue
        message = f"{full}() has no parameter {given!r} from Python {since} on: this raises TypeError"
        yield Finding(span_of(argument), message, lambda at=argument: (_without(at),), deprecated=True)


def _without(argument: Node) -> Fix:
    """The call without one argument."""
    before, after = argument.prev_sibling, argument.next_sibling
    start, end = argument.start_byte, argument.end_byte
    if before is not None and before.type == ",":
        start = before.start_byte
    elif after is not None and after.type == ",":
        following = after.next_sibling
        end = following.start_byte if following is not None else after.end_byte
    return Fix("Remove the argument", (Edit(Span(start, end), b""),), safe=b"reuse" not in (argument.text or b""))


def _fixes(unit: Unit, name: Node, full: str) -> Iterator[Fix]:
    whole = name.parent if name.parent is not None and name.parent.type == "attribute" else name
    if full == "asyncio.iscoroutinefunction":
        written = unit.imported(name, "inspect", "iscoroutinefunction")
        edits = (*written.edits, Edit(span_of(whole), encode(written.text)))
        # Before 3.12 nothing can be marked as a coroutine function for inspect.
        yield Fix("Use inspect.iscoroutinefunction()", edits, safe=unit.target.floor >= (3, 12))
    elif full == "asyncio.coroutine" and whole.parent is not None and whole.parent.type == "decorator":
        yield from _to_async(unit, whole.parent)


def _to_async(unit: Unit, decorator: Node) -> Iterator[Fix]:
    """An ``async def`` with ``await`` in place of ``yield from``."""
    holder = decorator.parent
    function = field(holder, "definition") if holder is not None else None
    following = decorator.next_named_sibling
    if function is None or following is None or function.type != "function_definition" or is_async(function):
        return
    own = [node for node in nodes_of(function, frozenset({"yield"})) if unit.function(node) == function]
    title = "Make it an async def"
    if any(node.child_count < 3 or node.children[1].type != "from" for node in own):
        yield Fix(title, (), refused="It has a plain yield, which waits for nothing that can be awaited")
        return
    awaits = (Edit(Span(node.start_byte, node.children[2].start_byte), b"await ") for node in own)
    gone = Edit(Span(decorator.start_byte, following.start_byte), b"async " if following == function else b"")
    first = (gone,) if following == function else (gone, insert(function.start_byte, "async "))
    yield Fix(title, (*first, *awaits), safe=False)


RULE = Rule(
    code="LW409",
    name="deprecated-asyncio",
    severity=Severity.WARNING,
    nodes=("attribute", "call", "decorator", "class_definition", "import_from_statement"),
    check=check,
    words=_WORDS | {"loop", "reuse_address"},
    **about(__doc__),
    peers=("reportDeprecated", "reportAttributeAccessIssue", "deprecated", "attr-defined", "call-arg"),
    about=("asyncio.iscoroutinefunction", "asyncio.set_event_loop_policy"),
    examples=(
        Example(
            bad="""\
import asyncio

async def main(loop):
    queue = asyncio.Queue(maxsize=3, loop=loop)
#                                    ^^^^^^^^^
    await queue.get()
""",
            fixed=(
                """\
import asyncio

async def main(loop):
    queue = asyncio.Queue(maxsize=3)
    await queue.get()
""",
            ),
        ),
        Example(
            bad="""\
from asyncio import sleep as nap

async def main(loop):
    await nap(
        loop=loop,
#       ^^^^^^^^^
        delay=1,
    )
""",
            fixed=(
                """\
from asyncio import sleep as nap

async def main(loop):
    await nap(
        delay=1,
    )
""",
            ),
        ),
        Example(
            bad="""\
import asyncio

@asyncio.coroutine
#        ^^^^^^^^^
def wait():
    yield from asyncio.sleep(1)
    return (yield from asyncio.sleep(1, 2))
""",
            fixed=(
                """\
import asyncio

async def wait():
    await asyncio.sleep(1)
    return (await asyncio.sleep(1, 2))
""",
            ),
        ),
        Example(
            bad="""\
import asyncio

def is_async(function):
    return asyncio.iscoroutinefunction(function)
#                  ^^^^^^^^^^^^^^^^^^^
""",
            fixed=(
                """\
import asyncio
import inspect

def is_async(function):
    return inspect.iscoroutinefunction(function)
""",
            ),
        ),
        Example(
            bad="""\
import asyncio

async def main():
    return asyncio.Task.all_tasks()
#                       ^^^^^^^^^
""",
            fixed=(
                """\
import asyncio

async def main():
    return asyncio.all_tasks()
""",
            ),
        ),
        Example(
            bad="""\
import asyncio
from asyncio import DefaultEventLoopPolicy
from asyncio import get_child_watcher
#                   ^^^^^^^^^^^^^^^^^

class Policy(DefaultEventLoopPolicy):
#            ^^^^^^^^^^^^^^^^^^^^^^
    pass

asyncio.set_event_loop_policy(Policy())
#       ^^^^^^^^^^^^^^^^^^^^^
asyncio.set_child_watcher(asyncio.SafeChildWatcher())
#       ^^^^^^^^^^^^^^^^^
#                                 ^^^^^^^^^^^^^^^^
""",
        ),
        Example(
            bad="""\
import asyncio

async def main(loop: asyncio.AbstractEventLoop):
    return await loop.create_datagram_endpoint(asyncio.DatagramProtocol, reuse_address=True)
#                                                                        ^^^^^^^^^^^^^^^^^^
""",
        ),
        Example(
            good="""\
import asyncio
import inspect
import sys
from asyncio import iscoroutinefunction

def check(function, loop, task):
    if sys.version_info < (3, 14):
        return iscoroutinefunction(function)
    asyncio.ensure_future(task, loop=loop)
    return inspect.iscoroutinefunction(function)

def watch(watcher):
    if hasattr(asyncio, "set_child_watcher"):
        asyncio.set_child_watcher(watcher)
    try:
        asyncio.get_child_watcher()
    except AttributeError:
        pass
    watcher.set_child_watcher(watcher, loop=1)
"""
        ),
        Example(
            good="""\
import asyncio

asyncio.set_event_loop_policy(asyncio.DefaultEventLoopPolicy())

def is_async(function):
    return asyncio.iscoroutinefunction(function)
""",
            target="3.10-3.13",
        ),
    ),
)
