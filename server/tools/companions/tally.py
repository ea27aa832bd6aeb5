"""Count findings that are lost or said twice beside the tools that real projects configure.

    python tally.py TOOLS PROJECT... [--own] [--verbose]

TOOLS is a virtual environment with the tools, and PROJECT a checkout (it has a ``.git``) that configures some of them.
The examples of all rules are written into the project's largest package for the time of the run, because mature
projects have little to find; with ``--own`` the project's own files are counted instead.
The tools run as people run them there, with the project's own configuration.
A finding is *lost* if it is left to a tool that does not report it, and said *twice* if it is shown and the tool
reports one of the rule's peers on its lines.
"""

from __future__ import annotations

import argparse
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec
import peers
from programs import single_file_examples

from loopwise.diagnosis.analyse import analyse
from loopwise.diagnosis.companions import NOBODY, Companions, Reporting, is_reported
from loopwise.diagnosis.companions.agreements import reports_on
from loopwise.diagnosis.companions.shapes import shapes_of
from loopwise.diagnosis.run import Found
from loopwise.diagnosis.selection import selection_for
from loopwise.project import Document, Workspace
from loopwise.semantics.bindings import File
from loopwise.semantics.index import ProjectNames
from loopwise.semantics.modules import module_name
from loopwise.text import Source

SEED = "loopwise_example_"
HEAD = f"{'project':24}{'tool':16}{'total':>6}{'left':>6}{'lost':>6}{'twice':>6}"

Run = Callable[[Path, Path, list[str]], Iterator[peers.Said]]
"""Runs a tool, given its command, the project and the names of files in it."""


class Ours(NamedTuple):
    """A finding of a default rule."""

    name: str
    file: File
    found: Found
    first: int
    last: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tools", type=Path, help="a virtual environment with the tools")
    parser.add_argument("projects", type=Path, nargs="+", help="checkouts of projects")
    parser.add_argument("--own", action="store_true", help="count the projects' own files, not the examples")
    parser.add_argument("--verbose", action="store_true", help="list the findings that are lost or said twice")
    options = parser.parse_args()
    print(HEAD)
    for project in options.projects:
        _project(options.tools.absolute(), project.resolve(), own=options.own, verbose=options.verbose)


def _project(tools: Path, project: Path, *, own: bool, verbose: bool) -> None:
    package = _largest_package(project)
    seeds = [] if own else list(_seeded(package))
    names = [path.relative_to(project).as_posix() for path in (sorted(package.rglob("*.py")) if own else seeds)]
    try:
        found = list(ours(project, names))
        for tool, (command, run) in TOOLS.items():
            if any(Companions((tool,)).reporting(project / name).peers for name in names):
                said = list(run(tools / "bin" / command, project, names))
                tally(tool, project, found, said, verbose=verbose)
    finally:
        for path in seeds:
            path.unlink()


def _largest_package(project: Path) -> Path:
    """The package with most modules; those in a package count for it."""
    tops = [path.parent for path in project.rglob("__init__.py") if not (path.parents[1] / "__init__.py").exists()]
    return max(tops, key=lambda top: len(list(top.rglob("*.py"))))


def _seeded(package: Path) -> Iterator[Path]:
    for title, text in single_file_examples():
        path = package / f"{SEED}{title}.py"
        path.write_text(text, "utf-8")
        yield path


def ours(project: Path, names: list[str]) -> Iterator[Ours]:
    """The findings of the default rules in some files of a project."""
    workspace = Workspace([project])
    for name in names:
        path = project / name
        source = Source.of(path.read_bytes())
        document = Document(path.as_uri(), 1, path, source, module=module_name(path))
        selection = msgspec.structs.replace(selection_for(workspace.root(path), path), reporting=NOBODY)
        for one in analyse(workspace.view(document), selection, ProjectNames()).found:
            span = one.finding.span
            lines = source.line_at(span.start) + 1, source.line_at(max(span.start, span.end - 1)) + 1
            yield Ours(name, document.file, one, *lines)


def tally(tool: str, project: Path, found: list[Ours], said: list[peers.Said], *, verbose: bool) -> None:
    """Print the findings left to a tool, lost and said twice."""
    companions, counts, listed = Companions((tool,)), Counter[str](), []
    for one in found:
        by = NOBODY if one.file.root.has_error else companions.reporting(project / one.name)
        left = is_reported(one.file, one.found.rule, one.found.finding.span, by)
        near = (each for each in said if each.file == one.name and each.first <= one.last and one.first <= each.last)
        codes = sorted({each.code for each in near} & set(one.found.rule.peers))
        what = "lost" if left and not codes else "twice" if codes and not left else ""
        counts.update(total=1, left=int(left), **{what: 1} if what else {})
        if what:
            why = _why_shown(one, by) if what == "twice" else ""
            listed.append(f"  {what}: {one.name}:{one.first}: {one.found.finding.message} {codes}{why}")
    columns = (f"{counts[each]:6}" for each in ("total", "left", "lost", "twice"))
    print(f"{project.name:24}{tool:16}{''.join(columns)}", flush=True)
    for line in listed if verbose else ():
        print(line)


def _why_shown(one: Ours, by: Reporting) -> str:
    """The reason why a finding is not left to a tool: its shape was not measured, or something around it is unsure."""
    shapes = shapes_of(one.file, one.found.rule.name, one.found.finding.span)
    known = [each for shape in shapes for each in reports_on(one.found.rule.name, shape) if each.peer in by.peers]
    if not known:
        return f" shape {shapes or 'unknown'}"
    held = {str(each.pythons) for each in known if each.pythons is not None}
    return f" Python {sorted(held)}" if held else " may not be checked"


def _ruff(command: Path, project: Path, names: list[str]) -> Iterator[peers.Said]:
    options = ["check", "--no-fix", "--no-cache", "--force-exclude", "--output-format=json"]
    yield from peers.of_ruff(peers.run(command, [*options, *names], project).stdout, project)


def _flake8(command: Path, project: Path, names: list[str]) -> Iterator[peers.Said]:
    yield from peers.of_flake8(peers.run(command, [peers.FLAKE8_FORMAT, *names], project).stdout, project)


def _pylint(command: Path, project: Path, names: list[str]) -> Iterator[peers.Said]:
    options = ["--output-format=json2", "--load-plugins=", "--score=n"]
    yield from peers.of_pylint(peers.run(command, [*options, *names], project).stdout, project)


def _mypy(command: Path, project: Path, names: list[str]) -> Iterator[peers.Said]:
    options = ["--output=json", f"--cache-dir={os.devnull}"]
    yield from peers.mypy_over(command, project, options, names)


def _pyright(command: Path, project: Path, names: list[str]) -> Iterator[peers.Said]:
    file = project / "pyproject.toml"
    based = file.exists() and "[tool.basedpyright]" in file.read_text("utf-8")
    command = command.with_name("basedpyright" if based else "pyright")
    yield from peers.of_pyright(peers.run(command, ["--outputjson"], project).stdout, project)


def _ty(command: Path, project: Path, names: list[str]) -> Iterator[peers.Said]:
    yield from peers.of_ty(peers.run(command, ["check", "--output-format=gitlab"], project).stdout, project)


def _pyrefly(command: Path, project: Path, names: list[str]) -> Iterator[peers.Said]:
    yield from peers.of_pyrefly(peers.run(command, ["check", "--output-format=json"], project).stdout, project)


TOOLS: Mapping[str, tuple[str, Run]] = {
    "ruff": ("ruff", _ruff),
    "flake8-async": ("flake8", _flake8),
    "pylint": ("pylint", _pylint),
    "pyright": ("pyright", _pyright),
    "mypy": ("mypy", _mypy),
    "ty": ("ty", _ty),
    "pyrefly": ("pyrefly", _pyrefly),
}


if __name__ == "__main__":
    main()
