"""The context of a call: whether it expects the call's result, an awaitable, or a callable."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType

from loopwise.analysis.prefilter import callee_word
from loopwise.analysis.unit import Unit
from loopwise.semantics.infer import ClassObject, Function, Lambda, Signature, each
from loopwise.syntax import COMPREHENSIONS, Node, arguments_of, field, text_of

_EVERY = -1
# Between an argument and its call these hold the value itself, so the call's expectation applies to it.
_AROUND = frozenset({"keyword_argument", "list", "list_splat", "parenthesized_expression", "set", "tuple"})
# Where functions of asyncio (and what stands for them in other libraries) take an awaitable.
_AWAITED: Mapping[str, int] = MappingProxyType({
    "as_completed": 0, "create_task": 0, "ensure_future": 0, "gather": _EVERY, "run": 0,
    "run_coroutine_threadsafe": 0, "run_until_complete": 0, "shield": 0, "wait": 0, "wait_for": 0,
})  # fmt: skip
# Where functions take a callable with its arguments after it, and whether these can be keywords.
_CALLED: Mapping[str, tuple[int, bool]] = MappingProxyType({
    "add_signal_handler": (1, False), "call_at": (1, False), "call_later": (1, False), "call_soon": (0, False),
    "call_soon_threadsafe": (0, False), "partial": (0, True), "run_in_executor": (1, False), "submit": (0, True),
    "to_thread": (0, True),
})  # fmt: skip
# Where functions take a callable alone.
_CALLED_ALONE: Mapping[str, tuple[int, str]] = MappingProxyType({
    "Process": (1, "target"), "Thread": (1, "target"), "Timer": (1, "function"), "add_done_callback": (0, "fn"),
})  # fmt: skip


class Wants(Enum):
    """Kinds of values that the context of a call can expect."""

    VALUE = "its result"
    AWAITABLE = "an awaitable"
    CALLABLE = "a function, its arguments after it"
    KEYED_CALLABLE = "a function, its arguments after it, keywords too"
    BARE_CALLABLE = "a function that is called without these arguments"


def wanted(unit: Unit, call: Node) -> Wants:
    """The kind of value expected at ``call``; where a callable is expected, the call must return one."""
    place, outer, keyword = call, call.parent, ""
    while outer is not None and (outer.type in _AROUND or _is_body(outer, place)):
        keyword = text_of(field(outer, "name") or outer) if outer.type == "keyword_argument" else keyword
        place, outer = outer, outer.parent
    taker = outer.parent if outer is not None and outer.type == "argument_list" else None
    word = callee_word(taker, unit.aliases) if taker is not None and taker.type == "call" else None
    if taker is None or word is None:
        return Wants.VALUE
    return _of_place(unit, call, word, _index(taker, place), keyword)


def _of_place(unit: Unit, call: Node, word: str, index: int, keyword: str) -> Wants:
    if word in _AWAITED:
        takes = _AWAITED[word] in {_EVERY, index} if not keyword else keyword in {"fut", "coro", "arg", "main", "fs"}
        return Wants.AWAITABLE if takes else Wants.VALUE
    if any(isinstance(one, (Function, Lambda, Signature, ClassObject)) for one in each(unit.value(call))):
        return Wants.VALUE
    if word in _CALLED and index == _CALLED[word][0] and not keyword:
        return Wants.KEYED_CALLABLE if _CALLED[word][1] else Wants.CALLABLE
    at, name = _CALLED_ALONE.get(word, (None, ""))
    return Wants.BARE_CALLABLE if at is not None and (keyword == name if keyword else index == at) else Wants.VALUE


def _is_body(outer: Node, inner: Node) -> bool:
    """Is it the element expression of a comprehension?"""
    return outer.type in COMPREHENSIONS and field(outer, "body") == inner


def _index(taker: Node, place: Node) -> int:
    positional, _, _ = arguments_of(taker)
    return next((at for at, one in enumerate(positional) if one == place), _EVERY)
