"""The names under which a thing may be filed: the only module that knows asyncio's aliases and inheritance.

The rules, in order; the first name with an entry wins:

1. the name as it is 2. the public name of something named by its module: ``asyncio.tasks.Task``, ``_asyncio.Task`` ->
``asyncio.Task`` 3. a member of a loop class is the loop's: ``asyncio.BaseEventLoop.call_soon`` ->
``asyncio.loop.call_soon`` 4. an inherited member, nearest base first: ``asyncio.PriorityQueue.get`` ->
``asyncio.Queue.get``
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

# All event loop classes of asyncio on any platform; the cards describe their methods once, under ``asyncio.loop``.
_LOOPS = frozenset(
    "AbstractEventLoop BaseEventLoop SelectorEventLoop ProactorEventLoop EventLoop"
    " BaseSelectorEventLoop BaseProactorEventLoop _UnixSelectorEventLoop _WindowsSelectorEventLoop".split()
)
# asyncio's submodules on all supported Pythons, including those for one platform only.
_MODULES = frozenset(
    "base_events coroutines events exceptions futures graph locks mixins proactor_events protocols queues runners"
    " selector_events sslproto streams subprocess taskgroups tasks threads timeouts transports trsock unix_events"
    " windows_events windows_utils".split()
)


def candidates(name: str, bases: Callable[[str], tuple[str, ...]]) -> Iterator[str]:
    """The names to try for ``name``; ``bases`` returns a class's public bases, nearest first."""
    for spelling in dict.fromkeys((name, _public(name))):
        yield spelling
        owner, _, member = spelling.rpartition(".")
        if owner.removeprefix("asyncio.") in _LOOPS:
            yield f"asyncio.loop.{member}"
        for base in bases(owner):
            yield f"{base}.{member}"
            if base.removeprefix("asyncio.") in _LOOPS:
                yield f"asyncio.loop.{member}"


def _public(name: str) -> str:
    package, _, rest = name.partition(".")
    module, _, inner = rest.partition(".")
    if package == "asyncio" and module in _MODULES and inner:
        return f"asyncio.{inner}"
    return f"asyncio.{rest}" if package == "_asyncio" else name
