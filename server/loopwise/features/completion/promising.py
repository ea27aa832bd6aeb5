"""Selects the bindings worth evaluating by their text, so that a keystroke in a long file is cheap.

Evaluating a name takes about 0.1 ms; a class in a real project has a hundred attributes.
"""

from __future__ import annotations

import re
from functools import cache

from loopwise.features.completion.place import Place, Wants
from loopwise.semantics.bindings import Binding, File, Kind
from loopwise.syntax import Node, decorators_of, field, is_async, node_at, text_of

_WORDS = re.compile(rb"[A-Za-z_]\w*")
# Parts of the names of all types that can be awaited, entered or iterated.
_RESULTS = re.compile(r"Awaitable|Coroutine|Future|Task|Async|Generator|Iterator|ContextManager")
_ASYNC_DECORATORS = re.compile(r"async|coroutine|contextmanager", re.IGNORECASE)
_ALSO = frozenset({b"contextlib", b"AsyncExitStack", b"aclosing", b"Awaitable", b"Coroutine", b"AsyncIterator"})


@cache
def _asyncio_words(symbols: frozenset[str]) -> frozenset[bytes]:
    """Last parts of asyncio's public names."""
    return frozenset(symbol.rpartition(".")[2].encode() for symbol in symbols) - {b"name", b"get", b"set", b"run"}


def words(place: Place) -> frozenset[bytes]:
    """Words, one of which a binding must contain: asyncio's names, the file's own classes and coroutine functions."""
    table = place.view.file.table
    own = frozenset(name.encode() for name, found in table.by_name.items() if _is_async(place.view.file, found[-1]))
    return _asyncio_words(frozenset(place.view.api.symbols)) | _ALSO | own | _classes(place)


def _classes(place: Place) -> frozenset[bytes]:
    """Classes whose instances may have fitting methods: the file's own, and those that it imports by name."""
    found = (
        name.encode()
        for name, bindings in place.view.file.table.by_name.items()
        if bindings[-1].kind is Kind.CLASS or (bindings[-1].kind is Kind.FROM and name.lstrip("_")[:1].isupper())
    )
    return frozenset(found)


def _is_async(file: File, binding: Binding) -> bool:
    """Is it a class with asynchronous special methods, or a coroutine function?"""
    if binding.value is None:
        return False
    text = file.source.data[binding.value.start : binding.value.end]
    return (binding.kind is Kind.CLASS and b"async def __a" in text) or (
        binding.kind is Kind.FUNCTION and text.startswith(b"async")
    )


def binding_is_promising(file: File, unit: Node, binding: Binding, wanted: frozenset[bytes], *, local: bool) -> bool:
    """May a variable or attribute hold something that can be awaited, entered or iterated?"""
    if binding.kind is Kind.FROM:
        return True
    if binding.annotation is None and binding.value is None:
        return False
    given = _parameter_of(file, unit, binding)
    if given is not None:
        return binding_is_promising(file, unit, given, wanted, local=False)
    data, start = file.source.data, unit.start_byte
    spans = [span for span in (binding.annotation, binding.value) if span is not None]
    if local and binding.kind is Kind.ASSIGN and binding.value is not None:
        text = data[binding.value.start + start : binding.value.end + start]
        if not text.startswith(b"await"):
            return True
    return any(
        not wanted.isdisjoint(_WORDS.findall(data, span.start + start, min(span.end, span.start + 400) + start))
        for span in spans
    )


def _parameter_of(file: File, unit: Node, binding: Binding) -> Binding | None:
    """The annotated parameter that an attribute is set to: ``self.reader = reader``."""
    if binding.kind is not Kind.ASSIGN or binding.value is None or unit.type != "function_definition":
        return None
    name = file.source.data[binding.value.start + unit.start_byte : binding.value.end + unit.start_byte]
    parameters = file.table_of(unit).parameters
    return next((p for p in parameters if p.name.encode() == name and p.annotation is not None), None)


def function_is_promising(place: Place, node: Node) -> bool:
    """May a call of the function return what is needed?"""
    if place.wants is Wants.FUNCTION:
        return True
    decorators = decorators_of(node)
    if is_async(node):
        return True
    result = field(node, "return_type")
    if result is not None and _RESULTS.search(text_of(result)):
        return True
    return any(_ASYNC_DECORATORS.search(text_of(decorator)) for decorator in decorators)


def definition_of(file: File, unit: Node, bindings: tuple[Binding, ...]) -> Node | None:
    """The last definition of a function."""
    return node_at(file.root, (bindings[-1].value or bindings[-1].at).shifted(unit.start_byte))
