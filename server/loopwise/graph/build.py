"""Builds the graph of a module, one function at a time, and caches it until an input changes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import blake2b
from weakref import WeakKeyDictionary

import msgspec

from loopwise.analysis.prefilter import aliases_of
from loopwise.analysis.unit import Unit
from loopwise.graph.edges import Own, decorators
from loopwise.graph.targets import ref_of_class
from loopwise.graph.values import Class, Edge, Function, ModuleGraph
from loopwise.memo import Memo
from loopwise.project import View
from loopwise.semantics.bindings import File, Kind
from loopwise.semantics.infer import Evaluator, class_object, definitions, inheritance, is_generator
from loopwise.semantics.modules import Others
from loopwise.syntax import CLASSES, FUNCTIONS, Node, field, is_async, nodes_of

_PROPERTY = re.compile(
    rb"@(?:\w+\.)?(?:cached_)?property\b[^\n]*\n(?:[ \t]*@[^\n]*\n)*[ \t]*(?:async[ \t]+)?def[ \t]+(\w+)"
)
_DIGESTS: WeakKeyDictionary[File, bytes] = WeakKeyDictionary()


class _Kept(msgspec.Struct, frozen=True):
    """A graph with its inputs: digests of the module's text and of each module that was looked up."""

    own: bytes
    others: dict[str, bytes]
    graph: ModuleGraph


class _Asked:
    """Records each module that is looked up, except the standard library's stubs, which do not change."""

    def __init__(self, modules: Others) -> None:
        self._modules = modules
        self.noted: dict[str, bytes] = {}

    def load(self, name: str) -> File | None:
        # Stubs do not change while the process runs; summaries may.
        file = self._modules.load(name)
        if file is None or not file.is_stub or file.is_summary:
            self.noted[name] = _digest(file)
        return file


class Builder:
    """Builds the graphs of modules; one per session or run of a command."""

    def __init__(self) -> None:
        self._kept: dict[str, _Kept] = {}

    def known(self, view: View) -> ModuleGraph | None:
        """The graph of the view's file, if it has been built and is still valid."""
        kept = self._kept.get(view.file.key)
        if kept is None or kept.own != _digest(view.file):
            return None
        load = view.evaluator.modules.load
        return kept.graph if all(_digest(load(name)) == digest for name, digest in kept.others.items()) else None

    def steps(self, view: View) -> Iterator[None]:
        """Build the graph of the view's file, one call per step; :meth:`known` returns it afterwards."""
        file, ev = view.file, view.evaluator
        asked = _Asked(ev.modules)
        # A fresh evaluator, so that every module it loads is recorded as an input.
        fresh = Evaluator(asked, ev.version, ev.platform, annotated=ev.annotated, stubs=ev.stubs, per_version=Memo())
        seen = msgspec.structs.replace(view, evaluator=fresh)
        unit = Unit(seen, file.root, aliases_of(file.source.data))
        properties = _properties(asked, file)
        functions: dict[str, Function] = {}
        for node in (file.root, *nodes_of(file.root, FUNCTIONS)):
            made: list[Function] = []
            for step in _function(unit, node, properties):
                made += [step] if step is not None else []
                yield None
            for one in made:
                functions[one.name] = _joined(functions.get(one.name), one)
        classes = {one.name: one for one in _classes(unit)}
        graph = ModuleGraph(file.key, file.name, functions, classes)
        self._kept[file.key] = _Kept(_digest(file), asked.noted, graph)

    def made(self, view: View) -> ModuleGraph | None:
        """The last graph built for the view's file, even if it is out of date."""
        kept = self._kept.get(view.file.key)
        return kept.graph if kept is not None else None

    def graph(self, view: View) -> ModuleGraph:
        """The graph of the view's file, built now if necessary."""
        known = self.known(view)
        if known is not None:
            return known
        for _ in self.steps(view):
            pass
        return self._kept[view.file.key].graph


def _function(unit: Unit, node: Node, properties: frozenset[str]) -> Iterator[Function | None]:
    own = Own(unit, field(node, "body") or node, properties)
    edges: list[Edge] = []
    for edge in own.edges():
        if edge is None:
            yield None
        else:
            edges.append(edge)
    name, locks = field(node, "name"), tuple(own.locks())
    found = tuple(dict.fromkeys(edges))
    if name is None:
        yield Function("", False, False, 0, node.end_byte, 0, 0, 0, found, locks)
        return
    marks = decorators(node)
    yield Function(
        definitions.qualname(unit.file, node),
        is_async(node),
        is_generator(node),
        node.start_byte,
        node.end_byte,
        name.start_byte,
        name.end_byte,
        name.start_point[0],
        found,
        locks,
        marks,
        is_overload=any(mark.rpartition(".")[2] == "overload" for mark in marks),
    )


def _joined(before: Function | None, now: Function) -> Function:
    """Merge definitions of one name into one function: overloads, one per branch, a property and its setter."""
    # An implementation replaces its overloads, whose bodies are empty.
    if before is None or before.is_overload:
        return now
    if now.is_overload:
        return before
    edges = tuple(dict.fromkeys((*before.edges, *now.edges)))
    return msgspec.structs.replace(before, edges=edges, locks=(*before.locks, *now.locks))


def _classes(unit: Unit) -> Iterator[Class]:
    for node in nodes_of(unit.file.root, CLASSES):
        cls = class_object(unit.file, node)
        order = inheritance.mro(unit.ev, cls)[1:]
        bases = tuple(ref_of_class(base) for base in order if not base.file.is_stub)
        table = unit.file.table_of(node).by_name
        methods = frozenset(n for n, found in table.items() if any(b.kind is Kind.FUNCTION for b in found))
        yield Class(cls.qualname, bases, methods)


def _properties(modules: Others, file: File) -> frozenset[str]:
    """The names of properties in a module and in the project's modules that it imports."""
    found = set(_PROPERTY.findall(file.source.data))
    for binding in file.table.imports:
        absolute = file.absolute(binding.module)
        other = modules.load(absolute) if absolute else None
        if other is not None and not other.is_stub:
            found.update(_PROPERTY.findall(other.source.data))
    return frozenset(name.decode(errors="replace") for name in found)


def _digest(file: File | None) -> bytes:
    if file is None:
        return b""
    known = _DIGESTS.get(file)
    if known is None:
        known = _DIGESTS[file] = blake2b(file.source.data, digest_size=16).digest()
    return known
