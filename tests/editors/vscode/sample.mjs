// The project that is opened.
export const FILES = {
  "pyproject.toml": '[project]\nname = "bakery"\nversion = "1"\nrequires-python = ">=3.11"\n',
  "oven.py": `import asyncio
import time


async def bake(name: str) -> str:
    time.sleep(0.2)
    return f"{name}, warm"


async def main() -> None:
    orders: asyncio.Queue[str] = asyncio.Queue()
    await orders.put("bread")
    async with asyncio.timeout(5):
        loaves = await asyncio.gather(bake("rye"), bake(await orders.get()))
    print(loaves)


asyncio.run(main())
`,
  "loaf.py": `import asyncio


async def slice_loaf(name: str) -> str:
    await asyncio.sleep(0.1)
    return name


async def main() -> None:
    task = asyncio.create_task(slice_loaf("rye"))
    `,
  "shelf.py": '"""Empty so far."""\n',
};
