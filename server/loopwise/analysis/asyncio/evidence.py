"""How sure it is what code does: the one place that judges for all rules whether a finding may be loud.

Certain is what follows from code that was seen whole.
A decorator that is not understood, another definition of the same name, an assignment over a method, a subclass that
does it otherwise, a test that asks of which kind something is: each of these stands between, and nothing is said.
Where an annotation or a stub is all there is, the finding is likely: a warning, and no fix of it is safe.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from loopwise.analysis.flow import raises_expected
from loopwise.analysis.rule import Evidence
from loopwise.analysis.unit import Unit
from loopwise.semantics.bindings import Binding, Kind
from loopwise.semantics.infer import (
    NONE,
    UNKNOWN,
    Arguments,
    ClassObject,
    Evaluator,
    Function,
    Instance,
    Lambda,
    Signature,
    Tuple,
    TypeVar,
    Unknown,
    Value,
    definitions,
    each,
    inheritance,
    members,
)
from loopwise.syntax import (
    Node,
    arguments_of,
    decorators_of,
    field,
    is_async,
    node_at,
    nodes_of,
    path_to,
    span_of,
    text_of,
    unwrap,
)
from loopwise.text import encode

# Decorators that leave what a call gives as it is.
_PLAIN = frozenset("overload abstractmethod staticmethod classmethod override final wraps deprecated".split())
# Decorators of classes that add no method of a protocol.
_SEEN = frozenset({"dataclass", "final", "runtime_checkable", "total_ordering", "define", "attrs", "s"})
_EMPTY_BASES = frozenset({"Generic", "Protocol", "object"})
_DEFINITIONS = frozenset({"function_definition"})
_SCOPES = frozenset({"class_definition", "function_definition"})
_LEAVES = frozenset({"return_statement", "raise_statement", "continue_statement", "break_statement"})
# A flag or function that tells of which kind something is; it counts whatever it is asked about.
_KIND_ASKED = re.compile(r"(?i)is_?async|is_?coro|is_?awaitable|use_?async|async_?mode")
_CLASS_ASKED = r"\b(?:isinstance|issubclass|hasattr|getattr|callable|type)\(\s*(?:%s)(?![\w(])"


def coroutine(unit: Unit, call: Node) -> Evidence:
    """The evidence that a call gives a coroutine."""
    if call.type != "call" or not unit.gives_coroutine(call):
        return Evidence.NONE
    found = [_gives(unit, callee) for callee in each(unit.called(call))]
    if not found or Evidence.NONE in found or asked_about(unit, call) or _is_replaced(unit, call):
        return Evidence.NONE
    return min(found)


def coroutine_function(unit: Unit, node: Node) -> Evidence:
    """The evidence that calling what an expression is gives a coroutine."""
    found = [_makes(unit, member) for member in each(unit.value(node))]
    if not found or Evidence.NONE in found or asked_about(unit, node):
        return Evidence.NONE
    return Evidence.NONE if node.type == "attribute" and _is_other_method(unit, node) else min(found)


def lacking(unit: Unit, node: Node, gives: tuple[str, ...], lacked: tuple[str, ...]) -> Evidence:
    """The evidence that an expression has one of the special methods ``gives``, and none of ``lacked``."""
    if not _is_one_way(unit, unit.ev, node, gives, lacked) or asked_about(unit, node) or _is_open(unit, node):
        return Evidence.NONE
    if _is_one_way(unit, unit.doubting, node, gives, lacked):
        return Evidence.CERTAIN
    doubted = _whole(unit.doubting, unit.doubting.value(unit.file, node))
    return Evidence.NONE if has(unit, doubted, *lacked) else Evidence.LIKELY


def asked_about(unit: Unit, node: Node) -> bool:
    """Does a test around ``node``, or one that leaves before it, ask of which kind the thing is?"""
    subjects = _subjects(node)
    asked = re.compile(_CLASS_ASKED % "|".join(map(re.escape, subjects))) if subjects else _KIND_ASKED
    return any(
        _KIND_ASKED.search(text_of(test)) or (asked.search(text_of(test)) and not _is_understood(unit, test))
        for test in _tests(node)
    )


def _is_understood(unit: Unit, test: Node) -> bool:
    """Is it a test for classes that are known, which values are narrowed by?"""
    test = unwrap(test)
    if test.type == "not_operator" and (inner := field(test, "argument")) is not None:
        return _is_understood(unit, inner)
    callee, (positional, _, _) = field(test, "function"), arguments_of(test)
    if callee is None or text_of(callee) != "isinstance" or len(positional) != 2:
        return False
    classes = unit.value(positional[1])
    return all(isinstance(one, ClassObject) for one in (classes.items if isinstance(classes, Tuple) else each(classes)))


# Coroutines


def _gives(unit: Unit, callee: Value) -> Evidence:
    """The evidence that calling a value gives a coroutine, which it does as far as it says."""
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
    """The evidence that calling a value gives a coroutine."""
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
    if not all(_is_settled(unit, function, mark) for mark in decorators_of(node)):
        return Evidence.NONE
    if is_async(node):
        is_open = function.owner is not None and not function.file.is_stub and is_stub(node)
        return Evidence.LIKELY if is_open else Evidence.CERTAIN
    annotation = field(node, "return_type")
    if annotation is not None and not unit.is_coroutine(unit.ev.annotation(function.file, annotation)):
        return Evidence.NONE
    spans = (span.shifted(node.start_byte) for span in function.file.table_of(node).returns)
    returned = [node_at(function.file.root, span) for span in spans]
    if returned and all(value is not None and unwrap(value).type == "call" for value in returned):
        return Evidence.CERTAIN
    if annotation is None:
        return Evidence.NONE
    return Evidence.CERTAIN if function.file.is_stub else Evidence.LIKELY


def is_stub(function: Node) -> bool:
    """Does a function only say what others do: by ``...``, a docstring, ``raise NotImplementedError``, or abstract?"""
    if "abstractmethod" in definitions.decorator_names(function):
        return True
    body = field(function, "body")
    statements = [child for child in body.named_children if child.type != "comment"] if body is not None else []
    first = next((one for one in statements if not _is_said(one)), None)
    if first is None:
        return bool(statements)
    return first.type == "raise_statement" and "NotImplemented" in text_of(first)


def _is_said(statement: Node) -> bool:
    """Is a statement a docstring, or ``...``?"""
    return statement.type == "expression_statement" and unwrap(statement).type in {"string", "ellipsis"}


def _is_settled(unit: Unit, function: Function, decorator: Node) -> bool:
    """Is it known what a decorator makes of a function?"""
    callee = field(decorator, "function") if decorator.type == "call" else decorator
    if callee is None or text_of(callee).rpartition(".")[2] in _PLAIN:
        return True
    result = unit.ev.called(unit.ev.value(function.file, decorator), Arguments.of_values((function,)))
    if isinstance(result, Signature):
        return not isinstance(result.result, (Unknown, TypeVar))
    return isinstance(result, (Function, Instance))


def _is_one_of_several(function: Function) -> bool:
    """Is the function defined a second time, and not as a coroutine function: in another branch?"""
    unit = next(iter(reversed(_scopes(function))), function.file.root)
    bindings = function.file.table_of(unit).by_name.get(function.qualname.rpartition(".")[2], ())
    if len(bindings) < 2 or definitions.has_overloads(function.file, unit, bindings):
        return False
    return any(not _is_async_def(function, unit, binding) for binding in bindings)


def _scopes(function: Function) -> list[Node]:
    node = function.nodes[0]
    path = path_to(function.file.root, span_of(node))
    return [outer for outer in path if outer.type in _SCOPES and outer != node]


def _is_async_def(function: Function, unit: Node, binding: Binding) -> bool:
    if binding.kind is not Kind.FUNCTION or binding.value is None:
        return False
    node = node_at(function.file.root, binding.value.shifted(unit.start_byte))
    return node is not None and is_async(node)


def _is_replaced(unit: Unit, call: Node) -> bool:
    """May something else stand where the method was: assigned, of a derived class, of a class that is asked for?"""
    callee = field(call, "function")
    return callee is None or (callee.type == "attribute" and _is_other_method(unit, callee))


def _is_other_method(unit: Unit, attribute: Node) -> bool:
    name = field(attribute, "attribute") or attribute
    assigned = rb"\." + re.escape(name.text or b"") + rb"[ \t]*(?::[^=\n]*)?=(?!=)"
    if re.search(assigned, unit.file.source.data):
        return True
    methods = [m for m in each(unit.value(attribute)) if isinstance(m, Function) and isinstance(m.bound, Instance)]
    return any(overridden(unit, method) for method in methods)


def overridden(unit: Unit, method: Function) -> bool:
    """Does a class that derives from the method's have another kind of function in its place?"""
    name = method.qualname.rpartition(".")[2]
    pattern = rb"\bdef[ \t]+" + re.escape(encode(name)) + rb"\b"
    if method.owner is None or len(re.findall(pattern, unit.file.source.data)) < 2:
        return False
    kind = _kind(method.nodes[0])
    for node in nodes_of(unit.file.root, _DEFINITIONS):
        owner = unit.owner(node) if text_of(field(node, "name") or node) == name and _kind(node) != kind else None
        bases = inheritance.mro(unit.ev, owner)[1:] if owner is not None else ()
        if any(base.node == method.owner.node for base in bases):
            return True
    return False


def _kind(function: Node) -> tuple[bool, bool]:
    return is_async(function), definitions.is_generator(function)


# Protocols


def has(unit: Unit, value: Value, *methods: str) -> bool:
    """Do all things that the value can be have one of the special methods?"""
    found = _members(value)
    return bool(found) and all(
        isinstance(m, Instance) and any(_has_method(unit, m.cls, method) for method in methods) for m in found
    )


def lacks(unit: Unit, value: Value, *methods: str) -> bool:
    """Do all things that the value can be lack all of the special methods, for sure?"""
    found = _members(value)
    return bool(found) and all(
        isinstance(m, Instance)
        and _is_readable(unit, m.cls)
        and not any(_has_method(unit, m.cls, name) for name in methods)
        for m in found
    )


def _is_one_way(unit: Unit, ev: Evaluator, node: Node, gives: tuple[str, ...], lacked: tuple[str, ...]) -> bool:
    value = _whole(ev, ev.value(unit.file, node))
    return has(unit, value, *gives) and lacks(unit, value, *lacked)


def _whole(ev: Evaluator, value: Value) -> Value:
    """The value, a tuple's items forgotten."""
    found = each(value)
    return ev.builtin("tuple") if found and all(isinstance(member, Tuple) for member in found) else value


def _is_open(unit: Unit, node: Node) -> bool:
    """May a derived class, another overload or a handler around it make of an expression what it does not seem to be?

    An error may be expected, ``self`` may be of a derived class, a stub may be filled in by another kind of function.
    """
    inner = unwrap(node)
    if raises_expected(inner, "TypeError", "AttributeError") or _is_receiver(unit, inner):
        return True
    functions = [one for one in each(unit.called(inner)) if isinstance(one, Function)] if inner.type == "call" else []
    return any(_is_unsettled(unit, inner, one) for one in functions if not one.file.is_stub)


def _is_unsettled(unit: Unit, call: Node, function: Function) -> bool:
    if isinstance(function.bound, Instance) and overridden(unit, function):
        return True
    if function.owner is not None and any(map(is_stub, function.nodes)):
        return True
    given = field(call, "arguments")
    arguments = given.named_children if given is not None else []
    return len(function.nodes) > 1 and any(
        isinstance(member, Unknown)
        for argument in arguments
        for member in each(unit.value(field(argument, "value") or argument))
    )


def _is_receiver(unit: Unit, node: Node) -> bool:
    """Is it the first parameter of a method: an object of the class, or of one derived from it that has more?"""
    if node.type != "identifier":
        return False
    function = unit.function(node)
    while function is not None:
        parameters = field(function, "parameters")
        first = parameters.named_children[0] if parameters is not None and parameters.named_children else None
        if unit.owner(function) is not None and first is not None and text_of(first) == text_of(node):
            return True
        function = unit.function(function)
    return False


def _members(value: Value) -> list[Value]:
    return [member for member in each(value) if member != NONE]


def _has_method(unit: Unit, cls: ClassObject, method: str) -> bool:
    """Does instances' class have the method, and not only to say that it must not be used?"""
    if next(members.found_in(unit.ev, cls, method), None) is None:
        return False
    function = unit.ev.attribute(Instance(cls), method)
    return not (isinstance(function, Function) and not function.file.is_stub and _only_raises(function.nodes[0]))


def _only_raises(function: Node) -> bool:
    body = field(function, "body")
    statements = [child for child in body.named_children if child.type != "comment"] if body is not None else []
    real = [one for one in statements if not _is_said(one)]
    return bool(real) and real[0].type == "raise_statement"


def _is_readable(unit: Unit, cls: ClassObject) -> bool:
    """Are all bases of a class known, and nothing that could add methods to it?"""
    order = inheritance.mro(unit.ev, cls)
    return all(base.file.is_stub or set(definitions.decorator_names(base.node)) <= _SEEN for base in order) and all(
        len(list(inheritance.bases(unit.ev, base))) >= len(list(_written(base))) for base in order
    )


def _written(cls: ClassObject) -> Iterator[Node]:
    """The bases that have something to give, as written."""
    listed = field(cls.node, "superclasses")
    for node in listed.named_children if listed is not None else ():
        if node.type not in {"keyword_argument", "comment"} and _base_name(node) not in _EMPTY_BASES:
            yield node


def _base_name(node: Node) -> str:
    whole = node.named_children[0] if node.type == "subscript" else node
    return text_of(whole).rpartition(".")[2]


# Tests


def _subjects(node: Node) -> set[str]:
    """What a test about an expression would name: the expression, what is called in it, what that is taken from."""
    inner, found = unwrap(node), set[str]()
    while inner.type in {"call", "attribute", "subscript", "await"}:
        if inner.type == "attribute":
            found.add(text_of(inner))
        inner = unwrap(inner.named_children[0])
    return found | {text_of(inner)} if inner.type == "identifier" else found


def _tests(node: Node) -> Iterator[Node]:
    """The conditions that decide whether ``node`` runs, also of a function around its own."""
    inner, outer = node, node.parent
    while outer is not None:
        yield from _tests_in(outer, inner)
        inner, outer = outer, outer.parent


def _tests_in(outer: Node, inner: Node) -> Iterator[Node]:
    if outer.type in {"if_statement", "while_statement"}:
        parts = (field(part, "condition") for part in (outer, *outer.children_by_field_name("alternative")))
        yield from (part for part in parts if part is not None and part != inner)
    elif outer.type in {"conditional_expression", "boolean_operator"}:
        yield from (part for part in outer.named_children if part != inner)
    elif outer.type in {"block", "module"}:
        yield from _passed(inner)
    elif outer.type == "case_clause" or outer.type.endswith("comprehension") or outer.type == "generator_expression":
        yield from (part for part in outer.named_children if part.type in {"if_clause", "case_pattern"})


def _passed(statement: Node) -> Iterator[Node]:
    """The tests that statements before one in its block have passed: assertions, and an ``if`` that leaves."""
    sibling = statement.prev_named_sibling
    while sibling is not None:
        if sibling.type == "assert_statement":
            yield from sibling.named_children[:1]
        elif sibling.type == "if_statement" and _left(sibling):
            yield from [test] if (test := field(sibling, "condition")) is not None else []
        sibling = sibling.prev_named_sibling


def _left(statement: Node) -> bool:
    body = field(statement, "consequence")
    return body is not None and bool(body.named_children) and body.named_children[-1].type in _LEAVES
