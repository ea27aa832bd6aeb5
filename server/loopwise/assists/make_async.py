"""A plain function becomes an async one, and the async functions of the file that call it await it.

It is offered on the ``def`` line, and where an ``await``, ``async with`` or ``async for`` stands in a plain function.
A call at the top of the module is put into ``asyncio.run()``; a function that only hands on a coroutine awaits it
itself, and its callers stay as they are.
Other files are not changed.

It is refused where that cannot work: for ``__init__`` and what else Python calls itself, for properties, for methods
of which a base class has a plain one, for generators with ``yield from``, and where plain code of the file calls it or
hands it to something as a callback.
"""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.analysis.rule import Fix, page
from loopwise.analysis.unit import Unit
from loopwise.assists.assist import Assist
from loopwise.assists.parts import changed, head_end, joined, touched
from loopwise.assists.parts.make_async_examples import EXAMPLES
from loopwise.rules.fixes import made_async
from loopwise.semantics.bindings import Kind
from loopwise.semantics.infer import PROPERTIES, inheritance, is_generator
from loopwise.syntax import Node, field, is_async, node_at, nodes_of, text_of, unwrap
from loopwise.text import Span
from loopwise.writing import awaited

_PROPERTIES = PROPERTIES | {"setter", "getter", "deleter", "hybrid_property"}
_CACHES = frozenset({"cache", "lru_cache"})
_PLAIN_ONLY = frozenset(
    "callback validator field_validator model_validator root_validator singledispatch computed_field hookimpl".split()
)
_SUSPENDS = frozenset({"await", "with_statement", "for_statement", "for_in_clause"})
_RETURNS = frozenset({"return_statement"})


def offer(_: tuple[Node, ...], span: Span, unit: Unit) -> Iterator[Fix]:
    function, at_head = _function(unit, span)
    if function is None or is_async(function):
        return
    name = text_of(field(function, "name") or function)
    made = made_async(unit, function)
    refused = made.refused or _refused(unit, function, name)
    if refused:
        if at_head:
            yield Fix(f"Make {name}() async", (), safe=False, refused=refused)
        return
    returned = _handed_on(unit, function)
    callers = changed(unit, function, generates=is_generator(function), hands_on=bool(returned))
    refused = callers.refused
    edits = joined([*callers.edits, *made.edits, *(edit for call in returned for edit in awaited(call))])
    if at_head or (not refused and edits != made.edits):
        yield Fix(f"Make {name}() async", () if refused else edits, safe=False, refused=refused)


def _function(unit: Unit, span: Span) -> tuple[Node | None, bool]:
    """The function in whose head the cursor is, or that has the ``await`` at the cursor; and which of the two."""
    path = touched(unit, span)
    suspends = False
    for node in reversed(path):
        if node.type == "function_definition":
            at_head = node.start_byte <= span.start <= head_end(node) and path[-1].type != "comment"
            at_head = at_head and unit.file.source.line_at(span.start) <= _last_line(unit, node)
            return (node if at_head or suspends else None), at_head
        if node.type in {"lambda", "class_definition"}:
            break
        if node.type in _SUSPENDS and span.start <= head_end(node):
            suspends = suspends or node.type == "await" or is_async(node)
    return None, False


def _last_line(unit: Unit, function: Node) -> int:
    """The line of the colon that ends the head."""
    colon = next((child for child in function.children if child.type == ":"), function)
    return unit.file.source.line_at(colon.start_byte)


def _refused(unit: Unit, function: Node, name: str) -> str:
    marks = frozenset(unit.decorators(function))
    if marks & _PROPERTIES:
        return f"{name} is a property: what reads it would have to await it"
    if marks & _CACHES:
        return f"the cache around {name}() would keep the coroutine, which can be awaited once"
    if found := next(iter(sorted(marks & _PLAIN_ONLY)), ""):
        return f"what {found} decorates has to be a plain function"
    if "contextmanager" in marks:
        return "contextmanager takes plain generators; asynccontextmanager takes async ones, for 'async with'"
    base = _plain_base(unit, function, name)
    return f"{base}.{name}() is not async, and this method stands in its place" if base else ""


def _plain_base(unit: Unit, function: Node, name: str) -> str:
    """The base class whose plain method the function overrides."""
    owner = unit.owner(function)
    for base in inheritance.mro(unit.ev, owner)[1:] if owner is not None else ():
        for binding in base.file.table_of(base.node).by_name.get(name, ()):
            span = binding.value.shifted(base.node.start_byte) if binding.value is not None else None
            node = node_at(base.file.root, span) if span is not None else None
            if binding.kind is Kind.FUNCTION and node is not None and not is_async(node):
                return base.fullname.rpartition(".")[2]
    return ""


def _handed_on(unit: Unit, function: Node) -> list[Node]:
    """The calls whose coroutines a function returns, if it returns nothing else."""
    returns = [node for node in nodes_of(function, _RETURNS) if unit.function(node) == function]
    values = [unwrap(node.named_children[0]) for node in returns if node.named_children]
    is_all = len(values) == len(returns) and all(one.type == "call" and unit.gives_coroutine(one) for one in values)
    return values if is_all else []


ASSIST = Assist(
    name="make-async",
    kind="refactor.rewrite",
    offer=offer,
    **page(__doc__),
    examples=EXAMPLES,
)
