"""Adapts a definition to its new kind, apart from ``async``: the annotation of its result, ``contextmanager``."""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.analysis.unit import Unit
from loopwise.syntax import Node, decorators_of, field, source_of, unwrap
from loopwise.text import Edit, Span
from loopwise.writing import replace

_ASYNC = {"Generator": "AsyncGenerator", "Iterable": "AsyncIterable", "Iterator": "AsyncIterator"}
_AWAITABLES = {"Awaitable": 0, "Coroutine": 2, "CoroutineType": 2}


def async_manager(unit: Unit, function: Node) -> Iterator[Edit]:
    """Replace ``@contextmanager`` by ``@asynccontextmanager``."""
    for mark in decorators_of(function):
        if source_of(mark).rpartition(".")[2] == "contextmanager":
            yield from _renamed(unit, function, mark, "contextlib", "asynccontextmanager")


def async_result(unit: Unit, function: Node) -> Iterator[Edit]:
    """Replace ``Iterator[int]`` by ``AsyncIterator[int]``; a generator's third type, its return type, is dropped."""
    written = _result(function)
    head = _head(written) if written is not None else None
    name = source_of(head).rpartition(".")[2] if head is not None else ""
    if written is None or head is None or name not in _ASYNC:
        return
    yield from _renamed(unit, function, head, "collections.abc", _ASYNC[name])
    types = _arguments(written)
    if name == "Generator" and len(types) == 3:
        yield Edit(Span(types[1].end_byte, types[2].end_byte), b"")


def awaited_result(function: Node) -> Iterator[Edit]:
    """Replace ``Coroutine[Any, Any, int]`` or ``Awaitable[int]`` by ``int``, as the awaiting happens inside now."""
    written = _result(function)
    head = _head(written) if written is not None else None
    at = _AWAITABLES.get(source_of(head).rpartition(".")[2]) if head is not None else None
    types = _arguments(written) if written is not None else []
    if written is not None and at is not None and len(types) == at + 1:
        yield replace(written, source_of(types[at]))


def _renamed(unit: Unit, function: Node, node: Node, module: str, name: str) -> Iterator[Edit]:
    """Replace a name of a module by another, which may be reached through the module."""
    last = field(node, "attribute")
    if last is not None:
        yield replace(last, name)
        return
    written = unit.imported(function, module, name)
    yield from (*written.edits, replace(node, written.text))


def _result(function: Node) -> Node | None:
    """The expression of the annotation; ``None`` if there is none, or a quoted one."""
    annotation = field(function, "return_type")
    return unwrap(annotation.named_children[0]) if annotation is not None and annotation.named_children else None


def _head(written: Node) -> Node | None:
    """``Iterator`` for ``Iterator[int]``."""
    if written.type in {"identifier", "attribute"}:
        return written
    return written.named_children[0] if written.type in {"generic_type", "subscript"} else None


def _arguments(written: Node) -> list[Node]:
    """The type arguments, in square brackets."""
    inner = written.named_children[1:]
    if len(inner) == 1 and inner[0].type == "type_parameter":
        return list(inner[0].named_children)
    return list(inner)
