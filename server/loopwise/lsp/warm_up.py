"""Loads what every session needs before the first request: cards, common stubs, the features themselves."""

from __future__ import annotations

import asyncio

# The stubs that resolving any name of asyncio leads to.
_COMMON_STUBS = (
    "builtins",
    "typing",
    "_typeshed",
    "types",
    "collections.abc",
    "asyncio",
    "asyncio.tasks",
    "_asyncio",
    "asyncio.futures",
    "asyncio.events",
    "asyncio.base_events",
    "asyncio.locks",
    "asyncio.queues",
    "asyncio.streams",
    "asyncio.subprocess",
    "asyncio.taskgroups",
    "asyncio.timeouts",
    "asyncio.transports",
    "asyncio.protocols",
    "asyncio.runners",
    "asyncio.threads",
    "asyncio.exceptions",
    "asyncio.unix_events",
    "asyncio.selector_events",
    "contextlib",
    "collections",
)


async def warm_up() -> None:
    """Read what every session needs, in short steps, so that requests in between are answered."""
    from loopwise.cards import load
    from loopwise.semantics.modules import stub

    await asyncio.to_thread(load, (), True)
    await asyncio.to_thread(_import_features)
    for name in _COMMON_STUBS:
        await asyncio.sleep(0)
        stub(name)


def _import_features() -> None:
    """Import what the first completion and signature help will need."""
    from loopwise.lsp.requests import completion, signature_help  # noqa: F401
