"""Run samples on Pythons of which no interpreter is installed: ``python stand_ins.py 3.15 PAGE.md ...``.

Two substitutes share the work.
Pyodide, from npm, is the whole of CPython as WebAssembly, but has no threads, sockets, processes or signals.
What needs those runs on the Python 3.13 at hand, with the newer asyncio, in Python, out of Pyodide's standard library.

A Python that comes out is one more entry in ``RELEASES``.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

HERE = Path(__file__).parent
DRIVER = HERE.parents[1] / "server" / "tools" / "measure" / "run_in_pyodide.mjs"
RELEASES = {"3.14": "314.0.7", "3.15": "315.0.0-alpha.2"}
"""The release of npm's ``pyodide`` for each Python; ``npm view pyodide versions`` lists them."""

_BORROWED = '''\
from __future__ import annotations


def _take_bytes(buffer, n=None):
    """Stand in for ``bytearray.take_bytes`` of 3.15."""
    taken = bytes(buffer[:n])
    del buffer[: len(taken)]
    return taken


def _snapshot(future):
    """Stand in for ``concurrent.futures.Future._get_snapshot`` of 3.15."""
    if future.cancelled() or not future.done():
        return future.done(), future.cancelled(), None, None
    error = future.exception()
    return True, False, None if error else future.result(), error


'''
"""Put at the top of each module: the older Python evaluates annotations, and lacks the names defined here."""
_CALLS = (
    (re.compile(r"([\w.]+)\.take_bytes\("), r"_take_bytes(\1, "),
    (re.compile(r"(\w+)\._get_snapshot\("), r"_snapshot(\1"),
)


def main(arguments: list[str]) -> int:
    """Run the pages both ways; return 1 if a sample failed."""
    version, *pages = arguments
    missing = lacking()
    if missing:
        print(f"cannot stand in for Python {version}: {missing}", file=sys.stderr)
        return 2
    return max(subprocess.run(command, check=False).returncode for command in commands(version, pages))


def lacking() -> str:
    """Return what is not installed; an empty string if nothing is missing."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        return "no node or no npm"
    return "" if native() else "no Python 3.13"


def commands(version: str, arguments: list[str], script: Path = HERE / "run_samples.py") -> list[list[str]]:
    """Return the two commands that run a script: as WebAssembly, then the samples that cannot run so."""
    pages = [argument if argument.startswith("-") else str(Path(argument).resolve()) for argument in arguments]
    in_pyodide = ["node", str(DRIVER), str(pyodide_folder(version)), str(script), *pages]
    with_sources = [
        "env",
        f"PYTHONPATH={newer_asyncio(version)}",
        native(),
        "-X",
        "dev",
        "-W",
        "error",
        str(script),
        "--as-version",
        version,
        "--needing",
        *pages,
    ]
    return [in_pyodide, with_sources]


def pyodide_folder(version: str) -> Path:
    """Return the folder whose node_modules has the version's Pyodide, after installing it there if necessary."""
    release = RELEASES[version]
    folder = cache() / f"pyodide-{release}"
    if not (folder / "node_modules" / "pyodide").exists():
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            ["npm", "install", "--no-audit", "--no-fund", "--silent", "--prefix", str(folder), f"pyodide@{release}"],
            check=True,
        )
    return folder


def newer_asyncio(version: str) -> Path:
    """Unpack a version's asyncio beside Pyodide, adapted to 3.13 without its C half; return its parent folder."""
    folder = pyodide_folder(version)
    sources = folder / "asyncio-on-3.13"
    if not sources.exists():
        unpacked = folder / "unpacking"
        shutil.rmtree(unpacked, ignore_errors=True)
        with zipfile.ZipFile(folder / "node_modules" / "pyodide" / "python_stdlib.zip") as library:
            library.extractall(unpacked, [name for name in library.namelist() if name.startswith("asyncio/")])
        for module in (unpacked / "asyncio").glob("*.py"):
            module.write_text(_BORROWED + _adapted(module.read_text(encoding="utf-8")), encoding="utf-8")
        # The interpreter's own _asyncio belongs to the older asyncio: hide it.
        (unpacked / "_asyncio.py").write_text('raise ImportError("no C half for this asyncio")\n', encoding="utf-8")
        unpacked.rename(sources)
    return sources


def _adapted(source: str) -> str:
    for pattern, replacement in _CALLS:
        source = pattern.sub(replacement, source)
    return source


def cache() -> Path:
    """Return the folder in which tests keep downloads."""
    named = os.environ.get("LOOPWISE_TEST_CACHE")
    return Path(named) if named else Path.home() / ".cache" / "loopwise-tests"


def native() -> str:
    """Return a Python 3.13, from pyenv or from the path; an empty string if there is none."""
    installed = sorted(Path.home().glob(".pyenv/versions/3.13.*/bin/python"))
    return str(installed[-1]) if installed else shutil.which("python3.13") or ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
