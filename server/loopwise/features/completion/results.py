"""Describes the result of awaiting or calling a value, in a few words."""

from __future__ import annotations

import re

from loopwise.features.completion.place import Place, Wants
from loopwise.features.completion.roles import is_callable
from loopwise.features.describe import shown
from loopwise.semantics.infer import NONE, Function, Instance, Signature, Unknown, Value, each
from loopwise.syntax import field

_CAPITALS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_LONGEST = 40


def result_detail(place: Place, value: Value) -> str:
    """`` → int``: the result of the value, called and awaited as the place requires; empty if unknown."""
    result = given(place, value) if _is_told(value) else None
    if result is None or isinstance(result, Unknown):
        return ""
    text = shown(place.view.api, result).replace("Literal[True]", "bool").replace("Literal[False]", "bool")
    return f" → {text}" if "?" not in text and len(text) <= _LONGEST else ""


def _is_told(value: Value) -> bool:
    """Is the result annotated?  Inferring one from a body takes too long for a detail."""
    functions = (m.made_of if isinstance(m, Signature) else m for m in each(value))
    return all(
        not isinstance(f, Function) or f.file.is_stub or field(f.nodes[-1], "return_type") is not None
        for f in functions
    )


def given(place: Place, value: Value) -> Value | None:
    """The result of accepting the value at the place; ``None`` if it is only named there."""
    if place.wants in {Wants.FUNCTION, Wants.IMPORT, Wants.TYPE, Wants.EXCEPTION}:
        return None
    called = is_callable(value)
    result = place.ev.called(value) if called else value
    if place.wants in {Wants.AWAITABLE, Wants.COROUTINE}:
        return place.ev.awaited(result)
    if place.wants is Wants.ASYNC_CONTEXT:
        return place.ev.entered(result, asynchronous=True)
    if place.wants is Wants.ASYNC_ITERABLE:
        return place.ev.iterated(result, asynchronous=True)
    return result


def target_name(place: Place, value: Value) -> str:
    """A name for the target of an ``async with``: ``tg`` for a TaskGroup; empty if it needs none."""
    if place.wants is not Wants.ASYNC_CONTEXT:
        return ""
    for member in each(given(place, value) or NONE):
        if isinstance(member, Instance):
            name = member.cls.qualname.rpartition(".")[2]
            return _TARGETS.get(name, _CAPITALS.sub("_", name).lower().strip("_"))
    return ""


# What need not be named, or has a customary name.
_TARGETS = {"TaskGroup": "tg", "Timeout": "", "str": "value", "int": "value", "dict": "value", "list": "values"}
