"""Resolves an expression to a function or class of the same file, where every type checker would agree."""

from __future__ import annotations

from loopwise.diagnosis.companions.naming import annotation_of, assigned, named
from loopwise.diagnosis.companions.places import function_of, upwards
from loopwise.semantics.bindings import File, Kind
from loopwise.syntax import (
    FUNCTIONS,
    Node,
    arguments_of,
    decorators_of,
    field,
    first_of,
    is_async,
    nodes_of,
    text_of,
    unwrap,
)

_UNKNOWN = "?"
_MANAGERS = frozenset({"contextlib.contextmanager", "contextlib.asynccontextmanager"})


def called(file: File, node: Node) -> str:
    """The callee: the name of one of asyncio's coroutine functions, else the kind of one of the file's functions.

    With unpacked arguments a checker may not be able to determine the result.
    """
    node = unwrap(node)
    value = assigned(file, node) if node.type == "identifier" else None
    if value is not None and unwrap(value).type == "call":
        return f"local {called(file, value)}"
    callee = field(node, "function") if node.type == "call" else None
    if callee is None or arguments_of(node)[2]:
        return _UNKNOWN
    found = named(file, callee)
    if found is not None and found.name.startswith("asyncio.") and found.known_by == "import":
        return found.name
    return own(file, callee)


def own(file: File, node: Node) -> str:
    """A function, class or method of the file by its kind; for a call, its callee in parentheses."""
    node = unwrap(node)
    if node.type == "call":
        callee = field(node, "function")
        return f"{own(file, callee)}()" if callee is not None else _UNKNOWN
    if node.type == "identifier":
        return _in_module(file, node)
    owner = field(node, "object") if node.type == "attribute" else None
    name = field(node, "attribute")
    if owner is None or name is None:
        return _UNKNOWN
    if text_of(owner) == "self":
        return _of_self(file, node, text_of(name))
    maker = annotation_of(file, owner) or _maker(file, owner)
    cls = _definition(file, maker) if maker is not None and maker.type == "identifier" else None
    return _method(file, cls, text_of(name)) if cls is not None and cls.type == "class_definition" else _UNKNOWN


def _maker(file: File, owner: Node) -> Node | None:
    """The callee that makes an object, which the function may have assigned to a name."""
    value = assigned(file, owner) if owner.type == "identifier" else owner
    made = unwrap(value) if value is not None else None
    return field(made, "function") if made is not None and made.type == "call" else None


def _in_module(file: File, name: Node) -> str:
    found = _definition(file, name)
    if found is None:
        return _UNKNOWN
    return _kind(file, found) if found.type == "function_definition" else _class(found)


def _definition(file: File, name: Node) -> Node | None:
    """The only definition at the top of the file that a name can refer to."""
    scopes = [each for each in upwards(name) if each.type == "function_definition"]
    if any(text_of(name) in file.table_of(scope).by_name for scope in scopes):
        return None
    bindings = file.table.by_name.get(text_of(name), ())
    if len(bindings) != 1 or bindings[0].kind not in {Kind.FUNCTION, Kind.CLASS} or bindings[0].branches:
        return None
    at = bindings[0].at.shifted(file.root.start_byte)
    found = file.root.descendant_for_byte_range(at.start, at.end)
    definition = found.parent if found is not None else None
    is_one = definition is not None and definition.type in {"function_definition", "class_definition"}
    return definition if is_one else None


def _of_self(file: File, node: Node, name: str) -> str:
    """A method of the class that contains the node's method, or an attribute that it assigns once."""
    function = function_of(node)
    parameters = field(function, "parameters") if function is not None else None
    first = first_of(parameters) if parameters is not None else None
    block = function.parent if function is not None else None
    if block is not None and block.type == "decorated_definition":
        block = block.parent
    cls = block.parent if block is not None and block.type == "block" else None
    if cls is None or cls.type != "class_definition" or first is None or text_of(first) != "self":
        return _UNKNOWN
    return _held(file, cls, name) or _method(file, cls, name)


def _held(file: File, cls: Node, name: str) -> str:
    """The one call that a class without bases assigns to an attribute of ``self``; else empty."""
    body = field(cls, "body")
    if body is None or decorators_of(cls) or field(cls, "superclasses") is not None:
        return ""
    found = [
        each
        for each in nodes_of(body, frozenset({"assignment", "augmented_assignment"}))
        if text_of(field(each, "left") or each).split(",")[0].strip() in {f"self.{name}", name}
    ]
    value = field(found[0], "right") if len(found) == 1 and field(found[0], "type") is None else None
    made = named(file, value) if value is not None and unwrap(value).type == "call" else None
    return f"self: {made.name}" if made is not None and made.known_by == "call" and not made.alias else ""


def _method(file: File, cls: Node, name: str) -> str:
    body = field(cls, "body")
    found = [each for each in nodes_of(body, FUNCTIONS) if each.parent == body] if body is not None else []
    methods = [each for each in found if text_of(field(each, "name") or each) == name]
    return f"{_kind(file, methods[0])} as method" if len(methods) == 1 else _UNKNOWN


def _kind(file: File, function: Node) -> str:
    """``async def`` or ``def``, followed by ``generator`` for one, or what makes a context manager of it.

    With other decorators it can be anything.
    """
    decorators = decorators_of(function)
    if decorators:
        found = named(file, decorators[0]) if len(decorators) == 1 else None
        return found.name if found is not None and found.name in _MANAGERS else _UNKNOWN
    yields = any(function_of(each) == function for each in nodes_of(function, frozenset({"yield"})))
    return f"{'async ' if is_async(function) else ''}def{' generator' if yields else ''}"


def _class(cls: Node) -> str:
    """A class without bases and decorators, by the protocols that it implements."""
    if decorators_of(cls) or field(cls, "superclasses") is not None:
        return _UNKNOWN
    body = field(cls, "body")
    names = {text_of(field(each, "name") or each) for each in nodes_of(body, FUNCTIONS)} if body is not None else set()
    known = ("__enter__", "__aenter__", "__iter__", "__aiter__")
    return f"class{''.join(f' {name}' for name in known if name in names)}"
