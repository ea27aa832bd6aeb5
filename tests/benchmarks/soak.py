"""Work in real files for a long time, and write how much memory the server holds.

nice python tests/benchmarks/soak.py --minutes 20
nice python tests/benchmarks/soak.py --minutes 0 --files 1135
"""

from __future__ import annotations

import argparse
import random
import time
from pathlib import Path

from stress import REQUESTS, Stressed, corpus, text_of

_POOL = 400  # files that are worked in
_OPEN = 10  # at a time
_TYPED = ("x", ".", "(", ")", "\n", "    ", "await ", "asyncio.", "async def f():\n    ", "'", "#", "é")
_SETTLED = 0.25  # of the time: until caches are full
_BAND = 0.05
_SETTLING = 10  # seconds after everything was closed


class Work:
    """Open files and their texts."""

    def __init__(self, server: Stressed, pool: list[Path], dice: random.Random) -> None:
        self.server = server
        self.pool = pool
        self.dice = dice
        self.texts: dict[Path, str] = {}
        self.version = 1
        self.requests = 0

    def step(self) -> None:
        dice = self.dice
        if len(self.texts) < _OPEN and dice.random() < 0.3:
            self._open(dice.choice(self.pool))
        elif self.texts and dice.random() < 0.03:
            path = dice.choice(list(self.texts))
            self.server.close(str(path))
            del self.texts[path]
        elif self.texts:
            path = dice.choice(list(self.texts))
            if dice.random() < 0.5:
                self._edit(path)
            self.server.asked(dice.choice(REQUESTS), path, self.texts[path], dice)
            self.requests += 1

    def _open(self, path: Path) -> None:
        if path not in self.texts:
            self.texts[path] = text_of(path)
            self.server.open(str(path), self.texts[path])

    def _edit(self, path: Path) -> None:
        """Type a key, paste or delete; undo everything now and then, so that texts stay realistic."""
        dice, text = self.dice, self.texts[path]
        at = dice.randrange(len(text) + 1)
        new = text[:at] + dice.choice(_TYPED) + text[at:] if dice.random() < 0.7 else text[:at] + text[at + 20 :]
        self.texts[path] = text_of(path) if dice.random() < 0.1 else new
        self.version += 1
        self.server.replace(path, self.version, self.texts[path])


def _all(server: Stressed, paths: list[Path], dice: random.Random, at_once: int) -> None:
    """Open, ask about and close files, several at once."""
    waiting: list[Path] = []
    for number, path in enumerate(paths, 1):
        text = text_of(path)
        server.open(str(path), text)
        for what in REQUESTS:
            server.asked(what, path, text, dice)
        waiting.append(path)
        if len(waiting) > at_once:
            server.close(str(waiting.pop(0)))
        if number % 100 == 0:
            print(f"{number} files, {server.megabytes():.0f} MiB", flush=True)
    print(f"{len(waiting)} open: {server.megabytes():.0f} MiB ({server.shares()})", flush=True)
    for path in waiting:
        server.close(str(path))
    time.sleep(_SETTLING)
    print(f"all closed: {server.megabytes():.0f} MiB ({server.shares()})", flush=True)


def _soak(server: Stressed, work: Work, minutes: float) -> None:
    curve: list[float] = []
    start = time.monotonic()
    while (now := time.monotonic()) < start + minutes * 60:
        if (now - start) // 60 >= len(curve):
            curve.append(server.megabytes())
            memory = f"{curve[-1]:6.0f} MiB ({server.shares()})"
            print(f"{len(curve) - 1:3} min {memory} {work.requests:6} requests", flush=True)
        work.step()
    settled = curve[int(len(curve) * _SETTLED) :]
    middle = sum(settled) / len(settled)
    worst = max(abs(one - middle) for one in settled) / middle
    print(
        f"{'flat' if worst <= _BAND else 'NOT FLAT'}: {middle:.0f} MiB ± {worst:.1%}; failures: {server.failures[:5]}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--files", type=int, default=0, help="open and close so many first, 50 at once")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    dice = random.Random(options.seed)
    with Stressed() as server:
        if options.files:
            _all(server, corpus(options.folders, options.files, options.seed), dice, 50)
        if options.minutes:
            _soak(server, Work(server, corpus(options.folders, _POOL, options.seed), dice), options.minutes)


if __name__ == "__main__":
    main()
