"""CPU-bound work delays every task until it is done.

Compressing, hashing passwords, pickling, images and data tables: the time depends on the amount of data, and nothing
else can run on the event loop's thread in the meantime.

The rule is off by default, because this is fine for small data.
``asyncio.to_thread`` helps if the library lets other threads run (zlib, hashlib, pandas, Pillow mostly do); otherwise,
use a ``concurrent.futures.ProcessPoolExecutor`` with ``loop.run_in_executor``.
"""

from __future__ import annotations

from loopwise.analysis.blocking import words
from loopwise.analysis.rule import Example, Rule, Severity, page
from loopwise.rules.fixes import checking

_NAME = "cpu-heavy"

RULE = Rule(
    code="LW218",
    name=_NAME,
    severity=Severity.INFORMATION,
    nodes=("call",),
    check=checking(_NAME),
    triggers=words(_NAME),
    **page(__doc__),
    default_on=False,
    peers=(),
    cards=("asyncio.to_thread", "asyncio.loop.run_in_executor"),
    examples=(
        Example(
            bad="""\
import asyncio
import hashlib

async def check(password, salt):
    return hashlib.pbkdf2_hmac("sha256", password, salt, 600_000)
#          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
""",
            fixed=(
                """\
import asyncio
import hashlib

async def check(password, salt):
    return await asyncio.to_thread(hashlib.pbkdf2_hmac, "sha256", password, salt, 600_000)
""",
            ),
        ),
        Example(
            good="""\
import asyncio
import zlib

async def check(data):
    return await asyncio.to_thread(zlib.compress, data)
"""
        ),
    ),
)
