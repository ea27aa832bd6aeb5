"""Completes asyncio's own names, ranked by the place and by their frequency in such places."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from loopwise.analysis.execution_context import ExecutionContext
from loopwise.cards import Api, Facts, escaped, load_usage
from loopwise.features.completion.asked import STEERED_AWAY, named
from loopwise.features.completion.items import Item, ItemKind, Tier, block_text, call_text, statement_text
from loopwise.features.completion.likeness import likeness
from loopwise.features.completion.parameters import accepted
from loopwise.features.completion.place import Place, Wants
from loopwise.features.completion.results import target_name
from loopwise.features.completion.roles import FITS, Role, Roles, of_result, of_value
from loopwise.features.completion.spelling import spelling
from loopwise.project import View
from loopwise.semantics.infer import Value
from loopwise.versions import Version

_KINDS = {
    "class": ItemKind.CLASS,
    "exception": ItemKind.EXCEPTION,
    "constant": ItemKind.CONSTANT,
    "module": ItemKind.MODULE,
    "method": ItemKind.METHOD,
    "coroutine method": ItemKind.METHOD,
    "attribute": ItemKind.FIELD,
    "property": ItemKind.PROPERTY,
}
# Unlike locks and queues, a task group is created in the ``with`` that enters it.
_MADE_ON_THE_SPOT = frozenset({"asyncio.TaskGroup"})
# Newer than most of the code whose use was measured, and what the documentation recommends now.
_NEWER = {"asyncio.TaskGroup": 20.0, "asyncio.timeout": 10.0, "asyncio.to_thread": 10.0, "asyncio.Runner": 5.0}
# They raise inside a running loop.
_FOR_PROGRAMS = frozenset(
    "asyncio.run asyncio.Runner asyncio.loop.run_until_complete asyncio.loop.run_forever asyncio.loop.close".split()
)
_NOT_NAMES = ("asyncio.loop.", "asyncio.trsock")  # not spelled so, or of no use to anybody
_MOST_SPELLED = 25  # names that have an import of their own to be computed
_ENTRY = 30.0  # what code outside of coroutines wants of asyncio first
_SCALE = 5.0  # brings weights of use (57 for an awaited sleep) among the scores of the file's own names
_FIRST_ARGUMENTS = {"asyncio.timeout": "10", "asyncio.sleep": "1"}


class _Known(msgspec.Struct, frozen=True):
    """The facts about a public name on one Python, regardless of the receiver's type arguments."""

    itself: Roles
    result: Roles
    coroutine: bool
    """Does a call return a coroutine rather than a future?"""
    takes: bool
    """Does a call take arguments that most callers pass?"""


def _known(view: View, symbol: str, facts: Facts, value: Value) -> _Known:
    notes = view.evaluator.stubs.notes
    found = notes.get(("known", symbol))
    if found is None:
        callable_ = facts.kind not in {"module", "constant", "attribute", "property"}
        result = of_result(view.evaluator, value) if callable_ else Role.NONE
        if facts.kind in {"coroutine function", "coroutine method"}:
            result |= Role.AWAITABLE
        found = notes["known", symbol] = _Known(
            of_value(view.evaluator, value) if facts.kind not in {"module", "constant"} else Role.NONE,
            result,
            facts.kind.startswith("coroutine"),
            callable_ and _takes(facts, view),
        )
    assert isinstance(found, _Known)
    return found


def steps(view: View) -> Iterator[None]:
    """Evaluate each public name, one per step, so that the first list is fast."""
    for symbol, facts in _available(view.api, "asyncio", view.target.ceiling):
        _known(view, symbol, facts, view.evaluator.module_member("asyncio", symbol.rpartition(".")[2]))
        yield


def _takes(facts: Facts, view: View) -> bool:
    """Does it take arguments?  Methods whose parameters all have defaults are mostly called without any."""
    signature = facts.signature(view.target.ceiling) or "(x)"
    names = [part.strip() for part in signature.strip("()").split(",")]
    needed = [part for part in names if part and part not in {"*", "/"} and "=" not in part]
    optional = any("=" in part for part in names)
    return bool(needed) or (optional and "method" not in facts.kind)


def items_of_module(place: Place, module: str) -> Iterator[Item]:
    """Everything in a module of asyncio that the target Python has, after the module's dot."""
    for found, _ in _bare(place, module):
        yield msgspec.structs.replace(found, span=place.typed.span)


def items_by_import(place: Place) -> Iterator[Item]:
    """asyncio's fitting names, spelled and imported in the file's style."""
    if place.wants in {Wants.FUNCTION, Wants.CONTEXT}:
        return
    spelled = spelling(place)
    found = [one for one in _bare(place, "asyncio") if one[0].tier is Tier.FITS or place.wants not in FITS]
    for bare, name in found[: None if spelled.is_cheap else _MOST_SPELLED]:
        written = spelled.of(name)
        before, after = re.split(rf"\b{name}\b", bare.insert, maxsplit=1)
        insert = f"{before}{escaped(written.text)}{after}"
        span = place.typed.span
        whole = "" if "." in written.text else f"asyncio.{name}"
        yield msgspec.structs.replace(
            bare, label=written.text, insert=insert, span=span, edits=written.edits, filter=name, qualified=whole
        )


def _bare(place: Place, module: str) -> tuple[tuple[Item, str], ...]:
    """The items of a module before spelling, the best first; cached per kind of place."""
    rest = place.typed.rest.strip()
    follows = rest[:2] if rest.startswith(b"as") else bool(rest)
    takes = tuple(sorted(accepted(place.view, place.parameters)))
    like = likeness(place)
    target = place.view.target
    shape = (place.wants.value, place.context.value, str(place.called), str(follows), str(place.owner is None), *takes)
    key = ("items", module, *shape, str(target))
    notes = place.ev.stubs.notes
    if key not in notes:
        names_of = (
            (symbol.rpartition(".")[2], symbol, facts)
            for symbol, facts in _available(place.view.api, module, target.ceiling)
        )
        items = (
            (item(place, symbol, facts, place.ev.module_member(module, name), name), name)
            for name, symbol, facts in names_of
        )
        notes[key] = tuple(sorted(items, key=lambda one: (one[0].tier, -one[0].score)))
    found: tuple[tuple[Item, str], ...] = notes[key]
    if place.wants is Wants.VALUE and not place.parameters and like.target:
        return tuple((named(place, one, like), name) for one, name in found)
    return found


def _available(api: Api, module: str, version: Version) -> Iterator[tuple[str, Facts]]:
    depth = module.count(".") + 1
    for symbol in api.symbols:
        if symbol.startswith(f"{module}.") and symbol.count(".") == depth and not symbol.startswith(_NOT_NAMES):
            facts = api.facts(symbol)
            if facts is not None and facts.available(version):
                yield symbol, facts


def item(place: Place, symbol: str, facts: Facts, value: Value, text: str) -> Item:
    """The item of a public name that is written as ``text``."""
    deprecated = facts.deprecated_at(place.view.target.ceiling)
    known = _known(place.view, symbol, facts, value)
    return Item(
        text,
        _KINDS.get(facts.kind, ItemKind.FUNCTION),
        _insert(place, symbol, facts, value, text, known),
        place.typed.span,
        snippet=True,
        value=None if facts.kind in {"exception", "module"} else value,
        origin=_origin(place, facts),
        symbol=symbol,
        deprecated=deprecated,
        tier=Tier.DEPRECATED if deprecated else _tier(place, symbol, facts, known),
        score=_score(place, symbol),
    )


def _tier(place: Place, symbol: str, facts: Facts, known: _Known) -> Tier:
    wanted = FITS.get(place.wants)
    if symbol in STEERED_AWAY or not facts.available(place.view.target.floor):
        return Tier.LAST
    if place.context is ExecutionContext.ASYNC and symbol in _FOR_PROGRAMS:
        return Tier.LAST
    if wanted is None:
        return _tier_where_all_fit(place, symbol)
    fits = known.itself & wanted or (known.result & wanted and place.wants is not Wants.FUNCTION)
    if fits and facts.kind == "class" and symbol not in _MADE_ON_THE_SPOT:
        return Tier.LAST  # `await Task(…)`, `async with Lock()`: no object is created only for that
    if fits and place.wants is Wants.COROUTINE:
        kind = "coroutine" if known.coroutine else "future"
        return Tier.FITS if kind in accepted(place.view, place.parameters) else Tier.OTHER
    if fits:
        return Tier.FITS
    held = known.itself & Role.HOLDER and not known.result
    return Tier.LEADS if facts.kind == "module" or held else Tier.OTHER


def _tier_where_all_fit(place: Place, symbol: str) -> Tier:
    """The tier where anything is allowed: asyncio's names come first after their own dot, else after nearer names."""
    if not load_usage().total(symbol):
        return Tier.LAST
    here = place.wants is Wants.IMPORT or (place.owner is not None and _use(place, symbol) > 0)
    return Tier.FITS if here else Tier.OTHER


def _place_of_use(place: Place) -> str:
    if place.wants in {Wants.VALUE, Wants.STATEMENT, Wants.CONTEXT}:
        return "statement" if place.may_await else "sync"
    return "argument" if place.wants is Wants.FUNCTION else place.wants.value


def _score(place: Place, symbol: str) -> float:
    weight = _use(place, symbol)
    if place.wants in FITS or place.wants in {Wants.STATEMENT, Wants.IMPORT}:
        weight += _NEWER.get(symbol, 0.0)
    if place.wants not in FITS and not place.may_await and symbol == "asyncio.run":
        weight += _ENTRY
    return weight / _SCALE + load_usage().total(symbol) / 1000


def _use(place: Place, symbol: str) -> float:
    """The weight of a name in such places; at the start of a line and in an import, over all that may follow."""
    weight = load_usage().weight
    if place.wants is Wants.IMPORT:
        written = sum(weight(symbol, use) for use in ("await", "async_with", "statement", "sync", "raise"))
        return 2 * weight(symbol, "import") + 0.5 * written
    if place.wants is Wants.STATEMENT and place.may_await:
        return sum(weight(symbol, use) for use in ("await", "async_with", "statement"))
    return weight(symbol, _place_of_use(place))


def _insert(place: Place, symbol: str, facts: Facts, value: Value, text: str, known: _Known) -> str:
    if facts.kind in {"module", "constant", "attribute", "property", "exception"}:
        return escaped(text)
    called = call_text(place, text, parameters=known.takes, first=_FIRST_ARGUMENTS.get(symbol, ""))
    wanted = FITS.get(place.wants)
    if wanted is not None and known.result & wanted & (Role.ASYNC_CONTEXT | Role.ASYNC_ITERABLE):
        return block_text(place, called, target_name(place, value))
    return statement_text(place, called, known.result, awaited=known.coroutine or symbol == "asyncio.gather")


def _origin(place: Place, facts: Facts) -> str:
    """The version that added it, if the project's oldest Python lacks it; or that it is deprecated."""
    target = place.view.target
    if facts.since is not None and not facts.available(target.floor):
        return f"{facts.since}+"
    if facts.deprecated_at(target.ceiling):
        return f"deprecated {facts.deprecated}"
    return ""
