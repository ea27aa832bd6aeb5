"""Run the experiments behind the cards' claims on this interpreter: ``python run_experiments.py [NAME ...]``.

Only the standard library is needed, so that every Python can run it, Pyodide too.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import signal
import sys
import threading
from pathlib import Path

from claims import CLAIMS, IN_PYODIDE, Claim, outcome
from pages import Version, parse_range

FOLDER = Path(__file__).parent / "experiments"
RETRIES = 2
"""On a busy machine a child or a timer may be late; a failure by chance does not happen three times."""


def main() -> int:
    """Run all experiments, or those named; return 1 if one differs from its card."""
    options = _arguments()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background process starts with it ignored
    load()
    version: Version = options.as_version
    chosen = [claim for claim in CLAIMS if not options.names or claim.name in options.names]
    failures, ran = [], 0
    for claim in chosen:
        expected = claim.expected(version)
        if not expected or (claim.needs and IN_PYODIDE) or (options.needing and not claim.needs):
            continue
        ran += 1
        found = outcome(claim.run)
        for _ in range(RETRIES):
            found = found if found == expected[0] else outcome(claim.run)
        if found != expected[0]:
            failures.append({"name": claim.name, "card": claim.card, "expected": expected[0], "found": found})
        if options.names:
            print(claim.name, repr(found), file=sys.stderr)
    print(json.dumps({"ran": ran, "failures": failures}, indent=1, default=repr))
    return 1 if failures else 0


def load() -> list[Claim]:
    """Import the modules with experiments; return their claims."""
    if IN_PYODIDE:
        importlib.import_module("pyodide_loop").install()
    for path in sorted(FOLDER.glob("[a-z]*.py")):
        importlib.import_module(f"experiments.{path.stem}")
    return CLAIMS


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("names", nargs="*")
    parser.add_argument("--needing", action="store_true", help="only those that Pyodide cannot run")
    parser.add_argument(
        "--as-version",
        default=sys.version_info[:3],
        type=lambda text: parse_range(text)[0],
        help="the asyncio at hand is another Python's",
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    status = main()
    sys.stdout.flush()
    if not IN_PYODIDE and threading.active_count() > 1:
        os._exit(status)
    sys.exit(status)
