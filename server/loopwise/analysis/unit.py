"""The code that a rule checks: one function, one method or the rest of a module, with its surroundings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from loopwise.analysis.execution_context import ExecutionContext, context_of
from loopwise.analysis.prefilter import Names, callee_word
from loopwise.memo import Memo
from loopwise.project import View
from loopwise.semantics import symbols
from loopwise.semantics.bindings import File
from loopwise.semantics.infer import (
    ClassObject,
    Evaluator,
    Foreign,
    Function,
    Instance,
    Module,
    Signature,
    Unknown,
    Value,
    decorator_names,
    definitions,
    each,
    inheritance,
)
from loopwise.syntax import BODIES, Node, await_of, field, outward, parts_of, text_of
from loopwise.versions import Target
from loopwise.writing import Imported, importing


class Unit(msgspec.Struct, frozen=True):
    """``root`` is an outermost function or method with its decorators, or the module for all other code."""

    view: View
    root: Node
    aliases: Mapping[str, str] = {}
    """Aliases in the file; see :func:`~loopwise.analysis.prefilter.aliases_of`."""
    coroutines: frozenset[str] | None = None
    """The names of all known coroutine functions; ``None`` if any name may be one."""
    per_edit: Memo = msgspec.field(default_factory=Memo)
    """A cache of rules' results about the file; dropped when the file changes."""
    per_pause: Memo = msgspec.field(default_factory=Memo)
    """A cache of rules' results about the whole file; dropped when typing pauses, so it may be slightly out of date.

    It must not hold nodes or offsets.
    """
    project_overrides: frozenset[str] = frozenset()
    """Methods that other modules override with another kind; see :class:`~loopwise.semantics.index.ProjectNames`."""

    @property
    def file(self) -> File:
        return self.view.file

    @property
    def ev(self) -> Evaluator:
        return self.view.evaluator

    @property
    def target(self) -> Target:
        return self.view.target

    @property
    def doubting(self) -> Evaluator:
        """An evaluator that does not believe the annotations in the user's files."""
        ev = self.ev
        return self.per_edit.get(
            "doubting", lambda: Evaluator(ev.modules, ev.version, ev.platform, annotated=False, stubs=ev.stubs)
        )

    @property
    def floor(self) -> Evaluator:
        """An evaluator for the oldest Python of the project."""
        same = self.target.floor == self.ev.version
        return self.ev if same else self.per_edit.get("floor", lambda: Evaluator(self.ev.modules, self.target.floor))

    # What things are

    def value(self, node: Node) -> Value:
        """The value of an expression; unknown if it cannot be determined."""
        return self.ev.value(self.file, node)

    def called(self, call: Node) -> Value:
        """The value of a call's callee."""
        callee = field(call, "function")
        return self.value(callee) if callee is not None else Unknown()

    def name(self, node: Node) -> str | None:
        """The full name of an expression, if all its possible values share it.

        ``asyncio.sleep``, ``asyncio.Queue.get``, ``time.sleep``, ``app.net.fetch``; ``None`` if in doubt. Libraries
        that cannot be read have names too: ``requests.get``, ``requests.Session.get`` for a method of the result of
        ``requests.Session()``, ``psycopg2.connect.cursor.execute``.
        """
        names = {_name_of(self.view, member) for member in each(self.value(node))}
        return names.pop() if len(names) == 1 else None

    def call_name(self, call: Node) -> str | None:
        """The full name of a call's callee; slow: to look for certain names, use ``call_in``."""
        callee = field(call, "function")
        return self.name(callee) if callee is not None else None

    def call_in(self, call: Node, names: Names) -> str | None:
        """The full name of a call's callee if it is among ``names``; the spelling is tested first."""
        word = callee_word(call, self.aliases)
        if word is not None and word not in names.last:
            return None
        found = self.call_name(call)
        return found if found in names.full else None

    def gives_coroutine(self, node: Node) -> bool:
        """Is an expression certainly a coroutine?  For a call, the spelling is tested first."""
        if node.type == "call" and self.coroutines is not None:
            word = callee_word(node, self.aliases)
            if word is not None and word not in self.coroutines:
                return False
        return self.is_coroutine(self.value(node))

    def is_instance(self, value: Value, *names: str) -> bool:
        """Is every possible value an instance of one of the classes, or of a subclass?"""
        members = each(value)
        return bool(members) and all(isinstance(m, Instance) and self._is_one_of(m.cls, names) for m in members)

    def _is_one_of(self, cls: ClassObject, names: tuple[str, ...]) -> bool:
        order = inheritance.mro(self.ev, cls)
        return any(base.fullname in names or symbols.public(self.view.api, base.fullname) in names for base in order)

    def is_coroutine(self, value: Value) -> bool:
        """Is every possible value a coroutine?"""
        members = each(value)
        return bool(members) and all(
            isinstance(m, Instance) and m.cls.fullname in {"typing.Coroutine", "types.CoroutineType"} for m in members
        )

    def is_coroutine_function(self, value: Value) -> bool:
        """Is every possible value a function that returns a coroutine when called?"""
        functions = each(value)
        return bool(functions) and all(
            isinstance(f, (Function, Signature)) and self.is_coroutine(self.ev.called(f)) for f in functions
        )

    # Where things are

    def runs(self, node: Node) -> ExecutionContext:
        """The execution context of ``node``: the innermost function, lambda, class body or module around it."""
        inner, blocks, found = node, [], None
        for outer in outward(node, self.file.root):
            if outer.type == "block":
                found = self.per_edit.known(("runs", outer.id))
                blocks.append(outer.id)
            found = found or context_of(outer, inner)
            if found is not None:
                break
            inner = outer
        found = found or (ExecutionContext.CELL if self.file.cells else ExecutionContext.MODULE)
        for block in blocks:
            self.per_edit.put(("runs", block), found)
        return found

    def on_loop(self, node: Node) -> bool:
        """Does ``node`` certainly run on the event loop's thread, that is, directly in a coroutine function?"""
        return self.runs(node) is ExecutionContext.ASYNC

    def function(self, node: Node) -> Node | None:
        """The function definition around ``node``; ``None`` in a lambda, class body or module."""
        inner = node
        for outer in outward(node, self.file.root):
            if outer.type in BODIES and inner == field(outer, "body"):
                return outer if outer.type == "function_definition" else None
            inner = outer
        return None

    def around(self, node: Node) -> Iterator[Node]:
        """The nodes around ``node`` within its function, innermost first."""
        inner = node
        for outer in outward(node, self.file.root):
            if outer.type in BODIES and inner == field(outer, "body"):
                return
            yield outer
            inner = outer

    def statement(self, node: Node) -> Node:
        """The simple statement that contains ``node``, or the compound statement with ``node`` in its head."""
        found = node
        while found.parent is not None and found.parent.type not in {"block", "module"}:
            found = found.parent
        return found

    def is_awaited(self, node: Node) -> bool:
        """Is the expression the operand of an ``await``, ignoring parentheses?"""
        return await_of(node) is not None

    # Definitions

    def decorators(self, function: Node) -> tuple[str, ...]:
        """Last parts of the names of a function's decorators."""
        return decorator_names(function)

    def owner(self, function: Node) -> ClassObject | None:
        """The class whose body contains a function."""
        return definitions.owner_of(self.file, function)

    def overrides(self, function: Node) -> bool:
        """Does a base class have a member of the function's name, or can a base not be read?"""
        owner, name = self.owner(function), field(function, "name")
        if owner is None or name is None:
            return False
        order = inheritance.mro(self.ev, owner)
        listed = field(owner.node, "superclasses")
        written = [n for n in parts_of(listed) if n.type != "keyword_argument"] if listed is not None else []
        if len(list(inheritance.bases(self.ev, owner))) < len(written):
            return True
        return any(text_of(name) in base.file.table_of(base.node).by_name for base in order[1:])

    # Code to write

    def imported(self, at: Node, module: str, name: str) -> Imported:
        """The spelling of ``module.name`` at a node, and the edits that import it."""
        return importing(self.file, at.start_byte, module, name)


def _name_of(view: View, value: Value) -> str | None:
    if isinstance(value, Foreign):
        return value.name.replace("()", "") if not value.name.endswith(")") else None
    if isinstance(value, Module):
        return value.name
    if not isinstance(value, (Function, ClassObject)):
        return None
    if value.file.is_summary:
        return next(symbols.names_of_value(view.evaluator, value), None)
    if symbols.is_asyncio(value.file.name):
        return symbols.name_of(view.api, value) or value.fullname
    if isinstance(value, Function) and isinstance(value.bound, Instance):
        return f"{_holder(view, value, value.bound.cls).fullname}.{value.qualname.rpartition('.')[2]}"
    return value.fullname


def _holder(view: View, method: Function, cls: ClassObject) -> ClassObject:
    """The class that a method is known under: the receiver's, or the library class it is inherited from."""
    if not method.file.is_stub:
        return cls
    order = inheritance.mro(view.evaluator, cls)
    return next((base for base in order if base.file.is_stub), cls)
