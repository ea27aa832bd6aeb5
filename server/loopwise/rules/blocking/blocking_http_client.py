"""A request of a blocking HTTP client stops every task until the answer is there.

A ``requests.Session``, an ``httpx.Client``, a pool of ``urllib3`` or an ``http.client.HTTPConnection`` waits on the
thread that it is used on.
Where it came from does not matter: from an argument's annotation, an attribute, a ``with``.

Use ``httpx.AsyncClient`` or ``aiohttp.ClientSession``, or run the call in a thread with ``asyncio.to_thread``.
Opening and closing a client is not reported: that does not wait.
"""

from __future__ import annotations

from loopwise.rules.blocking_calls import words
from loopwise.rules.blocking_fixes import checking
from loopwise.rules.rule import Example, Rule, Severity
from loopwise.rules.write import about

_NAME = "blocking-http-client"

RULE = Rule(
    code="LW203",
    name=_NAME,
    severity=Severity.WARNING,
    nodes=("call",),
    check=checking(_NAME),
    words=words(_NAME),
    **about(__doc__),
    peers=("ASYNC212", "S7499"),
    about=("asyncio.to_thread",),
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
