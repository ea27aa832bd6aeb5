"""The summary of a library's module: a stub made from its text."""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec

from loopwise.semantics.bindings import SUMMARY, File
from loopwise.semantics.index import coroutine_functions
from loopwise.semantics.libraries.stubs import stub_of
from loopwise.syntax import Node, parse
from loopwise.text import Source, encode

_IMPORT = re.compile(rb"^[ \t]*(?:from[ \t]+(\.*[\w.]*)[ \t]+import[ \t]+(.+)|import[ \t]+(.+))$", re.MULTILINE)
_WORD = re.compile(rb"[^\W\d]\w*")


class Summary(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A module without its functions' bodies.

    ``stub`` is Python (UTF-8): imports; functions with their kind, parameters and result, or with the expressions they
    return if they are not annotated; classes with bases, attributes and type parameters; the first paragraph of each
    docstring.  It is evaluated like the stubs of the standard library.
    """

    name: str
    package: bool
    stub: bytes
    needs: tuple[str, ...] = ()
    """Modules (dotted names; some may not exist) that the stub refers to."""
    coroutines: tuple[str, ...] = ()
    """The names of functions that return an awaitable, at any depth."""
    path: str = ""
    """The file that it was made from; empty for a shipped summary and for a namespace package."""

    def file(self) -> File:
        """The module in the form that evaluation takes."""
        return File(self.name, f"{self.path or self.name}{SUMMARY}", Source.of(self.stub), package=self.package)


def summarise(
    name: str, data: bytes, *, package: bool, path: str = "", make: Callable[[Node], bytes] = stub_of
) -> Summary:
    """Summarise a module's text (UTF-8)."""
    stub = make(parse(Source.of(data)).root_node)
    coroutines = tuple(sorted(coroutine_functions(stub)))
    return Summary(name, package, stub, _needs(name, stub, package=package), coroutines, path)


def _needs(name: str, stub: bytes, *, package: bool) -> tuple[str, ...]:
    """The modules that the stub's names come from; a package is taken to use everything it imports."""
    used = None if package else set(_WORD.findall(_IMPORT.sub(b"", stub)))
    found: dict[str, None] = {}
    for source, taken, plain in _IMPORT.findall(stub):
        pairs = [_names(item) for item in (plain or taken).split(b",")]
        wanted = [whole for whole, bound in pairs if used is None or bound in used or whole == b"*"]
        if plain:
            found.update((whole.decode(), None) for whole in wanted)
        elif wanted:
            module = _absolute(name, source.decode(), package=package)
            found[module] = None
            found.update((f"{module}.{whole.decode()}", None) for whole in wanted if not taken.startswith(b"*"))
    return tuple(name for name in found if name)


def _names(item: bytes) -> tuple[bytes, bytes]:
    """``a.b as c`` -> (``a.b``, ``c``); ``a.b`` -> (``a.b``, ``a``)."""
    whole, _, other = item.strip().partition(b" as ")
    return whole.strip(), (other.strip() or whole.partition(b".")[0].strip())


def _absolute(name: str, module: str, *, package: bool) -> str:
    return File(name, "", _EMPTY, package=package).absolute(module) or ""


_EMPTY = Source.of(encode(""))
