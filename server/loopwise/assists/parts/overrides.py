"""Methods that override each other: of a class, its bases and its subclasses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from loopwise import disk
from loopwise.analysis.unit import Unit
from loopwise.semantics.bindings import Kind
from loopwise.semantics.infer import ClassObject, class_object, inheritance
from loopwise.syntax import CLASSES, Node, field, is_async, node_at, nodes_of, source_of

_MOST_FILES = 2_000  # files of a project that are read for overrides and callers
_LARGEST = 1_000_000  # bytes
# Calls that look a method up by its name: ``getattr``, and functions that tell listeners of events.
_BY_NAME = (
    rb"\b(?:getattr|attrgetter|methodcaller|\w*(?:event|emit|dispatch|fire|notify|signal|trigger)\w*)"
    rb"\((?:[^()\n]{0,60},)?\s*[\"']%s[\"']"
)


class Family(msgspec.Struct, frozen=True):
    """The functions that become async together; ``classes`` are the names of the classes that define them."""

    functions: tuple[Node, ...]
    classes: tuple[str, ...] = ()
    refused: str = ""


def family(unit: Unit, function: Node) -> Family:
    """A function, and if it is a method those of the file that override it or that it overrides."""
    owner, name = unit.owner(function), source_of(field(function, "name") or function)
    if owner is None:
        return Family((function,))
    found, refused = _related(unit, owner, name)
    functions = [function]
    for cls in found:
        for method in _methods(cls, name):
            if method is None:
                return Family((), refused=f"{_short(cls)}.{name} overrides it and is not a plain function")
            if method != function and not is_async(method):
                functions.append(method)
    return Family(tuple(functions), tuple(_short(cls) for cls in found), refused)


def _short(cls: ClassObject) -> str:
    return cls.qualname.rpartition(".")[2]


def _related(unit: Unit, owner: ClassObject, name: str) -> tuple[list[ClassObject], str]:
    """The classes of the file that share the method with ``owner``, and a reason if not all of them are known."""
    orders = {
        cls.qualname: inheritance.mro(unit.ev, cls)
        for cls in (class_object(unit.file, node) for node in nodes_of(unit.file.root, CLASSES))
    }
    found: dict[str, ClassObject] = {owner.qualname: owner}
    queue = [owner]
    while queue:
        cls = queue.pop()
        for base in orders.get(cls.qualname, ())[1:]:
            if name not in base.file.table_of(base.node).by_name:
                continue
            # Other files are not edited, so their methods must be async already.
            if base.file is not unit.file and base.file.name != unit.file.name:
                if not all(method is not None and is_async(method) for method in _methods(base, name)):
                    return list(found.values()), f"{_short(base)}.{name}() is not async, and this method overrides it"
            elif base.qualname not in found:
                found[base.qualname] = base
                queue.append(base)
        for other in (order[0] for order in orders.values() if order):
            below = any(
                base.qualname == cls.qualname and base.file.name == unit.file.name for base in orders[other.qualname]
            )
            if below and other.qualname not in found:
                found[other.qualname] = other
                queue.append(other)
    return list(found.values()), ""


def _methods(cls: ClassObject, name: str) -> Iterator[Node | None]:
    """The functions with a name in a class's own body; ``None`` for any other binding of the name."""
    for binding in cls.file.table_of(cls.node).by_name.get(name, ()):
        span = binding.value.shifted(cls.node.start_byte) if binding.value is not None else None
        node = node_at(cls.file.root, span) if span is not None else None
        yield node if binding.kind is Kind.FUNCTION and node is not None else None


class Elsewhere(msgspec.Struct, frozen=True):
    """The names of the project's other files that refer to a function."""

    callers: tuple[str, ...] = ()
    overrides: tuple[str, ...] = ()


def elsewhere(unit: Unit, name: str, classes: tuple[str, ...]) -> Elsewhere:
    """The other files that use or override the function, judged by their text; empty before the project was walked."""
    index = unit.view.index
    if index is None or not index.complete:
        return Elsewhere()
    return unit.per_pause.get(("elsewhere", name, classes), lambda: _looked(unit, index.paths(), name, classes))


def _looked(unit: Unit, paths: tuple[str, ...], name: str, classes: tuple[str, ...]) -> Elsewhere:
    module = unit.file.name.rpartition(".")[2]
    near = re.compile(rb"\b(?:" + b"|".join(re.escape(one.encode()) for one in (module, *classes)) + rb")\b")
    used = re.compile((rb"\.\s*" if classes else rb"\b") + re.escape(name.encode()) + rb"\b")
    below = re.compile(
        rb"^\s*class\s+\w+\s*\([^)]*\b(?:" + b"|".join(one.encode() for one in classes) + rb")\b", re.MULTILINE
    )
    defined = re.compile(rb"^\s+def\s+" + re.escape(name.encode()) + rb"\s*\(", re.MULTILINE)
    by_name = re.compile(_BY_NAME % re.escape(name.encode()))
    callers, overrides = [], []
    for path in paths[:_MOST_FILES]:
        own = unit.file.key in {path, Path(path).as_uri()}
        data = (not own and disk.data(path, _LARGEST)) or b""
        # By text, because parsing thousands of files takes too long for a menu.
        if name.encode() not in data:
            continue
        is_near = near.search(data)
        if is_near and classes and below.search(data) and defined.search(data):
            overrides.append(Path(path).name)
        elif by_name.search(data) or (is_near and used.search(data)):
            callers.append(Path(path).name)
    return Elsewhere(tuple(callers), tuple(overrides))


__all__ = ["Elsewhere", "Family", "elsewhere", "family"]
