"""Names: which bindings a name can mean at a place, and what those bindings give."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from loopwise.semantics import callbacks, definitions, filled, members, patterns
from loopwise.semantics.files import File
from loopwise.semantics.scopes import EXCLUSIVE, LOOPS, Binding, Branch, Kind, branches_of, table_of
from loopwise.semantics.visible import HEADED, comprehension_clause, visible
from loopwise.semantics.values import (
    NONE,
    UNKNOWN,
    Instance,
    Literal,
    Module,
    Special,
    Tuple,
    TypeVar,
    Unknown,
    Value,
    join,
    known,
    mapped,
)
from loopwise.syntax import COMPREHENSIONS, Node, arguments_of, field, is_async, node_at, path_to, span_of, text_of, unwrap, walk
from loopwise.text import Span

if TYPE_CHECKING:
    from loopwise.semantics.infer import Evaluator

SPECIAL = frozenset(
    "Optional Union Callable Literal Annotated ClassVar Final Type Tuple Self Any Generic Protocol Concatenate"
    " TypeAlias Required NotRequired ReadOnly Unpack NoReturn Never TypeGuard TypeIs LiteralString".split()
)
_TYPING = frozenset({"typing", "typing_extensions"})
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
_UNITS = frozenset({"function_definition", "class_definition", "module"})


def lookup(ev: Evaluator, file: File, node: Node) -> Value:
    """What the identifier ``node`` means where it stands."""
    return at_place(ev, file, path_to(file.root, span_of(node)), text_of(node), node)


def at_place(ev: Evaluator, file: File, path: tuple[Node, ...], name: str, use: Node) -> Value:
    """What ``name`` means at the end of ``path``; ``use`` is the node that asks."""
    for scope, inside, flowing in visible(path, use):
        found: Value | None = None
        asking = use if flowing else None
        if scope.type in COMPREHENSIONS:
            found = _comprehension_target(ev, file, scope, name, path[-1])
        elif scope.type == "lambda":
            found = callbacks.lambda_parameter(ev, file, scope, name)
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
    """A parameter in the brackets of ``class Box[T]``, ``def first[T: int]`` or ``type Boxes[T]``."""
    parameters = field(scope, "type_parameters")
    left = field(scope, "left")
    if left is not None:  # `type Boxes[T] = …`
        parameters = next((n for n in walk(left) if n.type == "type_parameter"), None)
    for parameter in parameters.named_children if parameters is not None else ():
        if text_of(parameter).split(":")[0].split("=")[0].strip(" *") == name:
            constraint = next((n for n in walk(parameter) if n.type == "constrained_type"), None)
            bound = ev.annotation(file, constraint.named_children[-1]) if constraint is not None else None
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


def _set_from_inside(ev: Evaluator, file: File, unit: Node, name: str) -> list[Value]:
    """What functions inside ``unit`` give one of its names by way of ``global`` or ``nonlocal``."""
    word = b"global " if unit.type == "module" else b"nonlocal "
    if unit.type == "class_definition" or word not in (unit.text or b""):
        return []
    found = []
    for inner in (node for node in walk(unit, skip=frozenset({"lambda"})) if node.type == "function_definition"):
        bindings = table_of(inner).by_name.get(name, ())
        if inner != unit and any(binding.kind is Kind.OUTER for binding in bindings):
            found += [binding_value(ev, file, inner, b) for b in bindings if b.kind is not Kind.OUTER]
    return found


def _through_star(ev: Evaluator, file: File, name: str) -> Value | None:
    if name.startswith("_"):
        return None
    for star in file.table.stars:
        module = file.absolute(star.module)
        found = find_member(ev, module, name) if module and _exports(ev, module, name) else None
        if found is not None:
            return found
    return None


def set_here(ev: Evaluator, file: File, owner: str, name: str, use: Node) -> Value:
    """What the function or module around ``use`` itself assigned to ``owner.name`` before."""
    path = path_to(file.root, span_of(use))
    unit = next(node for node in reversed(path) if node.type in {"function_definition", "module"} or node == path[0])
    bindings = table_of(unit).attributes_of(owner).get(name, ())
    if not bindings:
        return UNKNOWN
    return join(binding_value(ev, file, unit, binding) for binding in reaching(bindings, unit, path, use))


def _exports(ev: Evaluator, module: str, name: str) -> bool:
    """Does ``import *`` give ``name``?  A stub says so in ``__all__``; other modules are taken to."""
    file = ev.modules.load(module)
    if file is None or not file.is_stub or b"__all__" not in file.source.data:
        return True
    return f'"{name}"'.encode() in file.source.data


def _in_unit(
    ev: Evaluator, file: File, unit: Node, name: str, path: tuple[Node, ...], use: Node | None
) -> Value | None:
    """What the bindings of one unit make of ``name``; ``None``: the unit does not bind it."""
    bindings = alive(ev, table_of(unit).by_name.get(name, ()))
    if not bindings or any(binding.kind is Kind.OUTER for binding in bindings):
        return None
    if use is not None and not definitions.has_overloads(file, unit, bindings):
        bindings = reaching(bindings, unit, path, use)
    if definitions.are_overloads(bindings):
        return definitions.function(ev, file, unit, bindings)
    value = join(binding_value(ev, file, unit, binding) for binding in bindings)
    if known(value) or (use is not None and bindings[0].at.shifted(unit.start_byte) == span_of(use)):
        return value
    return join((value, *_set_from_inside(ev, file, unit, name)))


def reaching(bindings: tuple[Binding, ...], unit: Node, path: tuple[Node, ...], use: Node) -> tuple[Binding, ...]:
    """The bindings that can be in force at ``use``: what type checkers call reaching definitions, roughly."""
    here = span_of(use).shifted(-unit.start_byte)
    own = tuple(binding for binding in bindings if binding.at == here)
    if own:
        return own
    around = branches_of(path, unit)
    possible = [b for b in bindings if not _exclusive(b.branches, around)]
    before = [b for b in possible if b.at.start < here.start and not _holds(b, here)]
    last = max((i for i, b in enumerate(before) if _dominates(b, around)), default=None)
    reaching = before[last:] if last is not None else before
    loops = [branch for branch in around if branch.kind in LOOPS]
    for binding in possible:
        later = binding.at.start >= here.start or _holds(binding, here)
        repeated = [branch for branch in loops if branch in binding.branches]
        if later and repeated and not (last is not None and repeated[-1] in before[last].branches):
            reaching.append(binding)
    declared = [b for b in bindings if b.kind is Kind.DECLARE]
    return tuple(reaching) or tuple(declared) or bindings


def _holds(binding: Binding, here: Span) -> bool:
    """Does the use stand in the binding's own value (``x = f(x)``)?"""
    span = binding.value
    inside = span is not None and span.start <= here.start and here.end <= span.end
    return inside and binding.kind in {Kind.ASSIGN, Kind.FOR, Kind.WITH}


def _dominates(binding: Binding, around: tuple[Branch, ...]) -> bool:
    arms = {(branch.statement, branch.arm) for branch in around}
    inner = [branch for branch in binding.branches if branch.kind != "with_statement"]
    return all((branch.statement, branch.arm) in arms for branch in inner)


def _exclusive(branches: tuple[Branch, ...], around: tuple[Branch, ...]) -> bool:
    arms = {branch.statement: branch.arm for branch in around}
    return any(
        branch.kind in EXCLUSIVE and arms.get(branch.statement, branch.arm) != branch.arm for branch in branches
    )


_VERSION_TEST = re.compile(r"sys\.version_info\s*(>=|<|==|>|<=)\s*\(\s*(\d+)\s*(?:,\s*(\d+))?")
_PLATFORM_TEST = re.compile(r"sys\.platform\s*(==|!=)\s*[\"'](\w+)[\"']")


def alive(ev: Evaluator, bindings: tuple[Binding, ...]) -> tuple[Binding, ...]:
    """The bindings that the target Python and platform do not rule out."""
    kept = tuple(b for b in bindings if all(_may_run(ev, branch) for branch in b.branches if branch.guards))
    return kept or bindings


def _may_run(ev: Evaluator, branch: Branch) -> bool:
    return all(_decided(ev, text) in {None, wanted} for text, wanted in branch.guards)


def _decided(ev: Evaluator, test: str) -> bool | None:
    """Is a condition on version or platform true?  ``None``: cannot tell."""
    if test in {"TYPE_CHECKING", "typing.TYPE_CHECKING"}:
        return True
    if " and " in test:
        parts = [_decided(ev, part.strip()) for part in test.split(" and ")]
        return False if False in parts else (None if None in parts else True)
    version = _VERSION_TEST.fullmatch(test.rstrip(" )"))
    if version is not None:
        wanted = (int(version[2]), int(version[3] or 0))
        order: dict[str, Callable[[], bool]] = {
            ">=": lambda: ev.version >= wanted,
            ">": lambda: ev.version > wanted,
            "<": lambda: ev.version < wanted,
            "<=": lambda: ev.version <= wanted,
            "==": lambda: ev.version == wanted,
        }
        return order[version[1]]()
    platform = _PLATFORM_TEST.fullmatch(test)
    if platform is not None:
        return (ev.platform == platform[2]) is (platform[1] == "==")
    return None


def binding_value(ev: Evaluator, file: File, unit: Node, binding: Binding) -> Value:
    """What one binding gives its name."""
    if binding.kind is Kind.IMPORT:
        return Module(binding.module)
    if binding.kind is Kind.FROM:
        module = file.absolute(binding.module)
        return module_member(ev, module, binding.member) if module else UNKNOWN
    if binding.kind in {Kind.FUNCTION, Kind.CLASS}:
        return definitions.definition(ev, file, unit, binding)
    if binding.annotation is not None:
        declared = _annotated(ev, file, unit, binding)
        if declared is not None:
            return declared
    return _valued(ev, file, unit, binding)


def _annotated(ev: Evaluator, file: File, unit: Node, binding: Binding) -> Value | None:
    assert binding.annotation is not None
    node = node_at(file.root, binding.annotation.shifted(unit.start_byte))
    if node is None:
        return None
    text = text_of(node)
    if text in {"TypeAlias", "typing.TypeAlias", "typing_extensions.TypeAlias"}:
        return _value_form(ev, file, unit, binding)
    if file.name in _TYPING and binding.name in SPECIAL:
        return Special(binding.name)
    value = ev.annotation(file, node)
    if binding.splat:
        return ev.builtin("tuple", value) if binding.splat == "*" else ev.builtin("dict", ev.builtin("str"), value)
    if isinstance(value, (Unknown, Literal)) or value == NONE:
        return None
    return value


def _value_node(file: File, unit: Node, binding: Binding) -> Node | None:
    return node_at(file.root, binding.value.shifted(unit.start_byte)) if binding.value is not None else None


def _value_form(ev: Evaluator, file: File, unit: Node, binding: Binding) -> Value:
    node = _value_node(file, unit, binding)
    return ev.form(file, node) if node is not None else UNKNOWN


def _valued(ev: Evaluator, file: File, unit: Node, binding: Binding) -> Value:
    if binding.kind is Kind.PARAMETER:
        return definitions.parameter(ev, file, unit, binding)
    node = _value_node(file, unit, binding)
    if node is None:
        return UNKNOWN
    if binding.kind is Kind.ALIAS:
        return ev.form(file, node)
    if binding.kind is Kind.EXCEPT:
        return definitions.caught(ev, file, node)
    if binding.kind is Kind.CASE:
        return patterns.matched(ev, file, node)
    if binding.kind is Kind.ASSIGN and _is_type_variable(node):
        _, keywords, _ = arguments_of(node)
        return TypeVar(binding.name, ev.annotation(file, keywords["bound"]) if "bound" in keywords else None)
    if binding.kind is Kind.ASSIGN and not binding.path:
        container = filled.filled(ev, file, unit, binding, node)
        if container is not None:
            return container
    value = ev.value(file, node)
    if binding.kind is Kind.FOR:
        value = ev.iterated(value, asynchronous=binding.asynchronous)
    elif binding.kind is Kind.WITH:
        value = ev.entered(value, asynchronous=binding.asynchronous)
    return unpacked(ev, value, binding.path)


def _is_type_variable(node: Node) -> bool:
    function = field(node, "function") if node.type == "call" else None
    return function is not None and text_of(function).rpartition(".")[2] in {"TypeVar", "ParamSpec", "TypeVarTuple"}


def unpacked(ev: Evaluator, value: Value, path: tuple[int | None, ...]) -> Value:
    """The part of ``value`` that an unpacking target at ``path`` gets."""
    for index in path:
        value = mapped(value, lambda member, at=index: _part(ev, member, at))  # type: ignore[misc]
    return value


def _part(ev: Evaluator, value: Value, index: int | None) -> Value:
    if index is None:
        return ev.builtin("list", ev.iterated(value))
    value = members.as_tuple(ev, value)
    if isinstance(value, Tuple):
        return value.items[index] if -len(value.items) <= index < len(value.items) else UNKNOWN
    if isinstance(value, Instance):
        return ev.iterated(value)
    return UNKNOWN


def module_member(ev: Evaluator, module: str, name: str) -> Value:
    """``name`` of a module: a binding in it, or its submodule."""
    return find_member(ev, module, name) or UNKNOWN


def find_member(ev: Evaluator, module: str, name: str) -> Value | None:
    """Like :func:`module_member`; ``None`` if the module has no such name or cannot be read."""
    if module in _TYPING and name in SPECIAL:
        return Special(name)
    if module in _TYPING and name in _ALIASES:
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
        if key not in ev.stubs.members:
            ev.stubs.members[key] = _member_of(ev, file, module, name)
        return ev.stubs.members[key]
    return _member_of(ev, file, module, name)


def _member_of(ev: Evaluator, file: File | None, module: str, name: str) -> Value | None:
    found = None
    if file is not None:
        found = _in_unit(ev, file, file.root, name, (), None)
        if found is None:
            found = _through_star(ev, file, name)
    if (found is None or found == UNKNOWN) and ev.modules.load(f"{module}.{name}") is not None:
        found = Module(f"{module}.{name}")
    return found


def _comprehension_target(ev: Evaluator, file: File, scope: Node, name: str, use: Node) -> Value | None:
    found = comprehension_clause(scope, name, use)
    if found is None:
        return None
    clause, path = found
    right = field(clause, "right")
    iterable = ev.value(file, right) if right is not None else UNKNOWN
    return unpacked(ev, ev.iterated(iterable, asynchronous=is_async(clause)), path)


def is_async_comprehension(node: Node) -> bool:
    return any(child.type == "for_in_clause" and is_async(child) for child in node.named_children)
