"""Runs a piece of code as Python would run a program, and records everything that it leaves behind."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import faulthandler
import gc
import importlib
import inspect
import io
import logging
import os
import signal
import sys
import tempfile
import threading
import traceback
import types
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import stage

SECONDS = 10
IN_PYODIDE = sys.platform == "emscripten"


class TooLong(BaseException):
    """Raised when a sample runs longer than allowed; not an Exception, so that no sample catches it."""


@dataclass
class Trace:
    """Everything that a sample leaves behind: its output, and reports about it."""

    stdout: io.StringIO = field(default_factory=io.StringIO)
    stderr: io.StringIO = field(default_factory=io.StringIO)
    reports: list[str] = field(default_factory=list)

    def text(self) -> str:
        """Return all text that a user of the sample would see, except its output."""
        return "\n".join([self.stderr.getvalue(), *self.reports])


class Listener(logging.Handler):
    """Turns asyncio's log records into reports."""

    def __init__(self, trace: Trace) -> None:
        super().__init__(logging.WARNING)
        self.trace = trace

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the record with its traceback."""
        self.trace.reports.append(f"logged: {self.format(record)}")


def observe(code: types.CodeType, *, lenient: bool) -> Trace:
    """Run a sample and record its effects; if ``lenient``, warnings are shown instead of raised."""
    trace, before = Trace(), set(threading.enumerate())
    with watched(trace), warnings.catch_warnings():
        warnings.simplefilter("always" if lenient else "error")
        module = types.ModuleType("__main__")
        module.__dict__.update(asyncio=asyncio, fetch=stage.fetch, urls=list(stage.urls), work=stage.work)
        try:
            with time_limit():
                contextvars.copy_context().run(run, code, module)
        except BaseException as error:
            trace.reports.append(describe("raised", error))
            del error
        module.__dict__.clear()
        for _ in range(3):
            gc.collect()
        trace.reports += [f"leaves a thread running: {name}" for name in left_threads(before)]
    return trace


def left_threads(before: set[threading.Thread]) -> list[str]:
    """Name the threads that a sample has started and not ended; a thread that is about to end gets a second."""
    left = [thread for thread in threading.enumerate() if thread not in before and not thread.daemon]
    for thread in left:
        thread.join(1)
    return [thread.name for thread in left if thread.is_alive()]


def describe(what: str, error: BaseException) -> str:
    """Describe an exception: first a line with its kind and its place in the sample, then its traceback."""
    steps = [step for step in traceback.extract_tb(error.__traceback__) if step.filename.startswith("<")]
    where = f" (line {steps[-1].lineno} of the sample)" if steps else ""
    return f"{what} {type(error).__name__}: {error}{where}\n" + "".join(traceback.format_exception(error))


def run(code: types.CodeType, module: types.ModuleType) -> None:
    """Run a sample as the main module, inside a coroutine if it awaits at its top level."""
    before = sys.modules["__main__"]
    sys.modules["__main__"] = module
    fresh_policy()
    try:
        if code.co_flags & inspect.CO_COROUTINE:
            asyncio.run(eval(code, module.__dict__))
        else:
            exec(code, module.__dict__)
    finally:
        sys.modules["__main__"] = before


def fresh_policy() -> None:
    """Forget the loop that the previous sample set as current."""
    if IN_PYODIDE:
        importlib.import_module("pyodide_loop").install()
        return
    events: Any = asyncio.events
    set_policy = getattr(events, "_set_event_loop_policy", None) or events.set_event_loop_policy
    set_policy(None)


@contextlib.contextmanager
def watched(trace: Trace) -> Iterator[None]:
    """Capture the streams, the log, and the errors that Python can only print."""
    root, logger, listener = logging.getLogger(), logging.getLogger("asyncio"), Listener(trace)
    handlers, level, hooks = root.handlers[:], root.level, (sys.unraisablehook, threading.excepthook)

    def unraisable(args: Any) -> None:
        trace.reports.append(describe("could not raise", args.exc_value))

    sys.unraisablehook = threading.excepthook = unraisable
    logger.addHandler(listener)
    try:
        with contextlib.redirect_stdout(trace.stdout), contextlib.redirect_stderr(trace.stderr):
            yield
    finally:
        logger.removeHandler(listener)
        root.handlers[:], root.level = handlers, level
        sys.unraisablehook, threading.excepthook = hooks


@contextlib.contextmanager
def time_limit() -> Iterator[None]:
    """Stop a sample that takes too long; Pyodide's loop does this itself."""
    if not hasattr(signal, "setitimer") or IN_PYODIDE:
        yield
        return

    def stop(*_: object) -> None:
        raise TooLong(f"the sample takes longer than {SECONDS} seconds")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, SECONDS, 1)
    faulthandler.dump_traceback_later(3 * SECONDS, exit=True, file=2)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextlib.contextmanager
def scratch_folder() -> Iterator[None]:
    """Let samples write files in a temporary folder."""
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            yield
        finally:
            os.chdir(before)
