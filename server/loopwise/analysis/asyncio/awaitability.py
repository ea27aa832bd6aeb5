"""Finds expressions that certainly cannot be awaited, with the evidence for it."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from loopwise.analysis.asyncio.evidence import seen_in
from loopwise.analysis.asyncio.overriding import is_coroutine_name, is_replaced, is_stub, overridden
from loopwise.analysis.asyncio.plain import is_plain, is_plain_function, names_plain
from loopwise.analysis.asyncio.properties import property_of
from loopwise.analysis.asyncio.protocols import lacks
from loopwise.analysis.asyncio.rebinding import lasting
from loopwise.analysis.blocking import names_of
from loopwise.analysis.flow import asked_about
from loopwise.analysis.known_names import TRANSPARENT_DECORATORS
from loopwise.analysis.prefilter import callee_word
from loopwise.analysis.rule import Evidence
from loopwise.analysis.unit import Unit
from loopwise.cards import blocking_table
from loopwise.semantics.bindings import File, Kind
from loopwise.semantics.infer import (
    ClassObject,
    Foreign,
    Function,
    Instance,
    Lambda,
    Module,
    NoneValue,
    Tuple,
    Value,
    decorator_names,
    definitions,
    each,
)
from loopwise.syntax import Node, field, is_async, node_at, parts_of, text_of, unwrap

# Bindings of definitions. A parameter or an assigned variable may hold any callable at run time.
_DEFINED = frozenset({Kind.FUNCTION, Kind.CLASS, Kind.IMPORT, Kind.FROM, Kind.OUTER})
OF_THREAD = "a thread's future"
_DEEPEST = 4  # functions that return what another one returns
# What is written down, and what it is called.
_WRITTEN = {
    "list": "a list",
    "list_comprehension": "a list",
    "tuple": "a tuple",
    "set": "a set",
    "set_comprehension": "a set",
    "dictionary": "a dictionary",
    "dictionary_comprehension": "a dictionary",
    "generator_expression": "a generator",
    "string": "a string",
    "concatenated_string": "a string",
    "integer": "a number",
    "float": "a number",
    "true": "a truth value",
    "false": "a truth value",
    "none": "None",
    "lambda": "a function",
    "comparison_operator": "a truth value",
    "not_operator": "a truth value",
}
# Modules for threads and processes: to await what they return is a mistake, whatever other classes have coroutines.
_THREADS = frozenset({"concurrent", "multiprocessing", "queue", "subprocess", "threading"})
# Methods that wait in the thread for any object.
_OF_THREADS = frozenset({"queue.Queue.get", "queue.SimpleQueue.get", "_queue.SimpleQueue.get"})
_KEEPING = TRANSPARENT_DECORATORS | {"abstractmethod"}
# Functions whose futures are those of threads, unless the name is one of a class of the project.
_THREAD_FUTURES = frozenset({"run_coroutine_threadsafe", "submit"})
# Rules whose calls are plain functions of a module, of which no awaitable namesake is known.
_FUNCTIONS = frozenset({"blocking-http", "blocking-sleep", "blocking-subprocess", "blocking-input"})


class Refused(msgspec.Struct, frozen=True):
    """The reason why something cannot be awaited."""

    what: str
    """A description: ``a list``, ``None``, ``a CompletedProcess``."""
    evidence: Evidence


def refused(unit: Unit, node: Node) -> Refused | None:
    """The reason why an expression cannot be awaited; ``None`` if it can, or if that is unknown."""
    node = unwrap(node)
    what = _WRITTEN.get(node.type)
    if what is not None:
        return Refused(what, Evidence.LIKELY if _is_overloaded(node) else Evidence.CERTAIN)
    if node.type == "call":
        return _call(unit, node)
    if names_plain(unit, node) and is_plain_function(unit, node):
        return Refused("a function", Evidence.LIKELY)
    if node.type == "identifier":
        return _name(unit, node)
    return _property(unit, node) if node.type == "attribute" else None


def _is_overloaded(node: Node) -> bool:
    """Is it a comparison whose result the operands may decide, as those of query builders do?"""
    return node.type == "comparison_operator" and not any(
        one.type in {"in", "not in", "is", "is not"} for one in node.children
    )


def _name(unit: Unit, name: Node) -> Refused | None:
    """The reason for a local name, if all that the function assigns to it are literals and threads' futures."""
    function = unit.function(name)
    bindings = unit.file.table_of(function).by_name.get(text_of(name), ()) if function is not None else ()
    found: list[Refused | None] = []
    for binding in bindings:
        if function is None or binding.kind is not Kind.ASSIGN or binding.path or binding.value is None:
            return None
        node = node_at(function, binding.value.shifted(function.start_byte))
        value = unwrap(node) if node is not None else None
        if value is not None and value.type == "call" and callee_word(value, unit.aliases) in _THREAD_FUTURES:
            found.append(_call(unit, value))
            continue
        what = _WRITTEN.get(value.type) if value is not None else None
        found.append(Refused(what, Evidence.CERTAIN) if what and what != "None" else None)
    return found[0] if found and None not in found else None


def _property(unit: Unit, attribute: Node) -> Refused | None:
    """The reason for a property of the project, if its body was seen completely."""
    found, given = property_of(unit, attribute), each(unit.value(attribute))
    if found is None or not given or not all(_cannot(unit, one) for one in given) or _is_empty(found.nodes[0]):
        return None
    returned = list(_returned(found))
    is_seen = bool(returned) and all(_says(unit, found.file, one, _DEEPEST) for one in returned)
    return Refused(_shown(given[0]), Evidence.LIKELY) if is_seen and not overridden(unit, found) else None


def _call(unit: Unit, call: Node) -> Refused | None:
    called = each(unit.called(call))
    if not called:
        return None
    if all(isinstance(one, Foreign) for one in called):
        return Refused("a plain value", Evidence.CERTAIN) if all(_is_known(unit, call, one) for one in called) else None
    if (
        not _is_fixed(unit, call)
        or asked_about(unit, call)
        or not all(_is_whole(unit, unit.file, one, _DEEPEST) for one in called)
    ):
        return None
    if all(isinstance(one, Function) and one.fullname in _OF_THREADS for one in called):
        return Refused("a plain value", Evidence.LIKELY)
    given = each(unit.value(call))
    if not given or not all(_cannot(unit, one) for one in given):
        return None
    evidence, word = _evidence(unit, call), callee_word(call, unit.aliases) or ""
    if not evidence:
        return None
    threads = all(isinstance(one, Function) and one.fullname.partition(".")[0] in _THREADS for one in called)
    if evidence is Evidence.LIKELY and not threads and is_coroutine_name(unit, word):
        return None  # the code awaits it, and another class has a coroutine function of that name
    return Refused(_shown(given[0]), evidence)


def _is_fixed(unit: Unit, call: Node) -> bool:
    """Is the callee a function of a module or a method, rather than the value of a variable or attribute?"""
    callee = field(call, "function")
    if callee is not None and callee.type == "attribute":
        owner = field(callee, "object")
        members = each(unit.called(call))
        of_module = owner is not None and all(isinstance(one, Module) for one in each(unit.value(owner)))
        return of_module or all(isinstance(one, Function) and isinstance(one.bound, Instance) for one in members)
    function = unit.function(call)
    if callee is None or callee.type != "identifier" or function is None:
        return False
    tables = (unit.file.table_of(function), unit.file.table_of(unit.file.root))
    bindings = next((found for table in tables if (found := table.by_name.get(text_of(callee), ()))), ())
    return all(binding.kind in _DEFINED for binding in bindings)


def _is_known(unit: Unit, call: Node, value: Value) -> bool:
    """Is it a library function known to block, and so not to return an awaitable?"""
    table = blocking_table()
    found = (table.find(table.canonical(name)) for name in names_of(unit, call, value))
    return any(calls is not None and calls.rule in _FUNCTIONS for calls in found)


def _cannot(unit: Unit, value: Value) -> bool:
    if isinstance(value, Instance):
        return lacks(unit, value, "__await__")
    return isinstance(value, (NoneValue, Tuple, Function, Lambda, ClassObject, Module))


def _shown(value: Value) -> str:
    if isinstance(value, NoneValue):
        return "None"
    if isinstance(value, Instance) and value.cls.fullname.startswith("concurrent."):
        return OF_THREAD
    if isinstance(value, Instance):
        name = value.cls.qualname.lstrip("_")
        return f"{'an' if name[:1] in 'AEIOUaeiou' else 'a'} {name}"
    return "a tuple" if isinstance(value, Tuple) else "a function"


def _is_whole(unit: Unit, file: File, callee: Value, deep: int) -> bool:
    """Is the result of a call known from the library's stubs or from a complete body?"""
    if isinstance(callee, ClassObject):
        return True
    if not isinstance(callee, Function):
        return False
    if callee.file.is_stub:
        return all(_KEEPING.issuperset(decorator_names(node)) for node in callee.nodes)
    if len(callee.nodes) != 1 or not _tells(unit, callee, callee.nodes[0]) or deep == 0 or overridden(unit, callee):
        return False
    return all(_says(unit, callee.file, value, deep) for value in _returned(callee))


def _tells(unit: Unit, function: Function, definition: Node) -> bool:
    """Does a function's body show the result of a call, or is the function an async generator?"""
    if is_async(definition):
        return definitions.is_generator(definition) and not decorator_names(definition)
    return is_plain(unit, function, definition) and not _is_empty(definition)


def _is_empty(definition: Node) -> bool:
    """Is its body a placeholder for an override?"""
    body = field(definition, "body")
    statements = [one for one in parts_of(body) if one.type != "comment"] if body is not None else []
    return is_stub(definition) or all(one.type == "pass_statement" for one in statements)


def _returned(function: Function) -> Iterator[Node]:
    definition = function.nodes[0]
    for span in function.file.table_of(definition).returns:
        node = node_at(function.file.root, span.shifted(definition.start_byte))
        if node is not None:
            yield unwrap(node)


def _says(unit: Unit, file: File, node: Node, deep: int) -> bool:
    """Does a returned expression itself show its value, without relying on an annotation?"""
    if node.type in _WRITTEN or node.type in {"binary_operator", "unary_operator"}:
        return True
    callee = field(node, "function") if node.type == "call" else None
    if callee is None:
        return False
    members = each(unit.ev.value(file, callee))
    return bool(members) and all(_is_whole(unit, file, member, deep - 1) for member in members)


def _evidence(unit: Unit, call: Node) -> Evidence:
    """Certain, unless the callee is known only from an annotation, or may be replaced."""
    callee = field(call, "function")
    if callee is None or (callee.type == "attribute" and is_replaced(unit, callee)):
        return Evidence.NONE
    doubted = each(unit.doubting.value(unit.file, callee))
    seen = [seen_in(one.file) for one in doubted if isinstance(one, (Function, ClassObject))]
    known = min(seen) if seen and len(seen) == len(doubted) else Evidence.LIKELY
    return min(known, lasting(unit, callee))
