"""Methods of well-known libraries that are coroutine functions, where the libraries themselves cannot be read."""

from __future__ import annotations

import re

from loopwise.analysis.prefilter import callee_word
from loopwise.analysis.rule import Evidence
from loopwise.analysis.unit import Unit
from loopwise.semantics.infer import Foreign, NoneValue, each
from loopwise.syntax import Node

# From the documentation of each library, in its current major version.
_METHODS = {
    "aiohttp.ClientSession": "close",
    "aiohttp.ClientResponse": "read text json wait_for_close",
    "aiohttp.ClientWebSocketResponse": "close send_str send_bytes send_json ping pong receive",
    "aiohttp.web.WebSocketResponse": "prepare close send_str send_bytes send_json ping pong receive",
    "aiohttp.web.AppRunner": "setup cleanup shutdown",
    "aiohttp.web.TCPSite": "start stop",
    "httpx.AsyncClient": "get post put patch delete head options request send aclose",
    "httpx.Response": "aread aclose",
    "asyncpg.connect": "close",
    "asyncpg.Connection": "close execute executemany fetch fetchrow fetchval",
    "asyncpg.Pool": "close execute executemany fetch fetchrow fetchval release",
    "aiosqlite.Connection": "close commit rollback execute executemany executescript",
    "redis.asyncio.Redis": "aclose get set delete publish expire ping",
    "aiofiles.os": "remove rename mkdir makedirs stat",
    "openai.AsyncOpenAI": "close chat.completions.create responses.create embeddings.create",
    "anthropic.AsyncAnthropic": "close messages.create",
    "playwright.async_api.Page": "goto click fill close screenshot wait_for_selector evaluate content",
    "playwright.async_api.Browser": "close new_page new_context",
}
_FULL = frozenset(f"{cls}.{name}" for cls, names in _METHODS.items() for name in names.split())
_ROOTS = re.compile(rb"\b(?:" + "|".join(sorted({name.partition(".")[0] for name in _FULL})).encode() + rb")\b")
LIBRARY_WORDS = frozenset(name.rpartition(".")[2] for name in _FULL)


def library_coroutine(unit: Unit, call: Node) -> Evidence:
    """The evidence that a call gives a coroutine of a library that is known by name; its releases may differ."""
    if call.type != "call" or callee_word(call, unit.aliases) not in LIBRARY_WORDS or not _is_used(unit):
        return Evidence.NONE
    called = [one for one in each(unit.called(call)) if not isinstance(one, NoneValue)]
    known = bool(called) and all(isinstance(one, Foreign) and one.name.replace("()", "") in _FULL for one in called)
    return Evidence.LIKELY if known else Evidence.NONE


def _is_used(unit: Unit) -> bool:
    """Does the file speak of one of the libraries?"""
    return unit.per_edit.get("speaks of libraries", lambda: _ROOTS.search(unit.file.source.data) is not None)
