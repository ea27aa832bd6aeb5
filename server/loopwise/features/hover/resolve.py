"""Hover: documentation of the thing under the cursor, its pitfalls, and its alternatives."""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec

from loopwise.cards import Card, Catalogue, load_api, load_usage
from loopwise.features.describe import shown
from loopwise.features.hover.cards import card_of
from loopwise.features.hover.contained import container, is_coroutine, symbol_hover
from loopwise.features.hover.kinds import FunctionHover, HolderHover, Hover, KeywordHover, SymbolHover
from loopwise.features.hover.library_functions import library_outline
from loopwise.features.hover.lifetime import STARTERS, lifetime
from loopwise.features.hover.own_functions import outline
from loopwise.features.hover.quoted import quoted_at
from loopwise.project import View
from loopwise.semantics import symbols
from loopwise.semantics.infer import Function, Signature, Value, each
from loopwise.syntax import Node, is_async, name_at, span_of, text_of
from loopwise.text import Span

_ASYNC_WORD = re.compile(rb"(?<![\w.])(await|async)(?!\w)(?:[ \t]+(with|for|def)(?!\w))?")
_MOST = 6  # members named in a hover


def hover(view: View, offset: int) -> Hover | None:
    """The hover for the cursor at byte offset ``offset``; ``None`` if Loopwise has nothing to show there."""
    try:
        return _hover(view, offset)
    except RecursionError:  # code nested so deeply that no person wrote it
        return None


def _hover(view: View, offset: int) -> Hover | None:
    node = name_at(view.file.root, offset)
    if node is None:
        return _keyword(view, offset) or _in_quoted(view, offset) or _typed_keyword(view, offset)
    if text_of(node) in {"await", "async"}:
        return _typed_keyword(view, offset)
    return _special_method(view, node) or _use(view, node) or _in_quoted(view, offset)


def card_hover(catalogue: Catalogue, name: str) -> Hover | None:
    """The hover of a public name, keyword or idiom, however it was found."""
    keyword, card, facts = catalogue.keyword(name), catalogue.card(name), load_api().facts(name)
    if keyword is not None:
        return KeywordHover(Span(0, 0), keyword)
    return SymbolHover(Span(0, 0), name, card, facts) if card is not None or facts is not None else None


def _in_quoted(view: View, offset: int) -> Hover | None:
    """Names in code that is text to the parser are hovered over like any others."""
    found = next((one for at in (offset, offset - 1) if at >= 0 and (one := quoted_at(view.file, at))), None)
    if found is None:
        return None
    inner = hover(msgspec.structs.replace(view, file=found.file), offset - found.start)
    return msgspec.structs.replace(inner, span=inner.span.shifted(found.start)) if inner is not None else None


def _typed_keyword(view: View, offset: int) -> KeywordHover | None:
    """Recognize ``await`` in the text: without an operand it is not yet a keyword to the parser."""
    word = next((m for m in _ASYNC_WORD.finditer(view.file.source.data, max(offset - 5, 0)) if m.end() >= offset), None)
    if word is None or word.start() > offset:
        return None
    leaf = view.file.root.descendant_for_byte_range(word.start(), word.start())
    if leaf is not None and leaf.type in {"comment", "string_content", "string_start", "string_end"}:
        return None
    term = " ".join(part.decode() for part in word.groups() if part)
    card = view.catalogue.keyword("async def" if term == "async" else term)
    return KeywordHover(Span(*word.span(1)), card) if card is not None else None


def _use(view: View, node: Node) -> Hover | None:
    use = symbols.use_of(view.evaluator, view.api, view.file, node)
    span = span_of(node)
    if use.name is not None:
        found = symbol_hover(view, span, use.name)
        if found is not None and use.name in STARTERS:
            return msgspec.structs.replace(found, use=lifetime(view, node))
        return found
    name, card = card_of(view, node, use.value)
    function = _function(view, span, use.value, card)
    if card is not None:
        return function or symbol_hover(view, span, name)
    held = holder(view, span, text_of(node), use.value) or container(view, span, text_of(node), use.value)
    return held or function


def holder(view: View, span: Span, name: str, value: Value) -> HolderHover | None:
    """The hover of a name whose value is an asyncio object."""
    held = symbols.held_class(view.api, value)
    if held is None:
        coroutine = next((m for m in each(value) if is_coroutine(m)), None)
        if coroutine is None:
            return None
        card = view.catalogue.keyword("coro")
        return HolderHover(span, name, shown(view.api, value), "coro", card, None, ())
    cls, _ = held
    facts, members = view.api.facts(cls), _most_used(view, cls)
    used = any(_total(view, cls, member) for member in members)
    return HolderHover(span, name, shown(view.api, value), cls, view.catalogue.card(cls), facts, members, used)


def _most_used(view: View, cls: str) -> tuple[str, ...]:
    """Members of a class on all target Pythons, inherited ones included, most used first; ties as in api.json."""
    split = [name.rpartition(".") for name in view.api.symbols]
    owned = (name for owner in (cls, *view.api.bases(cls)) for of, _, name in split if of == owner)
    members = (name for name in dict.fromkeys(owned) if not name.startswith("_") and _available(view, f"{cls}.{name}"))
    return tuple(sorted(members, key=lambda name: -_total(view, cls, name)))[:_MOST]


def _total(view: View, cls: str, member: str) -> float:
    return load_usage().total(symbols.public(view.api, f"{cls}.{member}") or "")


def _available(view: View, name: str) -> bool:
    facts = view.api.facts(name)
    return facts is None or (facts.available(view.target.floor) and facts.available(view.target.ceiling))


def _function(view: View, span: Span, value: Value, card: Card | None) -> FunctionHover | None:
    for member in each(value):
        function = member.made_of if isinstance(member, Signature) else member
        if isinstance(function, Function) and (not function.file.is_stub or function.file.is_summary):
            found = library_outline(view, function) if function.file.is_summary else outline(view, function)
            if found is not None:
                return FunctionHover(span, found, card)
    return None


def _special_method(view: View, node: Node) -> KeywordHover | None:
    text = text_of(node)
    if not (text.startswith("__a") and text.endswith("__")):
        return None
    card = view.catalogue.keyword(text)
    return KeywordHover(span_of(node), card) if card is not None else None


def _keyword(view: View, offset: int) -> KeywordHover | None:
    root = view.file.root
    for at in (offset, offset - 1):
        node = root.descendant_for_byte_range(at, at) if at >= 0 else None
        if node is None or node.start_byte > offset or node.parent is None:
            continue
        find = _KEYWORDS.get(node.type)
        term = find(node.parent) if find is not None and node.child_count == 0 else None
        if node.type == "async" and node.parent.type == "ERROR":
            term = _before(node)
        card = view.catalogue.keyword(term) if term is not None else None
        if card is not None:
            return KeywordHover(span_of(node), card)
    return None


def _of_async(parent: Node) -> str | None:
    if parent.type == "for_in_clause":
        holder = parent.parent
        generator = holder is not None and holder.type == "generator_expression"
        return "async generator expression" if generator else "async comprehension"
    return {
        "function_definition": "async def",
        "for_statement": "async for",
        "with_statement": "async with",
    }.get(parent.type)


def _before(node: Node) -> str:
    """The keyword that an ``async`` in broken code belongs to, judged by the next word."""
    following = node.next_sibling
    return f"async {following.type}" if following is not None and following.type in {"with", "for"} else "async def"


def _if_async(term: str) -> Callable[[Node], str | None]:
    return lambda parent: term if is_async(parent) else None


def _of_yield(parent: Node) -> str | None:
    node: Node | None = parent
    while node is not None and node.type not in {"function_definition", "lambda"}:
        node = node.parent
    inside = node is not None and node.type == "function_definition" and is_async(node)
    return "yield" if inside else None


_KEYWORDS: dict[str, Callable[[Node], str | None]] = {
    "async": _of_async,
    "await": lambda parent: "await",
    "yield": _of_yield,
    "except": lambda parent: "except*" if any(child.type == "*" for child in parent.children) else None,
    "def": _if_async("async def"),
    "for": _if_async("async for"),
    "with": _if_async("async with"),
}
