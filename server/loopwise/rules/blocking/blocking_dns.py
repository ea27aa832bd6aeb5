"""Looking up a host name stops every task until the name server answers.

``socket.getaddrinfo`` and similar functions wait on the event loop's thread, for many seconds if a name server is
unreachable; ``socket.create_connection`` looks up the name and waits for the connection.

``loop.getaddrinfo`` and ``asyncio.open_connection`` can be awaited; any of these functions can run in a thread.
"""

from __future__ import annotations

from loopwise.analysis.blocking import words
from loopwise.analysis.rule import Example, Rule, Severity, page
from loopwise.rules.fixes import checking

_NAME = "blocking-dns"

RULE = Rule(
    code="LW210",
    name=_NAME,
    severity=Severity.WARNING,
    nodes=("call",),
    check=checking(_NAME),
    triggers=words(_NAME),
    **page(__doc__),
    peers=(),
    cards=("asyncio.loop.getaddrinfo", "asyncio.open_connection"),
    examples=(
        Example(
            bad="""\
import asyncio
import socket

async def resolve(host):
    return socket.gethostbyname(host)
#          ^^^^^^^^^^^^^^^^^^^^^^^^^^
""",
            fixed=(
                """\
import asyncio
import socket

async def resolve(host):
    return await asyncio.to_thread(socket.gethostbyname, host)
""",
            ),
        ),
        Example(
            good="""\
import asyncio

async def resolve(host):
    loop = asyncio.get_running_loop()
    return await loop.getaddrinfo(host, 80)
"""
        ),
    ),
)
