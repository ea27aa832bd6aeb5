"""Count findings that are lost or said twice in many configurations of other tools.

    python configurations.py TOOLS [--only TEXT] [--verbose]

TOOLS is a virtual environment with the tools.  The configurations are the sections of ``configurations.md``; with
``--only``, those with the text in their headings.  The columns are those of ``tally.py``.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import peers
import tally
from programs import TESTS, single_file_examples

from loopwise.diagnosis.companions import Companions

PAGE = Path(__file__).with_suffix(".md")
PACKAGES = ("app", "legacy")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tools", type=Path, help="a virtual environment with the tools")
    parser.add_argument("--only", default="", help="a text in the headings of the configurations")
    parser.add_argument("--verbose", action="store_true", help="list the findings that are lost or said twice")
    options = parser.parse_args()
    print(tally.HEAD)
    with tempfile.TemporaryDirectory() as name:
        project = Path(name).resolve()
        names = list(_programs(project))
        for title, files in configurations():
            if options.only in title:
                print(f"# {title}")
                with _written(project, files):
                    _tally(options.tools.absolute(), project, names, verbose=options.verbose)


def configurations() -> Iterator[tuple[str, dict[str, str]]]:
    """The headings of the page, each with the names and texts of its files."""
    sys.path.insert(0, str(TESTS))
    from sections import FENCE, raw_sections, title_of  # Of the tests, which are no package.

    for raw in raw_sections(PAGE.read_text("utf-8")):
        yield title_of(raw), {block["name"]: block["text"] for block in FENCE.finditer(raw)}


def _programs(project: Path) -> Iterator[str]:
    """Write the examples into the packages, and yield their names."""
    (project / ".git").mkdir()
    for package in PACKAGES:
        (project / package).mkdir()
        (project / package / "__init__.py").write_text("", "utf-8")
    for number, (title, text) in enumerate(single_file_examples()):
        name = f"{PACKAGES[number % len(PACKAGES)]}/{title}.py"
        (project / name).write_text(text, "utf-8")
        yield name


@contextmanager
def _written(project: Path, files: dict[str, str]) -> Iterator[None]:
    for name, text in files.items():
        (project / name).write_text(text, "utf-8")
    yield
    for name in files:
        (project / name).unlink()


def _tally(tools: Path, project: Path, names: list[str], *, verbose: bool) -> None:
    found = list(tally.ours(project, names))
    for tool, (command, run) in tally.TOOLS.items():
        if any(Companions((tool,)).reporting(project / name).peers for name in names):
            if tool == "flake8-async":  # It checks files that are named even if their folder is excluded.
                said = list(run(tools / "bin" / command, project, ["."]))
            elif tool == "mypy":
                said = list(_mypy(tools / "bin" / command, project, names))
            else:
                said = list(run(tools / "bin" / command, project, names))
            tally.tally(tool, project, found, said, verbose=verbose)


def _mypy(command: Path, project: Path, names: list[str]) -> Iterator[peers.Said]:
    """Run mypy over the project, not over files that are named, because it checks those even if they are excluded."""
    options = ["--output=json", f"--cache-dir={os.devnull}", "--ignore-missing-imports"]
    broken = [project / name for name in names if not peers.compiles(project / name)]
    for path in broken:  # They would end the run.
        path.rename(path.with_suffix(".txt"))
    try:
        done = peers.run(command, [*options, "."], project)
        if done.returncode > 1:
            raise SystemExit(f"mypy stopped: {done.stdout[-1000:]}{done.stderr}")
        yield from peers.of_mypy(done, project)
    finally:
        for path in broken:
            path.with_suffix(".txt").rename(path)


if __name__ == "__main__":
    main()
