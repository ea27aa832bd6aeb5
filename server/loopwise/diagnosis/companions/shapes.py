"""The shape of a finding: the features that decide whether another tool's rule reports the same place.

A shape is a short text, exact enough that a peer reports either every finding of that shape or none.
``server/tools/companions/measure.py`` runs the peers and records which shapes each of their codes reports; a shape that
is not in that table is reported by no tool, so the finding is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from loopwise.diagnosis.companions import call_shapes, statement_shapes
from loopwise.diagnosis.companions.call_shapes import UNKNOWN
from loopwise.semantics.bindings import File
from loopwise.syntax import Node, field, path_to
from loopwise.text import Span


def shapes_of(file: File, rule: str, span: Span) -> tuple[str, ...]:
    """The shapes of a rule's finding at a span, given the rule's name: the exact one, and the one of all its findings.

    Without the exact one, if that is unknown.
    """
    node = _node(file.root, span)
    make = _SHAPES.get(rule)
    shape = make(file, node) if make is not None else UNKNOWN
    return tuple(each for each in (shape, *_OF_ALL.get(rule, ())) if UNKNOWN not in each)


def _node(root: Node, span: Span) -> Node:
    """The smallest node around a span; for a name after a dot, the whole attribute."""
    node = path_to(root, span)[-1]
    outer = node.parent
    is_member = outer is not None and outer.type == "attribute" and field(outer, "attribute") == node
    return outer if is_member and outer is not None else node


# Where a type checker reports all findings of a rule, and a linter knows some names.
_OF_ALL: Mapping[str, tuple[str, ...]] = {"except-star-attribute": (".*",)}
Shape = Callable[[File, Node], str]
_SHAPES: Mapping[str, Shape] = {
    "async-for-on-sync-iterable": call_shapes.managed,
    "async-with-on-other": call_shapes.managed,
    "await-outside-async": statement_shapes.outside,
    "blocking-file-method": call_shapes.blocking_call,
    "blocking-http": call_shapes.blocking_call,
    "blocking-http-client": call_shapes.blocking_call,
    "blocking-input": call_shapes.blocking_call,
    "blocking-open": call_shapes.blocking_call,
    "blocking-path": call_shapes.blocking_call,
    "blocking-process-wait": call_shapes.blocking_call,
    "blocking-sleep": call_shapes.blocking_call,
    "blocking-subprocess": call_shapes.blocking_call,
    "busy-wait": statement_shapes.loop,
    "cancelled-not-reraised": statement_shapes.handler,
    "control-flow-in-taskgroup": statement_shapes.exit_of,
    "coroutine-in-condition": call_shapes.unawaited,
    "coroutine-never-awaited": call_shapes.dropped_name,
    "coroutine-used-as-value": call_shapes.used_as_value,
    "dangling-task": call_shapes.started_task,
    "deprecated-asyncio": call_shapes.dated,
    "except-star-attribute": statement_shapes.attribute,
    "function-not-called": call_shapes.argument,
    "group-subclass-without-derive": statement_shapes.in_holder,
    "loop-without-checkpoint": statement_shapes.loop,
    "missing-await": call_shapes.unawaited,
    "newer-than-floor": call_shapes.dated,
    "not-awaitable": call_shapes.consumed,
    "pytest-mark-on-fixture": statement_shapes.mark,
    "pytest-raises-group": statement_shapes.in_holder,
    "raise-child-of-group": statement_shapes.in_holder,
    "resource-dies-before-task": statement_shapes.in_holder,
    "sync-for-on-async-iterable": call_shapes.managed,
    "sync-use-of-async-iterable": call_shapes.consumed,
    "sync-with-on-async-cm": call_shapes.managed,
    "timeout-error-alias": statement_shapes.alias,
    "timeout-without-await": statement_shapes.with_item,
    "unused-async": statement_shapes.unused_async,
    "unused-awaitable": call_shapes.unawaited,
    "useless-taskgroup": statement_shapes.with_item,
    "yield-from-in-async": statement_shapes.in_statement,
    "yield-in-cm-in-async-gen": statement_shapes.exit_of,
    "yield-in-taskgroup": statement_shapes.exit_of,
}
