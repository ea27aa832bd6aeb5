"""Run the samples of knowledge pages on this interpreter: ``python run_samples.py PAGE.md ...``.

A sample runs in asyncio's debug mode, on a loop of its own, with warnings as errors.
It fails if it raises, prints something else than its ``#>`` lines, takes too long, or leaves something behind:
an open socket, a coroutine that was never awaited, a task whose error was never retrieved.
Only the standard library is needed, so that every Python can run it, Pyodide too.
"""

from __future__ import annotations

import argparse
import ast
import gc
import json
import linecache
import os
import re
import signal
import sys
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from pages import PageError, Sample, Version, load_symbols, parse_range, read_samples
from sandbox import IN_PYODIDE, Trace, left_threads, observe, scratch_folder

KNOWLEDGE = Path(__file__).parents[2] / "knowledge"
# A busy machine makes any callback slow: these reports of the debug mode are no failures.
SLOW = re.compile(r"Executing .* took \d")


@dataclass(frozen=True)
class Failure:
    """The failure of one sample."""

    page: str
    card: str
    line: int
    problem: str

    def __str__(self) -> str:
        """Write it in one line."""
        headline = self.problem.partition("\n")[0]
        return f"{self.page}:{self.line}: {self.card}: {headline}"


@dataclass
class Tally:
    """Numbers of samples of a page that were run, and that were only compiled."""

    ran: int = 0
    compiled: int = 0


def main() -> int:
    """Run the pages named on the command line; return 1 if a sample failed."""
    # What runs in the background (or under nohup) may start with signals ignored, and so would the samples' children.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
    options = parse_arguments()
    needed = options.needing
    failures: list[Failure] = []
    tallies: dict[str, Tally] = {}
    symbols = load_symbols(KNOWLEDGE)
    pages = [page.resolve() for page in options.pages]
    gc.freeze()  # what exists now need not be looked at after each sample
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
    """Parse the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("pages", nargs="+", type=Path)
    parser.add_argument("--json", action="store_true", help="report as JSON")
    parser.add_argument("--needing", action="store_true", help="only samples that need threads, sockets …")
    parser.add_argument(
        "--as-version", default=sys.version_info[:2], type=version, help="the asyncio at hand is another Python's"
    )
    return parser.parse_args()


def version(text: str) -> Version:
    """Parse ``3.14``."""
    return parse_range(text)[0]


def report(python: Version, failures: list[Failure], tallies: dict[str, Tally], *, as_json: bool) -> None:
    """Print the results, for people or as JSON."""
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
    """Compile a sample and, if the machine has its requirements, run it."""
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
    """Return the requirements of samples that this machine meets."""
    if IN_PYODIDE:
        return set()
    system = "windows" if os.name == "nt" else "posix"
    return {"threads", "sockets", "processes", "signals", system}


def verdict(sample: Sample, trace: Trace) -> str:
    """Return the problem with a sample that left this trace; an empty string if there is none."""
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
    """Is a message in a text? Its ``…`` matches anything within the line."""
    parts = [re.escape(part.strip("`")) for part in message.split("…")]
    return re.search(".*?".join(parts), text) is not None


def in_development_mode() -> bool:
    """Was the interpreter started with ``-X dev -W error``?"""
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
