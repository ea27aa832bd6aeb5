"""Judges by words what may block: the names of a project's plain functions that contain blocking calls.

Names let too much through, but never miss what is spelled plainly; what they let through is then examined by
:mod:`loopwise.analysis.blocking.reach`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from hashlib import blake2b
from typing import TypeVar

import msgspec

from loopwise.analysis.blocking.plain_functions import COMMON, Plain, imported_names, plain_functions
from loopwise.analysis.prefilter import aliases_of, callee_word
from loopwise.analysis.unit import Unit
from loopwise.cards import blocking_table
from loopwise.semantics.bindings import File
from loopwise.syntax import Node, arguments_of, field, text_of

_DEEPEST = 2  # modules between the one that is checked and the one that is read
_SLOW = frozenset({"network", "unbounded"})
_MOST = 20_000  # texts that are kept
# What stays on this machine, and takes long all the same.
_TREES = frozenset("shutil.rmtree shutil.copytree shutil.move shutil.make_archive shutil.unpack_archive".split())


T = TypeVar("T")
_DEFINITION = re.compile(rb"^[ \t]*(async[ \t]+)?def[ \t]+(\w+)", re.MULTILINE)
_DEFINED: dict[bytes, frozenset[bytes]] = {}
_FACTS: dict[bytes, Facts] = {}  # by digest of the text
_PLAIN: dict[bytes, tuple[Plain, ...]] = {}


def takes_long(name: str, long: str, rule: str) -> bool:
    """Is it worth reporting in a helper?  A helper that prompts the user is part of a console tool."""
    if rule == "blocking-input":
        return False
    return long in _SLOW or name in _TREES or (long == "file" and rule in {"blocking-database", "blocking-tls-context"})


class SyncNames(msgspec.Struct, frozen=True):
    """Names that may block when called, and when read."""

    called: frozenset[bytes] = frozenset()
    read: frozenset[bytes] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.called or self.read)


class Facts(msgspec.Struct, frozen=True):
    """Facts about a module's imports, judged by its text."""

    direct: frozenset[bytes]
    """Names in it that refer to something blocking, as far as imports show."""
    opaque: bool
    """Does it import a library any of whose methods may block?"""
    imports: tuple[str, ...]
    """Dotted names of imported modules, and of members that may be modules; as written."""


def may_block(unit: Unit) -> SyncNames:
    """The names of the project's functions that may block when they are called or read in the unit's file."""
    return unit.per_pause.get("may block", lambda: _names(unit, unit.file, _DEEPEST))


def direct(unit: Unit) -> frozenset[bytes]:
    """Names that refer to something blocking in the unit's file."""
    return unit.per_pause.get("direct", lambda: _facts(unit.file).direct)


def may_be_one(unit: Unit, call: Node, names: frozenset[bytes]) -> bool:
    """Is a call, by its spelling, one of ``names``, and not a method that every dictionary, list or string has?"""
    word = callee_word(call, unit.aliases)
    name = word.encode() if word is not None else b""
    if name not in names:
        return False
    callee = field(call, "function")
    if name not in COMMON or callee is None or callee.type != "attribute":
        return True
    owner = field(callee, "object")
    positional, keywords, starred = arguments_of(call)
    if keywords or starred or (owner is not None and text_of(owner) in {"self", "cls"}):
        return True
    return name in direct(unit) and not (positional and _is_key(positional[0]))


def plain_names(unit: Unit) -> frozenset[bytes]:
    """The names of plain functions and async generators in the unit's file and in the modules it imports."""
    return unit.per_pause.get("plain names", lambda: _plain_names(unit))


def _plain_names(unit: Unit) -> frozenset[bytes]:
    modules = (unit.file, *_imported(unit, unit.file, _facts(unit.file)))
    return frozenset().union(*(_kept(_DEFINED, module, _defined) for module in modules))


def _defined(data: bytes) -> frozenset[bytes]:
    found = list(_DEFINITION.finditer(data))
    ends = [one.start() for one in found[1:]] + [len(data)] * bool(found)
    return frozenset(
        one[2] for one, end in zip(found, ends, strict=False) if not one[1] or b"yield" in data[one.end() : end]
    )


def _is_key(node: Node) -> bool:
    """Is it a string that is not a URL or path?"""
    return node.type in {"string", "integer"} and "://" not in text_of(node)


def _names(unit: Unit, file: File, deep: int) -> SyncNames:
    """Names that may block in a module and in those it imports."""
    if file is unit.file:
        return _names_of(unit, file, deep)
    return unit.ev.per_version.get(("may block", file.key, deep), lambda: _names_of(unit, file, deep))


def _names_of(unit: Unit, file: File, deep: int) -> SyncNames:
    facts = _facts(file)
    others = [_names(unit, module, deep - 1) for module in _imported(unit, file, facts)] if deep else []
    return _closed(file, facts, others)


def _closed(file: File, facts: Facts, others: Iterable[SyncNames]) -> SyncNames:
    """The names of ``others``, and of the module's functions that call any of them, directly or not."""
    found = frozenset().union(*(names.called for names in others))
    read = frozenset().union(*(names.read for names in others))
    data, blocks = file.source.data, facts.direct
    if not facts.opaque and not blocks and not any(name in data for name in found):
        return SyncNames(found, read)
    functions = _functions(file)
    now = [one for one in functions if facts.opaque or not blocks.isdisjoint(one.called | one.common)]
    left = tuple(one for one in functions if one not in now)
    read |= {one.name for one in now if one.is_property}
    fresh = found = found | {one.name for one in now if not one.is_property}
    while fresh:
        now = [one for one in left if not fresh.isdisjoint(one.called)]
        left = tuple(one for one in left if one not in now)
        read |= {one.name for one in now if one.is_property}
        fresh = frozenset(one.name for one in now if not one.is_property) - found
        found |= fresh
    return SyncNames(found, read)


def _imported(unit: Unit, file: File, facts: Facts) -> Iterator[File]:
    """The project's modules that a file imports."""
    loaded: dict[str, File | None] = {}
    for name in facts.imports:
        absolute = file.absolute(name)
        package, _, _ = (absolute or "").rpartition(".")
        if absolute and package in loaded and ((parent := loaded[package]) is None or not parent.package):
            continue  # a name in a module, or in a library that cannot be read
        module = loaded[absolute or ""] = unit.ev.modules.load(absolute) if absolute else None
        if module is not None and not module.is_stub and module is not file:
            yield module


def _facts(file: File) -> Facts:
    return _kept(_FACTS, file, _read_facts)


def _read_facts(data: bytes) -> Facts:
    imports = tuple(dict.fromkeys(imported_names(data)))
    roots = {name.partition(".")[0] for name in imports}
    roots |= {real for name, real in _renamed_libraries() if name in roots}
    libraries = _sinks()
    names = set().union(*(libraries[root] for root in roots | {""} if root in libraries))
    blocks = {name for name in names if name in data}
    if blocks:
        blocks |= {new.encode() for new, old in aliases_of(data).items() if old.encode() in blocks}
    project = tuple(name for name in imports if name.partition(".")[0] not in sys.stdlib_module_names)
    return Facts(frozenset(blocks), not roots.isdisjoint(_libraries()), project)


def _kept(cache: dict[bytes, T], file: File, make: Callable[[bytes], T]) -> T:
    """The result of ``make`` for a file's text; cached by content, because several projects can share a file."""
    key = blake2b(file.source.data, digest_size=16).digest()
    found = cache.get(key)
    if found is None:
        if len(cache) >= _MOST:
            cache.clear()
        found = cache[key] = make(file.source.data)
    return found


@cache
def _sinks() -> dict[str, frozenset[bytes]]:
    """The last parts of the names of slow calls, by library; builtins have an empty library name."""
    found: dict[str, set[bytes]] = {}
    for name, calls in blocking_table().exact.items():
        if takes_long(name, calls.long, calls.rule):
            first, _, _ = name.partition(".")
            found.setdefault("" if first in {name, "builtins"} else first, set()).add(name.rpartition(".")[2].encode())
    return {first: frozenset(names) for first, names in found.items()}


@cache
def _libraries() -> frozenset[str]:
    """Libraries any of whose methods may block."""
    table = blocking_table().below.items()
    return frozenset(name.partition(".")[0] for name, calls in table if takes_long(name, calls.long, calls.rule))


@cache
def _renamed_libraries() -> frozenset[tuple[str, str]]:
    """Libraries listed in the table under another's name, each with that name."""
    pairs = {(name.partition(".")[0], real.partition(".")[0]) for name, real in blocking_table().same.items()}
    return frozenset((name, real) for name, real in pairs if name != real)


def _functions(file: File) -> tuple[Plain, ...]:
    """The plain functions of a text, and its classes, which can be called too."""
    return _kept(_PLAIN, file, lambda data: tuple(plain_functions(data)))
