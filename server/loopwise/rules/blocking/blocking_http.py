"""An HTTP request by a blocking library stops every task until the answer is there.

``requests``, ``urllib`` and the module's functions of ``httpx`` wait for the network on the thread that they are
called on.
In a coroutine function that is the event loop's: with a slow server the whole program stands still, its timeouts too.

Run the call in a thread with ``asyncio.to_thread``, or use a client that can be awaited: ``httpx.AsyncClient``,
``aiohttp``.
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
