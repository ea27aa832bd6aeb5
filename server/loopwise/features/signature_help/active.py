"""Finds the parameter that the argument at the cursor fills."""

from __future__ import annotations

from collections.abc import Sequence

from loopwise.features.signature_help.call import Argument
from loopwise.features.signature_help.parts import Kind, Parameter

_BY_KEYWORD = frozenset({Kind.EITHER, Kind.KEYWORD})
_BY_POSITION = frozenset({Kind.EITHER, Kind.POSITION})
_SURE = 3  # so many letters of a keyword make it likelier than a name that is passed by position


def active(parameters: Sequence[Parameter], arguments: Sequence[Argument]) -> int | None:
    """The index of the parameter for the last of ``arguments``; ``None`` if none, or more than one, could be meant."""
    *before, current = arguments
    if current.kind == "keyword":
        return _named(parameters, current.name)
    if current.kind == "**":
        return None
    positional = None if _only_keywords(before) else _by_position(parameters, before, current)
    if current.kind == "*":
        return positional
    begun = _begun(parameters, before, current.name)
    if begun is not None and (positional is None or len(current.name) >= _SURE):
        return begun
    return _left_over(parameters, before) if positional is None and not _spread(before) else positional


def takes_all(parameters: Sequence[Parameter], arguments: Sequence[Argument]) -> bool:
    """Is there a parameter for each argument?  The last one may still become a keyword unless it has one."""
    sure = arguments if arguments[-1].kind == "keyword" else arguments[:-1]
    return all(
        active(parameters, arguments[: count + 1]) is not None
        for count, argument in enumerate(sure)
        if argument.kind in {"positional", "keyword"} and not _spread(arguments[:count])
    )


def _only_keywords(before: Sequence[Argument]) -> bool:
    return any(argument.kind in {"keyword", "**"} for argument in before)


def _spread(arguments: Sequence[Argument]) -> bool:
    return any(argument.kind in {"*", "**"} for argument in arguments)


def _named(parameters: Sequence[Parameter], name: str) -> int | None:
    for index, parameter in enumerate(parameters):
        if parameter.name == name and parameter.kind in _BY_KEYWORD:
            return index
    return _index(parameters, Kind.DOUBLE_STAR)


def _index(parameters: Sequence[Parameter], kind: Kind) -> int | None:
    return next((index for index, parameter in enumerate(parameters) if parameter.kind is kind), None)


def _by_position(parameters: Sequence[Parameter], before: Sequence[Argument], current: Argument) -> int | None:
    """The next positional parameter; after a ``*``, which may have filled any, only one that takes all the rest."""
    places = [index for index, parameter in enumerate(parameters) if parameter.kind in _BY_POSITION]
    star = _index(parameters, Kind.STAR)
    if current.kind == "*" or _spread(before):
        first = next((at for at, argument in enumerate(before) if argument.kind == "*"), len(before))
        return star if first >= len(places) else None
    return places[len(before)] if len(before) < len(places) else star


def _begun(parameters: Sequence[Parameter], before: Sequence[Argument], word: str) -> int | None:
    """The only parameter whose keyword may be being typed."""
    found = [index for index in _open(parameters, before) if word and parameters[index].name.startswith(word)]
    return found[0] if len(found) == 1 else None


def _left_over(parameters: Sequence[Parameter], before: Sequence[Argument]) -> int | None:
    """The parameter left when only keywords can follow: the last free one, or ``**``."""
    found = _open(parameters, before)
    if not found:
        return _index(parameters, Kind.DOUBLE_STAR)
    return found[0] if len(found) == 1 else None


def _open(parameters: Sequence[Parameter], before: Sequence[Argument]) -> list[int]:
    """The parameters that can still be passed by keyword."""
    given = {argument.name for argument in before if argument.kind == "keyword"}
    count = sum(argument.kind == "positional" for argument in before)
    places = [index for index, parameter in enumerate(parameters) if parameter.kind in _BY_POSITION]
    taken = set(places[:count])
    return [
        index
        for index, parameter in enumerate(parameters)
        if parameter.kind in _BY_KEYWORD and index not in taken and parameter.name not in given
    ]
