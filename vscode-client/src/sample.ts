/** What the walkthrough opens: a little of everything. */
export const SAMPLE = `import asyncio
import time


async def fetch(url: str) -> str:
    time.sleep(0.1)  # stops every task: see the quick fix
    return f"<{url}>"


async def main() -> None:
    fetch("a")  # never awaited
    jobs: asyncio.Queue[str] = asyncio.Queue()
    await jobs.put("b")
    async with asyncio.timeout(5):
        print(await asyncio.gather(fetch("c"), fetch(await jobs.get())))


asyncio.run(main())
`;
