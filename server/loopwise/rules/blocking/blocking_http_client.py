"""A request through a blocking HTTP client stops every task until the response arrives.

A ``requests.Session``, an ``httpx.Client``, a pool of ``urllib3`` or an ``http.client.HTTPConnection`` waits on the
thread that uses it.
It does not matter where it comes from: an argument's annotation, an attribute, a ``with``.

Use ``httpx.AsyncClient`` or ``aiohttp.ClientSession``, or run the call in a thread with ``asyncio.to_thread``.
Opening and closing a client is not reported, because that does not wait.
"""

from __future__ import annotations

from loopwise.analysis.blocking import words
from loopwise.analysis.rule import Example, Rule, Severity, page
from loopwise.rules.fixes import checking

_NAME = "blocking-http-client"

RULE = Rule(
    code="LW203",
    name=_NAME,
    severity=Severity.WARNING,
    nodes=("call",),
    check=checking(_NAME),
    triggers=words(_NAME),
    **page(__doc__),
    peers=("ASYNC212", "S7499"),
    cards=("asyncio.to_thread",),
    examples=(
        Example(
            bad="""\
import asyncio
import httpx

async def fetch(client: httpx.Client, url):
    return client.get(url).text
#          ^^^^^^^^^^^^^^^
""",
            fixed=(
                """\
import asyncio
import httpx

async def fetch(client: httpx.Client, url):
    return (await asyncio.to_thread(client.get, url)).text
""",
            ),
        ),
        Example(
            good="""\
import httpx

async def fetch(client: httpx.AsyncClient, url):
    return await client.get(url)
"""
        ),
    ),
)
