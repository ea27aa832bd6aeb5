"""A request of a blocking HTTP client stops every task until the answer is there.

A ``requests.Session``, an ``httpx.Client``, a pool of ``urllib3`` or an ``http.client.HTTPConnection`` waits on the
thread that it is used on.
Where it came from does not matter: from an argument's annotation, an attribute, a ``with``.

Use ``httpx.AsyncClient`` or ``aiohttp.ClientSession``, or run the call in a thread with ``asyncio.to_thread``.
Opening and closing a client is not reported: that does not wait.
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
            bad="""\
import requests

class Api:
    def __init__(self):
        self.session = requests.Session()

    async def fetch(self, url):
        return self.session.get(url)
#              ^^^^^^^^^^^^^^^^^^^^^

async def other(url):
    with requests.Session() as session:
        session.post(url)
#       ^^^^^^^^^^^^^^^^^
        session.close()
""",
        ),
        Example(
            bad="""\
import http.client

async def fetch(host):
    connection = http.client.HTTPSConnection(host)
    connection.request("GET", "/")
#   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    return connection.getresponse()
#          ^^^^^^^^^^^^^^^^^^^^^^^^
""",
        ),
        Example(
            good="""\
import httpx

class Api:
    def __init__(self, client: httpx.Client, other):
        self.client = client
        self.other = other

    async def close(self):
        self.client.close()
        self.other.get("/")

    def fetch(self, url):
        return self.client.get(url)

async def fetch(client: httpx.AsyncClient, url):
    return await client.get(url)
""",
        ),
    ),
)
