"""Other tools' configuration, found and read: TOML, INI and JSON with comments; what cannot be read says nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

from loopwise import disk
from loopwise.settings import read_toml

Table = Mapping[str, Any]
_JSON_NOISE = re.compile(r'("(?:\\.|[^"\\\n])*")|//[^\n]*|/\*.*?\*/', re.DOTALL)
_LAST_COMMA = re.compile(r'("(?:\\.|[^"\\\n])*")|,(?=\s*[}\]])')


def upwards(folder: Path) -> Iterator[Path]:
    """The folder and those above it, up to the one of its repository; without a repository the folder alone."""
    chain = (folder, *folder.parents)
    last = next((i for i, each in enumerate(chain) if disk.exists(each / ".git")), 0)
    yield from chain[: last + 1]


def tables(folder: Path, own: Iterable[str], tool: str) -> Iterator[tuple[Path, Table]]:
    """A tool's tables in its own TOML files and in pyproject.toml's ``[tool.…]``, the nearest first."""
    for each in upwards(folder):
        for name in own:
            if disk.is_file(each / name):
                yield each / name, toml(each / name)
        found = table(table(toml(each / "pyproject.toml"), "tool"), tool)
        if found:
            yield each / "pyproject.toml", found


def table(outer: Table, name: str) -> Table:
    """A table in a table; empty where there is none."""
    found = outer.get(name)
    return found if isinstance(found, dict) else {}


def texts(value: object) -> tuple[str, ...]:
    """A list of texts, or one text with commas, spaces or lines between."""
    if isinstance(value, str):
        return tuple(part for part in re.split(r"[\s,]+", re.sub(r"(?m)\s#.*$", "", value)) if part)
    return tuple(part for part in value if isinstance(part, str)) if isinstance(value, list) else ()


def toml(path: Path) -> Table:
    """A TOML file; empty where it cannot be read."""
    try:
        found = path.stat()
    except OSError:
        return {}
    return _toml(path, found.st_mtime_ns, found.st_size)


@lru_cache(16)
def _toml(path: Path, changed: int, size: int) -> Table:
    """Several tools ask for the same pyproject.toml."""
    return read_toml(path)[0]


def ini(path: Path) -> Mapping[str, Mapping[str, str]]:
    """The sections of an INI file; none where it cannot be read."""
    import configparser  # Many projects have no such file.

    if not disk.is_file(path):
        return {}
    parser = configparser.RawConfigParser(strict=False, allow_no_value=True)
    try:
        parser.read_string(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, configparser.Error):
        return {}
    return {name: {key: value or "" for key, value in parser.items(name)} for name in parser.sections()}


def json(path: Path) -> Table:
    """A JSON object, comments and last commas allowed; empty where it cannot be read."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        plain = _LAST_COMMA.sub(lambda m: m[1] or "", _JSON_NOISE.sub(lambda m: m[1] or "", text))
        found = msgspec.json.decode(plain.encode())
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def text(path: Path) -> str:
    """A text; empty where there is none."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
