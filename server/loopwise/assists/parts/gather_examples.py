"""Examples of ``gather-to-taskgroup``."""

from __future__ import annotations

from loopwise.assists.assist import Example

EXAMPLES = (
    Example(
        before="""\
import asyncio

async def fetch(url): ...

async def main():
    a, b = await asyncio.ga$0ther(fetch("a"), fetch("b"))  # both
    return a + b
""",
        after=(
            """\
import asyncio

async def fetch(url): ...

async def main():
    async with asyncio.TaskGroup() as tg:
        t1 = tg.create_task(fetch("a"))
        t2 = tg.create_task(fetch("b"))
    a, b = t1.result(), t2.result()  # both
    return a + b
""",
        ),
    ),
    Example(
        before="""\
from asyncio import create_task, gather

async def save(url): ...

async def main(urls):
    await gather(
        save("a"),  # the first
        # and the others
        create_task(save("b"), name="b"),
        *[save(url) for url in urls],
    )$0
""",
        after=(
            """\
from asyncio import TaskGroup, create_task, gather

async def save(url): ...

async def main(urls):
    async with TaskGroup() as tg:
        tg.create_task(save("a"))  # the first
        # and the others
        tg.create_task(save("b"), name="b")
        for url in urls:
            tg.create_task(save(url))
""",
        ),
    ),
    Example(
        before="""\
import asyncio

class Client:
    async def fetch(self, url): ...

    async def all(self, urls):
        return await asyncio.gather(*(self.fetch(url) for url in urls if url), return_exceptions=False)$0
""",
        after=(
            """\
import asyncio

class Client:
    async def fetch(self, url): ...

    async def all(self, urls):
        async with asyncio.TaskGroup() as tg:
            tasks = [tg.create_task(self.fetch(url)) for url in urls if url]
        return [task.result() for task in tasks]
""",
        ),
    ),
    Example(
        before="""\
import asyncio

async def fetch(url): ...

async def main():
    try:
        pages = await asyncio.gather(fetch("a"), fetch("b"))$0
    except (OSError, ValueError):
        print("no page")
    except KeyError:
        raise
    print(pages)
""",
        after=(
            """\
import asyncio

async def fetch(url): ...

async def main():
    try:
        async with asyncio.TaskGroup() as tg:
            t1 = tg.create_task(fetch("a"))
            t2 = tg.create_task(fetch("b"))
        pages = [t1.result(), t2.result()]
    except* (OSError, ValueError):
        print("no page")
    except* KeyError:
        raise
    print(pages)
""",
        ),
    ),
    Example(
        before="""\
import asyncio

async def main(jobs):
    await asyncio.gather(*jobs)$0
""",
        refused="*jobs may hold tasks",
    ),
    Example(
        before="""\
import asyncio

async def main(fetch):
    print("two", fetch, await fetch(0), await asyncio.gather$0(fetch(1), fetch(2)))
""",
        refused="awaits something else as well",
    ),
    Example(
        before="""\
import asyncio

async def main(fetch):
    await asyncio.gather$0(fetch(1), fetch(2), return_exceptions=True)
""",
        refused="return_exceptions=True",
    ),
    Example(
        before="""\
import asyncio

async def main(fetch):
    task = asyncio.create_task(fetch(1))
    await asyncio.gather$0(task, fetch(2))
""",
        refused="a task group starts coroutines only",
    ),
    Example(
        before="""\
import asyncio

async def main(fetch):
    try:
        return await asyncio.gather$0(fetch(1), fetch(2))
    except ValueError:
        return None
""",
        refused="returns, which except* cannot do",
    ),
    Example(
        before="""\
import asyncio

async def main(fetch):
    try:
        await asyncio.gather$0(fetch(1), fetch(2))
    except OSError as error:
        print(error.errno)
""",
        refused="uses error",
    ),
    Example(
        before="""\
import asyncio

async def main(fetch):
    await asyncio.gather$0(fetch(1), fetch(2))
""",
        refused="Python 3.11",
        target="3.10-3.14",
    ),
    Example(
        before="""\
import asyncio

async def main(gather, fetch):
    await gather(fetch(1))
    together = asyncio.gather$0(fetch(1), fetch(2))
    await together
"""
    ),
)
