"""How likely a name in scope is the one that is meant: uses near the cursor, nearness, names that nobody uses yet."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from loopwise.features.completion.candidates import Candidate, kept
from loopwise.features.completion.parameters import accepted, annotated, calls_coroutine_function
from loopwise.features.completion.place import Place, Wants
from loopwise.features.completion.roles import Role
from loopwise.semantics.infer import Signature, each

RECEIVERS = frozenset({"self", "cls", "this"})
_WINDOW = 64 * 1024  # bytes around the cursor in which uses are counted
_NEAR = 2_000  # bytes: what is defined so near is more likely
_USED = re.compile(
    rb"\b(?:await|async[ \t]+with|async[ \t]+for\b[^\n:]*?\bin|asyncio\.\w+\(|is(?:awaitable|coroutine|future)\()"
    rb"[ \t]*((?:\w+\.)*\w+)"
)
# Names that people give to what they await, enter or iterate over, for values that nobody can tell.
_HINTS = {
    Wants.AWAITABLE: re.compile(r"task|fut|coro|await|waiter|promise|deferred|pending|result|ready|done|closed"),
    Wants.COROUTINE: re.compile(r"task|fut|coro|await|waiter|promise"),
    Wants.ASYNC_CONTEXT: re.compile(r"lock|sem|cond|session|conn|client|group|pool|timeout|transaction|resp|stack|cm$"),
    Wants.ASYNC_ITERABLE: re.compile(r"stream|iter|gen|events|messages|reader|watch|results|pages|rows|cursor|ws"),
    Wants.FUNCTION: re.compile(r"func|fn$|callback|cb$|handler|target|factory|_done$|on_"),
}


def used_names(place: Place) -> Counter[str]:
    """How often each dotted name is awaited, entered, iterated over or handed to asyncio near the cursor."""
    data, at = place.view.file.source.data, place.typed.span.start
    unit = next((node for node in place.path if node.type == "function_definition"), None)
    start, end = (unit.start_byte, unit.end_byte) if unit is not None else (at, at)
    found = Counter(_used(data, start, end))
    found.update(kept(place, ("uses",), lambda: Counter(_used(data, start - _WINDOW, start, end, end + _WINDOW))))
    return found


def _used(data: bytes, *bounds: int) -> Iterator[str]:
    for start, end in zip(bounds[::2], bounds[1::2], strict=True):
        for match in _USED.finditer(data, max(start, 0), min(end, len(data))):
            yield match[1].decode("utf-8", "replace")


def score(place: Place, name: str, candidate: Candidate, uses: Counter[str], *, local: bool) -> float:
    """The more, the likelier; a name that is used nowhere yet waits to be."""
    last = name.rpartition(".")[2]
    total = (0.0 if name in RECEIVERS else 9.0) + 2.5 * min(uses[name], 8)
    if local and name not in RECEIVERS:
        total += 20.0
    if candidate.at is not None and place.function is not None and candidate.at == place.function.start_byte:
        total -= 15.0  # a function that awaits itself is rare
    elif candidate.at is not None:
        total += max(0.0, 3.0 - 3.0 * abs(candidate.at - place.typed.span.start) / _NEAR)
    if candidate.lonely:
        total += 8.0 if last.startswith("_") else 3.0
    if place.wants is Wants.FUNCTION:
        total += _as_callback(place, last, candidate)
    return total


def is_likely(place: Place, name: str, uses: Counter[str]) -> bool:
    """Does a name of which nothing is known look like what is wanted: by its use elsewhere, or by its letters?"""
    hint = _HINTS.get(place.wants)
    return uses[name] > 0 or (hint is not None and hint.search(name.lower()) is not None)


def _as_callback(place: Place, name: str, candidate: Candidate) -> float:
    """Does a function fit the one that is called back: async or not, so many arguments, such a name?"""
    wants_async = any(calls_coroutine_function(place.view, parameter) for parameter in place.parameters)
    total = 10.0 if bool(candidate.itself & Role.COROUTINE_FUNCTION) is wants_async else 0.0
    wanted = _arguments_given(place)
    if wanted is not None and candidate.arity is not None:
        total += 4.0 if candidate.arity[0] <= wanted <= candidate.arity[1] else -4.0
    return total + (3.0 if _HINTS[Wants.FUNCTION].search(name.lower()) is not None else 0.0)


def _arguments_given(place: Place) -> int | None:
    """With how many arguments the function is called back, where its parameter's type tells."""
    for parameter in place.parameters:
        for member in each(annotated(place.view, parameter)):
            if isinstance(member, Signature) and member.parameters is not None:
                return len(member.parameters)
    return None


def taken(place: Place, candidate: Candidate) -> bool:
    """Does the parameter take this awaitable: a coroutine where one is wanted, a future where that is?"""
    if place.wants is not Wants.COROUTINE:
        return True
    kinds = accepted(place.view, place.parameters)
    return ("coroutine" if candidate.coroutine or candidate.held else "future") in kinds
