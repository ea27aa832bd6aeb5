"""Follows a function to its callers, and theirs, until each is async or runs an event loop."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from loopwise.analysis.execution_context import ExecutionContext
from loopwise.analysis.unit import Unit
from loopwise.assists.conversion.boundaries import boundary
from loopwise.assists.conversion.files import Files
from loopwise.assists.conversion.statements import Use, turned
from loopwise.assists.conversion.uses import Uses, uses_of
from loopwise.assists.conversion.values import Conversion, FileChange, RefusedError
from loopwise.assists.parts import async_manager, async_result, awaited_result, can_run, handed_on, plain_only
from loopwise.graph import Edge, Function, Graph, Ref
from loopwise.project import View
from loopwise.rules.fixes import made_async
from loopwise.semantics.infer import class_object, definitions, inheritance
from loopwise.syntax import Node, field, is_async, source_of
from loopwise.writing import awaited, insert

_MOST = 80  # functions: more than that is not one change
_ALREADY = frozenset({"awaits", "gathers", "group", "runs", "task"})
_GIVEN: dict[str, str] = {
    "thread": "runs it in a thread",
    "process": "runs it in a process",
    "callback": "hands it over as a callback",
}


def converted(graph: Graph, ref: Ref, view_of: Callable[[str], View | None]) -> Conversion:
    """The edits that make a function async, callers included.

    ``graph`` holds all modules that name it or one of its callers (see :func:`wanted`); ``view_of`` returns the view of
    a file by its key, of the same text as in the graph.
    """
    name = ref.name.rpartition(".")[2]
    plan = _Plan(graph, Files(view_of))
    try:
        plan.take_all(ref)
    except RefusedError as reason:
        return Conversion(name, refused=str(reason))
    changes = tuple(FileChange(path, edits) for path, edits in plan.files.written())
    return Conversion(
        name, changes, tuple(plan.taken), tuple(plan.boundaries), tuple(plan.uncalled), plan.unknown_calls()
    )


def wanted(graph: Graph, refs: Iterable[Ref]) -> frozenset[Ref]:
    """The functions whose callers are needed too: related methods, and plain callers of the functions."""
    found = set(refs)
    for ref in tuple(found):
        found.update(graph.relatives(ref))
        for source, edge in graph.incoming(ref):
            function = graph.function(source)
            if edge.kind == "calls" and function is not None and function.name and not function.is_async:
                found.add(source)
    return frozenset(found)


class _Plan:
    def __init__(self, graph: Graph, files: Files) -> None:
        self.graph = graph
        self.files = files
        self.taken: dict[Ref, None] = {}
        self.boundaries: dict[str, None] = {}
        self.uncalled: list[str] = []
        self._unfollowed: dict[str, int] = {}
        self._todo: list[Ref] = []
        self._mixed: list[tuple[str, Ref]] = []
        """Functions that a call may reach besides one that becomes async, each with the call's place."""

    def take_all(self, ref: Ref) -> None:
        self._todo = [ref]
        while self._todo:
            self._take(self._todo.pop())
        for place, other in self._mixed:
            function = self.graph.function(other)
            if other not in self.taken and (function is None or not function.is_async):
                raise RefusedError(f"{place} may call {other.name}() too, which stays plain")

    def unknown_calls(self) -> tuple[tuple[str, int], ...]:
        """By method name: the number of calls on receivers of unknown type."""
        return tuple(sorted(self._unfollowed.items()))

    def _take(self, ref: Ref) -> None:
        function = self.graph.function(ref)
        if ref in self.taken or (function is not None and function.is_async):
            return
        if len(self.taken) >= _MOST:
            raise RefusedError(f"more than {_MOST} functions would have to become async")
        unit, node = self.files.definition(ref, function)
        self.taken[ref] = None
        self._check(unit, node, ref)
        use: Use = "call"
        if definitions.is_generator(node):
            use = "with" if "contextmanager" in unit.decorators(node) else "for"
        self._define(unit, node, ref, use)
        self._todo += self.graph.relatives(ref)
        returned = handed_on(unit, node)
        for edit in (edit for call in returned for edit in awaited(call)):
            self.files.write(ref.path, edit, "await")
        if returned:
            for edit in awaited_result(node):
                self.files.write(ref.path, edit, "definition")
            return  # its callers have awaited it before
        incoming = self.graph.incoming(ref)
        if not incoming:
            self.uncalled.append(f"{self.files.at(ref.path, node)} {ref.name}()")
            if len(self.taken) > 1 and unit.overrides(node) and not self.graph.relatives(ref):
                raise RefusedError(
                    f"{self.files.at(ref.path, node)} may override a method that is not async: {ref.name}"
                )
        for source, edge in incoming:
            self._follow(source, edge, use)
        self._look_at_uses(ref)

    def _define(self, unit: Unit, node: Node, ref: Ref, use: Use) -> None:
        edits = [*made_async(unit, node).edits]
        edits += async_result(unit, node) if use != "call" else ()
        edits += async_manager(unit, node) if use == "with" else ()
        for edit in edits:
            self.files.write(ref.path, edit, "definition")

    def _check(self, unit: Unit, node: Node, ref: Ref) -> None:
        name = source_of(field(node, "name") or node)
        reason = (
            made_async(unit, node).refused
            or plain_only(unit, node, name, managers=True)
            or _library_base(unit, node, name)
        )
        if reason:
            first = next(iter(self.taken))
            raise RefusedError(reason if ref == first else f"{self.files.at(ref.path, node)}: {reason}")

    def _follow(self, source: Ref, edge: Edge, use: Use) -> None:
        """Adapt a call of a function that becomes async."""
        unit = self.files.unit(source.path)
        call = self.files.node(source.path, edge.start, edge.end)
        if unit is None or call is None:
            raise RefusedError(f"{self.files.short(source.path)} cannot be read")
        place = self.files.at(source.path, call)
        if edge.kind in _GIVEN:
            raise RefusedError(f"{place} {_GIVEN[edge.kind]}")
        if edge.kind in _ALREADY:
            raise RefusedError(f"{place} awaits what it returns already")
        self._mixed += [(place, other) for other in self._beside(source, edge)]
        runs = unit.runs(call)
        if runs in {ExecutionContext.LAMBDA, ExecutionContext.CLASS}:
            what = "a lambda or generator" if runs is ExecutionContext.LAMBDA else "a class body"
            raise RefusedError(f"{place} calls it in {what}, where it cannot be awaited")
        function = self.graph.function(source)
        if runs is ExecutionContext.MODULE and not can_run(unit, call):
            raise RefusedError(f"{place} calls it where the module is imported")
        why = self._boundary(unit, call, source, function) if runs is not ExecutionContext.CELL else ""
        if why:
            self._run(unit, source, call, why, use)
            return
        self._await(source, call, use)
        if runs is ExecutionContext.SYNC:
            self._todo.append(source)

    def _boundary(self, unit: Unit, call: Node, source: Ref, function: Function | None) -> str:
        if function is None or not function.name:
            return "the module's own code"
        if function.is_async or source in self.taken:
            return ""
        definition = unit.function(call)
        return boundary(unit, definition, function, self.graph.incoming(source)) if definition is not None else ""

    def _beside(self, source: Ref, edge: Edge) -> Iterator[Ref]:
        """The other functions that the same call may reach."""
        function = self.graph.function(source)
        for other in function.edges if function is not None else ():
            if (other.start, other.end) == (edge.start, edge.end):
                yield from self.graph.reached(other)

    def _await(self, source: Ref, call: Node, use: Use) -> None:
        if use == "call":
            for edit in awaited(call):
                self.files.write(source.path, edit, "await")
            return
        statement, reason = turned(call, use)
        if statement is None:
            raise RefusedError(f"{self.files.at(source.path, call)} {reason}")
        if not is_async(statement):
            self.files.write(source.path, insert(statement.start_byte, "async "), "await")

    def _run(self, unit: Unit, source: Ref, call: Node, why: str, use: Use) -> None:
        place = self.files.at(source.path, call)
        if use != "call":
            raise RefusedError(f"{place} {'enters' if use == 'with' else 'iterates over'} it in plain code")
        if call.parent is not None and call.parent.type == "yield":
            raise RefusedError(f"{place} yields its result in plain code")
        imported = unit.imported(call, "asyncio", "run")
        for edit in (*imported.edits, insert(call.start_byte, f"{imported.text}("), insert(call.end_byte, ")")):
            self.files.write(source.path, edit, "boundary")
        self.boundaries[f"{place} {source.name or 'module'}: {why}"] = None

    def _look_at_uses(self, ref: Ref) -> None:
        family = frozenset((ref, *self.graph.relatives(ref)))
        found: Uses = uses_of(self.graph, self.files, ref, family)
        if found.refused:
            raise RefusedError(found.refused)
        if found.unfollowed:
            self._unfollowed[ref.name.rpartition(".")[2]] = found.unfollowed


def _library_base(unit: Unit, node: Node, name: str) -> str:
    """The reason why a method that overrides a library's cannot become async; empty if it can."""
    owner = definitions.owner_of(unit.file, node)
    for base in inheritance.mro(unit.ev, class_object(unit.file, owner.node))[1:] if owner is not None else ():
        if base.file.is_stub and name in base.file.table_of(base.node).by_name and name not in vars(object):
            method = unit.ev.attribute(base, name)
            if not unit.is_coroutine_function(method):
                return f"it overrides {base.qualname}.{name}(), which is not async"
    return ""
