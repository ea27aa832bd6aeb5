"""Evidence for coroutines: the one module that decides for all rules how certain a finding is.

Certain is what follows from code that was seen whole.
A decorator that is not understood, another definition of the same name, an assignment over a method, a subclass that
does it otherwise, a test that asks of which kind something is: each of these breaks the chain, and nothing is reported.
Where an annotation or a stub is all there is, the finding is likely: a warning, and no fix of it is safe.

What an installed library says was seen: its own definitions and annotations are those of the version that runs.
The summary of a library that is shipped with the program was not, because the project may use another version.
"""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.analysis.asyncio.overriding import chooses, is_receiver, is_replaced, is_stub, overridden, uses_overridden
from loopwise.analysis.asyncio.protocols import has, lacks
from loopwise.analysis.asyncio.rebinding import lasting
from loopwise.analysis.asyncio.results import is_settled, passes_on
from loopwise.analysis.flow import asked_about, may_return_nothing, raises_expected
from loopwise.analysis.rule import Evidence
from loopwise.analysis.unit import Unit
from loopwise.semantics.bindings import Binding, File, Kind
from loopwise.semantics.infer import (
    UNKNOWN,
    ClassObject,
    Evaluator,
    Function,
    Instance,
    Lambda,
    Signature,
    Tuple,
    Unknown,
    Value,
    definitions,
    each,
    inheritance,
    join,
)
from loopwise.syntax import (
    CLASSES_AND_FUNCTIONS,
    Node,
    arguments_of,
    decorators_of,
    field,
    is_async,
    node_at,
    parts_of,
    path_to,
    span_of,
    text_of,
    unwrap,
)


def coroutine(unit: Unit, call: Node) -> Evidence:
    """The evidence that a call returns a coroutine."""
    if call.type != "call" or not unit.gives_coroutine(call):
        return Evidence.NONE
    found = [_gives(unit, callee) for callee in each(unit.called(call))]
    if not found or Evidence.NONE in found or asked_about(unit, call) or _is_replaced(unit, call):
        return Evidence.NONE
    callee = field(call, "function")
    if callee is None or _decorates(unit, call):
        return Evidence.NONE
    lasts = lasting(unit, callee)
    return min(lasts, Evidence.LIKELY if _is_only_annotated(unit, call) else min(found))


def _is_only_annotated(unit: Unit, call: Node) -> bool:
    """Is the callee of a call that is not awaited known only because an annotation names a class?"""
    callee = field(call, "function")
    if callee is None or callee.type != "attribute" or unit.is_awaited(call):
        return False
    return any(isinstance(one, Unknown) for one in each(unit.doubting.value(unit.file, callee)))


def coroutine_function(unit: Unit, node: Node) -> Evidence:
    """The evidence that calling the value of an expression returns a coroutine."""
    found = [_makes(unit, member) for member in each(unit.value(node))]
    if not found or Evidence.NONE in found or asked_about(unit, node):
        return Evidence.NONE
    is_gone = node.type == "attribute" and is_replaced(unit, node)
    return Evidence.NONE if is_gone else min(lasting(unit, node), *found)


def of_property(unit: Unit, attribute: Node) -> Evidence:
    """The evidence that an attribute is a property that returns a coroutine, if its class says so."""
    owner = field(attribute, "object")
    classes = list(_classes(unit.value(owner))) if owner is not None else []
    return min((seen_in(cls.file) for cls in classes), default=Evidence.CERTAIN)


def lacking(unit: Unit, node: Node, gives: tuple[str, ...], lacked: tuple[str, ...]) -> Evidence:
    """The evidence that an expression has one of the special methods ``gives``, and none of ``lacked``."""
    value = _whole(unit.ev, unit.value(node))
    if not has(unit, value, *gives) or not lacks(unit, value, *lacked):
        return Evidence.NONE
    if asked_about(unit, node) or _is_open(unit, node):
        return Evidence.NONE
    doubted = _doubted(unit, unwrap(node))
    if has(unit, doubted, *gives) and lacks(unit, doubted, *lacked):
        return min(seen_in(base.file) for cls in _classes(doubted) for base in inheritance.mro(unit.ev, cls))
    return Evidence.NONE if has(unit, doubted, *lacked) or chooses(unit, node) else Evidence.LIKELY


def seen_in(file: File) -> Evidence:
    """The evidence of what a file says: less, if it only sums up some version of a library."""
    return Evidence.LIKELY if file.is_shipped else Evidence.CERTAIN


def _classes(value: Value) -> Iterator[ClassObject]:
    return (member.cls for member in each(value) if isinstance(member, Instance))


def _gives(unit: Unit, callee: Value) -> Evidence:
    """The evidence that calling a value returns a coroutine, taking its declaration at its word."""
    if isinstance(callee, Function):
        found = [_says_so(unit, callee, node) for node in callee.nodes]
        return Evidence.NONE if _is_one_of_several(callee) else min(found)
    if isinstance(callee, Instance):
        method = unit.ev.attribute(callee, "__call__")
        return _gives(unit, method) if isinstance(method, Function) else Evidence.NONE
    if isinstance(callee, Lambda):
        body = field(callee.node, "body")
        return Evidence.CERTAIN if body is not None and body.type == "call" else Evidence.NONE
    if isinstance(callee, Signature):
        return Evidence.CERTAIN if callee.made_of is not None else Evidence.LIKELY
    return Evidence.NONE


def _makes(unit: Unit, value: Value) -> Evidence:
    """The evidence that calling a value returns a coroutine."""
    if isinstance(value, Instance) and value.cls.fullname == "functools.partial":
        return Evidence.CERTAIN if len(value.cls.args) == 1 and unit.is_coroutine(value.cls.args[0]) else Evidence.NONE
    if isinstance(value, Lambda):
        body = field(value.node, "body")
        given = unit.ev.value(value.file, body) if body is not None else UNKNOWN
        return Evidence.CERTAIN if unit.is_coroutine(given) else Evidence.NONE
    if isinstance(value, (Function, Signature)) and unit.is_coroutine_function(value):
        return _gives(unit, value)
    return Evidence.NONE


def _says_so(unit: Unit, function: Function, node: Node) -> Evidence:
    if not all(is_settled(unit, function, mark) for mark in decorators_of(node)):
        return Evidence.NONE
    if is_async(node):
        is_open = function.owner is not None and not function.file.is_stub and is_stub(node)
        return Evidence.LIKELY if is_open else seen_in(function.file)
    annotation = field(node, "return_type")
    if annotation is not None and not unit.is_coroutine(unit.ev.annotation(function.file, annotation)):
        return Evidence.NONE
    spans = (span.shifted(node.start_byte) for span in function.file.table_of(node).returns)
    returned = [node_at(function.file.root, span) for span in spans]
    if annotation is None and may_return_nothing(node):
        return Evidence.NONE  # ``if self.asynchronous: return self._close()``: a coroutine for some callers only
    calls = [unwrap(value) for value in returned if value is not None and unwrap(value).type == "call"]
    if returned and len(calls) == len(returned):
        passed_on = min(passes_on(unit, function.file, call) for call in calls)
        known = seen_in(function.file) if annotation is not None or not function.file.is_stub else Evidence.LIKELY
        return min(passed_on, known)
    if annotation is None:
        return Evidence.NONE
    return seen_in(function.file) if function.file.is_stub else Evidence.LIKELY


def _is_one_of_several(function: Function) -> bool:
    """Is the function defined again, for example in another branch, and not as a coroutine function?"""
    unit = next(iter(reversed(_scopes(function))), function.file.root)
    bindings = function.file.table_of(unit).by_name.get(function.qualname.rpartition(".")[2], ())
    if len(bindings) < 2 or definitions.has_overloads(function.file, unit, bindings):
        return False
    return any(not _is_async_def(function, unit, binding) for binding in bindings)


def _scopes(function: Function) -> list[Node]:
    node = function.nodes[0]
    path = path_to(function.file.root, span_of(node))
    return [outer for outer in path if outer.type in CLASSES_AND_FUNCTIONS and outer != node]


def _is_async_def(function: Function, unit: Node, binding: Binding) -> bool:
    if binding.kind is not Kind.FUNCTION or binding.value is None:
        return False
    node = node_at(function.file.root, binding.value.shifted(unit.start_byte))
    return node is not None and is_async(node)


def _is_replaced(unit: Unit, call: Node) -> bool:
    """May a call reach something other than the method that it names?"""
    callee = field(call, "function")
    return callee is None or (callee.type == "attribute" and is_replaced(unit, callee))


def _decorates(unit: Unit, call: Node) -> bool:
    """Is it a decorator applied by hand, ``app.get("/")(handler)``?  Its result is unknown."""
    maker = field(call, "function")
    if maker is None or maker.type != "call":
        return False
    positional, keywords, _ = arguments_of(call)
    given = (member for one in (*positional, *keywords.values()) for member in each(unit.value(one)))
    return any(isinstance(member, (Function, Lambda, ClassObject)) for member in given)


def _doubted(unit: Unit, node: Node) -> Value:
    """The value of an expression judged by code alone; for a call, by the body of the called function."""
    value = unit.doubting.value(unit.file, node)
    callee = field(node, "function") if node.type == "call" else None
    if callee is not None and isinstance(value, Unknown):
        # A method of what only an annotation names is not known either: ``driver: Driver`` may be another one.
        of_module = callee.type == "identifier"
        known = unit.called(node) if of_module else unit.doubting.value(unit.file, callee)
        value = join(unit.doubting.called(one) for one in each(known))
    return _whole(unit.doubting, value)


def _whole(ev: Evaluator, value: Value) -> Value:
    """The value, with a tuple reduced to its class."""
    found = each(value)
    return ev.builtin("tuple") if found and all(isinstance(member, Tuple) for member in found) else value


def _is_open(unit: Unit, node: Node) -> bool:
    """May an expression differ from what it seems, through a subclass, another overload or a handler around it?

    An error may be expected, ``self`` may be of a subclass, a stub may be implemented by another kind of function.
    """
    inner = unwrap(node)
    if raises_expected(inner, "TypeError", "AttributeError") or is_receiver(unit, inner):
        return True
    called = [(call, one) for call in _calls(unit, inner) for one in each(unit.called(call))]
    return any(
        _is_unsettled(unit, call, one) for call, one in called if isinstance(one, Function) and not one.file.is_stub
    )


def _calls(unit: Unit, node: Node) -> Iterator[Node]:
    """The calls that an expression's value may come from: the call itself, or those that a local name is assigned."""
    if node.type == "call":
        yield node
    function = unit.function(node) if node.type == "identifier" else None
    for binding in unit.file.table_of(function).by_name.get(text_of(node), ()) if function is not None else ():
        value = node_at(function, binding.value.shifted(function.start_byte)) if function and binding.value else None
        if value is not None and unwrap(value).type == "call":
            yield unwrap(value)


def _is_unsettled(unit: Unit, call: Node, function: Function) -> bool:
    if isinstance(function.bound, Instance) and (overridden(unit, function) or uses_overridden(unit, function)):
        return True
    if function.owner is not None and any(map(is_stub, function.nodes)):
        return True
    given = field(call, "arguments")
    arguments = parts_of(given) if given is not None else []
    return len(function.nodes) > 1 and any(
        isinstance(member, Unknown)
        for argument in arguments
        for member in each(unit.value(field(argument, "value") or argument))
    )
