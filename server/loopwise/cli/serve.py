"""``loopwise serve``: the language server."""

from __future__ import annotations

import argparse
import importlib.util
import logging
import os
import signal
import sys
from collections.abc import Callable

from loopwise.cli.arguments import Parser, Refused
from loopwise.lsp.server import make_server

_LAST_PORT = 65535  # of TCP
_FORMAT = "%(levelname)s %(name)s: %(message)s"


def add_arguments(parser: Parser) -> None:
    parser.epilog = "Without options, it uses standard input and output, as editors expect."
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--tcp", type=int, metavar="PORT", help="listen on a local TCP port instead")
    way.add_argument("--ws", type=int, metavar="PORT", help="listen on a local WebSocket port instead")
    parser.add_argument(
        "--origin",
        action="append",
        default=[],
        metavar="URL",
        help="with --ws: allow web pages from this origin, such as http://localhost:3000 (default: none)",
    )
    levels = ("error", "warning", "info", "debug")
    parser.add_argument("--log-level", default="warning", choices=levels, help="the log level on standard error")


def run(options: argparse.Namespace) -> int:
    """Serve one client; returns the protocol's exit code: 0 after ``shutdown`` and ``exit``, else 1."""
    logging.basicConfig(level=options.log_level.upper(), stream=sys.stderr, format=_FORMAT)
    _check(options)
    # The thread that reads standard input cannot be interrupted, and would keep the process.
    signal.signal(signal.SIGINT, lambda *_: os._exit(130))
    server = make_server()
    if options.tcp is not None:
        from loopwise.lsp.transport import tcp

        _listen(lambda host, port: tcp.listen(server, host, port), options.tcp)
    elif options.ws is not None:
        from loopwise.lsp.transport import websocket

        _listen(lambda host, port: websocket.listen(server, host, port, options.origin), options.ws)
    else:
        from loopwise.lsp.transport import stdio

        stdio.listen(server)
    return 0 if server.shut_down else 1


def _listen(start: Callable[[str, int], None], port: int) -> None:
    try:
        start("127.0.0.1", port)
    except OSError as error:
        raise Refused(f"cannot listen on port {port} of 127.0.0.1: {error.strerror}; try another port") from error


def _check(options: argparse.Namespace) -> None:
    port = options.tcp if options.tcp is not None else options.ws
    if port is not None and not 0 < port <= _LAST_PORT:
        raise Refused(f"{port} is not a valid port: use one from 1024 to {_LAST_PORT}")
    if options.origin and options.ws is None:
        raise Refused("--origin requires --ws with a port")
    if options.ws is not None and importlib.util.find_spec("websockets") is None:
        raise Refused("--ws requires the websockets package: install `loopwise[ws]`")
