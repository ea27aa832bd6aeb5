"""Resolves names: finds the bindings that a name can refer to at a place, and joins their values."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from loopwise.semantics.bindings import HEADED, File, Kind, comprehension_clause, visible
from loopwise.semantics.infer import bound, definitions, lambdas, reaching
from loopwise.semantics.infer.type_expressions import SPECIAL, TYPING
from loopwise.semantics.infer.values import (
    UNKNOWN,
    Foreign,
    Instance,
    Module,
    Special,
    TypeVar,
    Unknown,
    Value,
    join,
    known,
)
from loopwise.syntax import COMPREHENSIONS, Node, field, is_async, parts_of, path_to, span_of, text_of, walk
from loopwise.text import Span, encode

if TYPE_CHECKING:
    from loopwise.semantics.infer.evaluator import Evaluator

# The stub says only that these can be subscripted.
_ALIASES = {
    "List": ("builtins", "list"),
    "Dict": ("builtins", "dict"),
    "Set": ("builtins", "set"),
    "FrozenSet": ("builtins", "frozenset"),
    "DefaultDict": ("collections", "defaultdict"),
    "OrderedDict": ("collections", "OrderedDict"),
    "Counter": ("collections", "Counter"),
    "ChainMap": ("collections", "ChainMap"),
    "Deque": ("collections", "deque"),
}


def lookup(ev: Evaluator, file: File, node: Node) -> Value:
    """The value of the identifier ``node`` at its place."""
    return at_place(ev, file, path_to(file.root, span_of(node)), text_of(node), node)


def at_place(ev: Evaluator, file: File, path: tuple[Node, ...], name: str, use: Node) -> Value:
    """The value of ``name`` at the end of ``path``; ``use`` is the node to be resolved."""
    for scope, inside, flowing in visible(path, use):
        found: Value | None = None
        asking = use if flowing else None
        if scope.type in COMPREHENSIONS:
            found = _comprehension_target(ev, file, scope, name, path[-1])
        elif scope.type == "lambda":
            found = lambdas.lambda_parameter(ev, file, scope, name)
        elif scope.type == "module":
            found = _in_module(ev, file, name, path, asking)
        elif inside:
            found = _in_unit(ev, file, scope, name, path, asking)
        if found is None and scope.type in HEADED:
            found = _type_parameter(ev, file, scope, name)
        if found is not None:
            return found
    return UNKNOWN


def _type_parameter(ev: Evaluator, file: File, scope: Node, name: str) -> Value | None:
    """A type parameter of ``class Box[T]``, ``def first[T: int]`` or ``type Boxes[T]``."""
    parameters = field(scope, "type_parameters")
    left = field(scope, "left")
    if left is not None:  # `type Boxes[T] = …`
        parameters = next((n for n in walk(left) if n.type == "type_parameter"), None)
    for parameter in parts_of(parameters) if parameters is not None else ():
        if text_of(parameter).split(":")[0].split("=")[0].strip(" *") == name:
            constraint = next((n for n in walk(parameter) if n.type == "constrained_type"), None)
            bound = ev.annotation(file, parts_of(constraint)[-1]) if constraint is not None else None
            return TypeVar(name, bound if isinstance(bound, Instance) else None)
    return None


def _in_module(ev: Evaluator, file: File, name: str, path: tuple[Node, ...], use: Node | None) -> Value | None:
    found = _in_unit(ev, file, file.root, name, path, use)
    if found is not None:
        return found
    found = _through_star(ev, file, name)
    if found is not None:
        return found
    if file.outer is not None:
        outer, node = file.outer
        return at_place(ev, outer, path_to(outer.root, span_of(node)), name, node)
    if file.name != "builtins":
        return find_member(ev, "builtins", name)
    return None


_OUTER = {"module": b"global", "function_definition": b"nonlocal"}


def _set_from_inside(ev: Evaluator, file: File, unit: Node, name: str) -> list[Value]:
    """The values that functions inside ``unit`` assign to one of its names through ``global`` or ``nonlocal``."""
    setting = file.setting.get(unit.id)
    if setting is None:
        setting = file.setting[unit.id] = _functions_that_set(file, unit)
    return [
        ev.bound(file, inner, binding)
        for inner in setting.get(name, ())
        for binding in file.table_of(inner).by_name[name]
        if binding.kind is not Kind.OUTER
    ]


def _functions_that_set(file: File, unit: Node) -> dict[str, list[Node]]:
    """The functions that declare names of ``unit`` as ``global`` or ``nonlocal``, by name."""
    found: dict[str, list[Node]] = {}
    word = _OUTER.get(unit.type)
    for at in _places_of(word, file.source.data, unit) if word is not None else ():
        around = path_to(file.root, Span(at, at))
        inner = next((node for node in reversed(around) if node.type == "function_definition"), None)
        if inner is None or inner == unit:
            continue
        for name, bindings in file.table_of(inner).by_name.items():
            setters = found.setdefault(name, [])
            if any(binding.kind is Kind.OUTER for binding in bindings) and inner not in setters:
                setters.append(inner)
    return found


def _places_of(word: bytes, data: bytes, unit: Node) -> Iterator[int]:
    """Byte offsets of a word in a unit; uses ``find``, which is ten times as fast as a regular expression."""
    at = data.find(word, unit.start_byte, unit.end_byte)
    while at >= 0:
        yield at
        at = data.find(word, at + len(word), unit.end_byte)


def _through_star(ev: Evaluator, file: File, name: str) -> Value | None:
    # ``import *`` leaves out private names unless ``__all__`` lists them.
    if name.startswith("_"):
        return None
    for star in file.table.stars:
        module = file.absolute(star.module)
        found = find_member(ev, module, name) if module and _exports(ev, module, name) else None
        if found is not None:
            return found
    return None


def set_here(ev: Evaluator, file: File, owner: str, name: str, use: Node) -> Value:
    """The value assigned to ``owner.name`` before ``use``, by the function or module around it."""
    path = path_to(file.root, span_of(use))
    unit = next(node for node in reversed(path) if node.type in {"function_definition", "module"} or node == path[0])
    bindings = file.table_of(unit).attributes_of(owner).get(name, ())
    if not bindings:
        return UNKNOWN
    return join(ev.bound(file, unit, binding) for binding in reaching.reaching_bindings(bindings, unit, path, use))


# An `__all__` that takes over that of another module, whose names are not spelled out.
_OTHERS_EXPORTED = re.compile(rb"^[ \t]*__all__\b[^\n]*\b\w+\.__all__\b", re.MULTILINE)


def _exports(ev: Evaluator, module: str, name: str) -> bool:
    """Does ``import *`` bind ``name``?  ``__all__`` decides as far as it can be read, else it is assumed."""
    file = ev.modules.load(module)
    if file is None or b"__all__" not in file.source.data:
        return True
    if not file.is_stub:
        return file.exported is None or name in file.exported
    data = file.source.data
    return encode(f'"{name}"') in data or encode(f"'{name}'") in data or _OTHERS_EXPORTED.search(data) is not None


def _in_unit(
    ev: Evaluator, file: File, unit: Node, name: str, path: tuple[Node, ...], use: Node | None
) -> Value | None:
    """The value of ``name`` from the bindings of one unit; ``None`` if the unit does not bind it."""
    bindings = reaching.alive(ev, file.table_of(unit).by_name.get(name, ()))
    if not bindings or any(binding.kind is Kind.OUTER for binding in bindings):
        return None
    if use is not None and unit.type == "class_definition" and not reaching.is_bound_before(bindings, unit, use):
        return None  # `name = name` in the body of a class reads that of the module
    if use is not None and not definitions.has_overloads(file, unit, bindings):
        bindings = reaching.reaching_bindings(bindings, unit, path, use)
    # All of them are one function, whichever branch defines it.
    if definitions.are_overloads(bindings):
        return definitions.function(ev, file, unit, bindings)
    value = join(ev.bound(file, unit, binding) for binding in bindings)
    if known(value) or (use is not None and bindings[0].at.shifted(unit.start_byte) == span_of(use)):
        return value
    return join((value, *_set_from_inside(ev, file, unit, name)))


def module_member(ev: Evaluator, module: str, name: str) -> Value:
    """The value of a module's ``name``: a binding in it, or its submodule."""
    found = find_member(ev, module, name)
    if found is None and (module, name) not in ev.looking:
        file = ev.modules.load(module)
        if file is None or file.is_summary:  # a summary may lead to modules that are not read
            return Foreign(f"{module}.{name}")
    return found or UNKNOWN


def find_member(ev: Evaluator, module: str, name: str) -> Value | None:
    """Like :func:`module_member`; ``None`` if the module has no such name or cannot be read."""
    # Before the stub, whose declaration of these tells nothing.
    if module in TYPING and name in SPECIAL:
        return Special(name)
    if module in TYPING and name in _ALIASES:
        module, name = _ALIASES[name]
    key = (module, name)
    if key in ev.looking:
        return None  # modules that import from each other
    ev.looking.add(key)
    try:
        return _find_member(ev, module, name)
    finally:
        ev.looking.discard(key)


def _find_member(ev: Evaluator, module: str, name: str) -> Value | None:
    file = ev.modules.load(module)
    if file is not None and file.is_stub:
        key = (file, name)
        if key in ev.stubs.members:
            return ev.stubs.members[key]
        found = _member_of(ev, file, module, name)
        # A failure inside an import cycle is not cached.
        if found is not None or len(ev.looking) == 1:
            ev.stubs.members[key] = found
        return found
    return _member_of(ev, file, module, name)


def _member_of(ev: Evaluator, file: File | None, module: str, name: str) -> Value | None:
    found = None
    if file is not None and file.may_bind(name):
        found = _in_unit(ev, file, file.root, name, (), None)
        if found is None:
            found = _through_star(ev, file, name)
    if (found is None or isinstance(found, Unknown)) and ev.modules.load(f"{module}.{name}") is not None:
        found = Module(f"{module}.{name}")
    return found


def _comprehension_target(ev: Evaluator, file: File, scope: Node, name: str, use: Node) -> Value | None:
    found = comprehension_clause(scope, name, use)
    if found is None:
        return None
    clause, path = found
    right = field(clause, "right")
    iterable = ev.value(file, right) if right is not None else UNKNOWN
    return bound.unpacked(ev, ev.iterated(iterable, asynchronous=is_async(clause)), path)
