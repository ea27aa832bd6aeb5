"""The bakery's second file: what places.py takes from elsewhere in the project."""

import asyncio
from collections.abc import AsyncIterator

shelf: asyncio.Queue[str] = asyncio.Queue(maxsize=20)


def hire(name: str) -> asyncio.Task[int]:
    return asyncio.create_task(knead(3), name=name)


def bell() -> asyncio.Event:
    return asyncio.Event()


def loaves(count):
    return [str(number) for number in range(count)]


async def knead(minutes: int) -> int:
    await asyncio.sleep(minutes / 60)
    return minutes


async def orders() -> AsyncIterator[str]:
    while True:
        yield await shelf.get()


class Oven:
    def __init__(self) -> None:
        self.door = asyncio.Lock()
        self.worker = None

    async def bake(self, loaf: str) -> str:
        async with self.door:
            await asyncio.sleep(1)
        return loaf
