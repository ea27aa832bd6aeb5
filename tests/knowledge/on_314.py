"""Run samples on Python 3.14 where none is installed: ``python on_314.py PAGE.md ...``.

Two substitutes share the work.
Pyodide, from npm, is the whole of CPython 3.14 as WebAssembly, but has no threads, sockets, processes or signals.
What needs those runs on the Python 3.13 at hand, with 3.14's own asyncio, in Python, out of Pyodide's standard library.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

HERE = Path(__file__).parent
DRIVER = HERE.parents[1] / "server" / "tools" / "run_in_pyodide.mjs"
PYODIDE = "314.0.7"


def main(arguments: list[str]) -> int:
    """Run the pages both ways; 1 if a sample failed."""
    missing = lacking()
    if missing:
        print(f"cannot stand in for Python 3.14: {missing}", file=sys.stderr)
        return 2
    folder = pyodide_folder()
    return max(subprocess.run(command, check=False).returncode for command in commands(folder, arguments))


def lacking() -> str:
    """Say what is not installed; nothing if all is there."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        return "no node or no npm"
    return "" if native() else "no Python 3.13"


def commands(folder: Path, arguments: list[str]) -> list[list[str]]:
    """Give the two commands that run the samples."""
    pages = [argument if argument.startswith("-") else str(Path(argument).resolve()) for argument in arguments]
    in_pyodide = ["node", str(DRIVER), str(folder), str(HERE / "run_samples.py"), *pages]
    with_sources = [
        "env",
        f"PYTHONPATH={newer_asyncio(folder)}",
        native(),
        "-X",
        "dev",
        "-W",
        "error",
        str(HERE / "run_samples.py"),
        "--as-version",
        "3.14",
        "--needing",
        *pages,
    ]
    return [in_pyodide, with_sources]


def pyodide_folder() -> Path:
    """Give the folder whose node_modules has Pyodide; install it there when it is missing."""
    folder = cache()
    if not (folder / "node_modules" / "pyodide").exists():
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            ["npm", "install", "--no-audit", "--no-fund", "--silent", "--prefix", str(folder), f"pyodide@{PYODIDE}"],
            check=True,
        )
    return folder


def newer_asyncio(folder: Path) -> Path:
    """Unpack 3.14's asyncio beside Pyodide, made to do without its C half; give the folder to import it from."""
    sources = folder / f"asyncio-{PYODIDE}"
    if not sources.exists():
        with zipfile.ZipFile(folder / "node_modules" / "pyodide" / "python_stdlib.zip") as library:
            names = [name for name in library.namelist() if name.startswith("asyncio/")]
            library.extractall(sources, names)
        for module in (sources / "asyncio").glob("*.py"):
            # 3.14 does not evaluate annotations, and some name what 3.13 has not.
            module.write_text(
                "from __future__ import annotations\n" + module.read_text(encoding="utf-8"), encoding="utf-8"
            )
        # The interpreter's own _asyncio belongs to the older asyncio: hide it.
        (sources / "_asyncio.py").write_text('raise ImportError("3.14\'s C half is not here")\n', encoding="utf-8")
    return sources


def cache() -> Path:
    """Give the folder in which tests keep what they have downloaded."""
    named = os.environ.get("LOOPWISE_TEST_CACHE")
    return Path(named) if named else Path.home() / ".cache" / "loopwise-tests"


def native() -> str:
    """Give a Python 3.13, from pyenv or from the path; nothing if there is none."""
    installed = sorted(Path.home().glob(".pyenv/versions/3.13.*/bin/python"))
    return str(installed[-1]) if installed else shutil.which("python3.13") or ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
