"""Methods that a library's plain class shares with its async one, declared to return either a value or an awaitable."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loopwise.semantics.infer import inheritance
from loopwise.semantics.infer.values import ClassObject, Function, Instance, Value, each, join

if TYPE_CHECKING:
    from loopwise.semantics.infer.evaluator import Evaluator

# Modules of async classes: ``redis.asyncio.client``, ``elasticsearch._async.client``.
_ASYNC = frozenset({"aio", "asyncio", "_async", "async_api", "asynchronous"})


def of_receiver(ev: Evaluator, function: Function, result: Value) -> Value:
    """The result of a method for its receiver: if that is of an async class, the awaitable part alone.

    ``def get(self, name) -> Awaitable[Any] | Any`` in a module that ``redis.Redis`` and ``redis.asyncio.Redis`` share.
    """
    owner, receiver = function.owner, function.bound
    if owner is None or not owner.file.is_summary or not isinstance(receiver, Instance):
        return result
    awaitable = [one for one in each(result) if isinstance(one, Instance) and one.cls.fullname == "typing.Awaitable"]
    if not awaitable or len(awaitable) == len(each(result)) or _is_async(owner):
        return result
    is_async = any(_is_async(base) for base in inheritance.mro(ev, receiver.cls))
    # A pipeline returns itself.
    if not is_async or inheritance.is_pipeline(ev, receiver.cls):
        return result
    return join(awaitable)


def _is_async(cls: ClassObject) -> bool:
    return cls.file.is_summary and not _ASYNC.isdisjoint(cls.file.name.split("."))
