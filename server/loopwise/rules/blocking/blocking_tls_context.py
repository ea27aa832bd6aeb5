"""Loading certificates reads and parses files while every task waits.

``ssl.create_default_context`` loads the certificates of the system, some ten milliseconds of work each time;
``load_cert_chain`` and ``load_verify_locations`` read files too.

Create the context once, in a thread: ``context = await asyncio.to_thread(ssl.create_default_context)``, and share it.
Nothing is reported in tests, whose loop has nothing else to do.
"""

from __future__ import annotations

from loopwise.analysis.blocking import words
from loopwise.analysis.rule import Example, Rule, Severity, page
from loopwise.rules.fixes import checking

_NAME = "blocking-tls-context"

RULE = Rule(
    code="LW220",
    name=_NAME,
    severity=Severity.WARNING,
    nodes=("call",),
    check=checking(_NAME),
    triggers=words(_NAME),
    **page(__doc__),
    peers=(),
    cards=("asyncio.to_thread", "asyncio.open_connection"),
    examples=(
        Example(
            bad="""\
import asyncio
import ssl

async def connect(host):
    context = ssl.create_default_context()
#             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    return await asyncio.open_connection(host, 443, ssl=context)
""",
            fixed=(
                """\
import asyncio
import ssl

async def connect(host):
    context = await asyncio.to_thread(ssl.create_default_context)
    return await asyncio.open_connection(host, 443, ssl=context)
""",
            ),
        ),
        Example(
            good="""\
import asyncio
import ssl

def context_of(path):
    context = ssl.create_default_context()
    context.load_cert_chain(path)
    return context

async def connect(host, path):
    context = await asyncio.to_thread(context_of, path)
    return await asyncio.open_connection(host, 443, ssl=context)
"""
        ),
    ),
)
