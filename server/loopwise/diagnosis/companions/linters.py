"""What flake8-async and pylint report of asyncio in a project."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from loopwise.diagnosis.companions.config import ini, table, tables, text, texts, upwards
from loopwise.diagnosis.suppression import PYLINT_CODES

_NEED_SETTINGS = ("ASYNC200", "ASYNC9")
_FLAKE8_FILES = (".flake8", "setup.cfg", "tox.ini")
_NAME_PLUGINS = (
    "pyproject.toml", ".pre-commit-config.yaml", "requirements-dev.txt", "requirements.txt", "dev-requirements.txt",
    "tox.ini", "setup.cfg",
)  # fmt: skip
_PYLINT_FILES = ("pylintrc", ".pylintrc", "setup.cfg", "tox.ini")
_PYLINT_ERRORS = frozenset({"E1142", "E1145", "E1700", "E1701"})


def of_flake8_async(folder: Path, codes: Iterable[str]) -> frozenset[str]:
    """Which of the ``codes`` it reports.

    Whether a plugin is installed cannot be known: only where the project names it, or its codes, is it taken to run.
    """
    options = _flake8(folder)
    select = texts(options.get("select", ""))
    more = (*texts(options.get("extend-select", "")), *texts(options.get("enable-error-codes", "")))
    ignore = (*texts(options.get("ignore", "")), *texts(options.get("extend-ignore", "")))
    ignore += texts(options.get("disable-error-codes", ""))
    if not any(word.startswith("ASYNC") for word in (*select, *more)) and not _is_named(folder, "flake8-async"):
        return frozenset()
    found = set()
    for code in codes:
        wanted = not select or code.startswith((*select, *more))
        default = not code.startswith(_NEED_SETTINGS) or code in more
        if code.startswith("ASYNC") and wanted and default and not code.startswith(ignore):
            found.add(code)
    return frozenset(found)


def of_pylint(folder: Path) -> frozenset[str]:
    """Its errors that are not switched off."""
    options = _pylint(folder)
    if options is None:
        return frozenset()
    off = {PYLINT_CODES.get(word, word) for word in texts(options.get("disable"))}
    on = {PYLINT_CODES.get(word, word) for word in texts(options.get("enable"))}
    return _PYLINT_ERRORS & on if "all" in off or "E" in off else _PYLINT_ERRORS - off


def _flake8(folder: Path) -> Mapping[str, str]:
    """The options of the nearest file with a section for flake8; hyphens in their names."""
    for each in upwards(folder):
        for name in _FLAKE8_FILES:
            section = ini(each / name).get("flake8")
            if section is not None:
                return {key.replace("_", "-"): value for key, value in section.items()}
    return {}


def _is_named(folder: Path, plugin: str) -> bool:
    """Does a file that lists what the project uses name a plugin?"""
    word = re.compile(rf"(?<![\w-]){re.escape(plugin)}(?![\w-])")
    return any(word.search(_uncommented(text(each / name))) for each in upwards(folder) for name in _NAME_PLUGINS)


def _uncommented(given: str) -> str:
    return re.sub(r"(?m)(?:^|\s)#.*$", "", given)


def _pylint(folder: Path) -> Mapping[str, object] | None:
    """``disable`` and ``enable`` of the nearest configuration; ``None`` where there is none."""
    found = next(tables(folder, ("pylintrc.toml", ".pylintrc.toml"), "pylint"), None)
    if found is not None:
        config = found[1] if found[0].name == "pyproject.toml" else table(table(found[1], "tool"), "pylint")
        groups = [config, *(group for group in config.values() if isinstance(group, dict))]
        return {key: value for group in groups for key, value in group.items() if key in {"disable", "enable"}}
    for each in upwards(folder):
        for name in _PYLINT_FILES:
            sections = ini(each / name)
            own = not name.endswith((".cfg", ".ini"))
            ours = [section for title, section in sections.items() if own or title.lower().startswith("pylint")]
            if ours:
                return {key: value for section in ours for key, value in section.items()}
    return None
