"""Run programs, many in one process, and say of each what it did: a JSON list of texts in, a list of records out.

It runs under every Python that the machine has, so it needs nothing but the standard library of 3.10.

Time is virtual: a loop that has nothing to do but wait for a timer moves its clock on, so that programs which sleep
for seconds end at once and always in the same order.  Real threads are waited for.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import gc
import io
import itertools
import json
import os
import re
import selectors
import signal
import sys
import types
import warnings
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import Any

_MOST_SECONDS = 5
_TICK = 1e-9  # seconds by which a look at the clock is later than the one before: what is asked first is due first
_PATIENCE = 1  # seconds for a thread, or for a call from one
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
_TASK_NUMBER = re.compile(r"Task-\d+")
_PLAIN = (type(None), bool, int, float, str, bytes)
_LISTS = (tuple, list, set, frozenset)
# What edits replace; where it is bound only that it is matters.
_OF_THE_EDIT = {"TaskGroup", "Timeout", "Handle", "TimerHandle", "Loop"}


class Stuck(BaseException):
    """The program waits for what never comes."""


class _Selector(selectors.SelectSelector):
    """Does not wait for timers."""

    loop: Loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        found = super().select(0)
        if found or (timeout is not None and timeout <= 0):
            return found
        if self.loop.threads:
            return super().select(_PATIENCE)
        if timeout is not None:
            self.loop.now += timeout
            return []
        found = super().select(_PATIENCE)
        if not found:
            raise Stuck("nothing left to wait for")
        return found


class Loop(asyncio.SelectorEventLoop):
    """An event loop whose clock moves on when there is nothing else to do."""

    made = 0

    def __init__(self) -> None:
        self.now = 1000.0
        self.threads = 0
        selector = _Selector()
        selector.loop = self
        super().__init__(selector)
        type(self).made += 1

    def time(self) -> float:
        self.now += _TICK
        return self.now

    def run_in_executor(self, executor: Any, func: Callable[..., Any], *args: Any) -> asyncio.Future[Any]:
        future = super().run_in_executor(executor, func, *args)
        self.threads += 1
        future.add_done_callback(self._thread_done)
        return future

    async def shutdown_default_executor(self, *timeout: float) -> None:
        self.threads += 1
        await super().shutdown_default_executor(*timeout)
        self.threads -= 1

    def _thread_done(self, _: object) -> None:
        self.threads -= 1


def _tidy(text: str) -> str:
    return _TASK_NUMBER.sub("Task-N", _ADDRESS.sub("", text))


def _shown(value: Any, deep: int = 3) -> str:
    """A value by what it says; objects by their type, an awaitable in ``<>``: a task by its result."""
    if isinstance(value, asyncio.Future):
        failed = not value.done() or value.cancelled() or value.exception() is not None
        return f"<{type(value).__name__ if failed else _shown(value.result(), deep)}>"
    if asyncio.iscoroutine(value) or type(value).__name__ in _OF_THE_EDIT:
        return f"<{type(value).__name__}>"
    if isinstance(value, _PLAIN):
        return _tidy(repr(value))
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_shown(k)}: {_shown(v)}" for k, v in value.items()) + "}"
    if isinstance(value, _LISTS) and deep:
        items = [_shown(one, deep - 1) for one in value]
        return f"{type(value).__name__}({', '.join(sorted(items) if isinstance(value, (set, frozenset)) else items)})"
    return type(value).__name__


def _raised(error: BaseException) -> str:
    """``ValueError('x')``, ``ExceptionGroup[KeyError('y')]``."""
    inner = getattr(error, "exceptions", None)
    if inner is not None:
        return f"{type(error).__name__}[{', '.join(sorted(map(_raised, inner)))}]"
    return _tidy(f"{type(error).__name__}{error.args!r}").replace(",)", ")")


class _Names:
    """The names that ``main`` and the module have at the end, by a profile of returns."""

    def __init__(self) -> None:
        self.found: dict[str, dict[str, str]] = {}

    def __call__(self, frame: types.FrameType, event: str, _: object) -> None:
        code = frame.f_code
        if event == "return" and code.co_filename == "<program>" and code.co_name in {"main", "<module>"}:
            self.found[code.co_name] = {
                name: _shown(value)
                for name, value in frame.f_locals.items()
                if not name.startswith((".", "__")) and not isinstance(value, (types.ModuleType, type))
            }

    def all(self) -> dict[str, str]:
        return {f"{scope} {name}": value for scope, names in self.found.items() for name, value in names.items()}


class _Logger:
    """Takes what a loop would log."""

    def __init__(self) -> None:
        self.messages: list[str] = []

    def error(self, message: str, *_: object, exc_info: Any = None) -> None:
        error = exc_info[1] if isinstance(exc_info, tuple) else exc_info
        said = _raised(error) if isinstance(error, BaseException) else ""
        self.messages.append(_tidy(f"{message.splitlines()[0]} {said}").strip())

    def __getattr__(self, _: str) -> Callable[..., None]:
        return lambda *_arguments, **_keywords: None


async def _whole(main: Callable[[], Awaitable[Any]], left: list[str]) -> Any:
    """Run ``main()`` and return its result; the tasks that it leaves are added to ``left``."""
    try:
        return await main()
    finally:
        own = asyncio.current_task()
        left += sorted(task.get_coro().__qualname__ for task in asyncio.all_tasks() if task is not own)  # type: ignore[union-attr]


def run(program: dict[str, Any]) -> dict[str, Any]:
    """One program: its output, result, exception, tasks left, names, and what it was warned of."""
    out, names, logger, left = io.StringIO(), _Names(), _Logger(), list[str]()
    record: dict[str, Any] = {"result": "-", "exception": "-", "left": left}
    asyncio.base_events.logger = logger  # type: ignore[attr-defined]
    asyncio.set_event_loop(None)
    Loop.made = 0
    space: dict[str, Any] = {"__name__": "__main__", "__file__": "program.py"}
    with _modules(program), warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        with contextlib.redirect_stdout(out), _limit():
            try:
                code = compile(program["text"], "<program>", "exec")
                sys.setprofile(names)
                exec(code, space)
                if not Loop.made and asyncio.iscoroutinefunction(space.get("main")):
                    result = asyncio.run(_whole(space["main"], left))
                    record["result"] = _shown(result) if result is not None else "-"
            except BaseException as error:
                record["exception"] = _raised(error)
            finally:
                sys.setprofile(None)
            space.clear()
            gc.collect()
    messages = [_tidy(str(one.message)).splitlines()[0] for one in warned]
    output = list(_ordered(_tidy(out.getvalue()).splitlines()))
    return record | {"output": output, "names": names.all(), "warnings": sorted(logger.messages + messages)}


@contextlib.contextmanager
def _modules(program: dict[str, Any]) -> Iterator[None]:
    """The program's other modules, as far as it imports them, each made anew."""
    made = []
    for name, text in program["files"].items():
        if re.search(rf"^\s*(?:from|import) {name}\b", program["text"], re.MULTILINE):
            module = sys.modules[name] = types.ModuleType(name)
            made.append(name)
            exec(compile(text, f"<{name}>", "exec"), module.__dict__)
    yield
    for name in made:
        del sys.modules[name]


def _ordered(lines: Iterable[str]) -> Iterator[str]:
    """The output; tasks that are cancelled together are so in no promised order, as a group keeps them in a set."""
    for is_cancelled, group in itertools.groupby(lines, lambda line: line.startswith("CancelledError")):
        same = list(group)
        yield from sorted(same) if is_cancelled else same


def _alarm(*_: object) -> None:
    raise Stuck(f"not done after {_MOST_SECONDS} s")


@contextlib.contextmanager
def _limit() -> Iterator[None]:
    """A limit of real time, where the system has one."""
    if not hasattr(signal, "setitimer"):
        yield
        return
    signal.signal(signal.SIGALRM, _alarm)
    signal.setitimer(signal.ITIMER_REAL, _MOST_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def main() -> None:
    """Answer standard input on standard output."""
    asyncio.events.new_event_loop = asyncio.new_event_loop = Loop
    gc.freeze()  # each program ends with a collection, of what it made
    records = [contextvars.Context().run(run, program) for program in json.load(sys.stdin)]
    json.dump(records, sys.stdout)
    sys.stdout.flush()
    os._exit(0)  # threads that never end would keep the process


if __name__ == "__main__":
    main()
