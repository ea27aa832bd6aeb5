"""Measure a Python that has come out, all of it: ``python server/tools/measure/python.py 3.16``.

Add its release of Pyodide to ``RELEASES`` in ``tests/knowledge/stand_ins.py`` first, or install the interpreter.
Then this writes ``knowledge/api.json`` anew from all Pythons of the machine, and prints what has to be done by hand:
names without a card, messages that no card answers, samples and experiments that fail there.
The exit code is 1 if there is something.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
KNOWLEDGE_TESTS = HERE.parents[2] / "tests" / "knowledge"
sys.path.append(str(KNOWLEDGE_TESTS))

import interpreters  # noqa: E402 - the tests' own tools, of the folder that was just added
import stand_ins  # noqa: E402
import test_messages  # noqa: E402

OLDER = ("3.6", "3.7", "3.8", "3.9")
"""Pythons that only serve to date names, where they are installed."""


def main(version: str) -> int:
    """Measure, then run everything that depends on it."""
    measure()
    steps = [
        [sys.executable, "-m", "pytest", "-q", "-n", "0", str(HERE.parents[2] / "tests" / "test_cards.py")],
        *messages(version),
        *runs(version),
    ]
    return max(subprocess.run(step, check=False).returncode for step in steps)


def measure() -> None:
    """Write api.json from every interpreter and stand-in on this machine."""
    found = [python for version in (*OLDER, *interpreters.VERSIONS) if (python := interpreters.find(version))]
    folders = [f"--pyodide={stand_ins.pyodide_folder(version)}" for version in stand_ins.RELEASES]
    mypy = importlib.util.find_spec("mypy")
    if mypy is None or mypy.origin is None:
        sys.exit("python: mypy brings the types: install the project's dev dependencies")
    typeshed = Path(mypy.origin).parent / "typeshed" / "stdlib"
    command = [sys.executable, str(HERE / "api.py"), *folders, f"--typeshed={typeshed}", *found]
    subprocess.run(command, check=True)


def messages(version: str) -> list[list[str]]:
    """The commands that look for messages without a card."""
    if version in stand_ins.RELEASES:
        stand_ins.newer_asyncio(version)
    folder = test_messages.sources(version)
    return [[sys.executable, str(HERE / "messages.py"), str(folder)]] if folder is not None else []


def runs(version: str) -> list[list[str]]:
    """The commands that run samples and experiments."""
    pages = sorted(map(str, (HERE.parents[2] / "knowledge").glob("*.md")))
    experiments = KNOWLEDGE_TESTS / "run_experiments.py"
    if version in stand_ins.RELEASES:
        return [*stand_ins.commands(version, pages), *stand_ins.commands(version, [], experiments)]
    python = interpreters.find(version)
    if python is None:
        sys.exit(f"python: there is no Python {version} here, nor a stand-in for it")
    return [[python, str(KNOWLEDGE_TESTS / "run_samples.py"), *pages], [python, str(experiments)]]


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python server/tools/measure/python.py 3.16")
    sys.exit(main(sys.argv[1]))
