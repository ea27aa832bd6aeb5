"""``contextlib.suppress`` of a cancellation around an ``await`` swallows the task's own.

``suppress(asyncio.CancelledError)`` is for joining a task that this code has just cancelled.
Around anything else the cancellation of the task itself is lost: a timeout or ``task.cancel()`` does not end it.
``suppress(BaseException)`` takes it too; ``suppress(Exception)`` does not.
Nothing is said where only tasks and futures are awaited, after a ``cancel()``, and where a task's main function just
ends.
"""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.rules.exits import Exit
from loopwise.rules.groups import items
from loopwise.rules.handlers import BROAD, CANCELLED, lost
from loopwise.rules.rule import Example, Finding, Fix, Rule, Severity
from loopwise.rules.spelled import names
from loopwise.rules.unit import Unit
from loopwise.rules.write import about, replace
from loopwise.syntax import Node, arguments_of, field, span_of

_SUPPRESS = names("contextlib.suppress")
_FALL = frozenset({Exit.FALL})


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    body = field(node, "body")
    for item in items(node) if body is not None else ():
        if body is None or item.value.type != "call" or not unit.call_in(item.value, _SUPPRESS):
            continue
        for given in arguments_of(item.value)[0]:
            name = unit.name(given)
            if name not in CANCELLED and name not in BROAD:
                continue
            found = lost(unit, node, body, _FALL, broad=name in BROAD)
            if found is not None:
                broad, place = name in BROAD, given
                yield Finding(span_of(given), found.message, lambda: _fixes(place, broad=broad))
            return


def _fixes(given: Node, *, broad: bool) -> tuple[Fix, ...]:
    if not broad:
        return ()
    return (Fix("Suppress Exception, which a cancellation is not", (replace(given, "Exception"),), safe=False),)


RULE = Rule(
    code="LW302",
    name="suppress-cancelled",
    severity=Severity.WARNING,
    nodes=("with_statement",),
    check=check,
    words=frozenset({"except"}) if "with_statement" == "try_statement" else frozenset({"suppress"}),
    **about(__doc__),
    examples=(Example(good="x = 1\n"),),
)
