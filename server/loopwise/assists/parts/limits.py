"""Decides whether the timeout of a ``wait_for`` can be computed before its statement."""

from __future__ import annotations

import re
from collections.abc import Iterator

from loopwise.analysis.flow import changes_state, functions_of, own, uses
from loopwise.analysis.unit import Unit
from loopwise.assists.parts.order import before, is_guarded
from loopwise.syntax import (
    CALLS,
    IDENTIFIERS,
    RETURNS,
    WRITES,
    Node,
    arguments_of,
    field,
    is_async,
    nodes_of,
    source_of,
    unwrap,
)

# Evaluating these earlier changes nothing: they have no side effects, and nothing in between rebinds them.
_PLAIN = frozenset({"identifier", "integer", "float", "none"})
_WALRUS = frozenset({"named_expression"})
# ``max(0, …)`` shows that the author expects no time to be left.
_AT_LEAST_ZERO = re.compile(r"max\(.*\b0(?:\.0*)?\b", re.DOTALL)
# What returns a number and does nothing else.
_QUIET = re.compile(
    r".*\.(?:get|time|monotonic|perf_counter|total_seconds|getfloat|getint)|monotonic|perf_counter|min|max|float|int|len"
    r"|abs|round|sum|sorted|bool|str|bytes|repr|dict|list|tuple|set|frozenset|range|zip|enumerate|isinstance"
)
_DEFAULTS = frozenset({"default_parameter", "typed_default_parameter"})
_ASSERT = "assert_statement"


def hoistable(unit: Unit, statement: Node, wait: Node, value: Node, limit: Node) -> str:
    """The reason why the limit cannot be computed first; empty if it can."""
    if limit.type not in _PLAIN and (is_guarded(statement, wait) or _is_message(statement, wait)):
        return f"The statement has a condition, and the limit {_shown(limit)} would be evaluated regardless"
    bound = {source_of(field(one, "name") or one) for one in own(statement, _WALRUS)}
    read = next((source_of(one) for one in nodes_of(limit, IDENTIFIERS) if source_of(one) in bound), None)
    if read is not None:
        return f"The limit reads {read}, which the statement binds"
    if any(True for _ in _loud(limit)) and (
        _works(unit, value) or any(one.type == "call" for one in before(statement, wait))
    ):
        return f"The limit {_shown(limit)} would be evaluated before the calls that precede it"
    # The limit may depend on state that the inner calls change.
    if limit.type not in _PLAIN and any(changes_state(unit, call) for call in _inner_calls(value)):
        return f"The limit {_shown(limit)} would be evaluated before the calls that precede it"
    return _never_starts(unit, statement, limit)


def _shown(node: Node) -> str:
    return " ".join(source_of(node).split())


def _is_message(statement: Node, wait: Node) -> bool:
    """Is it part of the message of an ``assert``?"""
    parts = statement.named_children
    return statement.type == _ASSERT and len(parts) > 1 and wait.start_byte >= parts[1].start_byte


def _loud(limit: Node) -> Iterator[Node]:
    """The calls in a limit that may have side effects."""
    for call in nodes_of(limit, CALLS):
        if not _is_quiet(call):
            yield call


def _is_quiet(call: Node) -> bool:
    return _QUIET.fullmatch(source_of(field(call, "function") or call)) is not None


def _works(unit: Unit, value: Node) -> bool:
    """Does the awaited expression call something before anything is awaited: in arguments, or a plain function?"""
    outer = unwrap(value)
    plain = (
        [one for one in functions_of(unit, outer) if not any(map(is_async, one.nodes))] if outer.type == "call" else []
    )
    return bool(plain) or any(True for _ in _inner_calls(value))


def _inner_calls(value: Node) -> Iterator[Node]:
    outer = unwrap(value)
    return (call for call in nodes_of(value, CALLS) if call != outer and not _is_quiet(call))


def _never_starts(unit: Unit, statement: Node, limit: Node) -> str:
    """The reason if no time may be left: ``wait_for`` raises at once, ``asyncio.timeout()`` starts the call first."""
    value = unwrap(limit)
    why = "then wait_for() does not start the call"
    if value.type in {"integer", "float", "unary_operator"} and _is_nothing(source_of(value)):
        return f"The limit is 0 or less: {why}"
    for one in (value, *_assigned(unit, statement, value)):
        if any(True for _ in _differences(one)):
            return f"{_shown(one)} may be negative: {why}"
        if _AT_LEAST_ZERO.match(source_of(one)):
            return f"{_shown(one)} may be 0: {why}"
        if _is_nothing(source_of(one)):
            return f"{_shown(value)} may be 0: {why}"
    return ""


def _is_nothing(text: str) -> bool:
    try:
        return float(text.replace(" ", "")) <= 0
    except ValueError:
        return False


def _assigned(unit: Unit, statement: Node, value: Node) -> Iterator[Node]:
    """The values that the function assigns to a name, defaults included, or that a called project function returns."""
    for called in functions_of(unit, value) if value.type == "call" else ():
        yield from (one.named_children[0] for node in called.nodes for one in _returned(node))
    function = unit.function(statement)
    if function is not None:
        parameters = nodes_of(field(function, "parameters") or function, _DEFAULTS)
        yield from (
            field(one, "value") or one for one in parameters if source_of(one.named_children[0]) == source_of(value)
        )
    if value.type == "attribute":
        found = (one for one in nodes_of(unit.file.root, WRITES) if _shown(field(one, "left") or one) == _shown(value))
        yield from (unwrap(field(one, "right") or one) for one in found)
    for use in uses(function, source_of(value)) if function is not None and value.type == "identifier" else ():
        outer = use.parent
        if outer is not None and outer.type in WRITES and field(outer, "left") == use:
            right = field(outer, "right")
            yield outer if outer.type == "augmented_assignment" or right is None else unwrap(right)


def _returned(function: Node) -> Iterator[Node]:
    """The ``return`` statements of a function that return a value."""
    return (one for one in own(field(function, "body") or function, RETURNS) if one.named_children)


def _differences(value: Node) -> Iterator[Node]:
    """The subtractions in a limit, except those that the code keeps above 0."""
    if value.type == "augmented_assignment" and source_of(field(value, "operator") or value) == "-=":
        yield value
    for one in nodes_of(value, frozenset({"binary_operator"})):
        if source_of(field(one, "operator") or one) == "-" and not _is_raised(one, value):
            yield one


def _is_raised(difference: Node, value: Node) -> bool:
    """Is it an argument of ``max(1, …)``?"""
    outer = difference.parent
    while outer is not None and outer.start_byte >= value.start_byte:
        if outer.type == "call" and source_of(field(outer, "function") or outer) == "max":
            positional, _, _ = arguments_of(outer)
            return any(one.type in {"integer", "float"} and not _is_nothing(source_of(one)) for one in positional)
        outer = outer.parent
    return False


__all__ = ["hoistable"]
