"""The signatures of public asyncio names, as measured on the target's Python."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

import msgspec

from loopwise.cards import Facts
from loopwise.features.public_types import Typed, definition, joined, read
from loopwise.features.signature_help.parts import Kind, Parameter, Parts
from loopwise.features.signature_help.sayings import sayings
from loopwise.project import View
from loopwise.versions import Target, Version, parse_version, version_text

CALLED = frozenset({"function", "coroutine function", "method", "coroutine method", "class", "exception"})
_LONGEST = 180  # code points; a longer signature is easier to read without types
_SENTINEL = "..."  # the default of a parameter that only raises when it is given


class _Measured(msgspec.Struct, frozen=True):
    """A parameter without its type."""

    name: str
    kind: Kind
    default: str | None


def known(view: View, symbol: str, *, name: str = "", receiver: bool = False) -> Parts | None:
    """The signature of a public asyncio name; ``None`` if it cannot be called.

    ``name`` is the callee's name in a subclass of the user's; ``receiver`` means that ``self`` has yet to be passed.
    """
    facts = view.api.facts(symbol)
    if facts is None or facts.kind not in CALLED:
        return None
    version = _nearest(facts, view.target.ceiling)
    overloads = [read(text) for text in facts.types(version)]
    measured = _measured(facts, version)
    if measured is None:
        return None
    if receiver:
        measured = [_Measured("self", Kind.EITHER, None), *measured]
    best = max(overloads, key=lambda typed: sum(p.name in typed.parameters for p in measured), default=Typed({}, ""))
    parts = Parts(
        name or symbol.rpartition(".")[2],
        tuple(_parameters(measured, overloads)),
        best.result if facts.kind not in {"class", "exception"} else "",
        asynchronous=facts.kind.startswith("coroutine"),
        symbol=symbol,
        documentation=_about(view, symbol, facts),
    )
    parts = _documented(view, parts, facts)
    return _without_types(parts, _parameters(measured, [])) if _is_long(parts) else parts


def _is_long(parts: Parts) -> bool:
    return sum(len(parameter.text) + 2 for parameter in parts.parameters) > _LONGEST


def _without_types(parts: Parts, bare: Iterable[Parameter]) -> Parts:
    """The signature without types, which move to the parameters' documentation."""
    moved = []
    for typed, parameter in zip(parts.parameters, bare, strict=True):
        told = f"`{typed.text}`\n\n{typed.documentation}".strip() if ": " in typed.text else typed.documentation
        moved.append(msgspec.structs.replace(parameter, documentation=told))
    return msgspec.structs.replace(parts, parameters=tuple(moved))


def _nearest(facts: Facts, version: Version) -> Version:
    """``version`` if it has the name, else the nearest version that does."""
    held = facts.lifetime
    return min(max(version, held.first or version), held.last or version)


def _measured(facts: Facts, version: Version) -> list[_Measured] | None:
    """The parameters, without those that only raise; ``None`` if no signature was measured."""
    text = facts.signature(version)
    made = definition(text) if text is not None else None
    if made is None:
        return None
    return [parameter for parameter in _read(made.args) if parameter.default != _SENTINEL]


def _read(spec: ast.arguments) -> Iterator[_Measured]:
    places = [*spec.posonlyargs, *spec.args]
    lacking = len(places) - len(spec.defaults)
    for index, argument in enumerate(places):
        default = ast.unparse(spec.defaults[index - lacking]) if index >= lacking else None
        yield _Measured(argument.arg, Kind.POSITION if index < len(spec.posonlyargs) else Kind.EITHER, default)
    if spec.vararg is not None:
        yield _Measured(spec.vararg.arg, Kind.STAR, None)
    for argument, value in zip(spec.kwonlyargs, spec.kw_defaults, strict=True):
        yield _Measured(argument.arg, Kind.KEYWORD, ast.unparse(value) if value is not None else None)
    if spec.kwarg is not None:
        yield _Measured(spec.kwarg.arg, Kind.DOUBLE_STAR, None)


def _parameters(measured: list[_Measured], overloads: list[Typed]) -> Iterator[Parameter]:
    """The parameters as displayed: ``timeout: float | None = None``, or ``timeout=None`` if the type is unknown."""
    for parameter in measured:
        kind = joined([typed.parameters[parameter.name] for typed in overloads if parameter.name in typed.parameters])
        stars = {Kind.STAR: "*", Kind.DOUBLE_STAR: "**"}.get(parameter.kind, "")
        text = stars + parameter.name + (f": {kind}" if kind not in {"", "Any"} else "")
        if parameter.default is not None:
            text += f" = {parameter.default}" if ": " in text else f"={parameter.default}"
        yield Parameter(parameter.name, text, parameter.kind)


def _about(view: View, symbol: str, facts: Facts) -> str:
    """The name's headline, and its versions if they are not all of the target's."""
    card = view.catalogue.card(symbol)
    said = [card.headline] if card is not None else []
    if not view.target.within(facts.lifetime):
        gone = facts.removed is not None and facts.removed_at(view.target.ceiling)
        said.append(f"Removed in Python {facts.removed}." if gone else f"Since Python {facts.since}.")
    return " ".join(said)


def _documented(view: View, parts: Parts, facts: Facts) -> Parts:
    since = _since(facts, view.target)
    found = []
    for parameter in parts.parameters:
        first = since.get(parameter.name)
        target = msgspec.structs.replace(view.target, floor=first) if first is not None else view.target
        said = [f"Since Python {version_text(first)}."] if first is not None else []
        said += sayings(view.catalogue, target, parts, parameter, facts)
        found.append(msgspec.structs.replace(parameter, documentation=_listed(said)))
    return msgspec.structs.replace(parts, parameters=tuple(found))


def _listed(lines: list[str]) -> str:
    return "\n".join(f"- {line}" for line in lines) if len(lines) > 1 else "".join(lines)


def _since(facts: Facts, target: Target) -> dict[str, Version]:
    """The parameters that the target's oldest Python lacks, each with the version that added it."""
    first: dict[str, Version] = {}
    for text, signature in facts.signatures:
        made, version = definition(signature), parse_version(text)
        names = [parameter.name for parameter in _read(made.args)] if made is not None else []
        if version is not None:
            first = {name: first.get(name, version) for name in names}
    oldest = max(target.floor, facts.lifetime.first or target.floor)
    return {name: version for name, version in first.items() if version > oldest}
