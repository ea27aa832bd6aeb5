"""Hovers from jedi's answers, for places that local flow leaves unknown."""

from __future__ import annotations

from pathlib import Path

from loopwise.features.hover.contained import symbol_hover
from loopwise.features.hover.kinds import HolderHover, Hover
from loopwise.project import View
from loopwise.semantics import symbols
from loopwise.semantics.infer import UNKNOWN, Unknown, each
from loopwise.semantics.oracle import Answer, Question, site_packages
from loopwise.syntax import Node, field, name_at, span_of, text_of
from loopwise.text import Encoding


def question(view: View, path: Path | None, folder: Path, offset: int) -> Question | None:
    """The question for jedi about byte offset ``offset``; ``None`` if its answer could not be about asyncio."""
    node = name_at(view.file.root, offset)
    if node is None or not _may_be_asyncio(view, node):
        return None
    line, column = view.file.source.position(node.start_byte, Encoding.UTF32)
    text = view.file.source.text
    return Question(text, str(path) if path else None, line + 1, column, str(folder), site_packages(folder))


def _may_be_asyncio(view: View, node: Node) -> bool:
    """Is the name unresolved and, if it is an attribute, one that an asyncio class has?"""
    if node.parent is None:
        return False
    use = symbols.use_of(view.evaluator, view.api, view.file, node)
    if not any(isinstance(member, Unknown) for member in each(use.value)):
        return False
    parent = node.parent
    if parent.type == "attribute" and field(parent, "attribute") == node:
        owner = field(parent, "object")
        held = view.evaluator.value(view.file, owner) if owner is not None else UNKNOWN
        return any(isinstance(m, Unknown) for m in each(held)) and text_of(node) in _member_names(view)
    return parent.type not in {"keyword_argument", "dotted_name", "parameters"}


def _member_names(view: View) -> frozenset[str]:
    return frozenset(name.rpartition(".")[2] for name in view.api.symbols if name.count(".") > 1)


def hover(view: View, offset: int, answers: tuple[Answer, ...]) -> Hover | None:
    """The hover for jedi's answers; ``None`` if none of them is asyncio's."""
    node = name_at(view.file.root, offset)
    if node is None:
        return None
    for answer in answers:
        name = symbols.public(view.api, answer.name) if symbols.is_asyncio(answer.name) else None
        if name is None:
            continue
        if answer.type == "instance":
            card, facts = view.catalogue.card(name), view.api.facts(name)
            return HolderHover(span_of(node), text_of(node), name, name, card, facts, ())
        return symbol_hover(view, span_of(node), name)
    return None
