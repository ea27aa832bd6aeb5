# mypy: disable-error-code="attr-defined"
"""Ask a few web servers who they are, three at a time.  This is what ``loopwise demo`` opens."""

import asyncio

HOSTS = ("example.com", "example.net", "example.org", "python.org", "wikipedia.org")


async def greeting(host: str) -> str:
    """The first line of a server's answer."""
    async with asyncio.timeout(5):
        reader, writer = await asyncio.open_connection(host, 80)
        writer.write(f"HEAD / HTTP/1.0\r\nHost: {host}\r\n\r\n".encode())
        await writer.drain()
        status = await reader.readline()
        writer.close()
    return status.decode().strip()


async def worker(queue: asyncio.Queue[str]) -> None:
    """Take hosts from the queue until it is shut down."""
    while True:
        try:
            host = await queue.get()
        except asyncio.QueueShutDown:
            return
        try:
            print(host, await greeting(host))
        except (OSError, TimeoutError) as error:
            print(host, "does not answer:", error)


async def main() -> None:
    queue: asyncio.Queue[str] = asyncio.Queue(maxsize=10)
    async with asyncio.TaskGroup() as group:
        for number in range(3):
            group.create_task(worker(queue), name=f"worker {number}")
        for host in HOSTS:
            await queue.put(host)
        queue.shutdown()  # The workers still get what is in it.


if __name__ == "__main__":
    asyncio.run(main())
