"""Run the samples of knowledge pages on this interpreter: ``python run_samples.py PAGE.md ...``.

A sample runs in asyncio's debug mode, on a loop of its own, with warnings as errors.
It fails if it raises, prints something else than its ``#>`` lines, takes too long, or leaves something behind:
an open socket, a coroutine that nobody awaited, a task that nobody asked for its error.
Only the standard library is needed, so that every Python can run it, Pyodide too.
"""

from __future__ import annotations

import argparse
import ast
import asyncio
import contextlib
import contextvars
import faulthandler
import gc
import importlib
import inspect
import io
import json
import linecache
import logging
import os
import re
import signal
import sys
import tempfile
import threading
import traceback
import types
import warnings
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import stage
from pages import PageError, Sample, Version, load_symbols, parse_range, read_samples

KNOWLEDGE = Path(__file__).parents[2] / "knowledge"
SECONDS = 10
IN_PYODIDE = sys.platform == "emscripten"
# A busy machine makes any callback slow: these reports of the debug mode are nobody's fault.
SLOW = re.compile(r"Executing .* took \d")


class TooLong(BaseException):
    """A sample ran longer than it may; not an Exception, so that no sample catches it."""


@dataclass(frozen=True)
class Failure:
    """What went wrong with one sample."""

    page: str
    card: str
    line: int
    problem: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}: {self.card}: {self.problem.partition(chr(10))[0]}"


@dataclass
class Tally:
    """How many samples of a page were run, and how many only compiled."""

    ran: int = 0
    compiled: int = 0


@dataclass
class Trace:
    """All that a sample leaves behind: what it printed, and what was reported about it."""

    stdout: io.StringIO = field(default_factory=io.StringIO)
    stderr: io.StringIO = field(default_factory=io.StringIO)
    reports: list[str] = field(default_factory=list)

    def text(self) -> str:
        """Give everything that a user of the sample would see, but for what it prints."""
        return "\n".join([self.stderr.getvalue(), *self.reports])


class Listener(logging.Handler):
    """Turns asyncio's log records into reports."""

    def __init__(self, trace: Trace) -> None:
        super().__init__(logging.WARNING)
        self.trace = trace

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the record with its traceback."""
        self.trace.reports.append(f"logged: {self.format(record)}")


def main() -> int:
    """Run the pages named on the command line; 1 if a sample failed."""
    options = parse_arguments()
    needed = options.needing
    failures: list[Failure] = []
    tallies: dict[str, Tally] = {}
    symbols = load_symbols(KNOWLEDGE)
    pages = [page.resolve() for page in options.pages]
    with scratch_folder():
        for page in pages:
            tally = tallies[page.name] = Tally()
            try:
                samples = list(read_samples(page, symbols))
            except PageError as error:
                failures.append(Failure(page.name, "", 0, str(error)))
                continue
            for sample in samples:
                if sample.holds_on(options.as_version) and (sample.needs or not needed):
                    failures += check(sample, tally)
    report(options.as_version, failures, tallies, as_json=options.json)
    return 1 if failures else 0


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("pages", nargs="+", type=Path)
    parser.add_argument("--json", action="store_true", help="report as JSON")
    parser.add_argument("--needing", action="store_true", help="only samples that need threads, sockets …")
    parser.add_argument("--as-version", default=sys.version_info[:2], type=version, help="the asyncio at hand is another Python's")
    return parser.parse_args()


def version(text: str) -> Version:
    """Read ``3.14``."""
    return parse_range(text)[0]


def report(python: Version, failures: list[Failure], tallies: dict[str, Tally], *, as_json: bool) -> None:
    """Print what happened, for people or for programs."""
    name = ".".join(map(str, python))
    if as_json:
        data = {
            "python": name,
            "pages": {page: asdict(tally) for page, tally in tallies.items()},
            "failures": [asdict(failure) for failure in failures],
        }
        print(json.dumps(data, indent=1))
        return
    for failure in failures:
        print(failure)
    for page, tally in tallies.items():
        print(f"{page} on {name}: ran {tally.ran}, compiled only {tally.compiled}")


def check(sample: Sample, tally: Tally) -> Iterator[Failure]:
    """Compile a sample and, where the machine has what it needs, run it."""
    filename = f"<{sample.page}:{sample.line}>"
    try:
        code = compile(sample.code, filename, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    except (SyntaxError, ValueError, Warning) as error:
        yield Failure(sample.page, sample.card, sample.line, f"does not compile: {error}")
        return
    if sample.needs - offered():
        tally.compiled += 1
        return
    tally.ran += 1
    linecache.cache[filename] = (len(sample.code), None, sample.code.splitlines(keepends=True), filename)
    problem = verdict(sample, observe(code, lenient=bool(sample.messages)))
    del linecache.cache[filename]
    if problem:
        yield Failure(sample.page, sample.card, sample.line, problem)


def offered() -> set[str]:
    """Tell what this machine has of the things that a sample can need."""
    if IN_PYODIDE:
        return set()
    system = "windows" if os.name == "nt" else "posix"
    return {"threads", "sockets", "processes", "signals", system}


def verdict(sample: Sample, trace: Trace) -> str:
    """Say what is wrong with a sample that left this trace; nothing if all is well."""
    printed = "".join(line.rstrip() + "\n" for line in trace.stdout.getvalue().splitlines())
    faults = [report for report in trace.reports if not SLOW.search(report)]
    if sample.messages:
        if not any(shown(message, trace.text()) for message in sample.messages):
            return f"does not show its message; it left: {trace.text().strip()[-500:]!r}"
    elif faults:
        return faults[0]
    if printed != sample.expected:
        return f"expected {sample.expected!r}, got {printed!r}"
    return ""


def shown(message: str, text: str) -> bool:
    """Find a message in a text; its ``…`` stands for anything within the line."""
    parts = [re.escape(part.strip("`")) for part in message.split("…")]
    return re.search(".*?".join(parts), text) is not None


def observe(code: types.CodeType, *, lenient: bool) -> Trace:
    """Run a sample and note all it does; lenient: let warnings be shown where they else are errors."""
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
    """Name the threads that a sample has started and not ended; one that is about to end gets a second."""
    left = [thread for thread in threading.enumerate() if thread not in before and not thread.daemon]
    for thread in left:
        thread.join(1)
    return [thread.name for thread in left if thread.is_alive()]


def describe(what: str, error: BaseException) -> str:
    """Tell of an exception: on the first line what it is and where in the sample, then its traceback."""
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
    """Forget which loop the sample before has set as the current one."""
    if IN_PYODIDE:
        importlib.import_module("pyodide_loop").install()
        return
    events: Any = asyncio.events
    set_policy = getattr(events, "_set_event_loop_policy", None) or events.set_event_loop_policy
    set_policy(None)


@contextlib.contextmanager
def watched(trace: Trace) -> Iterator[None]:
    """Catch the streams, the log, and the errors that Python can only print."""
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
    """Stop a sample that takes too long; Pyodide's loop looks after this itself."""
    if not hasattr(signal, "setitimer") or IN_PYODIDE:
        yield
        return

    def stop(*_: object) -> None:
        raise TooLong(f"the sample takes longer than {SECONDS} seconds")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, SECONDS, 1)
    faulthandler.dump_traceback_later(3 * SECONDS, exit=True, file=sys.__stderr__)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextlib.contextmanager
def scratch_folder() -> Iterator[None]:
    """Let samples write files where nobody minds."""
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            yield
        finally:
            os.chdir(before)


def in_development_mode() -> bool:
    """Tell whether the interpreter was started with ``-X dev -W error``."""
    return sys.flags.dev_mode and "error" in sys.warnoptions


if __name__ == "__main__":
    if IN_PYODIDE:
        os.environ["PYTHONASYNCIODEBUG"] = "1"
    elif not in_development_mode():
        os.execv(sys.executable, [sys.executable, "-X", "dev", "-W", "error", *sys.argv])
    status = main()
    sys.stdout.flush()
    if left_threads({threading.current_thread()}):
        os._exit(status)  # sys.exit would wait for them
    sys.exit(status)
