"""``loopwise make-async``: makes a function async, including its callers, in all files of the project."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from loopwise import disk
from loopwise.assists.conversion import Conversion, Goal, conversion
from loopwise.cli.arguments import Parser, Refused, add_target, editor_settings
from loopwise.cli.check import diff, files, report, result, source
from loopwise.graph import Builder, Graph, Ref
from loopwise.project import Document, View, Workspace
from loopwise.semantics.infer import definitions
from loopwise.syntax import FUNCTIONS, Node, nodes_of
from loopwise.text import Edit, encode

_PLACE = re.compile(r"(?P<file>.+?):(?P<line>\d+)(?::\d+)?:?")

_EPILOG = """\
examples:
  loopwise make-async src/app/net.py:40 --diff
  loopwise make-async src/app/net.py:40
  loopwise make-async src/app/net.py:40 --reverse

The function on the line becomes async. Its calls are awaited, their functions become async in turn, overrides and
bases with them. Entry points, tests and functions that nothing in the project calls stay plain and use asyncio.run().
With --reverse, an async function that waits for nothing becomes plain, and its calls are no longer awaited.
Nothing is written if one of the places cannot be made right. The exit code is 0 if it can be done, else 1.
"""


def add_arguments(parser: Parser) -> None:
    parser.epilog = _EPILOG
    parser.add_argument("place", metavar="FILE:LINE", help="a line of the function, such as app.py:12")
    parser.add_argument("--diff", action="store_true", help="show what would be changed, and change nothing")
    parser.add_argument("--reverse", action="store_true", help="make an async function plain that waits for nothing")
    add_target(parser)


def run(options: argparse.Namespace) -> int:
    """Change the files, or show the changes; returns 1 if it is refused."""
    place = _PLACE.fullmatch(options.place)
    if place is None:
        raise Refused(f"`{options.place}` is not a place: write FILE:LINE, such as app.py:12")
    project = Sources(place["file"], options)
    ref = project.function(place["file"], int(place["line"]))
    goal: Goal = "plain" if options.reverse else "async"
    found = project.converted(ref, goal)
    if found.refused:
        print(f"loopwise: {found.name}() cannot be made {goal}: {found.refused}", file=sys.stderr)
        return 1
    changed = {path: project.changed(path, edits) for path, edits in _edits(found)}
    if options.diff:
        both = (
            report.FileResult(_shown(path), before=project.texts[path].data, after=data)
            for path, data in changed.items()
        )
        diff.write(result.RunResult(tuple(both), diff=True))
    else:
        _write(project, changed)
    print(_summary(found, goal), file=sys.stderr if options.diff else sys.stdout)
    return 0


def _write(project: Sources, changed: Mapping[str, bytes]) -> None:
    for path, data in changed.items():
        error = source.write_bytes(path, project.texts[path].data, data)
        if error is not None:
            raise Refused(f"{path}: {error.message}")


class Sources:
    """The texts of a project's Python files, and the graph of those that name some functions."""

    def __init__(self, file: str, options: argparse.Namespace) -> None:
        path = Path(file)
        if not disk.is_file(path):
            raise Refused(f"{file}: there is no such file: check the path")
        base = files.bases([str(path.resolve())])[0]
        self.workspace = Workspace([base])
        self.workspace.configure({None: editor_settings(options)})
        self.texts: dict[str, source.Text] = {}
        for target in files.targets([str(base)], self.workspace):
            text = source.read_python(target.path) if target.path.endswith(".py") else None
            if text is not None and not isinstance(text, report.FileError):
                self.texts[target.path] = text
        if str(path.resolve()) not in self.texts:
            raise Refused(f"{file}: it cannot be read as Python, or the project's settings leave it out")
        self._builder = Builder()

    def function(self, file: str, line: int) -> Ref:
        """The innermost function that contains a line (counted from 1), decorators included."""
        view = self.view(str(Path(file).resolve()))
        around = [one for one in nodes_of(view.file.root, FUNCTIONS) if _holds(one, line - 1)] if view else []
        if not around or view is None:
            raise Refused(f"{file}:{line}: there is no function on this line")
        return Ref(view.file.key, definitions.qualname(view.file, around[-1]))

    def view(self, path: str) -> View | None:
        """The view of a file."""
        text, place = self.texts.get(path), Path(path)
        return self.workspace.view(Document(place.as_uri(), 1, place, text.source)) if text is not None else None

    def converted(self, ref: Ref, goal: Goal) -> Conversion:
        """Convert a function to async or plain."""
        return conversion(ref, goal, self._graph, self.view)

    def _graph(self, refs: Iterable[Ref]) -> Graph:
        names = {ref.name.rpartition(".")[2] for ref in refs}
        pattern = re.compile(rb"\b(?:" + b"|".join(re.escape(encode(name)) for name in sorted(names)) + rb")\b")
        views = (self.view(path) for path, text in self.texts.items() if pattern.search(text.source.data))
        return Graph(self._builder.graph(view) for view in views if view is not None)

    def changed(self, path: str, edits: Iterable[Edit]) -> bytes:
        """The file's bytes after some edits, in its own encoding."""
        text, place = self.texts[path], Path(path)
        document = Document(place.as_uri(), 1, place, text.source)
        for edit in sorted(edits, key=lambda edit: edit.span, reverse=True):
            document = document.edited(document.version + 1, edit)
        data = text.encoded(document)
        if data is None:
            raise Refused(f"{path}: the change cannot be written in {text.encoding}")
        return data


def _holds(function: Node, line: int) -> bool:
    outer = function.parent
    whole = outer if outer is not None and outer.type == "decorated_definition" else function
    return whole.start_point[0] <= line <= whole.end_point[0]


def _edits(found: Conversion) -> Iterable[tuple[str, list[Edit]]]:
    return ((change.path, [one.edit for one in change.edits]) for change in found.changes)


def _shown(path: str) -> str:
    """The path relative to the current folder, if the file is in it."""
    here = Path.cwd()
    return str(Path(path).relative_to(here)) if Path(path).is_relative_to(here) else path


def _summary(found: Conversion, goal: Goal) -> str:
    functions = result.counted(len(found.functions), "function")
    lines = [f"{functions} made {goal} in {result.counted(len(found.changes), 'file')}."]
    lines += [f"asyncio.run() at {where}" for where in found.boundaries]
    lines += [f"Nothing in the project calls {where}: callers elsewhere have to await it" for where in found.uncalled]
    for name, count in found.unfollowed:
        lines.append(f"Check {result.counted(count, 'call')} of .{name}() on objects of unknown type.")
    return "\n".join(lines)
