"""A query through a blocking database library stops every task until the result arrives.

``sqlite3``, ``psycopg2``, ``pymysql``, ``pymongo``, ``redis.Redis``, ``boto3``, a ``Session`` of SQLAlchemy and
Django's models wait on the thread that calls them.
A lock in the database is enough to turn that into minutes.

Most have an async equivalent, which the message names.
If a connection may change threads, ``asyncio.to_thread`` runs a single call;
connections of ``sqlite3`` and sessions of SQLAlchemy may not, so pass it a function that does all the work.
"""

from __future__ import annotations

from loopwise.analysis.blocking import words
from loopwise.analysis.rule import Example, Rule, Severity, page
from loopwise.rules.fixes import checking

_NAME = "blocking-database"

RULE = Rule(
    code="LW212",
    name=_NAME,
    severity=Severity.WARNING,
    nodes=("call",),
    check=checking(_NAME),
    triggers=words(_NAME),
    **page(__doc__),
    peers=(),
    cards=("asyncio.to_thread",),
    examples=(
        Example(
            bad="""\
import asyncio
import redis

class Cache:
    def __init__(self, client: redis.Redis):
        self.client = client

    async def get(self, key):
        return self.client.get(key)
#              ^^^^^^^^^^^^^^^^^^^^
""",
            fixed=(
                """\
import asyncio
import redis

class Cache:
    def __init__(self, client: redis.Redis):
        self.client = client

    async def get(self, key):
        return await asyncio.to_thread(self.client.get, key)
""",
            ),
        ),
        Example(
            good="""\
from redis.asyncio import Redis
from sqlalchemy.ext.asyncio import AsyncSession

async def work(session: AsyncSession, client: Redis):
    await session.commit()
    await client.get("key")
"""
        ),
    ),
)
