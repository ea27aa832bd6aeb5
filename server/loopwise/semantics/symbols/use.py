"""Maps a place to the public asyncio name it means, if any: in an import, as an attribute, as a name."""

from __future__ import annotations

from loopwise.cards import Api
from loopwise.semantics.bindings import File
from loopwise.semantics.infer import UNKNOWN, Evaluator, Module
from loopwise.semantics.symbols.imports import use_in_import
from loopwise.semantics.symbols.names import Use, attribute, by_name
from loopwise.semantics.symbols.public import is_asyncio, public
from loopwise.syntax import Node, field, parts_of, text_of


def use_of(ev: Evaluator, api: Api, file: File, node: Node) -> Use:
    """Resolve the identifier ``node`` where it is used: in an import, as an attribute, as a name."""
    parent = node.parent
    inside = parent.parent if parent is not None and parent.type == "ERROR" else parent
    if inside is not None and inside.type in {"dotted_name", "aliased_import", "import_from_statement"}:
        return use_in_import(ev, api, file, node)
    before = node.prev_sibling
    if parent is not None and parent.type == "ERROR" and before is not None and before.type in {"from", "import"}:
        return Use(public(api, text_of(node)) if is_asyncio(text_of(node)) else None, Module(text_of(node)))
    if parent is not None and parent.type == "keyword_pattern" and parts_of(parent)[0] == node:
        return Use(None, UNKNOWN)
    if parent is not None and parent.type == "attribute" and parent.child_by_field_name("attribute") == node:
        return attribute(ev, api, file, parent)
    if parent is not None and parent.type == "keyword_argument" and field(parent, "name") == node:
        return Use(None, UNKNOWN)
    return by_name(ev, api, file, node)
