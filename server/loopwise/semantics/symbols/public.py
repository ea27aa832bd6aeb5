"""Maps a value to its public asyncio name, if it has one."""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.cards import Api
from loopwise.semantics.infer import ClassObject, Function, Instance, Module, Value, each

_MODULES = ("asyncio", "_asyncio")
_LOOPS = frozenset({"AbstractEventLoop", "BaseEventLoop", "SelectorEventLoop", "ProactorEventLoop", "EventLoop"})


def is_asyncio(module: str) -> bool:
    return module.partition(".")[0] in _MODULES


def name_of(api: Api, value: Value) -> str | None:
    """The public asyncio name of a function, class or module; for a union, that of the first member that has one."""
    return next(_names_of(api, value), None)


def _names_of(api: Api, value: Value) -> Iterator[str]:
    for member in each(value):
        found: str | None = None
        if isinstance(member, Module) and is_asyncio(member.name):
            found = public(api, member.name)
        elif isinstance(member, (Function, ClassObject)) and is_asyncio(member.file.name):
            found = public(api, member.fullname)
            if isinstance(member, Function) and isinstance(member.bound, Instance):
                found = of_receiver(api, member.bound.cls, member.qualname.rpartition(".")[2], found)
        if found is not None:
            yield found


def of_receiver(api: Api, cls: ClassObject, name: str, found: str | None) -> str | None:
    """The name under the receiver's class, if that class has its own member of that name."""
    if is_asyncio(cls.file.name):
        own = public(api, f"{cls.fullname}.{name}")
        if own is not None:
            return own
    return found


def public(api: Api, name: str) -> str | None:
    """``asyncio.tasks.Task.cancel`` -> ``asyncio.Task.cancel``; ``None`` if it is not public."""
    if name in {"asyncio", "asyncio.subprocess", "asyncio.trsock"}:
        return name
    found = api.canonical(name) or api.canonical(
        name.replace("._", ".", 1)
    )  # stubs hide what is deprecated behind a "_"
    if found is None:
        return None
    owner, _, member = found.rpartition(".")
    if owner.removeprefix("asyncio.") in _LOOPS and f"asyncio.loop.{member}" in api.symbols:
        return f"asyncio.loop.{member}"
    return found


def held_class(api: Api, value: Value) -> tuple[str, Instance] | None:
    """The asyncio class that ``value`` is an instance of, and the instance."""
    for member in each(value):
        if isinstance(member, Instance) and is_asyncio(member.cls.file.name):
            name = public(api, member.cls.fullname)
            if name is not None:
                return name, member
    return None
