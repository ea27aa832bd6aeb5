"""Checks the files of one root, one after another, and fixes them."""

from __future__ import annotations

import gc
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from traceback import extract_tb

import msgspec

from loopwise.cli.check.cache import TrackedMemo, TrackedProject, digest_of
from loopwise.cli.check.fix import FixedText, mended
from loopwise.cli.check.options import CheckOptions
from loopwise.cli.check.report import FileError, FileResult, moved, report_of
from loopwise.cli.check.source import Text, read_python, syntax_error
from loopwise.diagnosis.analyse import Analysis, analyse
from loopwise.diagnosis.companions import NOBODY
from loopwise.diagnosis.fix_all import Rejected
from loopwise.diagnosis.run import Found
from loopwise.diagnosis.selection import Selection, selection_for, widened
from loopwise.project import Document
from loopwise.semantics.index import ProjectNames
from loopwise.semantics.modules import Seen, module_name, size_of
from loopwise.text import Source

_MUCH = 32 * 1024 * 1024  # bytes of modules' texts that are kept; what is derived from them takes 25 times as much
_SELDOM = 16  # files between two looks at how much it is


class Checker:
    """Checks the files of one root.

    Each file is evaluated afresh, so that the modules it asked for are known; these stay parsed.
    """

    def __init__(self, wanted: CheckOptions, folder: Path, project_names: ProjectNames) -> None:
        self.wanted = wanted
        self.project_names = project_names
        self._log: list[str] = []
        self._seen: Seen = {}
        self._turns = 0
        self.workspace = wanted.workspace([folder], TrackedMemo(self._log))
        self.root = wanted.root(self.workspace, folder)

    def check(self, path: str) -> FileResult:
        """Check a file on disk."""
        text = read_python(path)
        if isinstance(text, FileError):
            return FileResult(path, error=text)
        return msgspec.structs.replace(self.check_text(text, Path(path), path), digest=digest_of(text.data))

    def check_text(self, text: Text, path: Path | None, name: str) -> FileResult:
        """Check a text; ``name`` is displayed as its path.

        It never raises: an error in one file does not keep the others from being checked.
        """
        try:
            return self._checked(text, path, name)
        except Exception as error:  # noqa: BLE001
            last = extract_tb(error.__traceback__)[-1]
            where = f"{type(error).__name__}: {error}, in {Path(last.filename).name}:{last.lineno}"
            told = f"the check failed ({where}): please report this as a bug in Loopwise"
            return FileResult(name, error=FileError(told))

    def _checked(self, text: Text, path: Path | None, name: str) -> FileResult:
        document, project = self._document(text, path)
        self._log.clear()
        analysis, done = self._analysis(document, project), FixedText()
        error = syntax_error(document.file.root, text)
        if self.wanted.fix and analysis.found and error is None:
            done = self._mended(text, document, project)
        if done.document is not None:
            document, analysis = done.document, self._analysis(done.document, project)
        shown_as = selection_for(self.root, path).shown_as
        refused = {(one.found.rule.name, one.found.finding.span): one.reason for one in done.rejected}
        reports = tuple(
            report_of(document, one, shown_as(one), name, refused.get((one.rule.name, one.finding.span), ""))
            for one in analysis.found
        )
        if text.cells is not None:
            reports = tuple(moved(one, partial(text.cells.place, document.cells, document.source)) for one in reports)
        self._close(document, project)
        return FileResult(
            name,
            reports,
            done.error or error,
            len(analysis.silent),
            tuple(sorted(set(self._log))),
            str(project.folders[0]) if project.folders else "",
            fixed=done.count,
            before=text.data if done.after else b"",
            after=done.after,
            rejected=tuple(_said(one, document.source) for one in done.rejected),
        )

    def _mended(self, text: Text, document: Document, project: TrackedProject) -> FixedText:
        """Fix the file; fixes are judged by all rules, including those that ``--select`` leaves out."""
        chosen = selection_for(self.root, document.path)
        judging = widened(chosen) if self.wanted.select else chosen

        def find(one: Document) -> Iterable[Found]:
            analysis = self._analysis(one, project, judging)
            return (*analysis.found, *analysis.silent)

        def wanted(_: Document, found: Found) -> bool:
            return found.rule.name not in chosen.off and not found.left

        return mended(text, document, find, unsafe=self.wanted.unsafe, wanted=wanted)

    def _document(self, text: Text, path: Path | None) -> tuple[Document, TrackedProject]:
        if path is None:
            return Document("stdin:", 1, None, text.source), self._project(self.root.folder)
        if text.cells is not None:
            cells = text.cells.notebook.starts
            return Document(path.as_uri(), 1, path, text.source, cells=cells), self._project(path.parent)
        name, folder = module_name(path)
        document, project = Document(path.as_uri(), 1, path, text.source, module=(name, folder)), self._project(folder)
        known = project.known(path, name, text.source.data)
        if known is not None:
            document.file = known
        return document, project

    def _project(self, folder: Path) -> TrackedProject:
        project = self.root.project(folder)
        if not isinstance(project, TrackedProject):
            project = self.root.projects[folder] = TrackedProject(project, self._seen, self._log)
        return project

    def _analysis(self, document: Document, project: TrackedProject, chosen: Selection | None = None) -> Analysis:
        """Analyse as for a document open in an editor: modules that import it see this text, not that on disk."""
        file = document.file
        self.workspace.stand_in(file)
        project.forget(file.name)
        view = self.workspace.view(document)
        selection = chosen or selection_for(self.root, document.path)
        if file.root.has_error:  # the other tools look no further than the error
            selection = msgspec.structs.replace(selection, reporting=NOBODY)
        return analyse(view, selection, self.project_names)

    def _close(self, document: Document, project: TrackedProject) -> None:
        self.workspace.stand_in(None)
        project.forget(document.file.name)
        self._turns += 1
        if self._turns % _SELDOM == 0 and size_of(self._seen) > _MUCH:
            self._seen.clear()
            self.workspace.refresh()
            gc.collect()  # seldom done otherwise, and the collector does not know how large the trees are


def _said(rejected: Rejected, source: Source) -> FileError:
    """A message that names the rejected fix and the reason."""
    rule, finding = rejected.found.rule, rejected.found.finding
    line = source.line_at(finding.span.start) + 1
    return FileError(f'the fix "{rejected.fix.title}" of {rule.name} is not applied: {rejected.reason}', line)
