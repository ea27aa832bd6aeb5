"""The names that every sample of the knowledge base may use without defining them."""

import asyncio
import time

urls = ["a", "b", "c"]


async def fetch(url: str) -> str:
    """Wait 10 ms, like a download, and return ``<url>``."""
    await asyncio.sleep(0.01)
    return f"<{url}>"


def work(n: int) -> int:
    """Block the thread for 10 ms, like a computation, and return ``n * 2``."""
    time.sleep(0.01)
    return n * 2
