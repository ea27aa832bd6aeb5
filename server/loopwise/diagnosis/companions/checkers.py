"""What type checkers report of asyncio in a project: pyright and basedpyright, mypy, ty, pyrefly."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from loopwise import disk
from loopwise.diagnosis.companions.config import Table, ini, json, table, tables, texts, upwards

# Of their rules those that say the same as one of ours and little else: one about any wrong attribute or argument may
# find some of what we find, and would silence all of it.
_PYRIGHT = frozenset({"reportUnusedCoroutine"})
_PYRIGHT_STRICT = frozenset({"reportUnnecessaryComparison"})
_MYPY = frozenset({"unused-coroutine"})
_MYPY_OFF = frozenset({"unused-awaitable", "truthy-bool"})
# Without one of these mypy does not look into functions that have no annotations.
_MYPY_LOOKS_EVERYWHERE = ("strict", "check_untyped_defs", "disallow_untyped_defs")
_TY = frozenset({"unused-awaitable", "redundant-condition"})
_PYREFLY = frozenset({"unused-coroutine"})
# What ty calls so is a coroutine that is dropped; mypy's rule of that name looks at futures too.
_RENAMED = {"unused-awaitable": "unused-coroutine"}
_OFF: tuple[object, ...] = (False, "none", "off", "ignore", "false")


def of_pyright(folder: Path) -> frozenset[str]:
    """The ``report…`` settings that are on."""
    for each in upwards(folder):
        config = json(each / "pyrightconfig.json")
        if config:
            return _pyright(config, "standard")
        for tool, mode in (("basedpyright", "recommended"), ("pyright", "standard")):
            found = next((found for path, found in tables(each, (), tool) if path.parent == each), None)
            if found is not None:
                return _pyright(found, mode)
    return frozenset()


def _pyright(config: Table, default: str) -> frozenset[str]:
    mode = config.get("typeCheckingMode", default)
    on = _PYRIGHT if mode != "off" else frozenset()
    on |= _PYRIGHT_STRICT if mode in {"strict", "all", "recommended"} else frozenset()
    return frozenset(code for code in _PYRIGHT | _PYRIGHT_STRICT if config.get(code, code in on) not in _OFF)


def of_mypy(folder: Path) -> frozenset[str]:
    """The error codes that are on; none where it looks only into functions that have annotations."""
    options = _mypy(folder)
    if _is_on(options, "ignore_errors") or not any(_is_on(options, key) for key in _MYPY_LOOKS_EVERYWHERE):
        return frozenset()
    enabled = _MYPY_OFF.intersection(texts(options.get("enable_error_code")))
    return (_MYPY | enabled).difference(texts(options.get("disable_error_code")))


def _mypy(folder: Path) -> Mapping[str, object]:
    for each in upwards(folder):
        for name in ("mypy.ini", ".mypy.ini"):
            if disk.is_file(each / name):
                return ini(each / name).get("mypy", {})
        found = next((found for path, found in tables(each, (), "mypy") if path.parent == each), None)
        section = ini(each / "setup.cfg").get("mypy")
        if found is not None or section is not None:
            return found if found is not None else section or {}
    return {}


def _is_on(options: Mapping[str, object], key: str) -> bool:
    return str(options.get(key, "")).lower() in {"true", "yes", "on", "1"}


def of_ty(folder: Path) -> frozenset[str]:
    """Its rules that are not ignored."""
    found = next(tables(folder, ("ty.toml",), "ty"), None)
    return _switched(_TY, table(found[1], "rules")) if found is not None else frozenset()


def of_pyrefly(folder: Path) -> frozenset[str]:
    """Its errors that are not switched off."""
    found = next(tables(folder, ("pyrefly.toml",), "pyrefly"), None)
    return _switched(_PYREFLY, table(found[1], "errors")) if found is not None else frozenset()


def _switched(rules: frozenset[str], levels: Table) -> frozenset[str]:
    every = levels.get("all", True)
    return frozenset(_RENAMED.get(rule, rule) for rule in rules if levels.get(rule, every) not in _OFF)
