"""Finds the place in Python's documentation where a name is described."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import notes

Entry = Mapping[str, Any]

INVENTORY = "3.11"  # the Python whose documentation the inventory is of
LOOP_CLASSES = ("AbstractEventLoop", "BaseEventLoop", "EventLoop", "ProactorEventLoop", "SelectorEventLoop")


def read_inventory(path: Path) -> dict[str, str]:
    """Read a Sphinx inventory (``objects.inv``): asyncio's names, each with its link."""
    _, _, packed = path.read_bytes().partition(b"zlib.\n")
    links = {}
    for line in zlib.decompress(packed).decode().splitlines():
        name, role, _, link, _ = line.split(maxsplit=4)
        if role.startswith("py:") and name.partition(".")[0] == "asyncio":
            links[name] = link.replace("$", name)
    return links


def link(symbol: str, entry: Entry, symbols: Mapping[str, Entry], inventory: Mapping[str, str]) -> str:
    """A name's link: to where it, or the same member of a base, is described; else to the page."""
    parent, _, name = symbol.rpartition(".")
    bases = symbols.get(parent, {}).get("bases") or []
    for candidate in [symbol, *(f"{base}.{name}" for base in bases)]:
        if documented_name(candidate) in inventory:
            return inventory[documented_name(candidate)]
    described = documented_name(symbol)
    page = page_of(described, entry["module"], inventory)
    later = described in notes.DESCRIBED_LATER or too_new(described, entry.get("since"), inventory)
    return f"{page}#{described}" if later else page


def documented_name(symbol: str) -> str:
    """The name under which the documentation describes a symbol: any loop's method under ``asyncio.loop``."""
    owner, _, member = symbol.rpartition(".")
    cls = owner.removeprefix("asyncio.")
    if cls in LOOP_CLASSES:
        return f"asyncio.loop.{member}"
    return f"asyncio.Server.{member}" if cls == "AbstractServer" else symbol


def too_new(described: str, since: str | None, inventory: Mapping[str, str]) -> bool:
    """Was a name added after the inventory was made, to the package or to a class that is described?"""
    parent = described.rpartition(".")[0]
    return since is not None and key(since) > key(INVENTORY) and (parent == "asyncio" or parent in inventory)


def page_of(symbol: str, module: str, inventory: Mapping[str, str]) -> str:
    """The page that describes a name's class, or else its module's names."""
    cls = symbol.rpartition(".")[0]
    if cls in inventory and cls != "asyncio":
        return inventory[cls].partition("#")[0]
    return f"library/{notes.PAGE_OF.get(symbol) or notes.PAGES.get(module, 'asyncio')}.html"


def key(version: str) -> tuple[int, ...]:
    """Convert a version into a comparable key."""
    return tuple(map(int, version.split(".")))
