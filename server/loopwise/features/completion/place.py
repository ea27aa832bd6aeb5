"""The place of the cursor: the code around it, and the kind of value that it needs."""

from __future__ import annotations

import re
from enum import Enum
from hashlib import blake2b

import msgspec

from loopwise.analysis.execution_context import ExecutionContext
from loopwise.features.completion import brackets, parameters
from loopwise.features.completion.half_typed import Typed, typed
from loopwise.features.completion.lines import line_before
from loopwise.features.completion.parameters import Parameter
from loopwise.features.completion.targets import AFTER_NEW, is_new_name
from loopwise.project import View
from loopwise.semantics.infer import Evaluator
from loopwise.syntax import Node, field, is_async, parts_of, path_to, span_of, text_of


class Wants(Enum):
    """The kind of value needed at the cursor; the values are the places of ``knowledge/usage.json``."""

    AWAITABLE = "await"
    ASYNC_CONTEXT = "async_with"
    ASYNC_ITERABLE = "async_for"
    EXCEPTION = "raise"
    COROUTINE = "argument"
    """An argument that takes a coroutine, or any awaitable."""
    FUNCTION = "callback"
    """An argument that takes a callable."""
    CONTEXT = "with"
    IMPORT = "import"
    TYPE = "annotation"
    STATEMENT = "statement"
    VALUE = "value"


class Place(msgspec.Struct, frozen=True):
    """The cursor in ``view.file``, which is the user's text, completed (see :mod:`half_typed`)."""

    view: View
    typed: Typed
    path: tuple[Node, ...]
    """The path from the root to the name at the cursor."""
    expression: Node
    """The name with its receiver."""
    owner: Node | None
    """The expression before the dot."""
    called: bool
    """Does an opening parenthesis follow?"""
    wants: Wants
    context: ExecutionContext
    function: Node | None
    """The enclosing function, if there is one."""
    outside: bytes | None = None
    """Digest of the text outside the outermost function around the cursor; ``None`` outside functions."""
    parameters: tuple[Parameter, ...] = ()
    """The parameters that the expression is an argument for: one per matching overload."""

    @property
    def ev(self) -> Evaluator:
        return self.view.evaluator

    @property
    def may_await(self) -> bool:
        return self.context in {ExecutionContext.ASYNC, ExecutionContext.CELL}


def place_of(view: View, offset: int) -> Place | None:
    """The place at byte offset ``offset``; ``None`` where nothing is completed: comments, strings, new names."""
    found = typed(view.file, offset)
    if found is None:
        return None
    view = msgspec.structs.replace(view, file=found.file)
    path = path_to(found.file.root, span_of(found.node))
    if is_new_name(path) or AFTER_NEW.search(line_before(view.file.source.data, found.span.start)):
        return None
    at = len(path) - 1
    owner = None
    if path[at - 1].type == "attribute" and field(path[at - 1], "attribute") == found.node:
        owner = field(path[at - 1], "object")
        at -= 1
    elif _DOT.search(line_before(view.file.source.data, found.span.start)) and not _is_import(path):
        return None  # the tree has lost the code before the dot
    expression = path[at]
    called = path[at - 1].type == "call" and field(path[at - 1], "function") == expression
    while path[at - 1].type == "parenthesized_expression" or (
        path[at - 1].type == "call" and field(path[at - 1], "function") == path[at]
    ):
        at -= 1
    around, function = _around(view, path, found.span.start)
    wants, of = _wants(view, path, at)
    called = called or found.rest.startswith(b"(")
    return Place(view, found, path, expression, owner, called, wants, around, function, _outside(view, path), of)


def _outside(view: View, path: tuple[Node, ...]) -> bytes | None:
    function = next((node for node in path if node.type == "function_definition"), None)
    if function is None:
        return None
    data, body = view.file.source.data, field(function, "body") or function
    digest = blake2b(data[: body.start_byte], digest_size=16)
    digest.update(b"\0")
    digest.update(data[function.end_byte :])
    return digest.digest()


# Not after two dots: ``...`` is a complete expression, and ``from ..`` a relative import.
_DOT = re.compile(rb"(?<!\.)\.[ \t]*\Z")


def _wants(view: View, path: tuple[Node, ...], at: int) -> tuple[Wants, tuple[Parameter, ...]]:
    """The kind of value needed at ``path[at]``, and the parameters if it is an argument."""
    node, parent = path[at], path[at - 1] if at else path[at]
    if _is_import(path):
        return Wants.IMPORT, ()
    if any(part.type == "type" for part in path) or _is_base(path):
        return Wants.TYPE, ()
    if (asked := _asked_to_be(path, at)) is not None:
        return (Wants.EXCEPTION if _EXCEPTION.fullmatch(text_of(asked)) else Wants.TYPE), ()
    of = parameters.of_argument(view, path, at)
    if of:
        return _by_parameter(view, of), of
    if parameters.starts_task_by_name(view, path, at):
        return Wants.COROUTINE, ()
    if parameters.calls_back_by_name(view, path, at):
        return Wants.FUNCTION, ()
    simple = _SIMPLE.get(parent.type)
    if simple is Wants.STATEMENT and not _starts_line(view, node):
        return Wants.VALUE, ()
    if simple is not None:
        return simple, ()
    head = _head(path, at)
    if head is not None:
        return (Wants.ASYNC_CONTEXT if is_async(head) else Wants.CONTEXT), ()
    if parent.type in {"for_statement", "for_in_clause"} and field(parent, "right") == node and is_async(parent):
        return Wants.ASYNC_ITERABLE, ()
    if any(part.type in {"except_clause", "except_group_clause"} for part in path[max(at - 3, 0) : at]):
        return (Wants.STATEMENT if parent.type == "expression_statement" else Wants.EXCEPTION), ()
    return _by_words(view, node, parent), ()


# The names of what is caught, and of what may be: `isinstance(error, …)`.
_EXCEPTION = re.compile(r"(?:\w*[._])?(?:e|ex|exc|exc_info|err|error|exception|cause|__cause__|__context__)")


def _asked_to_be(path: tuple[Node, ...], at: int) -> Node | None:
    """The first argument of ``isinstance`` if the expression is its second, or a class in a tuple there."""
    if path[at - 1].type == "tuple":
        at -= 1
    arguments, call = path[at - 1], path[at - 2] if at > 1 else path[at - 1]
    if arguments.type != "argument_list" or call.type != "call" or path[at] == parts_of(arguments)[0]:
        return None
    callee = field(call, "function")
    asks = callee is not None and text_of(callee) in {"isinstance", "issubclass"}
    return parts_of(arguments)[0] if asks else None


_SIMPLE = {"await": Wants.AWAITABLE, "raise_statement": Wants.EXCEPTION, "expression_statement": Wants.STATEMENT}


def _is_import(path: tuple[Node, ...]) -> bool:
    kinds = {"import_statement", "import_from_statement", "future_import_statement"}
    return any(part.type in kinds for part in path)


def _is_base(path: tuple[Node, ...]) -> bool:
    pairs = zip(path, path[1:], strict=False)
    return any(outer.type == "class_definition" and field(outer, "superclasses") == inner for outer, inner in pairs)


def _head(path: tuple[Node, ...], at: int) -> Node | None:
    """The ``with`` whose head has the expression as an entire item."""
    if not any(part.type == "with_item" for part in path[max(at - 3, 0) : at]):
        return None
    return next((part for part in reversed(path[:at]) if part.type == "with_statement"), None)


def _by_parameter(view: View, of: tuple[Parameter, ...]) -> Wants:
    fits = parameters.accepted(view, of)
    if fits & {"coroutine", "future"}:
        return Wants.COROUTINE
    return Wants.FUNCTION if "function" in fits else Wants.VALUE


# The last keyword before the cursor decides, whatever the parser made of the rest.
_BEFORE = re.compile(
    rb"(?:(?P<await>\bawait)|(?P<with>\basync[ \t]+with)|(?P<for>\basync[ \t]+for\b[^:\n]*\bin)"
    rb"|(?P<raise>\b(?:raise|except\*?)))[ \t(]*\Z"
)
_BY_WORD = {
    "await": Wants.AWAITABLE,
    "with": Wants.ASYNC_CONTEXT,
    "for": Wants.ASYNC_ITERABLE,
    "raise": Wants.EXCEPTION,
}


def _starts_line(view: View, node: Node) -> bool:
    """Is the expression the entire statement so far, and the first code on its line?"""
    data = view.file.source.data
    line = line_before(data, node.start_byte)
    start = brackets.statement_start(data, node.start_byte - len(line))
    return not line.strip() and not brackets.opened(data[start : node.start_byte])


def _by_words(view: View, node: Node, parent: Node) -> Wants:
    """Judge by the words before the cursor, in code that the parser cannot make sense of."""
    line = line_before(view.file.source.data, node.start_byte)
    found = _BEFORE.search(line)
    if found is not None:
        return next(wants for word, wants in _BY_WORD.items() if found[word])
    whole = parent.type in {"ERROR", "module", "block"} and _starts_line(view, node)
    return Wants.STATEMENT if whole else Wants.VALUE


_DEF = re.compile(rb"^([ \t]*)(async[ \t]+def|def|class)\b", re.MULTILINE)


def _around(view: View, path: tuple[Node, ...], start: int) -> tuple[ExecutionContext, Node | None]:
    for outer, inner in reversed(list(zip(path, path[1:], strict=False))):
        if outer.type == "lambda" and field(outer, "body") == inner:
            return ExecutionContext.LAMBDA, None
        if outer.type == "class_definition" and inner == field(outer, "body"):
            return ExecutionContext.CLASS, None
        if outer.type == "function_definition" and inner == field(outer, "body"):
            return (ExecutionContext.ASYNC if is_async(outer) else ExecutionContext.SYNC), outer
    found = (
        _around_by_words(view.file.source.data, start)
        if any(part.is_error for part in path)
        else ExecutionContext.MODULE
    )
    return (ExecutionContext.CELL if found is ExecutionContext.MODULE and view.file.cells else found), None


def _around_by_words(data: bytes, start: int) -> ExecutionContext:
    """Find the nearest definition above that is indented less, in code that the parser cannot make sense of."""
    line = data.rfind(b"\n", 0, start) + 1
    indent = len(data[line:start]) - len(data[line:start].lstrip(b" \t"))
    for found in reversed(list(_DEF.finditer(data, 0, line))):
        if len(found[1]) < indent:
            word = found[2].split()[0]
            return {b"async": ExecutionContext.ASYNC, b"def": ExecutionContext.SYNC}.get(word, ExecutionContext.CLASS)
    return ExecutionContext.MODULE
