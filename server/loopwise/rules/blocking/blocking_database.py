"""A query by a blocking database library stops every task until the answer is there.

``sqlite3``, ``psycopg2``, ``pymysql``, ``pymongo``, ``redis.Redis``, ``boto3``, a ``Session`` of SQLAlchemy and
Django's models wait on the thread that they are called on.
A lock in the database is enough to make that minutes.

Most have a twin that can be awaited, which the message names.
Where a connection may change threads, ``asyncio.to_thread`` runs one call;
connections of ``sqlite3`` and sessions of SQLAlchemy may not, so give it a function that does all the work.
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
import sqlite3

async def count(path):
    connection = sqlite3.connect(path)
#                ^^^^^^^^^^^^^^^^^^^^^
    connection.commit()
#   ^^^^^^^^^^^^^^^^^^^
    return connection.execute("select 1").fetchone()
#          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
""",
        ),
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
            bad="""\
import boto3
import psycopg2
import sqlalchemy.orm
from sqlalchemy import create_engine
from sqlalchemy.orm import sessionmaker

engine = create_engine("sqlite://")
Local = sessionmaker(engine)

async def work(session: sqlalchemy.orm.Session, key):
    session.commit()
#   ^^^^^^^^^^^^^^^^
    with Local() as other:
        other.execute("select 1")
#       ^^^^^^^^^^^^^^^^^^^^^^^^^
    with engine.connect() as connection:
        connection.execute("select 1")
#       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    with psycopg2.connect("x") as connection:
#        ^^^^^^^^^^^^^^^^^^^^^
        with connection.cursor() as cursor:
            cursor.execute("select 1")
#           ^^^^^^^^^^^^^^^^^^^^^^^^^^
    boto3.client("s3").get_object(Bucket="b", Key=key)
#   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
""",
        ),
        Example(
            bad="""\
from models import User

async def show(name):
    user = User.objects.get(name=name)
#          ^^^^^^^^^^^^^^^^^^^^^^^^^^^
    User.objects.filter(name=name).first()
#   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    other = User()
    other.save()
#   ^^^^^^^^^^^^
    return user
""",
            files={
                "models.py": "from django.db.models import Model\n\nclass User(Model): ...\n",
            },
        ),
        Example(
            good="""\
import redis.asyncio as redis
from redis.asyncio import Redis
from sqlalchemy.ext.asyncio import AsyncSession
from models import User

async def work(session: AsyncSession, client: Redis, unknown):
    await session.commit()
    await client.get("key")
    other = redis.from_url("redis://")
    await other.set("key", "value")
    unknown.execute("select 1")
    unknown.cursor().fetchall()
    users = User.objects.filter(name="x")
    await User.objects.aget(name="x")
    return users
""",
            files={
                "models.py": "from django.db.models import Model\n\nclass User(Model): ...\n",
            },
        ),
    ),
)
