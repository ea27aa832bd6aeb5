"""Converts findings to diagnostics."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec
from lsprotocol import types
from pygls.uris import from_fs_path

from loopwise.analysis.rule import Related, Severity
from loopwise.diagnosis.run import Found
from loopwise.diagnosis.selection import Selection
from loopwise.lsp.convert import positions
from loopwise.lsp.convert.capabilities import Capabilities
from loopwise.lsp.texts import Text
from loopwise.rules.pages import page_of

SOURCE = "loopwise"
_SEVERITIES = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.INFORMATION: types.DiagnosticSeverity.Information,
    Severity.HINT: types.DiagnosticSeverity.Hint,
}


class Writer(msgspec.Struct, frozen=True):
    """Writes the diagnostics for one of a document's texts."""

    text: Text
    texts: tuple[Text, ...]
    selection: Selection
    client: Capabilities

    def all_of(self, found: Iterable[Found]) -> list[types.Diagnostic]:
        return [self.one(each) for each in found if self.text.holds(each.finding.span)]

    def one(self, found: Found) -> types.Diagnostic:
        rule, finding = found.rule, found.finding
        page = page_of(rule) if self.client.links else None
        return types.Diagnostic(
            self.text.range_of(finding.span),
            finding.message,
            _SEVERITIES[self.selection.shown_as(found)],
            rule.name,
            types.CodeDescription(page) if page is not None else None,
            SOURCE,
            self._tags(found),
            [self._related(each) for each in finding.related] if self.client.related else None,
        )

    def _tags(self, found: Found) -> list[types.DiagnosticTag] | None:
        wanted = []
        if found.finding.unnecessary:
            wanted.append(types.DiagnosticTag.Unnecessary)
        if found.finding.deprecated:
            wanted.append(types.DiagnosticTag.Deprecated)
        return [tag for tag in wanted if tag in self.client.diagnostic_tags] or None

    def _related(self, related: Related) -> types.DiagnosticRelatedInformation:
        file = related.file
        if file is None:
            text = next((text for text in self.texts if text.holds(related.span)), self.text)
            location = types.Location(text.uri, text.range_of(related.span))
        else:
            location = types.Location(_uri(file.key), positions.range_of(file.source, related.span, self.text.encoding))
        return types.DiagnosticRelatedInformation(location, related.message)


def _uri(key: str) -> str:
    """The URI of a file's key, which is a path or a URI."""
    return (from_fs_path(key) or key) if Path(key).is_absolute() else key
