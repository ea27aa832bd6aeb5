"""What linters report: ruff, flake8-async and pylint."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

from loopwise.pyproject import read_toml
from loopwise.rules.companions_config import Table, ini, table, tables, text, texts, upwards

# Of ruff's rules those that look at asyncio, as 0.17.6 has them.
_RUFF = frozenset(
    "ASYNC100 ASYNC105 ASYNC109 ASYNC110 ASYNC115 ASYNC116 ASYNC210 ASYNC212 ASYNC220 ASYNC221 ASYNC222 ASYNC230"
    " ASYNC240 ASYNC250 ASYNC251 RUF006 PLE1142 PLE1700 UP041 PT024".split()
)
_RUFF_PREVIEW = frozenset("ASYNC119 ASYNC401 RUF029".split())
# What it reports where nothing is selected, since 0.16; before that none of these.
_RUFF_DEFAULT = frozenset(
    "ASYNC100 ASYNC105 ASYNC115 ASYNC116 ASYNC210 ASYNC220 ASYNC221 ASYNC222 ASYNC230 ASYNC251 PLE1142 PLE1700"
    " UP041".split()
)
_RUFF_VERSION = re.compile(
    r'name = "ruff"\s*\nversion = "(\d+)\.(\d+)'
    r"|ruff-pre-commit\S*\s*\n(?:\s*#.*\n)*\s*rev:\s*[\"']?v?(\d+)\.(\d+)"
    r"|[\"']ruff\s*[=>~^]=?\s*(\d+)\.(\d+)"
)
_LOCKS = ("uv.lock", "poetry.lock", "pdm.lock", ".pre-commit-config.yaml", "pyproject.toml")
_FLAKE8_OFF = ("ASYNC200", "ASYNC9")  # those need settings of their own
_FLAKE8_FILES = (".flake8", "setup.cfg", "tox.ini")
_FLAKE8_NAMED = ("pyproject.toml", ".pre-commit-config.yaml", "requirements-dev.txt", "dev-requirements.txt")
_PYLINT_FILES = ("pylintrc", ".pylintrc", "setup.cfg", "tox.ini")


def of_ruff(folder: Path) -> frozenset[str]:
    """What ruff reports by its nearest configuration."""
    found = next(tables(folder, (".ruff.toml", "ruff.toml"), "ruff"), None)
    if found is None:
        return frozenset()
    path, config = _whole_ruff(*found)
    lint = {**config, **table(config, "lint")}
    named = [*texts(lint.get("extend-select"))]
    preview = bool(lint.get("preview"))
    exact = bool(lint.get("explicit-preview-rules"))
    on: set[str] = set()
    for code in _RUFF | (_RUFF_PREVIEW if preview else frozenset()):
        chosen = _exactness(code, named, all_counts=not (exact and code in _RUFF_PREVIEW))
        if "select" in lint:
            chosen = max(chosen, _exactness(code, texts(lint["select"])))
        elif code in _RUFF_DEFAULT and _ruff_version(path.parent, config) >= (0, 16):
            chosen = max(chosen, 1)
        if exact and code in _RUFF_PREVIEW and chosen < len(code):
            continue
        if chosen > _exactness(code, (*texts(lint.get("ignore")), *texts(lint.get("extend-ignore")))):
            on.add(code)
    return frozenset(on)
