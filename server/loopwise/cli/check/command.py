"""``loopwise check``: reports findings in files and folders, and fixes the files."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path

from loopwise.cli.arguments import Parser, Refused, add_target
from loopwise.cli.check import formats
from loopwise.cli.check.files import existing
from loopwise.cli.check.notebook import SUFFIX
from loopwise.cli.check.options import CheckOptions, listed
from loopwise.cli.check.report import FileError, FileResult
from loopwise.cli.check.result import RunResult
from loopwise.cli.check.session import RunOptions, Session
from loopwise.cli.check.source import decoded, notebook
from loopwise.diagnosis.selection import unknown_rules

_EPILOG = """\
examples:
  loopwise check
  loopwise check src tests --fix
  loopwise check --select blocking-sleep,LW1 --output-format json app.py
  loopwise check - --stdin-filename src/app.py < src/app.py

Folders are checked recursively, except for paths excluded by .gitignore or by
`exclude` in [tool.loopwise]. Settings come from the nearest pyproject.toml.
--fix applies only safe fixes; review what --unsafe-fixes changes.

With --output-format json: an array of objects with the keys path, line, column,
end_line, end_column (counted from 1, columns in code points), code, name,
severity, message, fix (null, or title, safe, edits) and related.

The exit code is 0 if all checks pass, 1 if a problem is found (or, with --diff,
if something would change), 2 if a file, the input or the settings are unusable.
"""


def add_arguments(parser: Parser) -> None:
    parser.epilog, parser.appendix = _EPILOG, _formats_help
    parser.add_argument(
        "paths", nargs="*", metavar="PATH", help="files and folders (default: the current folder); - for stdin"
    )
    parser.add_argument("--output-format", "--format", choices=formats.names(), default="text", help="default: text")
    _add_fixes(parser)
    _add_rules(parser)
    parser.add_argument("-q", "--quiet", action="store_true", help="print only findings")
    parser.add_argument("--statistics", action="store_true", help="print only the number of findings per rule")
    parser.add_argument("--watch", action="store_true", help="check again whenever a file changes")
    parser.add_argument("--stdin-filename", metavar="FILE", help="the path of the text from stdin")
    parser.add_argument(
        "--force-exclude", action="store_true", help="apply exclusions even to paths given as arguments"
    )
    parser.add_argument("--no-cache", action="store_true", help="neither read nor write the cache")
    parser.add_argument("--jobs", type=_jobs, metavar="N", help="the number of processes (default: one per CPU)")
    parser.add_argument("--exit-zero", action="store_true", help="exit with 0 even if problems are found")


def _formats_help() -> str:
    lines = [f"  {name:<8}{text}" for name, text in formats.descriptions().items()]
    return "\n".join(["\noutput formats:", *lines]) + "\n"


def _add_fixes(parser: Parser) -> None:
    parser.add_argument("--fix", action="store_true", help="apply safe fixes")
    parser.add_argument("--unsafe-fixes", action="store_true", help="with --fix or --diff: apply the other fixes too")
    parser.add_argument("--diff", action="store_true", help="show what --fix would change without changing it")


def _add_rules(parser: Parser) -> None:
    said = {
        "--select": "enable only these rules: comma-separated names, codes or code prefixes, or ALL",
        "--ignore": "disable these rules",
        "--extend-select": "enable these rules in addition to the others",
    }
    for option, text in said.items():
        parser.add_argument(option, action="append", metavar="RULES", help=text)
    add_target(parser)


def run(options: argparse.Namespace) -> int:
    """Check, and show the findings."""
    _refuse(options)
    # What ends the process ends it as an exception does: no half-written file stays beside the one that is fixed.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    run_options = RunOptions(
        CheckOptions.of(options),
        options.jobs or _processors(),
        not options.no_cache,
        options.diff,
        options.force_exclude,
        options.quiet,
    )
    if options.paths == ["-"]:
        return _stdin(options, run_options)
    session = Session(existing(options.paths or ["."]), run_options)

    def show(result: RunResult) -> int:
        _writer(options)(result)
        return result.code(exit_zero=options.exit_zero)

    if options.watch:
        from loopwise.cli.check.watch import watch

        return watch(session, show)
    return show(session.run())


def _refuse(options: argparse.Namespace) -> None:
    """Raise ``Refused`` for incompatible options."""
    stdin = "-" in options.paths
    if stdin and (len(options.paths) > 1 or options.watch):
        raise Refused("`-` reads from standard input: remove other paths and --watch")
    if options.stdin_filename and not stdin:
        raise Refused("--stdin-filename names the text from standard input: pass `-` as the path")
    if options.diff and options.output_format != "text":
        raise Refused(f"--diff prints a diff: remove --output-format {options.output_format}")
    if options.statistics and options.output_format not in {"text", "json"}:
        raise Refused(f"--statistics supports only text and json: remove --output-format {options.output_format}")
    for option in ("select", "extend_select", "ignore"):
        words = listed(getattr(options, option))
        for problem in unknown_rules({option.replace("_", "-"): words}, ""):
            raise Refused(f"--{option.replace('_', '-')}: {problem.message}")


def _stdin(options: argparse.Namespace, run_options: RunOptions) -> int:
    """Check standard input; with ``--fix``, write the fixed text to standard output and the rest to standard error."""
    data, name = sys.stdin.buffer.read(), options.stdin_filename or "-"
    path = Path(os.path.abspath(name)) if options.stdin_filename else None
    session = Session([options.stdin_filename or "."], run_options)
    text = notebook(data) if name.endswith(SUFFIX) else decoded(data)
    if isinstance(text, FileError):
        result = RunResult((FileResult(name, error=text),), run_options.diff)
    elif session.wants(path):
        result = session.text(text, path, name)
    else:
        result = RunResult((FileResult(name),), run_options.diff)
    checked = result.files[0]
    if run_options.check_options.fix and not run_options.diff:
        sys.stdout.flush()
        sys.stdout.buffer.write(checked.after or data)
        with redirect_stdout(sys.stderr):
            _writer(options)(result)
    else:
        _writer(options)(result)
    return result.code(exit_zero=options.exit_zero)


def _writer(options: argparse.Namespace) -> Callable[[RunResult], None]:
    """The function that shows a result; only its module is imported."""
    if options.diff:
        from loopwise.cli.check import diff

        return diff.write
    if options.statistics:
        from loopwise.cli.check import statistics

        return lambda result: statistics.write(result, as_json=options.output_format == "json")
    if options.output_format == "text" and (sys.stdout.isatty() or os.environ.get("FORCE_COLOR")):
        from loopwise.cli.check import terminal  # Costs 0.2 s.

        return terminal.write
    return formats.writer(options.output_format)


def _jobs(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of processes: write 1 or more")
    return int(text)


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0)) or 1
    return os.cpu_count() or 1
