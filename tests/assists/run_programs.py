"""Run programs, many in one process, and say of each what it did: a JSON list of texts in, a list of records out.

It runs under every Python that the machine has, so it needs nothing but the standard library of 3.10.

Time is virtual: a loop that has nothing to do but wait for a timer moves its clock on, so that programs which sleep
for seconds end at once and always in the same order.  Real threads are waited for.
"""

import asyncio
import contextlib
import contextvars
import gc
import io
import itertools
import json
import re
import selectors
import signal
import sys
import types
import warnings

_MOST_SECONDS = 5
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
_TASK_NUMBER = re.compile(r"Task-\d+")
_PLAIN = (type(None), bool, int, float, str, bytes)
_OF_THE_EDIT = {"TaskGroup", "Timeout", "Handle", "TimerHandle", "Loop"}
_LISTS = (tuple, list, set, frozenset, dict)


class Stuck(BaseException):
    """The program waits for what never comes."""


class _Selector(selectors.SelectSelector):
    """Does not wait for timers."""

    def __init__(self):
        super().__init__()
        self.loop = None

    def select(self, timeout=None):
        found = super().select(0)
        if found or (timeout is not None and timeout <= 0):
            return found
        if self.loop.threads:
            return super().select(1)
        if timeout is None:
            found = super().select(1)
            if not found:
                raise Stuck("nothing left to wait for")
            return found
        self.loop.now += timeout
        return []


class Loop(asyncio.SelectorEventLoop):
    """An event loop whose clock moves on when there is nothing else to do."""

    made = 0

    def __init__(self):
        self.now = 1000.0
        self.threads = 0
        selector = _Selector()
        selector.loop = self
        super().__init__(selector)
        type(self).made += 1

    def time(self):
        return self.now

    def run_in_executor(self, executor, func, *args):
        future = super().run_in_executor(executor, func, *args)
        self.threads += 1
        future.add_done_callback(self._thread_done)
        return future

    async def shutdown_default_executor(self, *timeout):
        self.threads += 1
        await super().shutdown_default_executor(*timeout)
        self.threads -= 1

    def _thread_done(self, _):
        self.threads -= 1


asyncio.events.new_event_loop = asyncio.new_event_loop = Loop


def _tidy(text):
    return _TASK_NUMBER.sub("Task-N", _ADDRESS.sub("", text))


def _shown(value, deep=3):
    """A value by what it says; objects by their type, a task by its result."""
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


def _raised(error):
    """``ValueError('x')``, ``ExceptionGroup[KeyError('y')]``."""
    inner = getattr(error, "exceptions", None)
    if inner is not None:
        return f"{type(error).__name__}[{', '.join(sorted(map(_raised, inner)))}]"
    return _tidy(f"{type(error).__name__}{error.args!r}").replace(",)", ")")


class _Names:
    """The names that ``main`` and the module have at the end, by a profile of returns."""

    def __init__(self):
        self.found = {}

    def __call__(self, frame, event, _):
        if event == "return" and frame.f_code.co_filename == "<program>":
            if frame.f_code.co_name in {"main", "<module>"}:
                self.found[frame.f_code.co_name] = {
                    name: _shown(value)
                    for name, value in frame.f_locals.items()
                    if not name.startswith((".", "__")) and not isinstance(value, (types.ModuleType, type))
                }


async def _whole(main):
    """What ``main()`` returns, and the tasks that it leaves."""
    try:
        return await main(), _left()
    except BaseException as error:
        error.tasks_left = _left()
        raise


def _left():
    own = asyncio.current_task()
    return sorted(task.get_coro().__qualname__ for task in asyncio.all_tasks() if task is not own)


def _alarm(*_):
    raise Stuck(f"not done after {_MOST_SECONDS} s")


class _Handler:
    """Takes what a loop would log."""

    def __init__(self):
        self.messages = []

    def error(self, message, *_, **more):
        error = more.get("exc_info")
        error = error[1] if isinstance(error, tuple) else error
        self.messages.append(_tidy(f"{message.splitlines()[0]} {_raised(error) if error else ''}").strip())

    def warning(self, message, *args, **more):
        pass

    debug = info = warning
    exception = critical = error

    @staticmethod
    def isEnabledFor(_):
        return False


def run(program):
    """One program: its output, result, exception, tasks left, names, and what it was warned of."""
    out, names, log = io.StringIO(), _Names(), _Handler()
    record = {"result": "-", "exception": "-", "left": []}
    before = set(sys.modules)
    asyncio.base_events.logger = asyncio.log.logger = log
    asyncio.events.set_event_loop(None)
    Loop.made = 0
    for name, text in program["files"].items():
        if not re.search(rf"^\s*(?:from|import) {name}\b", program["text"], re.MULTILINE):
            continue
        module = sys.modules[name] = types.ModuleType(name)
        exec(compile(text, f"<{name}>", "exec"), module.__dict__)
    space = {"__name__": "__main__", "__file__": "program.py"}
    with warnings.catch_warnings(record=True) as warned, contextlib.redirect_stdout(out), _limit():
        warnings.simplefilter("always")
        try:
            code = compile(program["text"], "<program>", "exec")
            sys.setprofile(names)
            exec(code, space)
            if not Loop.made and asyncio.iscoroutinefunction(space.get("main")):
                result, record["left"] = asyncio.run(_whole(space["main"]))
                record["result"] = _shown(result) if result is not None else "-"
        except BaseException as error:
            sys.setprofile(None)
            record["exception"] = _raised(error)
            record["left"] = getattr(error, "tasks_left", [])
            del error
        sys.setprofile(None)
        space.clear()
        gc.collect()
    for name in set(sys.modules) - before & program["files"].keys():
        del sys.modules[name]
    record["output"] = list(_ordered(_tidy(out.getvalue()).splitlines()))
    record["names"] = {f"{scope} {name}": value for scope, all_ in names.found.items() for name, value in all_.items()}
    record["warnings"] = sorted(log.messages + [_tidy(str(one.message)).splitlines()[0] for one in warned])
    return record


def _ordered(lines):
    """The output; tasks that are cancelled together are so in no promised order, as a group keeps them in a set."""
    for cancelled, group in itertools.groupby(lines, lambda line: line.startswith("CancelledError")):
        yield from sorted(group) if cancelled else group


@contextlib.contextmanager
def _limit():
    if not hasattr(signal, "setitimer"):
        yield
        return
    signal.signal(signal.SIGALRM, _alarm)
    signal.setitimer(signal.ITIMER_REAL, _MOST_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def main():
    """Answer standard input on standard output."""
    real = sys.stdout
    programs = json.load(sys.stdin)
    records = [contextvars.Context().run(run, program) for program in programs]
    json.dump(records, real)
    real.flush()
    # Threads that never end must not keep the process.
    import os

    os._exit(0)


if __name__ == "__main__":
    main()
