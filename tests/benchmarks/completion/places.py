"""Places in real async code where a wanted name is cut off, to ask for it: chosen by spelling alone, by a seed.

At each place the statement ends at the cursor: what follows on its logical line is cut, brackets that were open there
stay open, and the text below is kept. A place is taken only where the wanted name is defined in asyncio, in the
same file or in the same project, so that a server which reads the project's files could know it.
"""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from pathlib import Path

from completion.finder import Place, places_in
from completion.lookup import project_files

# Each kind with an example: `|` is the cursor, what follows it is wanted (and cut).
KINDS = {
    "await-asyncio": "await asyncio.|sleep(1)",
    "call-asyncio": "asyncio.|create_task(…), not awaited",
    "with-asyncio": "async with asyncio.|timeout(1)",
    "error-asyncio": "raise / except asyncio.|X",
    "import-asyncio": "from asyncio import |Queue",
    "await-function": "await |fetch(…)",
    "await-variable": "await |task",
    "await-self": "await self.|fetch(…)",
    "await-member": "await queue.|get()",
    "member": "queue.|put_nowait(…)",
    "with-name": "async with |lock / |connect(…)",
    "with-self": "async with |self._lock",
    "with-attribute": "async with self.|_lock",
    "for-name": "async for … in |pages(…)",
    "for-self": "async for … in self.|pages(…)",
    "coroutine-argument": "create_task(|fetch(…))",
    "coroutine-of-self": "create_task(self.|fetch(…))",
    "function-argument": "to_thread(|load), (self.|load)",
    "enumerated": "return_when=|FIRST_COMPLETED",
    "keyword": "wait_for(…, |timeout=…)",
}
# Where all of a dotted name is wanted, which no general server offers: asked about on request, apart from the others.
DOTTED = {
    "await-dotted": "await |self.storage.get(…) / |self.fetch(…) / |queue.get()",
    "member-of-own": "await self.storage.|get(…)",
    "argument-dotted": "create_task(|self.fetch(…))",
    "for-dotted": "async for … in |self.storage.pages(…)",
    "any-await": "await |anything.at.all(…)",
    "any-await-self": "await self.|anything.at.all(…)",
    "any-argument": "create_task(|anything.at.all(…))",
    "any-with": "async with |anything.at.all(…)",
}
PER_FILE = 3  # of a kind
SAME_WORD = 6  # of a kind, except for `return_when`, which has three values


def choose(roots: list[Path], seed: int, limit: int) -> list[Place]:
    """Choose up to `limit` places of a kind, sorted: odd seeds use one half of the files, even ones the other."""
    pools: dict[str, dict[str, list[Place]]] = {kind: {} for kind in (*KINDS, *DOTTED)}
    kept: dict = {}
    for root in sorted(roots):
        files = [name for name in project_files(root) if half(root.name, name) == seed % 2]
        random.Random(f"{seed}:{root.name}").shuffle(files)
        for relative in files:
            count: Counter[str] = Counter()
            found = sorted(set(places_in(root, relative, kept)))
            random.Random(f"{seed}:{root.name}:{relative}").shuffle(found)
            for place in found:
                count[place.kind] += 1
                if count[place.kind] <= PER_FILE:
                    pools[place.kind].setdefault(root.name, []).append(place)
    return sorted(place for kind, pool in pools.items() for place in _some(kind, pool, seed, limit))


def half(project: str, relative: str) -> int:
    """Return the half of the files to which a file belongs: 0 or 1, whatever the seed."""
    return hashlib.sha256(f"{project}/{relative}".encode()).digest()[0] % 2


def _some(kind: str, pool: dict[str, list[Place]], seed: int, limit: int) -> list[Place]:
    """Choose up to `limit` places, from one project after the other, so that none dominates."""
    names = sorted(pool)
    random.Random(f"{seed}:{kind}").shuffle(names)
    rounds = max(map(len, pool.values()), default=0)
    words: Counter[str] = Counter()
    chosen: list[Place] = []
    for turn in range(rounds):
        for place in [pool[name][turn] for name in names if turn < len(pool[name])]:
            if kind == "enumerated" or words[place.accepted[0]] < SAME_WORD:
                words[place.accepted[0]] += 1
                chosen.append(place)
    return chosen[:limit]


def digest(places: list[Place], roots: list[Path]) -> str:
    """Identify a selection: two runs over the same places of the same sources have the same digest."""
    folders = {root.name: root for root in roots}
    total = hashlib.sha256(repr(places).encode())
    for project, path in sorted({(place.project, place.path) for place in places}):
        total.update((folders[project] / path).read_bytes())
    return total.hexdigest()[:16]
