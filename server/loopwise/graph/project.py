"""Combines the graphs of modules: callers of functions, overrides of methods, entry points."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import NamedTuple

from loopwise.graph.values import CONCURRENT, Class, Edge, Function, ModuleGraph, Ref

_DEEPEST = 8  # plain functions between a coroutine function and what blocks
_TRANSPARENT = frozenset({"contextmanager"})


class Incoming(NamedTuple):
    """An edge as seen from its target."""

    source: Ref
    edge: Edge


class Blocked(NamedTuple):
    """A chain to a blocking call: the call in the function, the functions in between, the blocking call."""

    edge: Edge
    through: tuple[Ref, ...]
    sink: Edge


class Graph:
    """The graphs of some modules of a project; read-only."""

    def __init__(self, modules: Iterable[ModuleGraph]) -> None:
        self.modules: Mapping[str, ModuleGraph] = {module.path: module for module in modules}

    def function(self, ref: Ref) -> Function | None:
        module = self.modules.get(ref.path)
        return module.functions.get(ref.name) if module is not None else None

    def functions(self) -> Iterator[tuple[Ref, Function]]:
        for module in self.modules.values():
            for function in module.functions.values():
                yield Ref(module.path, function.name), function

    def label(self, ref: Ref) -> str:
        """``app.net.Client.fetch``; for a module's own code, the module's name."""
        module = self.modules.get(ref.path)
        known = module.module if module is not None else ref.path.rpartition("/")[2].removesuffix(".py")
        return f"{known}.{ref.name}" if ref.name else known

    def reached(self, edge: Edge) -> tuple[Ref, ...]:
        """The functions that an edge may reach: its target, and overrides in subclasses of the receiver's class.

        An abstract method of a base is included, because that is where a reader starts.
        """
        if edge.target is None:
            return ()
        if edge.receiver is None:
            return (edge.target,)
        method = edge.target.name.rpartition(".")[2]
        return (edge.target, *self._overrides.get((edge.receiver, method), ()))

    def relatives(self, ref: Ref) -> tuple[Ref, ...]:
        """The methods related to one by overriding: in its class's bases, and in their subclasses."""
        owner, _, method = ref.name.rpartition(".")
        cls = self._class(Ref(ref.path, owner)) if owner else None
        if cls is None:
            return ()
        holders = [Ref(ref.path, owner), *(base for base in cls.bases if self._has(base, method))]
        found = [Ref(base.path, f"{base.name}.{method}") for base in holders]
        found += [override for base in holders for override in self._overrides.get((base, method), ())]
        return tuple(one for one in dict.fromkeys(found) if one != ref)

    def _class(self, ref: Ref) -> Class | None:
        module = self.modules.get(ref.path)
        return module.classes.get(ref.name) if module is not None else None

    def _has(self, cls: Ref, method: str) -> bool:
        known = self._class(cls)
        return known is not None and method in known.methods

    @cached_property
    def _overrides(self) -> Mapping[tuple[Ref, str], tuple[Ref, ...]]:
        """By class and method: the methods of subclasses that override it."""
        found: dict[tuple[Ref, str], list[Ref]] = {}
        for path, cls in self._classes():
            for base in cls.bases:
                for method in cls.methods:
                    found.setdefault((base, method), []).append(Ref(path, f"{cls.name}.{method}"))
        return {key: tuple(refs) for key, refs in found.items()}

    def _classes(self) -> Iterator[tuple[str, Class]]:
        for module in self.modules.values():
            yield from ((module.path, cls) for cls in module.classes.values())

    @cached_property
    def _incoming(self) -> Mapping[Ref, tuple[Incoming, ...]]:
        found: dict[Ref, list[Incoming]] = {}
        for ref, function in self.functions():
            for edge in function.edges:
                for target in self.reached(edge):
                    found.setdefault(target, []).append(Incoming(ref, edge))
        return {ref: tuple(edges) for ref, edges in found.items()}

    def incoming(self, ref: Ref) -> tuple[Incoming, ...]:
        """The edges that may reach a function, including those through a base of its class."""
        return self._incoming.get(ref, ())

    def blocked(self, ref: Ref) -> tuple[Blocked, ...]:
        """The blocking calls of a function where it runs, its own and those of plain functions that it calls."""
        return tuple(self._blocked(ref, frozenset({ref})))

    def _blocked(self, ref: Ref, seen: frozenset[Ref]) -> Iterator[Blocked]:
        function = self.function(ref)
        for edge in function.edges if function is not None else ():
            # Brief calls count in the function itself only, as in the rules.
            if edge.kind == "blocks" and (edge.lasting or len(seen) == 1):
                yield Blocked(edge, (), edge)
            elif edge.kind == "calls" and edge.target is not None and edge.target not in seen:
                yield from self._through(edge, edge.target, seen)

    def _through(self, edge: Edge, target: Ref, seen: frozenset[Ref]) -> Iterator[Blocked]:
        called = self.function(target)
        if called is None or called.is_async or len(seen) > _DEEPEST:
            return
        # Calling a generator function runs nothing, unless the decorator turns it into a context manager.
        if called.is_generator and not any(mark.rpartition(".")[2] in _TRANSPARENT for mark in called.decorators):
            return
        found = next(iter(self._blocked(target, seen | {target})), None)
        if found is not None:
            yield Blocked(edge, (target, *found.through), found.sink)

    # Where all starts

    def entries(self) -> Iterator[tuple[Ref, str]]:
        """The entry points of async code, each with its reason: an event loop runs it, a handler, no caller here."""
        run = {
            target: f"run by {self.label(ref)}"
            # Reversed, so that of several callers the first in the source is named.
            for ref, function in reversed(list(self.functions()))
            for edge in function.edges
            if edge.kind == "runs"
            for target in self.reached(edge)
        }
        yield from sorted(run.items())
        for ref, function in self.functions():
            if ref in run or not self._starts_something(function):
                continue
            if self._is_handler(function):
                yield ref, f"@{function.decorators[0]}"
            elif not self.incoming(ref):
                yield ref, "not called here"

    def _starts_something(self, function: Function) -> bool:
        """Is it async, or does it start tasks?  A function that runs an event loop is named with what it runs."""
        starting = CONCURRENT | {"process", "thread"}
        return bool(function.name and function.is_async) or any(edge.kind in starting for edge in function.edges)

    def _is_handler(self, function: Function) -> bool:
        """Does a decorator register it, as those of frameworks do: ``@app.get("/")``?"""
        return function.is_async and any(
            "." in mark.partition("(")[0] and mark.partition("(")[0].rpartition(".")[2] not in _KEEPING
            for mark in function.decorators[:1]
        )


# Dotted decorators that register nothing, so the function is not an entry point because of them.
_KEEPING = frozenset(
    "abstractmethod asynccontextmanager cache cached_property contextmanager deleter getter lru_cache overload override"
    " property setter singledispatchmethod wraps".split()
)
