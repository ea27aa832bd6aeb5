"""Starts the language server: with the libraries beside this file, or with those of this Python's environment.

LOOPWISE_IMPORTS is `useBundled` or `fromEnvironment`.  What the extension asks about a Python stands in `probe.py`.
"""

import importlib.util
import os
import sys

LIBS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "libs")


def main() -> int:
    """Serve; the exit code is the protocol's."""
    # The folder of this file, which is first on the path, has nothing to import.
    sys.path[:] = [place for place in sys.path[1:] if place]
    wanted = os.environ.pop("LOOPWISE_IMPORTS", "useBundled")
    if wanted != "fromEnvironment" or importlib.util.find_spec("loopwise") is None:
        if wanted == "fromEnvironment":
            print("This environment has no loopwise: the bundled one is used.", file=sys.stderr)
        sys.path.insert(0, LIBS)
        os.environ["PYTHONPATH"] = LIBS  # for the processes that the server starts
    from loopwise import __version__
    from loopwise.cli.main import main as run

    print(f"Loopwise {__version__} on Python {sys.version.split()[0]}", file=sys.stderr)
    return run(["serve", *sys.argv[1:]])


if __name__ == "__main__":
    raise SystemExit(main())
