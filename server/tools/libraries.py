"""Make the summaries of libraries that are shipped (``knowledge/libraries/*.xz``) from their released wheels.

``python server/tools/libraries.py [PACKAGE ...]``; needs pip and an index of packages.  Nothing of a wheel is run.
"""

from __future__ import annotations

import lzma
import re
import subprocess
import sys
import tempfile
import zipfile
from collections import deque
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

import msgspec

from loopwise.semantics.libraries.environment import Environment
from loopwise.semantics.libraries.packages import files_of, package_of
from loopwise.semantics.libraries.places import Places
from loopwise.semantics.libraries.shipped import Pack
from loopwise.semantics.libraries.smaller import public_stub_of
from loopwise.semantics.libraries.summary import Summary, summarise
from loopwise.text import decode

FOLDER = Path(__file__).parents[2] / "knowledge" / "libraries"
MOST = 1024 * 1024  # bytes of all packs
_FUNCTION = re.compile(rb"\bdef[ \t]+(\w+)")

# Distribution and the top-level package of it that is shipped; ``asyncpg`` says nothing of its types, its stubs do.
LIBRARIES = (
    ("aiohttp", "aiohttp"),
    ("httpx", "httpx"),
    ("redis", "redis"),
    ("openai", "openai"),
    ("anthropic", "anthropic"),
    ("mcp", "mcp"),
    ("asyncpg-stubs", "asyncpg"),
    ("psycopg", "psycopg"),
    ("psycopg-pool", "psycopg_pool"),
    ("sqlalchemy", "sqlalchemy"),
    ("motor", "motor"),
    ("pymongo", "pymongo"),
    ("aiosqlite", "aiosqlite"),
    ("types-aiofiles", "aiofiles"),
    ("aio-pika", "aio_pika"),
    ("websockets", "websockets"),
    ("discord.py", "discord"),
    ("python-telegram-bot", "telegram"),
    ("aiogram", "aiogram"),
    ("playwright", "playwright"),
    ("aiobotocore", "aiobotocore"),
    ("elasticsearch", "elasticsearch"),
    ("grpc-stubs", "grpc"),
    ("nats-py", "nats"),
    ("aiokafka", "aiokafka"),
    ("starlette", "starlette"),
    ("fastapi", "fastapi"),
    ("anyio", "anyio"),
    ("tortoise-orm", "tortoise"),
    ("beanie", "beanie"),
    ("temporalio", "temporalio"),
    ("textual", "textual"),
)

# Modules that nothing imports from: the inside of a generated API, demos, migrations, other packages' plugins.
LEFT_OUT = (
    "aiohttp.worker",
    "playwright._impl",
    "sqlalchemy.dialects",
    "temporalio.contrib",
    "textual.demo",
    "tortoise.contrib",
    "tortoise.migrations",
)
_LEFT = tuple(f"{name}." for name in LEFT_OUT)


def main() -> None:
    """Write the packs, and print their sizes."""
    FOLDER.mkdir(exist_ok=True)
    for distribution, root in LIBRARIES:
        if sys.argv[1:] and root not in sys.argv[1:]:
            continue
        pack = packed(distribution, root)
        if pack is None:
            print(f"{distribution}: not there", file=sys.stderr)
            continue
        data = lzma.compress(msgspec.msgpack.encode(pack, order="sorted"), preset=9 | lzma.PRESET_EXTREME)
        (FOLDER / f"{root}.xz").write_bytes(data)
        print(f"{root:18} {pack.version:14} {pack.date} {len(pack.summaries):5} modules {len(data):8,} bytes")
    total = sum(path.stat().st_size for path in FOLDER.glob("*.xz"))
    print(f"{total:,} bytes")
    if total > MOST:
        sys.exit(f"that is more than {MOST:,} bytes: leave something out")


def packed(distribution: str, root: str) -> Pack | None:
    """The pack of a distribution's newest wheel; ``None`` if there is none."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary", ":all:", "-d", name]
        if subprocess.run([*command, distribution], check=False).returncode:
            return None
        wheel = next(folder.glob("*.whl"))
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(folder / "site")
        return _pack(folder / "site", root, distribution, wheel.name.split("-")[1])


def _pack(site: Path, root: str, distribution: str, version: str) -> Pack:
    places = Places(Environment((site,)))
    package = package_of(root, files_of(places.top(root)))
    summaries = _leading(list(_summaries(places, root, site)))
    spoken = frozenset(decode(name) for summary in summaries.values() for name in _FUNCTION.findall(summary.stub))
    day = datetime.now(tz=timezone.utc).date().isoformat()
    return Pack(root, distribution, version, day, spoken & package.coroutines, summaries)


def _summaries(places: Places, root: str, site: Path) -> Iterator[Summary]:
    """The public modules of a package, and those that they need."""
    waiting = deque([root, *sorted(_public(places, root, site))])
    seen = set(waiting)
    while waiting:
        place = places.find(waiting.popleft())
        if place is None:
            continue
        data = place.path.read_bytes() if place.path is not None else b""
        summary = summarise(place.name, data, package=place.package, make=public_stub_of)
        yield summary
        for need in summary.needs:
            if not f"{need}.".startswith(_LEFT) and need.partition(".")[0] == root and need not in seen:
                seen.add(need)
                waiting.append(need)


def _leading(summaries: list[Summary]) -> dict[str, Summary]:
    """The modules that define something to await, those they use, and the packages that contain them."""
    by_name = {summary.name: summary for summary in summaries}
    awaited = {summary.name for summary in summaries if summary.coroutines}
    near = {need for name in awaited for need in by_name[name].needs if need in by_name}
    kept = awaited | {name for name in near if b"def " in by_name[name].stub or b"Protocol" in by_name[name].stub}
    waiting = list(awaited)
    while waiting:
        name = waiting.pop()
        users = [one.name for one in summaries if one.package and name in one.needs]
        for user in (*users, *([name.rpartition(".")[0]] if "." in name else [])):
            if user in by_name and user not in kept:
                kept.add(user)
                waiting.append(user)
    return {name: by_name[name] for name in sorted(kept)}


def _public(places: Places, root: str, site: Path) -> Iterator[str]:
    """The modules without an underscore or a test in their names."""
    for path in files_of(places.top(root)).paths:
        parts = Path(path).relative_to(site).with_suffix("").parts
        parts = (root, *parts[1:]) if parts[0].endswith("-stubs") else parts
        names = parts[:-1] if parts[-1] == "__init__" else parts
        left_out = f"{'.'.join(names)}.".startswith(_LEFT)
        if not left_out and not any(name.startswith(("_", "test")) for name in names):
            yield ".".join(names)


if __name__ == "__main__":
    main()
