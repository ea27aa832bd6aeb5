"""Makes a coroutine function that waits for nothing plain, and removes the awaits of all its callers."""

from __future__ import annotations

import re
from collections.abc import Callable

from loopwise.analysis.flow import waits
from loopwise.analysis.unit import Unit
from loopwise.assists.conversion.files import Files
from loopwise.assists.conversion.uses import uses_of
from loopwise.assists.conversion.values import Conversion, FileChange, RefusedError
from loopwise.assists.parts import accepted
from loopwise.graph import Edge, Graph, Ref
from loopwise.project import View
from loopwise.semantics.infer import class_object, definitions, inheritance
from loopwise.syntax import (
    AWAITS,
    CLASSES,
    FUNCTIONS,
    Node,
    arguments_of,
    await_of,
    field,
    is_async,
    nodes_of,
    source_of,
)
from loopwise.text import Edit, Span, encode
from loopwise.writing import without_async

_TRANSPARENT = frozenset("abstractmethod classmethod final overload override staticmethod".split())
_SCOPES = FUNCTIONS | {"lambda"}
_STARTS = {
    "task": "starts it as a task",
    "group": "starts it as a task",
    "gathers": "runs it with others",
    "thread": "hands it to a thread",
    "process": "hands it to a process",
    "callback": "hands it over as a callback",
}


def reverted(graph: Graph, ref: Ref, view_of: Callable[[str], View | None]) -> Conversion:
    """Make a coroutine function plain, with its bases and overrides; its callers keep their kind.

    ``graph`` contains all modules that name it; ``view_of`` returns the view of a file by its key.
    """
    name = ref.name.rpartition(".")[2]
    plan = _Plan(graph, Files(view_of), (ref, *graph.relatives(ref)))
    try:
        plan.take_all()
    except RefusedError as reason:
        return Conversion(name, refused=str(reason))
    changes = tuple(FileChange(path, edits) for path, edits in plan.files.written())
    return Conversion(name, changes, tuple(plan.taken), unfollowed=plan.unfollowed)


class _Plan:
    def __init__(self, graph: Graph, files: Files, family: tuple[Ref, ...]) -> None:
        self.graph = graph
        self.files = files
        self.family = family
        self.taken: dict[Ref, None] = {}
        self.unfollowed: tuple[tuple[str, int], ...] = ()

    def take_all(self) -> None:
        first, *rest = self.family
        if not self._is_async(first):
            raise RefusedError(f"{first.name}() is not async")
        for ref in (first, *(one for one in rest if self._is_async(one))):
            unit, node = self.files.definition(ref, self.graph.function(ref))
            reason = self._against(unit, node, ref)
            if reason:
                raise RefusedError(reason if ref == first else f"{self.files.at(ref.path, node)}: {reason}")
            self.taken[ref] = None
            self.files.write(ref.path, without_async(node), "plain")
            for source, edge in self.graph.incoming(ref):
                self._follow(source, edge)
        found = uses_of(self.graph, self.files, first, frozenset(self.family), awaited=True)
        if found.refused:
            raise RefusedError(found.refused)
        name = first.name.rpartition(".")[2]
        if not any(self.graph.incoming(ref) for ref in self.family):
            raise RefusedError(f"Nothing in the project calls {name}(), so code elsewhere may await it")
        self.unfollowed = ((name, found.unfollowed),) if found.unfollowed else ()

    def _is_async(self, ref: Ref) -> bool:
        function = self.graph.function(ref)
        return function is not None and function.is_async

    def _against(self, unit: Unit, node: Node, ref: Ref) -> str:
        """The reason why a function must stay async; empty if there is none."""
        name = source_of(field(node, "name") or node)
        if name.startswith("__") and name.endswith("__") and name != "__call__":
            return f"Python awaits what {name}() returns"
        if definitions.is_generator(node):
            return f"{name}() is an async generator, over which its callers iterate with 'async for'"
        body = field(node, "body")
        own = self._removed(ref.path)
        wait = next((one for one in waits(body) if one not in own), None) if body is not None else None
        if wait is not None:
            return f"It waits in line {wait.start_point[0] + 1}"
        return self._by_decorators(unit, node) or self._by_class(unit, node, ref, name)

    def _removed(self, path: str) -> list[Node]:
        """The expressions in a file that await one of the functions, and that will not."""
        found = []
        for _, edge in (one for ref in self.family for one in self.graph.incoming(ref) if one[0].path == path):
            call = self.files.node(path, edge.start, edge.end)
            wait = await_of(call) if call is not None and edge.kind == "awaits" else None
            found += [wait] if wait is not None else []
        return found

    def _by_decorators(self, unit: Unit, node: Node) -> str:
        for mark, kind in accepted(unit, node):
            if kind == "async":
                return f"The decorator {mark} takes only coroutine functions"
            if kind is None and mark not in _TRANSPARENT:
                return f"The decorator {mark} may need a coroutine function"
        return ""

    def _by_class(self, unit: Unit, node: Node, ref: Ref, name: str) -> str:
        owner = definitions.owner_of(unit.file, node)
        if owner is None:
            return ""
        bases = list(inheritance.mro(unit.ev, class_object(unit.file, owner.node)))[1:]
        for base in bases:
            if base.file.is_stub and name in base.file.table_of(base.node).by_name:
                return f"It overrides {base.qualname}.{name}(), which is async"
        if unit.overrides(node) and not any(name in base.file.table_of(base.node).by_name for base in bases):
            return f"It may override a method of a class that cannot be read: {ref.name}"
        return next(iter(self._protocols(name)), "")

    def _protocols(self, name: str) -> list[str]:
        """Reasons: protocols with a coroutine method of the name, as implementations are not declared."""
        found = []
        for path in self.graph.modules:
            unit = self.files.unit(path)
            if unit is None or b"Protocol" not in unit.file.source.data:
                continue
            for cls in nodes_of(unit.file.root, CLASSES):
                listed = field(cls, "superclasses")
                if listed is not None and "Protocol" in source_of(listed):
                    methods = unit.file.table_of(cls).by_name
                    if name in methods:
                        found.append(f"The protocol {source_of(field(cls, 'name') or cls)} asks for {name}()")
        return found

    def _follow(self, source: Ref, edge: Edge) -> None:
        unit = self.files.unit(source.path)
        call = self.files.node(source.path, edge.start, edge.end)
        if unit is None or call is None:
            raise RefusedError(f"{self.files.short(source.path)} cannot be read")
        place = self.files.at(source.path, call)
        other = next((one for one in self.graph.reached(edge) if one not in self.family), None)
        if other is not None:
            raise RefusedError(f"{place} may call {other.name}() too, which stays async")
        wait = await_of(call)
        if edge.kind == "awaits" and wait is not None:
            if _decides_kind(wait, self._removed(source.path)):
                raise RefusedError(f"{place} is in a generator expression, which would no longer be asynchronous")
            for edit in _without_await(wait):
                self.files.write(source.path, edit, "unawaited")
        elif edge.kind == "runs":
            self._unwrap(source, call, place)
        else:
            raise RefusedError(f"{place} {_STARTS.get(edge.kind, 'uses its coroutine without awaiting it')}")

    def _unwrap(self, source: Ref, call: Node, place: str) -> None:
        """Replace ``asyncio.run(fetch())`` by ``fetch()``."""
        listed = call.parent
        outer = listed.parent if listed is not None and listed.type == "argument_list" else None
        positional, keywords, starred = arguments_of(outer) if outer is not None else ([], {}, True)
        if outer is None or starred or keywords or len(positional) != 1 or positional[0] != call:
            raise RefusedError(f"{place} hands it to what runs an event loop")
        self.files.write(source.path, Edit(Span(outer.start_byte, call.start_byte), b""), "unawaited")
        self.files.write(source.path, Edit(Span(call.end_byte, outer.end_byte), b""), "unawaited")


def _decides_kind(wait: Node, removed: list[Node]) -> bool:
    """Is it in a generator expression that is asynchronous only because of such expressions?"""
    outer = wait.parent
    while outer is not None and outer.type not in _SCOPES:
        if outer.type == "generator_expression":
            clauses = [one for one in outer.named_children if one.type == "for_in_clause"]
            # The first iterable is evaluated before the generator is made.
            first = field(clauses[0], "right") if clauses else None
            is_first = first is not None and first.start_byte <= wait.start_byte < first.end_byte
            others = (one for one in nodes_of(outer, AWAITS) if one not in removed)
            if not is_first and not any(map(is_async, clauses)) and not any(True for _ in others):
                return True
        outer = outer.parent
    return False


def _without_await(wait: Node) -> list[Edit]:
    """Remove the word, with the parentheses that only it needed."""
    inner, outer = wait.named_children[-1], wait.parent
    around = outer.parent if outer is not None and outer.type == "parenthesized_expression" else None
    is_head = around is not None and around.type in {"attribute", "subscript", "call"}
    if outer is not None and around is not None and is_head and around.named_children[0] == outer:
        if len(outer.children) == 3 and inner.type == "call" and not re.search(rb"#", outer.text or b""):
            first, last = Span(outer.start_byte, inner.start_byte), Span(inner.end_byte, outer.end_byte)
            return [Edit(first, b""), Edit(last, b"")]
    return [Edit(Span(wait.start_byte, inner.start_byte), encode(""))]
