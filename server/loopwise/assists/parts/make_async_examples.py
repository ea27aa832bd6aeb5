"""Examples of ``make-async``."""

from __future__ import annotations

from loopwise.assists.assist import Example

EXAMPLES = (
    Example(
        before="""\
def lo$0ad(name):
    return name

async def one(name):
    return load(name).strip()

async def all(names):
    return [load(name) for name in names]

if __name__ == "__main__":
    load("x")
""",
        after=(
            """\
import asyncio


async def load(name):
    return name

async def one(name):
    return (await load(name)).strip()

async def all(names):
    return [await load(name) for name in names]

if __name__ == "__main__":
    asyncio.run(load("x"))
""",
        ),
    ),
    Example(
        before="""\
class Store:
    @staticmethod
    def read(path): ...

    def load(self, path):$0
        return self.read(path) if path else self.load("x")

async def main(store: Store, other):
    other.load("a")
    store.load("b")
    await store.load("c")
""",
        after=(
            """\
class Store:
    @staticmethod
    def read(path): ...

    async def load(self, path):
        return self.read(path) if path else await self.load("x")

async def main(store: Store, other):
    other.load("a")
    await store.load("b")
    await store.load("c")
""",
        ),
    ),
    Example(
        before="""\
import asyncio

async def fetch(url): ...

d$0ef page(name):
    return fetch(name)

async def main():
    task = asyncio.create_task(page("a"))
    await task
""",
        after=(
            """\
import asyncio

async def fetch(url): ...

async def page(name):
    return await fetch(name)

async def main():
    task = asyncio.create_task(page("a"))
    await task
""",
        ),
    ),
    Example(
        before="""\
def numbers()$0:
    yield 1

async def main():
    for number in numbers():
        print(number)
    return [number for number in numbers()]
""",
        after=(
            """\
async def numbers():
    yield 1

async def main():
    async for number in numbers():
        print(number)
    return [number async for number in numbers()]
""",
        ),
    ),
    Example(
        before="""\
import asyncio

def load():
    $0await asyncio.sleep(1)

async def main():
    load()
""",
        after=(
            """\
import asyncio

async def load():
    await asyncio.sleep(1)

async def main():
    await load()
""",
        ),
    ),
    Example(
        before="""\
class Store:
    def __init__$0(self):
        self.items = []
""",
    ),
    Example(
        before="""\
class Store:
    @property
    def items$0(self):
        return []

async def main():
    return Store().items
""",
        refused="is a property",
    ),
    Example(
        before="""\
class Store:
    def load(self): ...

class Files(Store):
    def load$0(self): ...
""",
        after=(
            """\
class Store:
    async def load(self): ...

class Files(Store):
    async def load(self): ...
""",
        ),
    ),
    Example(
        before="""\
from store import Store

class Files(Store):
    def load$0(self): ...

async def main():
    Files().load()
""",
        refused="Store.load() is not async",
        files={"store.py": "class Store:\n    def load(self): ...\n"},
    ),
    Example(
        before="""\
def load$0(): ...

def main():
    load()

async def run():
    load()
""",
        refused="main() calls it on line 4",
    ),
    Example(
        before="""\
import threading

def load$0(): ...

async def main():
    threading.Thread(target=load).start()
""",
        refused="Line 6 uses load without calling it",
    ),
    Example(
        before="""\
def load$0(names):
    yield from names

async def main(names):
    return list(load(names))
""",
        refused="yield from",
    ),
    Example(
        before="""\
def load():
    return$0 1
"""
    ),
    Example(
        before="""\
async def load()$0:
    return 1
"""
    ),
)
