"""The client's capabilities in one value, read once from its ``initialize`` request."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from typing import Any

import msgspec
from lsprotocol import types

Markup = types.MarkupKind


class Capabilities(msgspec.Struct, frozen=True):
    """A capability that the client does not mention has the protocol's default."""

    hover_markup: Markup = Markup.PlainText
    item_markup: Markup | None = None
    signature_markup: Markup | None = None
    """``None``: it announces no format, so it may know only strings."""
    label_offsets: bool = False
    """Can a parameter be a part of the signature's label, given by offsets?"""

    # Diagnostics
    related: bool = False
    diagnostic_tags: frozenset[types.DiagnosticTag] = frozenset()
    links: bool = False
    pulls: bool = False
    """Does it request diagnostics, so that none need be published?"""
    refreshes: bool = False
    """Can it be asked to request them again?"""

    # Code actions and edits
    action_literals: bool = False
    """Does it support code actions and not only commands?  From LSP 3.8 on."""
    resolves_edits: bool = False
    """Can it resolve an action's edit once the action is chosen?"""
    preferred: bool = False
    disabled: bool = False
    versioned_edits: bool = False
    snippet_edits: bool = False
    annotations: bool = False
    """Does it show the annotations of an edit's parts?"""

    # Completion
    snippets: bool = False
    label_details: bool = False
    insert_replace: bool = False
    item_tags: bool = False
    general_server: bool = False
    """Does the user also have a general Python server, which completes all names?  Our VS Code extension says so."""

    # Hovers
    hovers_findings: bool = False
    """Does the editor's own hover show the messages of findings?  Our VS Code extension says so."""

    # What the server can ask of it
    configuration: bool = False
    registers_files: bool = False
    registers_configuration: bool = False

    @staticmethod
    def of(said: types.ClientCapabilities) -> Capabilities:
        """Read the capabilities of an ``initialize`` request; see the protocol's ``ClientCapabilities`` for each."""
        item = _in(said, "text_document.completion.completion_item")
        signature = _in(said, "text_document.signature_help.signature_information")
        action = _in(said, "text_document.code_action")
        resolved = _in(action, "resolve_support.properties") or ()
        edit = _in(said, "workspace.workspace_edit")
        pull = _in(said, "text_document.diagnostic")
        reports = [one for one in (_in(said, "text_document.publish_diagnostics"), pull) if one is not None]
        return Capabilities(
            hover_markup=_markup(_in(said, "text_document.hover.content_format")),
            item_markup=_announced(_in(item, "documentation_format")),
            signature_markup=_announced(_in(signature, "documentation_format")),
            label_offsets=bool(_in(signature, "parameter_information.label_offset_support")),
            related=any(one.related_information for one in reports),
            diagnostic_tags=frozenset(tag for one in reports for tag in _in(one, "tag_support.value_set") or ()),
            links=any(one.code_description_support for one in reports),
            pulls=pull is not None,
            refreshes=bool(_in(said, "workspace.diagnostics.refresh_support")),
            action_literals=_in(action, "code_action_literal_support") is not None,
            resolves_edits=bool(_in(action, "data_support")) and "edit" in resolved,
            preferred=bool(_in(action, "is_preferred_support")),
            disabled=bool(_in(action, "disabled_support")),
            versioned_edits=bool(_in(edit, "document_changes")),
            snippet_edits=bool(_in(edit, "document_changes") and _in(edit, "snippet_edit_support")),
            annotations=_in(edit, "change_annotation_support") is not None,
            snippets=bool(_in(item, "snippet_support")),
            label_details=bool(_in(item, "label_details_support")),
            insert_replace=bool(_in(item, "insert_replace_support")),
            item_tags=_in(item, "tag_support") is not None,
            general_server=_says(said.experimental, "generalServer"),
            hovers_findings=_says(said.experimental, "hoversFindings"),
            configuration=bool(_in(said, "workspace.configuration")),
            registers_files=bool(_in(said, "workspace.did_change_watched_files.dynamic_registration")),
            registers_configuration=bool(_in(said, "workspace.did_change_configuration.dynamic_registration")),
        )


def _in(outer: Any, path: str) -> Any:
    """The attribute at the end of a dotted path; ``None`` if an attribute along the path is missing."""
    return reduce(lambda held, name: getattr(held, name, None), path.split("."), outer)


def _says(experimental: object, name: str) -> bool:
    ours = experimental.get("loopwise") if isinstance(experimental, Mapping) else None
    return isinstance(ours, Mapping) and ours.get(name) is True


def _announced(formats: list[Any] | None) -> Markup | None:
    return _markup(formats) if formats else None


def _markup(formats: list[Any] | None) -> Markup:
    """The client's preferred format among those we can produce; clients list it first."""
    return next((Markup(each) for each in formats or () if each in set(Markup)), Markup.PlainText)
