"""``loopwise serve``: the language server."""

from __future__ import annotations

import argparse
import logging
import sys

from loopwise.lsp.server import make_server


def run(options: argparse.Namespace) -> int:
    """Serve one client; the exit code is the protocol's: 0 after ``shutdown`` and ``exit``, else 1."""
    logging.basicConfig(level=options.log_level.upper(), stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")
    server = make_server()
    if options.tcp is not None:
        server.start_tcp("127.0.0.1", options.tcp)
    elif options.ws is not None:
        server.start_ws("127.0.0.1", options.ws)
    else:
        server.start_io()
    return 0 if server.session.shut_down else 1
