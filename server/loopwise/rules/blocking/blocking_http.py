"""An HTTP request through a blocking library stops every task until the response arrives.

``requests``, ``urllib`` and the module-level functions of ``httpx`` wait for the network on the thread that calls
them.
In a coroutine function, this is the event loop's thread: with a slow server, the whole program stops, including its
timeouts.

Run the call in a thread with ``asyncio.to_thread``, or use an async client: ``httpx.AsyncClient``, ``aiohttp``.
"""

from __future__ import annotations

from loopwise.analysis.blocking import words
from loopwise.analysis.rule import Example, Rule, Severity, page
from loopwise.rules.fixes import checking

_NAME = "blocking-http"

RULE = Rule(
    code="LW202",
    name=_NAME,
    severity=Severity.WARNING,
    nodes=("call",),
    check=checking(_NAME, safe=True),
    triggers=words(_NAME),
    **page(__doc__),
    peers=("ASYNC210", "S7499"),
    cards=("asyncio.to_thread",),
    examples=(
        Example(
            bad="""\
import requests

async def fetch(url):
    return requests.get(url, timeout=5)
#          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
""",
            fixed=(
                """\
import asyncio

import requests

async def fetch(url):
    return await asyncio.to_thread(requests.get, url, timeout=5)
""",
            ),
        ),
        Example(
            good="""\
import asyncio
import httpx
import requests

async def fetch(url):
    async with httpx.AsyncClient() as client:
        await client.get(url)
    return await asyncio.to_thread(requests.get, url)
"""
        ),
    ),
)
