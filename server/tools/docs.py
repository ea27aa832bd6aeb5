"""Find the place in Python's documentation where a name is described."""

from __future__ import annotations

import zlib
from pathlib import Path

import notes

LOOP_CLASSES = ("AbstractEventLoop", "BaseEventLoop", "EventLoop", "ProactorEventLoop", "SelectorEventLoop")


def read_inventory(path: Path) -> dict[str, str]:
    """Read a Sphinx inventory (``objects.inv``): asyncio's names and the link of each."""
    _, _, packed = path.read_bytes().partition(b"zlib.\n")
    links = {}
    for line in zlib.decompress(packed).decode().splitlines():
        name, role, _, link, _ = line.split(maxsplit=4)
        if role.startswith("py:") and name.partition(".")[0] == "asyncio":
            links[name] = link.replace("$", name)
    return links


def link(symbol: str, module: str, since: str | None, inventory: dict[str, str], newest: str) -> str:
    """Give a name's link: with an anchor where the inventory has one, or where the name is newer than that is."""
    documented = documented_name(symbol)
    if documented in inventory:
        return inventory[documented]
    page = page_of(documented, module, inventory)
    return f"{page}#{documented}" if newer(since, newest) else page


def documented_name(symbol: str) -> str:
    """Give the name under which the documentation describes a symbol: all loops' methods under ``asyncio.loop``."""
    parts = symbol.split(".")
    if len(parts) == 3 and parts[1] in LOOP_CLASSES:
        return f"asyncio.loop.{parts[2]}"
    return symbol


def page_of(symbol: str, module: str, inventory: dict[str, str]) -> str:
    """Give the page on which a name's class, or else its module's names, are described."""
    cls = symbol.rpartition(".")[0]
    if cls in inventory and cls != "asyncio":
        return inventory[cls].partition("#")[0]
    return f"library/{notes.PAGE_OF.get(symbol) or notes.PAGES.get(module, 'asyncio')}.html"


def newer(version: str | None, other: str) -> bool:
    """Compare two versions; names without a version are old."""
    return version is not None and key(version) > key(other)


def key(version: str) -> tuple[int, ...]:
    """Make a version comparable."""
    return tuple(map(int, version.split(".")))
