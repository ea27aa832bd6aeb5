"""The names that every sample of the knowledge base may use without bringing them."""

import asyncio
import time

urls = ["a", "b", "c"]


async def fetch(url: str) -> str:
    """Wait 10 ms, as a download would, and give ``<url>``."""
    await asyncio.sleep(0.01)
    return f"<{url}>"


def work(n: int) -> int:
    """Block the thread for 10 ms, as a computation would, and give ``n * 2``."""
    time.sleep(0.01)
    return n * 2
