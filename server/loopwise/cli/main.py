"""The ``loopwise`` command: which subcommand, with which arguments."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from loopwise import __version__


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; gives the exit code: 0 fine, 1 nothing found, 2 bad input."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if not given and not sys.stdin.isatty():
        given = ["serve"]
    parser = _parser()
    options = parser.parse_args(given)
    if options.command == "serve":
        from loopwise.cli import serve

        return serve.run(options)
    parser.print_help()
    return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="loopwise", description="A language server that knows asyncio.")
    parser.add_argument("--version", action="version", version=f"loopwise {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    serve = commands.add_parser("serve", help="run the language server (standard input and output)")
    way = serve.add_mutually_exclusive_group()
    way.add_argument("--tcp", type=int, metavar="PORT", help="listen on a loopback TCP port instead")
    way.add_argument("--ws", type=int, metavar="PORT", help="listen on a loopback WebSocket port instead")
    serve.add_argument("--log-level", default="warning", choices=("error", "warning", "info", "debug"))
    return parser
