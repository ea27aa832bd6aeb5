"""Prefilter: judges by words alone what code may mean, before anything is evaluated.

Evaluation is exact but slow; words are fast but let too much through.  A rule names the words without which it has
nothing to report, and is only asked about units that contain one of them, or an alias of one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from types import MappingProxyType

import msgspec

from loopwise.semantics.index import coroutine_functions
from loopwise.semantics.modules import read, stub_folder
from loopwise.syntax import Node, field, text_of
from loopwise.text import as_name, decode

# Among the words of a rule: the name of any coroutine function.
COROUTINE = "a coroutine function"

# Bytes from 0x80 on are parts of UTF-8 letters, so identifiers need no decoding here.
_WORD = re.compile(rb"[A-Za-z_\x80-\xff][\w\x80-\xff]*")
_AS = re.compile(rb" as[ \t]+([\w\x80-\xff]+)")
_BEFORE = re.compile(rb"([\w\x80-\xff]+)[ \t]*$")
# Simple aliases only; anything more complicated has the original name in it anyway.
_ASSIGNED = re.compile(rb"^[ \t]*(?:self\.)?(\w+)[ \t]*=[ \t]*(?:\w+\.)*(\w+)[ \t]*\r?$", re.MULTILINE)
_FAR = 100  # bytes, more than a name has

_LONGEST_CHAIN = 16  # aliases of aliases; longer chains do not occur


class Names(msgspec.Struct, frozen=True):
    """Full names that a rule looks for (``time.sleep``), and their last parts, by which they occur in code."""

    full: frozenset[str]
    last: frozenset[str]


def names(*full: str) -> Names:
    """The names; each argument may hold several, separated by spaces."""
    every = [name for text in full for name in text.split()]
    return Names(frozenset(every), frozenset(name.rpartition(".")[2] for name in every))


def words_of(data: bytes) -> frozenset[str]:
    """The words of a text, including keywords and the words in strings and comments."""
    return frozenset(as_name(decode(word)) for word in set(_WORD.findall(data)))


def aliases_of(data: bytes) -> Mapping[str, str]:
    """The aliases in a text: ``from time import sleep as nap``, ``nap = time.sleep``."""
    found: dict[str, str] = {}
    for match in _AS.finditer(data):
        old = _BEFORE.search(data, max(0, match.start() - _FAR), match.start())
        if old is not None and old[1] != match[1]:
            found[as_name(decode(match[1]))] = as_name(decode(old[1]))
    for target, value in _ASSIGNED.findall(data):
        if target != value:
            found[as_name(decode(target))] = as_name(decode(value))
    return MappingProxyType(found)


def with_meanings(words: Iterable[str], aliases: Mapping[str, str]) -> frozenset[str]:
    """The words, plus the names that any aliases among them refer to."""
    present = frozenset(words)
    return present | {_meant(word, aliases) for word in present & aliases.keys()}


def _meant(word: str, aliases: Mapping[str, str]) -> str:
    seen = {word}
    while word in aliases and aliases[word] not in seen and len(seen) < _LONGEST_CHAIN:
        word = aliases[word]
        seen.add(word)
    return word


def callee_word(call: Node, aliases: Mapping[str, str]) -> str | None:
    """The last part of the name that a call calls, aliases resolved; ``None`` if it has none (``f()()``)."""
    callee = field(call, "function")
    if callee is not None and callee.type == "attribute":
        callee = field(callee, "attribute")
    if callee is None or callee.type != "identifier":
        return None
    return _meant(text_of(callee), aliases)


@cache
def library_coroutines() -> frozenset[str]:
    """The names of the standard library's coroutine functions, from its stubs."""
    folder = stub_folder()
    paths = [*folder.glob("asyncio/*.pyi"), folder / "contextlib.pyi"] if folder is not None else []
    texts = (read(path) for path in paths)
    return frozenset(name for text in texts if text is not None for name in coroutine_functions(text.data))
