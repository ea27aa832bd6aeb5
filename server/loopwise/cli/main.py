"""The ``loopwise`` command: finds the subcommand and passes the arguments on."""

from __future__ import annotations

import argparse
import errno
import io
import os
import sys
from collections.abc import Sequence
from typing import Protocol

from loopwise import __version__
from loopwise.cli.arguments import Parser, Refused, complaint
from loopwise.cli.garbage import collect_rarely

COMMANDS = {
    "serve": "Run the language server (started by your editor).",
    "explain": "Explain a name, a keyword, an error message, a traceback or a log.",
    "check": "Find problems in asyncio code and fix them.",
    "cheatsheet": "Show the asyncio cheatsheet by page.",
    "hover": "Show the hover at a position in a file.",
    "complete": "Show the completions at a position in a file.",
    "graph": "Show what a program awaits, starts, hands over and blocks, from its entry points.",
    "make-async": "Make a function async in all files of the project, callers included.",
    "demo": "Show the server at work: its hovers, findings and completions for a file.",
}

_EXAMPLES = """\
examples:
  loopwise demo
  loopwise check src --fix
  loopwise explain gather
  loopwise explain "coroutine 'main' was never awaited"
  loopwise hover app.py:12:8
"""


_FULL = frozenset({errno.ENOSPC, errno.EFBIG, errno.EIO, getattr(errno, "EDQUOT", errno.ENOSPC)})


class Command(Protocol):
    """The interface of a subcommand's module."""

    def add_arguments(self, parser: Parser) -> None: ...

    def run(self, options: argparse.Namespace) -> int: ...


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code: 0 fine, 1 nothing found, 2 bad input."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if not given and not sys.stdin.isatty():
        given = ["serve"]
    try:
        code = _run(given)
        if not sys.stdout.closed:  # the server closes it
            sys.stdout.flush()
        return code
    except SystemExit as end:  # argparse, after help or a complaint
        return end.code if isinstance(end.code, int) else 2
    except Refused as refusal:
        _say(str(refusal))
        return 2
    except BrokenPipeError:
        _write_no_more()
        return 1
    except OSError as error:
        if error.errno not in _FULL:
            raise
        _write_no_more()
        _say(f"The output cannot be written ({error.strerror}): free some space, or write it elsewhere")
        return 2
    except KeyboardInterrupt:
        return 130


def _write_no_more() -> None:
    """Discard what is still to be written to standard output, also by the interpreter at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run(given: list[str]) -> int:
    if not given or given[0] not in COMMANDS:
        return _overview(given)
    name, *rest = given
    if name != "serve":
        collect_rarely()
    command = _command(name)
    parser = Parser(f"loopwise {name}", COMMANDS[name])
    command.add_arguments(parser)
    options = parser.options(rest)
    if name != "serve" and isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    if name == "serve":
        return command.run(options)
    from loopwise.problem import listen  # The server has its answer to `initialize` before it needs more than this.

    with listen(lambda problem: _say(str(problem))):
        return command.run(options)


def _say(text: str) -> None:
    sys.stderr.write(complaint(text))


def _command(name: str) -> Command:
    """The module of a command; no other is imported, because start-up time counts."""
    if name == "serve":
        from loopwise.cli import serve

        return serve
    if name == "check":
        from loopwise.cli.check import command as check

        return check
    if name == "explain":
        from loopwise.cli.explain import command as explain

        return explain
    if name == "cheatsheet":
        from loopwise.cli import cheatsheet

        return cheatsheet
    if name == "hover":
        from loopwise.cli import hover

        return hover
    if name == "complete":
        from loopwise.cli import complete

        return complete
    if name == "make-async":
        from loopwise.cli import make_async

        return make_async
    if name == "graph":
        from loopwise.cli.graph import command as graph

        return graph
    from loopwise.cli.demo import command as demo

    return demo


def _overview(given: list[str]) -> int:
    """Handle ``-h``, ``--version``, an empty command line, or an unknown command."""
    parser = Parser("loopwise", "A language server that knows asyncio, and its cheatsheet in the terminal.")
    parser.usage = "loopwise COMMAND ... (see `loopwise COMMAND --help`)"
    commands = "\n".join(f"  {name:<11} {line}" for name, line in COMMANDS.items())
    parser.epilog = f"commands:\n{commands}\n\n{_EXAMPLES}"
    parser.add_argument("--version", action="version", version=f"loopwise {__version__}")
    parser.add_argument("command", nargs="?", help=argparse.SUPPRESS)
    options, unknown = parser.parse_known_args(given)
    if options.command is None and unknown:
        parser.error(f"unknown option `{unknown[0]}`")
    if options.command is None:
        parser.print_help()
        return 2
    from difflib import get_close_matches  # Only a mistake needs it.

    close = get_close_matches(options.command, COMMANDS, 1)
    advice = f"did you mean `{close[0]}`?" if close else f"the commands are {', '.join(COMMANDS)}"
    raise Refused(f"unknown command `{options.command}`: {advice}")
