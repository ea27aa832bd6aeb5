"""Pull diagnostics."""

from __future__ import annotations

import asyncio
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

from lsprotocol import types
from pygls.uris import from_fs_path

from loopwise import disk
from loopwise.diagnosis import live
from loopwise.diagnosis.live import Checked
from loopwise.lsp.convert.findings import Writer
from loopwise.lsp.texts import Text
from loopwise.project import Document
from loopwise.semantics.modules import read

if TYPE_CHECKING:
    from loopwise.lsp.session import Session

_CALM = 0.2  # seconds: changes come in bunches


async def document(session: Session, params: types.DocumentDiagnosticParams) -> types.DocumentDiagnosticReport:
    """The diagnostics of an open document's present version, under the client's settings."""
    await session.settings.known.wait()  # not every client can be told to ask again
    text = session.text(params.text_document.uri)
    if text is None or not session.diagnoses(text.document):
        return types.RelatedFullDocumentDiagnosticReport([])
    await session.publisher.complete(text.document)
    text = session.text(params.text_document.uri) or text
    checked = session.publisher.current(text.document)
    session.publisher.pulled(text.document, checked)
    items = session.publisher.items(text, checked)
    identity = identity_of(items)
    if identity == params.previous_result_id:
        return types.RelatedUnchangedDocumentDiagnosticReport(identity)
    return types.RelatedFullDocumentDiagnosticReport(items, result_id=identity)


async def workspace(session: Session, params: types.WorkspaceDiagnosticParams) -> types.WorkspaceDiagnosticReport:
    """The diagnostics of all files in the workspace that the settings include; open documents as in the editor.

    Clients ask again as soon as they are answered, so later requests are held until something changes.
    """
    before = {each.uri: each.value for each in params.previous_result_ids}
    while True:
        news = session.news.next
        reports = await _reports(session, before)
        changed = any(isinstance(report, types.WorkspaceFullDocumentDiagnosticReport) for report in reports)
        if changed or not session.news.answered:
            session.news.answered = True
            return types.WorkspaceDiagnosticReport(reports)
        await news.wait()
        await asyncio.sleep(_CALM)


async def _reports(session: Session, before: dict[str, str]) -> list[types.WorkspaceDocumentDiagnosticReport]:
    reports: list[types.WorkspaceDocumentDiagnosticReport] = []
    for uri in list(session.state.documents):
        opened = session.state.documents.get(uri)
        if opened is not None and session.diagnoses(opened):
            checked = await session.publisher.complete(opened)
            for text, items in session.publisher.by_text(opened, checked):
                reports += _report(text.uri, text.version, items, before)
    seen = {disk.real(each.path) for each in session.state.documents.values() if each.path is not None}
    for index in session.state.indexes():
        for path in index.paths():
            real = disk.real(Path(path))
            if real not in seen:
                seen.add(real)  # two folders of the workspace may be one, under two names
                reports += await _saved(session, Path(path), before)
    gone = before.keys() - {report.uri for report in reports}
    return reports + [report for uri in sorted(gone) for report in _report(uri, None, [], before)]


async def _saved(session: Session, path: Path, before: dict[str, str]) -> list[types.WorkspaceDocumentDiagnosticReport]:
    """The report of a file that is not open; empty if the settings exclude it."""
    settings = session.state.root(path).settings.diagnostics
    uri = from_fs_path(str(path)) or ""
    if not settings.enable or settings.scope != "workspace":
        return []
    source = await asyncio.to_thread(read, path)
    if source is None:
        return []
    closed = Document(uri, 0, path, source)
    selection = session.selection(closed)
    project_names = session.state.project_names(path)
    checked = Checked()
    steps = live.whole(session.state.view(closed), selection, project_names)
    while True:
        try:
            next(steps)
        except StopIteration as done:
            checked = done.value
            break
        await asyncio.sleep(0)
    text = Text.of(closed, session.encoding)
    writer = Writer(text, (text,), selection, session.publisher.client)
    return _report(uri, None, writer.all_of(checked.shown().found), before)


def _report(
    uri: str, version: int | None, items: list[types.Diagnostic], before: dict[str, str]
) -> list[types.WorkspaceDocumentDiagnosticReport]:
    identity = identity_of(items)
    if before.get(uri) == identity:
        return [types.WorkspaceUnchangedDocumentDiagnosticReport(uri, identity, version)]
    if not items and uri not in before:
        return []
    return [types.WorkspaceFullDocumentDiagnosticReport(uri, items, version, result_id=identity)]


def identity_of(items: list[types.Diagnostic]) -> str:
    """A result ID for a list of diagnostics, the same for equal lists."""
    return blake2b(repr(items).encode(), digest_size=12).hexdigest()
