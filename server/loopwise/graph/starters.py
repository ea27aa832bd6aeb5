"""Calls that run their arguments: those that start tasks, gather, or use threads, and the position of the argument."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from loopwise.analysis.flow import own
from loopwise.analysis.known_names import PARTIAL
from loopwise.analysis.prefilter import callee_word, names
from loopwise.analysis.unit import Unit
from loopwise.graph.values import Kind
from loopwise.syntax import COMPREHENSIONS, DISPLAYS, Node, arguments_of, field, parts_of, spread_of, text_of, unwrap

_EXECUTOR = "concurrent.futures._base.Executor"
_THREAD_POOL = "concurrent.futures.thread.ThreadPoolExecutor"
_PROCESS_POOL = "concurrent.futures.process.ProcessPoolExecutor"


class _Starter(NamedTuple):
    """The way a call runs its argument; ``at`` is the argument's position, -1 for all positional arguments."""

    kind: Kind
    at: int = 0
    keyword: str = ""


_BY_NAME: dict[str, _Starter] = {
    "asyncio.create_task": _Starter("task", 0, "coro"),
    "asyncio.ensure_future": _Starter("task"),
    "asyncio.loop.create_task": _Starter("task", 0, "coro"),
    "asyncio.AbstractEventLoop.create_task": _Starter("task", 0, "coro"),
    "asyncio.run_coroutine_threadsafe": _Starter("task", 0, "coro"),
    "asyncio.start_server": _Starter("task", 0, "client_connected_cb"),
    "asyncio.start_unix_server": _Starter("task", 0, "client_connected_cb"),
    "asyncio.TaskGroup.create_task": _Starter("group", 0, "coro"),
    "asyncio.gather": _Starter("gathers", -1),
    "asyncio.wait": _Starter("gathers"),
    "asyncio.as_completed": _Starter("gathers"),
    "asyncio.wait_for": _Starter("awaits", 0, "fut"),
    "asyncio.shield": _Starter("awaits", 0, "arg"),
    "asyncio.run": _Starter("runs", 0, "main"),
    "asyncio.Runner.run": _Starter("runs", 0, "coro"),
    "asyncio.loop.run_until_complete": _Starter("runs", 0, "future"),
    "asyncio.AbstractEventLoop.run_until_complete": _Starter("runs", 0, "future"),
    "anyio.run": _Starter("runs"),
    "trio.run": _Starter("runs"),
    "uvloop.run": _Starter("runs"),
    "asyncio.to_thread": _Starter("thread", 0, "func"),
    "asyncio.loop.run_in_executor": _Starter("thread", 1, "func"),
    "asyncio.AbstractEventLoop.run_in_executor": _Starter("thread", 1, "func"),
    f"{_EXECUTOR}.submit": _Starter("thread"),
    f"{_EXECUTOR}.map": _Starter("thread"),
    f"{_THREAD_POOL}.submit": _Starter("thread"),
    f"{_THREAD_POOL}.map": _Starter("thread"),
    f"{_PROCESS_POOL}.submit": _Starter("process"),
    f"{_PROCESS_POOL}.map": _Starter("process"),
    "threading.Thread": _Starter("thread", 1, "target"),
    "threading.Timer": _Starter("thread", 1, "function"),
    "multiprocessing.Process": _Starter("process", 1, "target"),
    "multiprocessing.context.Process": _Starter("process", 1, "target"),
    "anyio.to_thread.run_sync": _Starter("thread"),
    "starlette.concurrency.run_in_threadpool": _Starter("thread"),
    "fastapi.concurrency.run_in_threadpool": _Starter("thread"),
    "asgiref.sync.sync_to_async": _Starter("thread"),
    "asyncio.loop.call_soon": _Starter("callback", 0, "callback"),
    "asyncio.loop.call_soon_threadsafe": _Starter("callback", 0, "callback"),
    "asyncio.loop.call_later": _Starter("callback", 1, "callback"),
    "asyncio.loop.call_at": _Starter("callback", 1, "callback"),
    "asyncio.loop.add_signal_handler": _Starter("callback", 1, "callback"),
    "asyncio.Task.add_done_callback": _Starter("callback"),
    "asyncio.Future.add_done_callback": _Starter("callback"),
}
_NAMES = names(*_BY_NAME)
# Methods of task groups of anyio and trio, which nothing else has.
_BY_WORD: dict[str, _Starter] = {"start_soon": _Starter("group")}
_TIMED = {"asyncio.wait_for": (1, "timeout")}
_HELD = frozenset({"call", "generator_expression", "list", "list_comprehension", "tuple"})
_WRITES = frozenset({"assignment", "call"})
_POOLS = (_PROCESS_POOL, "concurrent.futures.ProcessPoolExecutor")


class Given(NamedTuple):
    """An argument that a starter runs: a call that creates a coroutine, or a function."""

    kind: Kind
    node: Node
    within: tuple[str, ...] = ()


def given(unit: Unit, call: Node) -> tuple[Given, ...] | None:
    """The arguments that a call starts, runs or passes on; ``None`` if it is not a starter."""
    word = callee_word(call, unit.aliases)
    if word in _BY_WORD:
        return tuple(_given(unit, call, _BY_WORD[word], ""))
    if word is not None and word not in _NAMES.last:
        return None
    name = unit.call_in(call, _NAMES)
    return tuple(_given(unit, call, _BY_NAME[name], name)) if name is not None else None


def kind_of(name: str | None) -> Kind | None:
    """The way a starter, given by its full name, runs its first argument."""
    starter = _BY_NAME.get(name or "")
    return starter.kind if starter is not None else None


def _given(unit: Unit, call: Node, starter: _Starter, name: str) -> Iterator[Given]:
    positional, keywords, _ = arguments_of(call)
    kind, within = starter.kind, _timeout(call, name)
    # The executor decides between thread and process.
    if name.endswith("run_in_executor") and positional and unit.is_instance(unit.value(positional[0]), *_POOLS):
        kind = "process"
    if starter.at < 0:
        chosen = [*positional, *spread_of(call)]
    else:
        one = keywords.get(starter.keyword, positional[starter.at] if starter.at < len(positional) else None)
        chosen = [one] if one is not None else []
    for argument in chosen:
        yield from (Given(kind, node, within) for node in _parts(unit, argument))


def _timeout(call: Node, name: str) -> tuple[str, ...]:
    """The timeout that a call sets for its argument."""
    if name not in _TIMED:
        return ()
    at, keyword = _TIMED[name]
    positional, keywords, _ = arguments_of(call)
    limit = keywords.get(keyword, positional[at] if at < len(positional) else None)
    return (f"timeout {shortened(limit)}",) if limit is not None else ()


def shortened(node: Node, most: int = 40) -> str:
    """The text of an expression on one line, cut to ``most`` characters."""
    text = " ".join(text_of(node).split())
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _parts(unit: Unit, node: Node, deep: int = 4) -> Iterator[Node]:
    """The calls and functions in a starter's argument: in lists and comprehensions, or bound to local names."""
    node = unwrap(node)
    if deep == 0:
        return
    if node.type in COMPREHENSIONS:
        body = field(node, "body")
        yield from _parts(unit, body, deep - 1) if body is not None else ()
    elif node.type in DISPLAYS:
        for child in parts_of(node):
            yield from _parts(unit, child, deep - 1)
    # ``a if test else b``: the first and the last child.
    elif node.type in {"list_splat", "conditional_expression"}:
        for child in parts_of(node)[:1] if node.type == "list_splat" else parts_of(node)[::2]:
            yield from _parts(unit, child, deep - 1)
    elif node.type == "call" and unit.call_in(node, PARTIAL) is None and _is_display_call(node):
        positional, _, _ = arguments_of(node)
        for child in positional:
            yield from _parts(unit, child, deep - 1)
    elif node.type == "identifier":
        values = list(assigned_values(unit, node))
        for value in values:
            yield from _parts(unit, value, deep - 1)
        if not values:
            yield node
    elif node.type in {"attribute", "call", "lambda"}:
        yield node


def _is_display_call(call: Node) -> bool:
    callee = field(call, "function")
    return callee is not None and text_of(callee) in {"list", "set", "tuple"}


def assigned_values(unit: Unit, name: Node) -> Iterator[Node]:
    """The calls, lists and comprehensions that the function around a name assigns to it, and what it appends."""
    function = unit.function(name)
    body = field(function, "body") if function is not None else None
    spelled = text_of(name)
    for node in own(body, _WRITES) if body is not None else ():
        if node.type == "assignment":
            target, value = field(node, "left"), field(node, "right")
            if target is not None and value is not None and text_of(target) == spelled and unwrap(value).type in _HELD:
                yield value
        elif (callee := field(node, "function")) is not None and text_of(callee) == f"{spelled}.append":
            positional, _, _ = arguments_of(node)
            yield from (one for one in positional[:1] if unwrap(one).type == "call")
