"""Code actions: fixes of findings and of whole files, and actions to suppress or explain a rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Literal

import msgspec
from lsprotocol import types

from loopwise.analysis.rule import Fix
from loopwise.assists.offers import Offered, offered
from loopwise.diagnosis import live
from loopwise.diagnosis.analyse import analyse
from loopwise.diagnosis.fix_all import difference, fixed
from loopwise.diagnosis.run import Found
from loopwise.diagnosis.suppression import UNUSED, suppression
from loopwise.diagnosis.together import best
from loopwise.diagnosis.verify import verified
from loopwise.lsp.convert import edits
from loopwise.lsp.convert.findings import SOURCE
from loopwise.lsp.convert.kinds import is_wanted, may_be_assist
from loopwise.lsp.requests.commands import EXPLAIN
from loopwise.lsp.texts import Text
from loopwise.project import Document
from loopwise.text import Edit, Span

if TYPE_CHECKING:
    from loopwise.lsp.session import Session

FIX_ALL = f"{types.CodeActionKind.SourceFixAll.value}.{SOURCE}"


ActionKind = Literal["fix", "fix_all", "suppress", "assist"]


class Chosen(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Identifies the edit of an action; the client sends it back when the action is chosen."""

    uri: str
    version: int
    rule: str = ""
    start: int = 0
    end: int = 0
    kind: ActionKind = "fix"
    index: int = 0
    """The index among the finding's fixes, or the assist's offers."""
    assist: str = ""
    """Name of the assist, if it is not a rule's fix."""


class Actions:
    """Answers one session's requests for code actions."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.client = session.client

    async def offered(self, params: types.CodeActionParams) -> list[types.CodeAction]:
        """The actions available at a place."""
        text = self.session.text(params.text_document.uri)
        if text is None or not self.session.diagnoses(text.document):
            return []
        only = params.context.only
        await self.session.publisher.complete(text.document)
        text = self.session.text(params.text_document.uri) or text
        actions: list[types.CodeAction] = []
        span = text.span_of(params.range)
        fixes, assists = is_wanted(types.CodeActionKind.QuickFix.value, only), may_be_assist(only)
        found = self._found(text.document, span) if fixes or assists else ()
        if fixes:
            actions += self._at(text, found, params.context.diagnostics)
        if assists:
            actions += self._assists(text, span, found, only)
        if only is not None and is_wanted(FIX_ALL, only):
            action = self._fix_all(text)
            actions += [action] if action is not None else []
        return actions

    def resolve(self, action: types.CodeAction) -> types.CodeAction:
        """The action with its edit; without one if the document has changed since the offer."""
        if action.data is None:
            return action
        try:
            chosen = msgspec.convert(action.data, Chosen)
        except (msgspec.ValidationError, UnicodeEncodeError):
            return action  # another server's
        text = self.session.text(chosen.uri)
        if text is not None and text.document.version == chosen.version:
            action.edit = self._edit(text, chosen)
        return action

    # Quick fixes

    def _at(
        self, text: Text, found: Sequence[Found], diagnostics: Sequence[types.Diagnostic]
    ) -> Iterator[types.CodeAction]:
        for one in found:
            yield from self._fixes(text, one, diagnostics)
        for name in dict.fromkeys(one.rule.name for one in found):
            yield from self._all_of_kind(text, next(one for one in found if one.rule.name == name))
        for one in found:
            yield from self._others(text, one, diagnostics)

    def _found(self, document: Document, span: Span) -> tuple[Found, ...]:
        view, selection = self.session.state.view(document), self.session.selection(document)
        return live.at(view, selection, self.session.publisher.current(document), span)

    def _fixes(self, text: Text, one: Found, diagnostics: Sequence[types.Diagnostic]) -> Iterator[types.CodeAction]:
        preferred = best(one)
        for index, fix in enumerate(self._verified(text, one)):
            if fix.refused and not self.client.disabled:
                continue
            action = types.CodeAction(fix.title, types.CodeActionKind.QuickFix, self._about(text, one, diagnostics))
            if fix.refused:
                action.disabled = types.CodeActionDisabled(fix.refused)
            else:
                self._with_edit(text, action, self._chosen(text, one, "fix", index), fix)
            if self.client.preferred and fix == preferred:
                action.is_preferred = True
            yield action

    def _verified(self, text: Text, one: Found) -> tuple[Fix, ...]:
        """The fixes of a finding, with those refused that would leave the code worse."""
        document, selection = text.document, self.session.selection(text.document)
        checked = self.session.publisher.current(document)

        def near(at: Document, spans: Sequence[Span]) -> list[Found]:
            return live.near(self.session.state.view(at), selection, checked, spans)

        return tuple(verified(document, one, fix, near) for fix in one.fixes())

    def _about(self, text: Text, one: Found, diagnostics: Sequence[types.Diagnostic]) -> list[types.Diagnostic] | None:
        """The client's diagnostics that an action fixes."""
        place = text.range_of(one.finding.span)
        ours = [d for d in diagnostics if d.source == SOURCE and d.code == one.rule.name and d.range == place]
        return ours or None

    def _all_of_kind(self, text: Text, one: Found) -> Iterator[types.CodeAction]:
        same = [each for each in self._known(text) if each.rule is one.rule]
        if len(same) > 1 and best(one) is not None:
            title = f"Fix all {one.rule.name} in this {'cell' if text.document.cells else 'file'}"
            action = types.CodeAction(title, types.CodeActionKind.QuickFix)
            self._with_edit(text, action, Chosen(text.uri, text.document.version, one.rule.name, kind="fix_all"))
            yield action

    def _others(self, text: Text, one: Found, diagnostics: Sequence[types.Diagnostic]) -> Iterator[types.CodeAction]:
        about = self._about(text, one, diagnostics)
        if one.rule is not UNUSED and not one.left:
            silence = types.CodeAction(f"Suppress {one.rule.name} here", types.CodeActionKind.QuickFix, about)
            self._with_edit(text, silence, self._chosen(text, one, "suppress"))
            yield silence
        title = f"Explain {one.rule.name}"
        explain = types.CodeAction(title, types.CodeActionKind.QuickFix, about)
        explain.command = types.Command(title, EXPLAIN, arguments=[one.rule.name])
        yield explain

    # Assists

    def _assists(
        self, text: Text, span: Span, found: Sequence[Found], only: Sequence[str] | None
    ) -> Iterator[types.CodeAction]:
        seen: Counter[str] = Counter()
        for assist, fix in self._offered(text.document, span, found):
            index = seen[assist.name]
            seen[assist.name] += 1
            if not is_wanted(assist.kind, only) or (fix.refused and not self.client.disabled):
                continue
            action = types.CodeAction(fix.title, assist.kind)
            if fix.refused:
                action.disabled = types.CodeActionDisabled(fix.refused)
            else:
                chosen = Chosen(text.uri, text.document.version, "", span.start, span.end, "assist", index, assist.name)
                self._with_edit(text, action, chosen, fix)
            yield action

    def _offered(self, document: Document, span: Span, found: Sequence[Found]) -> Iterator[Offered]:
        """The offers of assists, except those that a rule's fix at the same place makes as well."""
        view = self.session.state.view(document)
        fixes = {fix.edits for one in found for fix in one.fixes() if fix.edits}
        around = self.session.publisher.current(document).around(view)
        return (one for one in offered(around, span) if one.fix.edits not in fixes)

    # Whole files

    def _known(self, text: Text) -> list[Found]:
        checked = self.session.publisher.current(text.document)
        return [each for each in (*checked.in_units, *checked.outside) if text.holds(each.finding.span)]

    def _fix_all(self, text: Text) -> types.CodeAction | None:
        if not self._known(text):
            return None
        action = types.CodeAction("Fix all safely fixable problems", FIX_ALL)
        self._with_edit(text, action, Chosen(text.uri, text.document.version, kind="fix_all"))
        return action if action.edit is None or _has_changes(action.edit) else None

    def _all_edits(self, text: Text, name: str) -> list[Edit]:
        document = text.document
        selection = self.session.selection(document)
        project_names = self.session.state.project_names(document.path)

        def find(at: Document) -> Iterable[Found]:
            analysis = analyse(self.session.state.view(at), selection, project_names)
            return (*analysis.found, *analysis.silent)

        def wanted(at: Document, one: Found) -> bool:
            part = at.part(text.span.start)
            return name in {"", one.rule.name} and part.start <= one.finding.span.start <= part.end

        mended = fixed(document, find, wanted=wanted).document
        start, end = text.span.start, mended.part(text.span.start).end
        edits_ = difference(document.source.data[start : text.span.end], mended.source.data[start:end])
        return [Edit(edit.span.shifted(start), edit.text) for edit in edits_]

    # Edits

    def _chosen(self, text: Text, one: Found, kind: ActionKind, index: int = 0) -> Chosen:
        span = one.finding.span
        return Chosen(text.uri, text.document.version, one.rule.name, span.start, span.end, kind, index)

    def _with_edit(self, text: Text, action: types.CodeAction, chosen: Chosen, fix: Fix | None = None) -> None:
        """Set an action's edit, or the data with which the client can resolve it later."""
        if self.client.resolves_edits:
            action.data = msgspec.to_builtins(chosen)
        elif fix is not None:
            action.edit = self._written(text, fix.edits, fix.holes)
        else:
            action.edit = self._edit(text, chosen)

    def _edit(self, text: Text, chosen: Chosen) -> types.WorkspaceEdit | None:
        if chosen.kind == "fix_all":
            return self._written(text, self._all_edits(text, chosen.rule))
        document, span = text.document, Span(chosen.start, chosen.end)
        here = self._found(document, span)
        if chosen.kind == "assist":
            offers = [one.fix for one in self._offered(document, span, here) if one.assist.name == chosen.assist]
            return self._of_fix(text, offers, chosen.index)
        found = [one for one in here if (one.rule.name, one.finding.span) == (chosen.rule, span)]
        if not found:
            return None
        if chosen.kind == "suppress":
            return self._written(text, suppression(document.file, span, found[0].rule).edits)
        return self._of_fix(text, self._verified(text, found[0]), chosen.index)

    def _of_fix(self, text: Text, fixes: Sequence[Fix], index: int) -> types.WorkspaceEdit | None:
        return self._written(text, fixes[index].edits, fixes[index].holes) if index < len(fixes) else None

    def _written(self, text: Text, changes: Iterable[Edit], holes: Sequence[str] = ()) -> types.WorkspaceEdit | None:
        return edits.workspace_edit(self.session.texts(text.document), changes, self.client, holes)


def _has_changes(edit: types.WorkspaceEdit) -> bool:
    documents = edit.document_changes or ()
    return any(edit.changes.values()) if edit.changes else any(getattr(each, "edits", ()) for each in documents)
