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
            bad="""\
import asyncio
from urllib.request import urlopen

async def read(url):
    return urlopen(url).read()
#          ^^^^^^^^^^^^
""",
            fixed=(
                """\
import asyncio
from urllib.request import urlopen

async def read(url):
    return (await asyncio.to_thread(urlopen, url)).read()
""",
            ),
        ),
        Example(
            bad="""\
import asyncio
import httpx
import requests as http

async def send(url, data):
    http.request("PUT", url, data=data)
#   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    httpx.post(url, data=data)
#   ^^^^^^^^^^^^^^^^^^^^^^^^^^
""",
        ),
        Example(
            bad="""\
import asyncio
from httpx import get

async def send(url, data):
    return [get((part for part in url)) for _ in data]
#           ^^^^^^^^^^^^^^^^^^^^^^^^^^^
""",
            fixed=(
                """\
import asyncio
from httpx import get

async def send(url, data):
    return [await asyncio.to_thread(get, (part for part in url)) for _ in data]
""",
            ),
        ),
        Example(
            good="""\
import asyncio
import httpx
import requests
import urllib.parse
import urllib.request

async def fetch(url):
    async with httpx.AsyncClient() as client:
        await client.get(url)
    requests.Request("GET", url)
    urllib.parse.urlsplit(url)
    return await asyncio.to_thread(requests.get, url)

async def picture(url):
    if url.startswith("data:"):
        return urllib.request.urlopen(url).read()

async def by_name(requests):
    requests.get("x")

def work(url):
    return requests.get(url)
""",
        ),
    ),
)
