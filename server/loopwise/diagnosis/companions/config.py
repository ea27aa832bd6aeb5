"""Reads configurations of other tools: TOML, INI, and JSON with comments.  Unreadable ones count as empty."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

from loopwise import disk
from loopwise.settings import TOOL_FILES, is_source, read_toml

Table = Mapping[str, Any]
OFF: tuple[object, ...] = (False, "none", "off", "ignore", "false")
# Strings are matched first and kept, so that ``//`` inside one is not taken for a comment.
_JSON_NOISE = re.compile(r'("(?:\\.|[^"\\\n])*"?)|//[^\n]*|/\*.*?(?:\*/|\Z)', re.DOTALL)
_LAST_COMMA = re.compile(r'("(?:\\.|[^"\\\n])*"?)|,(?=\s*[}\]])')


class Config(msgspec.Struct, frozen=True):
    """A tool's configuration, and the folder that its paths are relative to."""

    folder: Path
    table: Table


def upwards(folder: Path) -> Iterator[Path]:
    """The folder and its parents, up to the repository's root; outside a repository, the folder alone."""
    chain = (folder, *folder.parents)
    last = next((i for i, each in enumerate(chain) if disk.exists(each / ".git")), 0)
    yield from chain[: last + 1]


def configurations(folders: Iterable[Path]) -> tuple[str, ...]:
    """The files that configure other tools for some folders, each with its modification time and size."""
    seen = dict.fromkeys(each for folder in sorted(folders) for each in upwards(folder))
    return tuple(sorted(said for each in seen for said in _configurations_in(each)))


def _configurations_in(folder: Path) -> Iterator[str]:
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if is_source(entry.name, TOOL_FILES):
                    state = entry.stat()
                    yield f"{entry.path} {state.st_mtime_ns} {state.st_size}"
    except OSError:
        return


def toml_configs(folder: Path, own: Iterable[str], tool: str, *aliases: str) -> Iterator[Config]:
    """A tool's tables in its own TOML files and in ``[tool.…]`` of pyproject.toml, the nearest first."""
    for each in upwards(folder):
        mine = next((each / name for name in own if disk.is_file(each / name)), None)
        if mine is not None:
            if read_toml(mine)[1] is not None:
                return  # the tool ends with an error
            yield Config(each, toml(mine))
            continue
        outer = table(toml(each / "pyproject.toml"), "tool")
        found = next((outer[name] for name in (tool, *aliases) if isinstance(outer.get(name), dict)), None)
        if found is not None:
            yield Config(each, found)


def table(outer: Table, name: str) -> Table:
    """A table in a table; empty if there is none."""
    found = outer.get(name)
    return found if isinstance(found, dict) else {}


def tables(outer: Table, name: str) -> tuple[Table, ...]:
    """An array of tables in a table; empty if there is none."""
    found = outer.get(name)
    return tuple(each for each in found if isinstance(each, dict)) if isinstance(found, list) else ()


def texts(value: object) -> tuple[str, ...]:
    """A list of texts, or one text separated by commas, spaces or line breaks."""
    if isinstance(value, str):
        return tuple(part for part in re.split(r"[\s,]+", re.sub(r"(?m)\s#.*$", "", value)) if part)
    return tuple(part for part in value if isinstance(part, str)) if isinstance(value, list) else ()


def is_on(value: object) -> bool:
    """Is a switch on, in the notation of INI files or TOML?"""
    return str(value).lower() in {"true", "yes", "on", "1"}


def toml(path: Path) -> Table:
    """A TOML file; empty if it cannot be read."""
    try:
        found = path.stat()
    except OSError:
        return {}
    return _toml(path, found.st_mtime_ns, found.st_size)


@lru_cache(64)
def _toml(path: Path, changed: int, size: int) -> Table:
    """Parse a TOML file, cached, because several tools read the same pyproject.toml."""
    return read_toml(path)[0]


def ini(path: Path) -> Mapping[str, Mapping[str, str]]:
    """The sections of an INI file; empty if it cannot be read."""
    if not disk.is_file(path):
        return {}
    import configparser  # Many projects have no such file.

    parser = configparser.RawConfigParser(strict=False, allow_no_value=True)
    try:
        parser.read_string(disk.text(path, errors="strict"))
    except (ValueError, configparser.Error, AttributeError):
        # Before 3.13, a line that continues an option without a value raises AttributeError.
        return {}
    return {name: {key: value or "" for key, value in parser.items(name)} for name in parser.sections()}


def json(path: Path) -> Table | None:
    """A JSON object, which may have comments and trailing commas; None if there is none."""
    try:
        text = disk.text(path, errors="strict")
        plain = _LAST_COMMA.sub(lambda m: m[1] or "", _JSON_NOISE.sub(lambda m: m[1] or "", text))
        found = msgspec.json.decode(plain.encode())
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def text(path: Path) -> str:
    """The text of a file; empty if there is none."""
    return disk.text(path, disk.LOCK)
