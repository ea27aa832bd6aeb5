"""Names callees as a linter does: through imports and the nearest assignment, like ruff and flake8.

Narrower than inference on purpose: a linter looks at one file and follows imports, so it does not report a name that
takes more than that to resolve.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from loopwise.diagnosis.companions.places import function_of
from loopwise.semantics.bindings import Binding, File, Kind, visible
from loopwise.syntax import COMPREHENSIONS, Node, field, node_at, parts_of, path_to, span_of, text_of, unwrap

_DEEPEST = 6  # links of a chain such as `Path(a).open().read`


class Named(msgspec.Struct, frozen=True):
    """A dotted name, and how its first part was resolved."""

    name: str
    """``time.sleep``; ``subprocess.Popen().wait`` for a method of a call's result."""
    known_by: str = "import"
    """``import``, ``builtin``, ``call`` (the receiver is a call itself), ``local``, ``global``, ``with``,
    ``parameter`` or ``annotation``."""
    alias: bool = False
    """Is it written other than in full?"""

    def __str__(self) -> str:
        how = {"import": "", "builtin": ""}.get(self.known_by, f" ({self.known_by})")
        return f"{self.name}{how}{' as alias' if self.alias else ''}"


def named(file: File, node: Node, depth: int = _DEEPEST) -> Named | None:
    """The name of an expression; None if a linter could not resolve it."""
    node = unwrap(node)
    if not depth:
        return None
    if node.type == "identifier":
        return _identifier(file, node, depth)
    if node.type == "attribute":
        owner, member = field(node, "object"), field(node, "attribute")
        found = named(file, owner, depth - 1) if owner is not None else None
        if found is None or member is None:
            return None
        return msgspec.structs.replace(found, name=f"{found.name}.{text_of(member)}")
    if node.type == "call" and (callee := field(node, "function")) is not None:
        found = named(file, callee, depth - 1)
        if found is None:
            return None
        known_by = "call" if found.known_by in {"import", "builtin"} else f"{found.known_by} call"
        return msgspec.structs.replace(found, name=f"{found.name}()", known_by=known_by)
    return None


def _identifier(file: File, node: Node, depth: int) -> Named | None:
    name = text_of(node)
    scope, bindings = _bindings(file, node, name)
    if scope is None:
        return None if file.table.stars else Named(f"builtins.{name}", "builtin")
    if all(binding.kind in {Kind.IMPORT, Kind.FROM} for binding in bindings):
        names = {_imported(binding) for binding in bindings}
        return _of_import(names.pop(), name) if len(names) == 1 else None
    return _variable(file, scope, bindings[0], depth) if len(bindings) == 1 else None


def _bindings(file: File, node: Node, name: str) -> tuple[Node | None, tuple[Binding, ...]]:
    """The innermost scope that binds a name, with the bindings; no scope for a builtin."""
    for scope, inside, _ in visible(path_to(file.root, span_of(node)), node):
        if scope.type in COMPREHENSIONS or scope.type in {"lambda", "ERROR"}:
            if any(text_of(n) == name for n in _targets(scope)):
                return scope, ()
        elif inside and scope.type in {"function_definition", "class_definition", "module"}:
            found = file.table_of(scope).by_name.get(name)
            if found:
                return scope, tuple(dict.fromkeys(found))  # what a `with` binds is there twice
    return None, ()


def assigned(file: File, name: Node) -> Node | None:
    """The value of a name that its own function assigns once and without an annotation."""
    scope, bindings = _bindings(file, name, text_of(name))
    if scope is None or scope != function_of(name) or len(bindings) != 1:
        return None
    (binding,) = bindings
    plain = binding.kind is Kind.ASSIGN and not binding.path and not binding.splat and binding.annotation is None
    return node_at(file.root, binding.value.shifted(scope.start_byte)) if plain and binding.value is not None else None


def annotation_of(file: File, name: Node) -> Node | None:
    """The annotation of a name that is a parameter of its own function, and is bound by nothing else in it."""
    scope, bindings = _bindings(file, name, text_of(name)) if name.type == "identifier" else (None, ())
    if scope is None or scope != function_of(name) or len(bindings) != 1:
        return None
    (binding,) = bindings
    if binding.kind is not Kind.PARAMETER or binding.splat or binding.annotation is None:
        return None
    found = node_at(file.root, binding.annotation.shifted(scope.start_byte))
    return unwrap(found) if found is not None else None


def _annotated(file: File, annotation: Node, kind: Kind, depth: int) -> Named | None:
    """An object of an annotation's class: ``asyncio.Queue``, or ``asyncio.Queue[int]``, which linters may miss."""
    written = unwrap(annotation)
    is_generic = written.type in {"subscript", "generic_type"} and bool(parts_of(written))
    found = named(file, parts_of(written)[0] if is_generic else written, depth)
    if found is None or found.known_by not in ({"import", "builtin"} if is_generic else {"import"}):
        return None
    how = "parameter" if kind is Kind.PARAMETER else "annotation"
    return Named(f"{found.name}()", f"{how}, generic" if is_generic else how, alias=found.alias)


def _targets(scope: Node) -> Iterator[Node]:
    for clause in parts_of(scope):
        target = field(clause, "left") if clause.type == "for_in_clause" else None
        if clause.type == "lambda_parameters":
            target = clause
        if target is not None:
            stack = [target]
            while stack:
                current = stack.pop()
                if current.type == "identifier":
                    yield current
                stack += parts_of(current)


def _of_import(full: str, written: str) -> Named:
    return Named(full, alias=full != written)


def _imported(binding: Binding) -> str:
    if binding.kind is Kind.FROM:
        return f"{binding.module}.{binding.member}"
    return binding.module


def _variable(file: File, scope: Node, binding: Binding, depth: int) -> Named | None:
    """The value of a name that is bound once, if an annotation or a call in the binding shows it."""
    if binding.path or binding.splat:
        return None
    if binding.annotation is not None:
        annotation = node_at(file.root, binding.annotation.shifted(scope.start_byte))
        return _annotated(file, annotation, binding.kind, depth - 1) if annotation is not None else None
    if binding.kind not in {Kind.ASSIGN, Kind.WITH} or binding.value is None:
        return None
    value = node_at(file.root, binding.value.shifted(scope.start_byte))
    found = named(file, value, depth - 1) if value is not None and unwrap(value).type == "call" else None
    if found is None or found.known_by != "call":
        return None
    how = "with" if binding.kind is Kind.WITH else "local" if scope.type == "function_definition" else "global"
    return Named(found.name, f"async {how}" if binding.asynchronous else how, alias=found.alias)
