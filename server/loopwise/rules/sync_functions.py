"""What may block, judged by words: the names of a project's plain functions in which something that blocks is called.

Names let through too much and never too little for what is spelled plainly; :mod:`loopwise.rules.reach` looks closely
at what they let through.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from weakref import WeakKeyDictionary

import msgspec

from loopwise.knowledge_blocking import blocking_table
from loopwise.rules.spelled import callee_word, renamed
from loopwise.rules.unit import Unit
from loopwise.semantics.files import File
from loopwise.syntax import Node, arguments_of, field, text_of
from loopwise.text import decode

_HEAD = re.compile(
    rb"^(?P<indent>[ \t]*)(?:@(?P<mark>[\w.]+)|(?P<asynchronous>async[ \t]+)?(?P<word>def|class)[ \t]+(?P<name>\w+))",
    re.MULTILINE,
)
_CALLED = re.compile(rb"(\w+)[ \t]*\(")
# Names that dictionaries, lists, sets and texts have too: most calls are theirs. They take no keywords, mostly.
COMMON = frozenset(name.encode() for cls in (dict, list, set, str, bytes) for name in vars(cls) if name[:2] != "__")
_OWN = re.compile(
    rb"\b(?:(?:self|cls)[ \t]*\.[ \t]*(%s)[ \t]*\(|(%s)[ \t]*\([^()]*\w[ \t]*=(?!=))"
    % ((b"|".join(sorted(COMMON)),) * 2)
)
_IMPORT = re.compile(
    rb"^[ \t]*(?:from[ \t]+([\w.]+)[ \t]+import[ \t]+(\([^)]*\)|[^\n]*)|import[ \t]+([^\n]+))", re.MULTILINE
)
_WORD = re.compile(rb"\w+")
_PROPERTIES = frozenset({b"property", b"cached_property"})
_MADE_WITH = frozenset({b"__init__", b"__new__", b"__post_init__"})
_DEEPEST = 2  # modules between the one that is checked and the one that is read
_SLOW = frozenset({"network", "unbounded"})
# What stays on this machine, and takes long all the same.
_TREES = frozenset("shutil.rmtree shutil.copytree shutil.move shutil.make_archive shutil.unpack_archive".split())


def takes_long(name: str, long: str, rule: str) -> bool:
    """Is it worth a word when it is a helper that does it?"""
    return long in _SLOW or name in _TREES or (long == "file" and rule == "blocking-database")


class Names(msgspec.Struct, frozen=True):
    """Names of what may block when it is called, and when it is read."""

    called: frozenset[bytes] = frozenset()
    read: frozenset[bytes] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.called or self.read)


class Plain(msgspec.Struct, frozen=True):
    """A plain function, or a class with its bases for calls, in a module's text."""

    name: bytes
    called: frozenset[bytes]
    common: frozenset[bytes] = frozenset()
    """What it calls that has a name in ``COMMON``, and may well be a dictionary's."""
    is_property: bool = False


class Facts(msgspec.Struct, frozen=True):
    """What a module's text says."""

    functions: tuple[Plain, ...]
    direct: frozenset[bytes]
    """Names that stand for something that blocks, as far as the module's imports go."""
    opaque: bool
    """Does it import a library of which any method may block?"""
    imports: tuple[str, ...]
    """Dotted names of modules, and of what may be one; as written."""


_FACTS: WeakKeyDictionary[File, Facts] = WeakKeyDictionary()


def may_block(unit: Unit) -> Names:
    """The names of the project's functions that may block when they are called or read in the unit's file."""
    return unit.lastingly("may block", lambda: _names(unit, unit.file, _DEEPEST))


def direct(unit: Unit) -> frozenset[bytes]:
    """Names that stand for something that blocks in the unit's file."""
    return unit.lastingly("direct", lambda: facts_of(unit.file).direct)


def facts_of(file: File) -> Facts:
    """What the text of a module says; kept as long as the file."""
    found = _FACTS.get(file)
    if found is None:
        found = _FACTS[file] = _facts(file.source.data)
    return found


def may_be_one(unit: Unit, call: Node, names: frozenset[bytes]) -> bool:
    """Is a call, by its spelling, one of ``names``, and not a method that every dictionary, list or text has?"""
    word = callee_word(call, unit.others)
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
    return name in facts_of(unit.file).direct and not (positional and _is_key(positional[0]))


def _is_key(node: Node) -> bool:
    """Is it a text that is no address?"""
    return node.type in {"string", "integer"} and "://" not in text_of(node)


def _names(unit: Unit, file: File, deep: int) -> Names:
    """What may block in a module and in those that it imports."""
    key = ("may block", file.key, deep)
    if file is not unit.file and key in unit.ev.kept:
        kept: Names = unit.ev.kept[key]
        return kept
    facts = facts_of(file)
    others = [_names(unit, module, deep - 1) for module in _imported(unit, file, facts)] if deep else []
    found = _closed(facts, others)
    if file is not unit.file:
        unit.ev.kept[key] = found
    return found


def _closed(facts: Facts, others: Iterable[Names]) -> Names:
    """The names of ``others``, and those of the module's functions that call any of all these."""
    found = frozenset().union(*(names.called for names in others))
    read = frozenset().union(*(names.read for names in others))
    opaque, direct = facts.opaque, facts.direct
    now = [one for one in facts.functions if opaque or not (direct.isdisjoint(one.called | one.common))]
    left = tuple(one for one in facts.functions if one not in now)
    read |= {one.name for one in now if one.is_property}
    fresh = found | {one.name for one in now if not one.is_property}
    found = fresh
    while fresh:
        now = [one for one in left if not fresh.isdisjoint(one.called)]
        left = tuple(one for one in left if one not in now)
        read |= {one.name for one in now if one.is_property}
        fresh = frozenset(one.name for one in now if not one.is_property) - found
        found |= fresh
    return Names(found, read)


def _imported(unit: Unit, file: File, facts: Facts) -> Iterator[File]:
    """The project's modules that one imports."""
    loaded: dict[str, File | None] = {}
    for name in facts.imports:
        absolute = file.absolute(name)
        package, _, _ = (absolute or "").rpartition(".")
        if absolute and package in loaded and ((parent := loaded[package]) is None or not parent.package):
            continue  # a name in a module, or in a library that cannot be read
        module = loaded[absolute or ""] = unit.ev.modules.load(absolute) if absolute else None
        if module is not None and not module.is_stub and module is not file:
            yield module


def _facts(data: bytes) -> Facts:
    imports = tuple(dict.fromkeys(_imports(data)))
    roots = {name.partition(".")[0] for name in imports}
    roots |= {real for name, real in _renamed_libraries() if name in roots}
    direct = {last for last, where in _sinks().items() if "" in where or not roots.isdisjoint(where)}
    direct |= {new.encode() for new, old in renamed(data).items() if old.encode() in direct}
    opaque = not roots.isdisjoint(_libraries())
    project = tuple(name for name in imports if name.partition(".")[0] not in sys.stdlib_module_names)
    return Facts(tuple(_functions(data)), frozenset(direct), opaque, project)


@cache
def _sinks() -> dict[bytes, frozenset[str]]:
    """The last parts of the names of what takes long, each with the libraries that have it."""
    found: dict[bytes, set[str]] = {}
    for name, calls in blocking_table().exact.items():
        if takes_long(name, calls.long, calls.rule):
            first, _, _ = name.partition(".")
            found.setdefault(name.rpartition(".")[2].encode(), set()).add("" if first in {name, "builtins"} else first)
    return {last: frozenset(where) for last, where in found.items()}


@cache
def _libraries() -> frozenset[str]:
    """Libraries of which any method may block."""
    table = blocking_table().below.items()
    return frozenset(name.partition(".")[0] for name, calls in table if takes_long(name, calls.long, calls.rule))


@cache
def _renamed_libraries() -> frozenset[tuple[str, str]]:
    """Libraries that stand for another one in the table, each with that one."""
    pairs = {(name.partition(".")[0], real.partition(".")[0]) for name, real in blocking_table().same.items()}
    return frozenset((name, real) for name, real in pairs if name != real)


def _imports(data: bytes) -> Iterator[str]:
    """What a text imports: ``a.b``, and for ``from a import b`` both ``a`` and ``a.b``."""
    for match in _IMPORT.finditer(data):
        if match[3] is not None:
            yield from (decode(part.split()[0]) for part in match[3].split(b",") if part.split())
            continue
        module = decode(match[1])
        yield module
        for part in match[2].strip(b"()").split(b","):
            name = _WORD.search(part)
            if name is not None:
                yield f"{module}{'' if module.endswith('.') else '.'}{decode(name[0])}"


def _functions(data: bytes) -> Iterator[Plain]:
    """The plain functions of a text, and its classes, which are called too."""
    heads = list(_HEAD.finditer(data))
    marks: list[bytes] = []
    classes: list[tuple[int, bytes]] = []
    for index, match in enumerate(heads):
        if match["mark"] is not None:
            marks.append(match["mark"].rpartition(b".")[2])
            continue
        indent, name, own = len(match["indent"]), match["name"], marks
        marks = []
        classes = [(at, cls) for at, cls in classes if at < indent]
        if match["word"] == b"class":
            classes.append((indent, name))
            line = data[match.end() : data.find(b":", match.end())]
            yield Plain(name, frozenset(_WORD.findall(line)))
        elif match["asynchronous"] is None:
            end = next((one.start() for one in heads[index + 1 :] if len(one["indent"]) <= indent), len(data))
            called = frozenset(_CALLED.findall(data, match.end(), end))
            common = called & COMMON
            if common:
                sure = {one or other for one, other in _OWN.findall(data, match.end(), end)}
                called -= common - sure
            made = classes[-1][1] if name in _MADE_WITH and classes else name
            yield Plain(made, called, common, not _PROPERTIES.isdisjoint(own))
