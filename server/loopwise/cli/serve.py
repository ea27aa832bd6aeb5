"""``loopwise serve``: the language server."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys

from loopwise.cli.arguments import Parser
from loopwise.lsp.server import make_server

_FORMAT = "%(levelname)s %(name)s: %(message)s"


def add_arguments(parser: Parser) -> None:
    parser.epilog = "Without options it speaks the protocol on standard input and output, as editors expect."
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--tcp", type=int, metavar="PORT", help="listen on a TCP port of this machine instead")
    way.add_argument("--ws", type=int, metavar="PORT", help="listen on a WebSocket port of this machine instead")
    levels = ("error", "warning", "info", "debug")
    parser.add_argument("--log-level", default="warning", choices=levels, help="how much to log on standard error")


def run(options: argparse.Namespace) -> int:
    """Serve one client; the exit code is the protocol's: 0 after ``shutdown`` and ``exit``, else 1."""
    logging.basicConfig(level=options.log_level.upper(), stream=sys.stderr, format=_FORMAT)
    # The thread that reads standard input cannot be interrupted, and would keep the process.
    signal.signal(signal.SIGINT, lambda *_: os._exit(130))
    server = make_server()
    if options.tcp is not None:
        server.start_tcp("127.0.0.1", options.tcp)
    elif options.ws is not None:
        server.start_ws("127.0.0.1", options.ws)
    else:
        server.start_io()
    return 0 if server.shut_down else 1
