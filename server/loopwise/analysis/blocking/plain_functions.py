"""Finds the plain functions in a module's text: their names, and the names of their callees.

A syntax tree would be more exact, but a text can be scanned for thousands of files.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from loopwise.text import decode

_HEAD = re.compile(
    rb"^(?P<indent>[ \t]*)(?:@(?P<mark>[\w.]+)|(?P<asynchronous>async[ \t]+)?(?P<word>def|class)[ \t]+(?P<name>\w+))",
    re.MULTILINE,
)
_CALLED = re.compile(rb"(\w+)[ \t]*\(")
# Names that dictionaries, lists, sets and texts have too: most calls are theirs. They take no keywords, mostly.
COMMON = frozenset(name.encode() for cls in (dict, list, set, str, bytes) for name in vars(cls) if name[:2] != "__")
_ANY = b"|".join(sorted(COMMON))
_OWN = re.compile(
    rb"\b(?:(?:self|cls)[ \t]*\.[ \t]*(" + _ANY + rb")[ \t]*\(|(" + _ANY + rb")[ \t]*\([^()]*\w[ \t]*=(?!=))"
)
_IMPORT = re.compile(
    rb"^[ \t]*(?:from[ \t]+([\w.]+)[ \t]+import[ \t]+(\([^)]*\)|[^\n]*)|import[ \t]+([^\n]+))", re.MULTILINE
)
_WORD = re.compile(rb"\w+")
# Decorators whose functions run on attribute access, without a call.
_PROPERTIES = frozenset({b"property", b"cached_property"})
# These run when the class is called, so a call of the class is a call of them.
_MADE_WITH = frozenset({b"__init__", b"__new__", b"__post_init__"})


class Plain(msgspec.Struct, frozen=True):
    """A plain function, or a class with its bases as callees, in a module's text."""

    name: bytes
    called: frozenset[bytes]
    common: frozenset[bytes] = frozenset()
    """Its callees with a name in ``COMMON``, which may well be a dictionary's methods."""
    is_property: bool = False


def plain_functions(data: bytes) -> Iterator[Plain]:
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


def imported_names(data: bytes) -> Iterator[str]:
    """The names that a text imports: ``a.b``, and for ``from a import b`` both ``a`` and ``a.b``."""
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
