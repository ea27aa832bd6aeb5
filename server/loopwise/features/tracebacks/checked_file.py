"""A file named in a report, with all findings in it."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from loopwise import disk
from loopwise.diagnosis.run import Found, findings
from loopwise.project import Document, Workspace
from loopwise.rules.registry import all_rules
from loopwise.semantics.modules import module_name
from loopwise.text import Source


class CheckedFile:
    """A file with the findings of all rules, regardless of the settings."""

    def __init__(self, workspace: Workspace, path: Path) -> None:
        self.path = path
        name, folder = module_name(path)
        self.document = Document(
            path.as_uri(), 1, path, Source.of(disk.data(path, disk.SOURCE) or b""), module=(name, folder)
        )
        self._workspace = workspace

    @cached_property
    def found(self) -> list[Found]:
        return findings(self._workspace.view(self.document), all_rules().values())

    def line_of(self, found: Found) -> int:
        return self.document.source.line_at(found.finding.span.start) + 1

    def lines_of(self, found: Found) -> range:
        last = self.document.source.line_at(max(found.finding.span.start, found.finding.span.end - 1)) + 1
        return range(self.line_of(found), last + 1)

    def code(self, line: int) -> str:
        source = self.document.source
        return source.data[slice(*_ends(source, line))].decode(errors="replace").strip()

    def function_at(self, line: int) -> range:
        """The lines of the innermost function around a line, else of the module."""
        lines = self.document.source.data.splitlines()
        start = next((at for at in range(min(line, len(lines)) - 1, -1, -1) if _opens(lines, at, line)), 0)
        indent = _indent(lines[start]) if lines else 0
        rest = range(start + 1, len(lines))
        end = next((at for at in rest if lines[at].strip() and _indent(lines[at]) <= indent), len(lines))
        while start and lines[start - 1].lstrip().startswith(b"@"):
            start -= 1
        return range(start + 1, end + 1)


def _ends(source: Source, line: int) -> tuple[int, int]:
    span = source.line_span(line - 1)
    return span.start, span.end


def _opens(lines: list[bytes], at: int, line: int) -> bool:
    """Does the function that starts at ``at`` contain the line?"""
    bare = lines[at].strip()
    if not bare.startswith((b"def ", b"async def ")):
        return False
    inner = lines[line - 1] if lines[line - 1].strip() else lines[at]
    return at == line - 1 or _indent(inner) > _indent(lines[at])


def _indent(line: bytes) -> int:
    return len(line) - len(line.lstrip())
