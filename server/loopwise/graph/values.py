"""The graph of one module as a small frozen value without trees, so that a whole project's can be kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

Kind = Literal[
    "calls",
    "awaits",
    "task",
    "group",
    "gathers",
    "runs",
    "thread",
    "process",
    "callback",
    "blocks",
]
"""The ways in which one function reaches another.

``calls`` and ``awaits`` run it in place; ``task``, ``group`` (a task group) and ``gathers`` run it concurrently;
``runs`` starts an event loop for it; ``thread`` and ``process`` pass it on; ``callback`` has the event loop call it;
``blocks`` is a call that blocks the thread, and has no target.
"""
CONCURRENT: frozenset[Kind] = frozenset({"task", "group", "gathers"})


class Ref(msgspec.Struct, frozen=True, order=True, array_like=True, gc=False):
    """A function of the project: the key of its file (a path or URI) and its qualified name.

    An empty name is the module's own code.
    """

    path: str
    name: str


class Edge(msgspec.Struct, frozen=True, array_like=True):
    """One place in a function's own code that reaches another function, or blocks."""

    kind: Kind
    label: str
    """The target as written: ``self.client.fetch``, ``time.sleep``."""
    start: int
    end: int
    """The span of the call, in byte offsets."""
    line: int
    """The line of the call, counted from 0."""
    target: Ref | None = None
    receiver: Ref | None = None
    """The class of a method's receiver: its subclasses may override the method."""
    within: tuple[str, ...] = ()
    """The constructs around the call, outermost first: ``lock self._lock``, ``timeout 5 s``, ``task group``."""
    lost: bool = False
    """Is it a task that is not stored, or a coroutine that is never awaited?"""
    lasting: bool = False
    """For ``blocks``: may it take longer than accessing a local file?"""


class Held(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A lock that a function holds: its name as written, and the byte offsets of the statement."""

    name: str
    start: int
    end: int
    line: int


class Function(msgspec.Struct, frozen=True, array_like=True):
    """A function or method, or the module's own code (without a name)."""

    name: str
    """The qualified name: ``Client.fetch``."""
    is_async: bool
    is_generator: bool
    start: int
    end: int
    name_start: int
    name_end: int
    line: int
    """The line of the name, counted from 0."""
    edges: tuple[Edge, ...] = ()
    locks: tuple[Held, ...] = ()
    decorators: tuple[str, ...] = ()
    """The decorators as written, without the ``@``."""
    is_overload: bool = False


class Class(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A class: its readable bases, nearest first, and the methods of its own body."""

    name: str
    bases: tuple[Ref, ...]
    methods: frozenset[str]


class ModuleGraph(msgspec.Struct, frozen=True):
    """All functions of a module, the module's own code first."""

    path: str
    module: str
    """The module's dotted name."""
    functions: Mapping[str, Function]
    classes: Mapping[str, Class]
