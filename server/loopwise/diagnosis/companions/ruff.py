"""What ruff reports of asyncio in a project."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path

import msgspec

from loopwise.diagnosis.companions.config import Table, table, tables, text, texts, toml, upwards

# Its rules that look at async code, as 0.17.6 has them.
_STABLE = frozenset(
    "ASYNC100 ASYNC105 ASYNC109 ASYNC110 ASYNC115 ASYNC116 ASYNC210 ASYNC212 ASYNC220 ASYNC221 ASYNC222 ASYNC230"
    " ASYNC240 ASYNC250 ASYNC251 RUF006 PLE1142 PLE1700 UP041 PT024".split()
)
_PREVIEW = frozenset("ASYNC119 ASYNC401 RUF029".split())
# What it reports where nothing is selected, since 0.16; before that it was none of these.
_DEFAULT = frozenset(
    "ASYNC100 ASYNC105 ASYNC115 ASYNC116 ASYNC210 ASYNC220 ASYNC221 ASYNC222 ASYNC230 ASYNC251 PLE1142 PLE1700"
    " UP041".split()
)
_WIDER_SINCE = (0, 16)
_VERSION = re.compile(
    r'name = "ruff"\s*\nversion = "(\d+)\.(\d+)'
    r"|ruff-pre-commit\S*\s*\n\s*rev:\s*[\"']?v?(\d+)\.(\d+)"
    r"|[\"']ruff\s*[=>~^]=?\s*(\d+)\.(\d+)"
)
_TELLS_VERSION = ("uv.lock", "poetry.lock", "pdm.lock", ".pre-commit-config.yaml", "pyproject.toml")
_MOST_BASES = 5  # files that extend each other


class Ruff(msgspec.Struct, frozen=True):
    """Its configuration."""

    select: tuple[str, ...] | None
    """``None``: what it selects by default."""
    extend_select: tuple[str, ...]
    ignore: tuple[str, ...]
    preview: bool
    exact_preview: bool
    """Must rules in preview be named one by one?"""
    wide: bool
    """Is it a version that selects much by default?"""

    def reports(self, code: str) -> bool:
        """The longest of the words that name a rule decides, as ruff has it."""
        chosen = _exactness(code, (*(self.select or ()), *self.extend_select))
        if self.select is None and self.wide and code in _DEFAULT:
            chosen = max(chosen, 1)
        if code in _PREVIEW and (not self.preview or (self.exact_preview and chosen < len(code))):
            return False
        return chosen > _exactness(code, self.ignore)


def reported(folder: Path) -> frozenset[str]:
    """The codes that its nearest configuration switches on; none where there is no configuration."""
    found = next(tables(folder, (".ruff.toml", "ruff.toml"), "ruff"), None)
    if found is None:
        return frozenset()
    ruff = _read(*found, folder)
    return frozenset(code for code in _STABLE | _PREVIEW if ruff.reports(code))


def _read(path: Path, config: Table, folder: Path) -> Ruff:
    chain = _with_bases(path, config)
    flat = [{**each, **table(each, "lint")} for each in chain]
    select = next((texts(each["select"]) for each in flat if "select" in each), None)
    extend = tuple(word for each in flat for word in texts(each.get("extend-select")))
    ignore = tuple(word for each in flat for key in ("ignore", "extend-ignore") for word in texts(each.get(key)))
    preview = next((each["preview"] for each in flat if "preview" in each), False) is True
    exact = next((each["explicit-preview-rules"] for each in flat if "explicit-preview-rules" in each), False) is True
    return Ruff(select, extend, ignore, preview, exact, _version(folder, chain[0]) >= _WIDER_SINCE)


def _with_bases(path: Path, config: Table) -> list[Table]:
    """A configuration, and those that it extends."""
    chain = [config]
    for _ in range(_MOST_BASES):
        base = config.get("extend")
        if not isinstance(base, str):
            break
        path = path.parent / base
        document = toml(path)
        config = table(table(document, "tool"), "ruff") if path.name == "pyproject.toml" else document
        chain.append(config)
    return chain


def _version(folder: Path, config: Table) -> tuple[int, int]:
    """The version that the project uses, where some file of it says so; else an old one."""
    required = config.get("required-version")
    said = [re.search(r"(\d+)\.(\d+)", required)] if isinstance(required, str) else []
    said += [_VERSION.search(text(each / name)) for each in upwards(folder) for name in _TELLS_VERSION]
    for found in said:
        if found is not None:
            major, minor = (int(number) for number in found.groups() if number)
            return major, minor
    return 0, 0


def _exactness(code: str, words: Collection[str]) -> int:
    """The length of the longest word that names a rule; 0: none does."""
    return max(
        (1 if word == "ALL" else len(word) for word in words if word == "ALL" or code.startswith(word)), default=0
    )
