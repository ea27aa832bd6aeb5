"""Scores names in scope: by uses near the cursor, by distance, and in favor of names that are not used yet."""

from __future__ import annotations

import re

import msgspec

from loopwise.analysis.execution_context import ExecutionContext
from loopwise.features.completion.candidates import Candidate
from loopwise.features.completion.likeness import Likeness, likeness
from loopwise.features.completion.parameters import accepted, annotated, calls_coroutine_function
from loopwise.features.completion.place import Place, Wants
from loopwise.features.completion.roles import Role
from loopwise.features.completion.uses import RECEIVERS, Uses, used_names
from loopwise.semantics.infer import Signature, each

_NEAR = 2_000  # bytes: what is defined so near is more likely
# Names that people give to what they await, enter or iterate over, for values that cannot be inferred.
_HINTS = {
    Wants.AWAITABLE: re.compile(r"task|fut|coro|await|waiter|promise|deferred|pending|result|ready|done|closed"),
    Wants.COROUTINE: re.compile(r"task|fut|coro|await|waiter|promise"),
    Wants.ASYNC_CONTEXT: re.compile(
        r"(?:^|_)(?:r?lock|mutex|sem|semaphore|cond|condition|session|conn|connection|client|group|tg|pool|timeout"
        r"|transaction|resp|response|stack|cm)\d*$"
    ),
    Wants.ASYNC_ITERABLE: re.compile(r"stream|iter|gen|events|messages|reader|watch|results|pages|rows|cursor|ws"),
    Wants.FUNCTION: re.compile(r"func|fn$|callback|cb$|handler|target|factory|_done$|on_"),
}


class Evidence(msgspec.Struct, frozen=True):
    """The evidence for names at a place."""

    uses: Uses
    likeness: Likeness

    @staticmethod
    def at(place: Place) -> Evidence:
        return Evidence(used_names(place), likeness(place))


def score(place: Place, name: str, candidate: Candidate, evidence: Evidence, *, local: bool) -> float:
    """The score of a name, higher if more likely; a name that is used nowhere yet gets extra points."""
    last = name.rpartition(".")[2]
    # All weights of this package were chosen with tests/benchmarks/completion_ranking.py, on its tuned projects and
    # seed 2; those it reports on were not looked at. Only differences between them matter.
    total = (0.0 if name in RECEIVERS else 9.0) + 2.5 * min(evidence.uses[name], 8)
    total += evidence.likeness.points(name)
    if local and name not in RECEIVERS:
        # Locals first: a name that the function has just bound is usually used next.
        total += 20.0
    if candidate.at is not None and place.function is not None and candidate.at == place.function.start_byte:
        total -= 15.0  # a function that awaits itself is rare
    elif candidate.at is not None:
        total += max(0.0, 3.0 - 3.0 * abs(candidate.at - place.typed.span.start) / _NEAR)
    if candidate.is_class and not evidence.uses[name]:
        total -= 5.0  # imported to be named in annotations, or made elsewhere
    if candidate.lonely:
        total += 8.0 if last.startswith("_") else 3.0
    if place.wants is Wants.FUNCTION:
        total += _as_callback(place, last, candidate)
    if candidate.runs_program:
        total += 30.0 if place.context is not ExecutionContext.ASYNC else -30.0
    return total


def is_likely(place: Place, name: str, evidence: Evidence) -> bool:
    """Does a name of unknown type look like what is needed: by its use elsewhere, or by its letters?"""
    return evidence.uses[name] > 0 or looks_likely(place, name.rpartition(".")[2])


def looks_likely(place: Place, name: str) -> bool:
    """Is it a typical name for what is needed?"""
    hint = _HINTS.get(place.wants)
    return hint is not None and hint.search(name.lower()) is not None


def _as_callback(place: Place, name: str, candidate: Candidate) -> float:
    """Points for a function as a callback: async or not, its number of arguments, its name."""
    wants_async = any(calls_coroutine_function(place.view, parameter) for parameter in place.parameters)
    total = 10.0 if bool(candidate.itself & Role.COROUTINE_FUNCTION) is wants_async else 0.0
    wanted = _arguments_given(place)
    if wanted is not None and candidate.arity is not None:
        total += 4.0 if candidate.arity[0] <= wanted <= candidate.arity[1] else -4.0
    total += 6.0 if candidate.is_passed else 0.0
    return total + (3.0 if _HINTS[Wants.FUNCTION].search(name.lower()) is not None else 0.0)


def _arguments_given(place: Place) -> int | None:
    """The number of arguments that the callback is called with, if its parameter's type shows it."""
    for parameter in place.parameters:
        for member in each(annotated(place.view, parameter)):
            if isinstance(member, Signature) and member.parameters is not None:
                return len(member.parameters)
    return None


def taken(place: Place, candidate: Candidate) -> bool:
    """Does the parameter accept this awaitable: a coroutine where one is needed, a future where one is?"""
    if place.wants is not Wants.COROUTINE:
        return True
    kinds = accepted(place.view, place.parameters)
    return ("coroutine" if candidate.coroutine or candidate.held else "future") in kinds
