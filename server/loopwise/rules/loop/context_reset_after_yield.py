"""A context variable that an async generator sets before a ``yield`` may be reset in another context.

Each task has its own context, and an async generator runs in the context of the task that requests the next item.
If it is closed by another task, or by the event loop after a ``break``, ``ContextVar.reset`` raises ``ValueError``,
because the token was created in a different context.

Set the old value again instead of resetting it: ``var.set(before)``, where ``before`` is ``var.get()``.
Or set the variable outside, where the generator is iterated.
"""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.analysis.flow import own
from loopwise.analysis.rule import Example, Finding, Related, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.semantics.bindings import Kind
from loopwise.syntax import YIELDS, Node, field, is_async, node_at, parts_of, span_of, text_of, unwrap

# Any other decorator may make a context manager or fixture of the generator, which one task opens and closes.
_PLAIN = frozenset({"staticmethod", "classmethod", "override", "overload"})


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    callee, function = field(node, "function"), unit.function(node)
    if callee is None or function is None or not is_async(function) or callee.type != "attribute":
        return
    variable, given = field(callee, "object"), field(node, "arguments")
    token = parts_of(given)[0] if given is not None and len(parts_of(given)) == 1 else None
    if variable is None or text_of(field(callee, "attribute") or callee) != "reset" or token is None:
        return
    setter = _setter(unit, function, token, text_of(variable))
    between = _yield_between(function, setter, node) if setter is not None else None
    if setter is not None and between is not None and _PLAIN.issuperset(unit.decorators(function)):
        related = (Related(span_of(setter), "Set here"), Related(span_of(between), "The generator is suspended here"))
        message = f"If another task closes the generator, {text_of(variable)}.reset() raises ValueError"
        yield Finding(span_of(node), message, related=related)


def _setter(unit: Unit, function: Node, token: Node, variable: str) -> Node | None:
    """The ``variable.set(…)`` that returned the token."""
    if token.type != "identifier":
        return None
    for binding in unit.file.table_of(function).by_name.get(text_of(token), ()):
        node = node_at(function, binding.value.shifted(function.start_byte)) if binding.value is not None else None
        call = unwrap(node) if node is not None and binding.kind is Kind.ASSIGN else None
        if call is not None and call.type == "call" and text_of(field(call, "function") or call) == f"{variable}.set":
            return call
    return None


def _yield_between(function: Node, first: Node, last: Node) -> Node | None:
    body = field(function, "body")
    found = own(body, YIELDS) if body is not None else ()
    return next((one for one in found if first.end_byte <= one.start_byte and one.end_byte <= last.start_byte), None)


RULE = Rule(
    code="LW425",
    name="context-reset-after-yield",
    severity=Severity.WARNING,
    nodes=("call",),
    check=check,
    triggers=frozenset({"reset"}),
    **page(__doc__),
    cards=("async for",),
    examples=(
        Example(
            bad="""\
from contextvars import ContextVar

current = ContextVar("current")

async def stream(words):
    token = current.set(words)
    try:
        for word in words:
            yield word
    finally:
        current.reset(token)
#       ^^^^^^^^^^^^^^^^^^^^
""",
        ),
        Example(
            good="""\
from contextvars import ContextVar

current = ContextVar("current")

async def stream(words):
    token = current.set(words)
    count = len(words)
    current.reset(token)
    for word in words:
        yield word, count
"""
        ),
    ),
)
