"""Names and parameters of asyncio by version: their uses in code, and the Pythons that have them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType

from loopwise.analysis.unit import Unit
from loopwise.cards import Facts, load_api
from loopwise.semantics import symbols
from loopwise.syntax import Node, field, parts_of, text_of
from loopwise.text import encode
from loopwise.versions import Version, parse_version

_METHODS = frozenset({"method", "coroutine method", "property"})


def names_used(unit: Unit, node: Node, words: frozenset[str]) -> Iterator[tuple[Node, str]]:
    """The identifiers in an attribute, call, decorator or class head that mean a public asyncio name, with that name.

    ``words`` are the last parts of the names to look for.
    """
    for identifier in _identifiers(node):
        word = text_of(identifier)
        if word in words or (unit.aliases.get(word) in words and _is_imported(unit, word)):
            name = symbols.use_of(unit.ev, unit.view.api, unit.file, identifier).name
            if name is not None:
                yield identifier, name


def imports_of(node: Node) -> Iterator[tuple[Node, str]]:
    """The names imported by ``from asyncio import …``: the identifier, and the public name."""
    module = field(node, "module_name")
    if module is None or not symbols.is_asyncio(text_of(module)):
        return
    for item in node.children_by_field_name("name"):
        name = field(item, "name") if item.type == "aliased_import" else item
        if name is not None and len(parts_of(name)) == 1:
            yield name, symbols.public(load_api(), f"{text_of(module)}.{text_of(name)}") or ""


@cache
def outdated(ceiling: Version) -> Mapping[str, Facts]:
    """The names deprecated in a Python or missing from it, without the members of classes that are so as a whole."""
    found = {
        name: facts
        for name in load_api().symbols
        if (facts := load_api().facts(name)) is not None
        and (facts.deprecated_at(ceiling) or facts.removed_at(ceiling))
        and not name.startswith("asyncio.trsock.")
        and not _goes_with_class(name, facts)
    }
    return MappingProxyType(found)


@cache
def newer(floor: Version) -> Mapping[str, Facts]:
    """The names added after a Python, without the members of classes added after it."""
    found: dict[str, Facts] = {}
    for name in load_api().symbols:
        facts, owner = load_api().facts(name), load_api().symbols.get(name.rpartition(".")[0])
        since = parse_version((facts.since if facts is not None else None) or "")
        whole = owner is not None and (parse_version(owner.since or "") or (0, 0)) > floor
        if facts is not None and since is not None and since > floor and not whole:
            found[name] = facts
    return MappingProxyType(found)


@cache
def newer_parameters(floor: Version) -> Mapping[str, Mapping[str, str]]:
    """The parameters added after a Python, by function: each with the version that added it."""
    found: dict[str, Mapping[str, str]] = {}
    for name, facts in load_api().symbols.items():
        before: set[str] = set()
        for since, signature in facts.signatures:
            now = _parameters(signature)
            if before and (parse_version(since) or floor) > floor and now - before:
                found[name] = {**found.get(name, {}), **dict.fromkeys(now - before, since)}
            before |= now
    return MappingProxyType(found)


def last_parts(names: Mapping[str, object]) -> frozenset[str]:
    """The last parts of names, which occur in code."""
    return frozenset(name.rpartition(".")[2] for name in names)


def _identifiers(node: Node) -> Iterator[Node]:
    """The identifiers in ``node`` that are not parts of attributes: attributes are checked on their own."""
    if node.type == "attribute":
        parts = [field(node, "attribute")]
    elif node.type == "call":
        arguments = field(node, "arguments")
        parts = [field(node, "function"), *(parts_of(arguments) if arguments is not None else ())]
    elif node.type == "decorator":
        parts = list(parts_of(node))
    else:
        listed = field(node, "superclasses")
        parts = list(parts_of(listed)) if listed is not None else []
    yield from (part for part in parts if part is not None and part.type == "identifier")


def _is_imported(unit: Unit, word: str) -> bool:
    """Is it bound by an import under another name?  Assigned aliases are reported where they are assigned."""
    return encode(f" as {word}") in unit.file.source.data


def _goes_with_class(name: str, facts: Facts) -> bool:
    owner = load_api().symbols.get(name.rpartition(".")[0])
    return facts.kind in _METHODS and owner is not None and bool(owner.removed)


def _parameters(signature: str) -> set[str]:
    """The names in ``(coro, *, name=None)`` that a keyword argument can have."""
    parts = signature.strip("()").split(", ")
    return {part.partition("=")[0] for part in parts if part and not part.startswith("*")}
