"""Projects that grow in one way: lines of a file, modules of a project, findings in a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

_HEAD = "import asyncio\nimport time\n\n\n"
_CLEAN = '''\
class Service@:
    """A service with a queue and a worker."""

    def __init__(self, size: int) -> None:
        self.queue: asyncio.Queue[int] = asyncio.Queue(size)
        self.worker: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self.worker = asyncio.create_task(self.run())

    async def run(self) -> None:
        while True:
            item = await self.queue.get()
            try:
                await asyncio.wait_for(self.handle(item), 1)
            finally:
                self.queue.task_done()

    async def handle(self, item: int) -> int:
        await asyncio.sleep(item)
        return item * 2


'''
_FINDING = "async def blocked@() -> None:\n    time.sleep(@)\n\n\n"
_CALLER = "async def run@() -> None:\n    await module@.Service@(1).start()\n\n\n"


def _of_lines(folder: Path, size: int) -> Path:
    each = _CLEAN.count("\n")
    return _written(folder / "app.py", _HEAD + _times(_CLEAN, size // each))


def _of_modules(folder: Path, size: int) -> Path:
    for number in range(size):
        _written(folder / f"module{number}.py", _HEAD + _CLEAN.replace("@", str(number)) * 8)
    used = range(min(size, 20))
    imports = "".join(f"import module{number}\n" for number in used)
    return _written(folder / "app.py", f"{_HEAD}{imports}\n\n" + _times(_CALLER, len(used)))


def _of_findings(folder: Path, size: int) -> Path:
    return _written(folder / "app.py", _HEAD + _times(_CLEAN, 20) + _times(_FINDING, size))


GROWTHS: Mapping[str, tuple[Callable[[Path, int], Path], tuple[int, ...]]] = {
    "lines of the file": (_of_lines, (250, 1000, 4000, 16000)),
    "modules of the project": (_of_modules, (10, 100, 1000)),
    "findings in the file": (_of_findings, (10, 100, 1000)),
}
"""Kinds of growth: a function that writes a project of a size below a folder and returns its file; the sizes."""


def _times(text: str, count: int) -> str:
    return "".join(text.replace("@", str(number)) for number in range(count))


def _written(path: Path, text: str) -> Path:
    path.write_text(text.rstrip("\n") + "\n", "utf-8")
    return path
