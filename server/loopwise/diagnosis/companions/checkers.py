"""The reports of type checkers on a file: pyright and basedpyright, mypy, ty, pyrefly."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path

from loopwise import disk
from loopwise.diagnosis.companions.agreements import rules_of
from loopwise.diagnosis.companions.config import (
    OFF,
    Config,
    Table,
    ini,
    is_on,
    json,
    table,
    tables,
    texts,
    toml,
    toml_configs,
    upwards,
)
from loopwise.diagnosis.companions.patterns import maybe, surely

# pyright's documentation, "Diagnostic Settings Defaults": rules that are off in a mode.
_PYRIGHT_ONLY_STRICT = frozenset({"reportUnnecessaryComparison", "reportUnusedVariable", "reportDeprecated"})
_PYRIGHT_STRICT = frozenset({"strict", "all", "recommended"})
# The defaults in pyright's documentation of ``exclude``; setting the option replaces them.
_PYRIGHT_EXCLUDE = ("**/node_modules", "**/__pycache__", "**/.*")
# The defaults in pyrefly's documentation of ``project-excludes``.
_PYREFLY_EXCLUDE = ("**/node_modules", "**/__pycache__", "**/venv/**", "**/.*")
_MYPY_OFF = frozenset({"unused-awaitable", "truthy-bool"})  # mypy's documentation: optional error codes
# mypy's documentation: these switch off what would be said of a module.
_MYPY_SILENT = ("ignore_errors", "follow_imports", "check_untyped_defs", "strict_optional")


def pyright(folder: Path) -> Config | None:
    """The nearest configuration of pyright or basedpyright, with the effective mode; None if there is none."""
    for each in upwards(folder):
        own = json(each / "pyrightconfig.json")
        if own is not None:
            return _in_mode(Config(each, own), "standard")
        tools = table(toml(each / "pyproject.toml"), "tool")
        for tool, mode in (("basedpyright", "recommended"), ("pyright", "standard")):
            if isinstance(tools.get(tool), dict):
                return _in_mode(Config(each, tools[tool]), mode)
    return None


def _in_mode(config: Config, mode: str) -> Config | None:
    """A configuration with an explicit mode; None if a baseline file hides known errors."""
    if disk.exists(config.folder / ".basedpyright" / "baseline.json"):
        return None
    return Config(config.folder, {"typeCheckingMode": mode, **config.table})


def pyright_codes(config: Config, path: Path) -> frozenset[str]:
    """The ``report…`` settings that are on for a file."""
    mode = config.table["typeCheckingMode"]
    is_strict = mode in _PYRIGHT_STRICT or surely(listed(config.table, "strict"), path, config.folder)
    if (mode == "off" and not is_strict) or not _pyright_looks_at(path, config):
        return frozenset()
    known = rules_of("pyright").codes
    on = known if is_strict else known - _PYRIGHT_ONLY_STRICT
    return frozenset(code for code in known if config.table.get(code, code in on) not in OFF)


def _pyright_looks_at(path: Path, config: Config) -> bool:
    exclude = texts_or(config.table, "exclude", _PYRIGHT_EXCLUDE)
    if maybe((*exclude, *listed(config.table, "ignore")), path, config.folder):
        return False
    if tables(config.table, "executionEnvironments") or config.table.get("analyzeUnannotatedFunctions") is False:
        return False
    include = listed(config.table, "include")
    return not include or surely(include, path, config.folder)


def mypy(folder: Path) -> tuple[Config, ...] | None:
    """The configurations of mypy around a folder; None if there is none.

    mypy reads one of them, depending on where it is started, so all of them have to report a code.
    """
    return tuple(_mypy(folder)) or None


def mypy_codes(configs: tuple[Config, ...], path: Path) -> frozenset[str]:
    """The error codes that are on for a file."""
    if not all(_mypy_looks_at(each, path) for each in configs):
        return frozenset()
    return frozenset(
        code for code in rules_of("mypy").codes if all(_mypy_reports(code, each, path) for each in configs)
    )


def mypy_looks_into_all(configs: tuple[Config, ...]) -> bool:
    """Does mypy check functions without annotations?"""
    return all(is_on(each.table.get("strict")) or is_on(each.table.get("check_untyped_defs")) for each in configs)


def _mypy(folder: Path) -> Iterator[Config]:
    for each in upwards(folder):
        found = _mypy_in(each)
        if found is not None:
            yield Config(each, found)


def _mypy_in(folder: Path) -> Mapping[str, object] | None:
    for name in ("mypy.ini", ".mypy.ini"):
        if disk.is_file(folder / name):
            return _mypy_ini(ini(folder / name))
    own = table(toml(folder / "pyproject.toml"), "tool").get("mypy")
    if isinstance(own, dict):
        return own
    sections = ini(folder / "setup.cfg")
    return _mypy_ini(sections) if "mypy" in sections else None


def _mypy_ini(sections: Mapping[str, Mapping[str, str]]) -> Mapping[str, object]:
    """The options, with sections for modules in the form of pyproject.toml."""
    overrides = [
        {**section, "module": list(texts(name.removeprefix("mypy-")))}
        for name, section in sections.items()
        if name.startswith("mypy-")
    ]
    return {**sections.get("mypy", {}), "overrides": overrides}


def _mypy_reports(code: str, config: Config, path: Path) -> bool:
    options = config.table
    own = (each for each in tables(options, "overrides") if _mypy_may_mean(each, _inside(path, config)))
    disabled = (word for each in (options, *own) for word in texts(each.get("disable_error_code")))
    if is_on(options.get("ignore_errors")) or code in disabled:
        return False
    return code not in _MYPY_OFF or code in texts(options.get("enable_error_code"))


def _mypy_looks_at(config: Config, path: Path) -> bool:
    options = config.table
    inside = _inside(path, config)
    excluded = options.get("exclude")
    patterns = excluded if isinstance(excluded, list) else [excluded] if excluded else []
    if any(_found(str(pattern).strip(), inside) for pattern in patterns):
        return False
    files = texts(options.get("files"))
    if (files and not surely(files, path, config.folder)) or options.get("packages") or options.get("modules"):
        return False
    silent = (each for each in tables(options, "overrides") if any(key in each for key in _MYPY_SILENT))
    return not any(_mypy_may_mean(each, inside) for each in silent)


def _inside(path: Path, config: Config) -> str:
    return path.relative_to(config.folder).as_posix() if path.is_relative_to(config.folder) else path.as_posix()


def _mypy_may_mean(override: Table, inside: str) -> bool:
    """May a section for modules apply to a file?  The folder from which it is imported is unknown."""
    modules = texts(override.get("module"))
    dotted = inside.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    names = [dotted[start:] for start in (0, *(i + 1 for i, c in enumerate(dotted) if c == "."))]
    return any(fnmatchcase(name, m) or fnmatchcase(name, m.removesuffix(".*")) for m in modules for name in names)


def _found(pattern: str, inside: str) -> bool:
    """Does a pattern match in a path or a parent folder?  One that cannot be parsed might."""
    parts = inside.split("/")
    folders = ["/".join(parts[:n]) + "/" for n in range(1, len(parts))]
    try:
        return any(re.search(pattern, text) for text in (inside, *folders))
    except re.error:
        return True


def ty(folder: Path) -> Config | None:
    """The nearest configuration of ty."""
    return next(toml_configs(folder, ("ty.toml",), "ty"), None)


def ty_codes(config: Config, path: Path) -> frozenset[str]:
    """The rules that are not ignored."""
    source = table(config.table, "src")
    if maybe(listed(source, "exclude"), path, config.folder):
        return frozenset()
    include = (*listed(source, "include"), *listed(source, "root"))
    if include and not surely(include, path, config.folder):
        return frozenset()
    if any(
        maybe(texts_or(each, "include", ("**",)), path, config.folder) for each in tables(config.table, "overrides")
    ):
        return frozenset()
    return _switched(rules_of("ty").codes, table(config.table, "rules"))


def pyrefly(folder: Path) -> Config | None:
    """The nearest configuration of pyrefly."""
    return next(toml_configs(folder, ("pyrefly.toml",), "pyrefly"), None)


def pyrefly_codes(config: Config, path: Path) -> frozenset[str]:
    """The errors that are not disabled."""
    exclude = texts_or(config.table, "project-excludes", _PYREFLY_EXCLUDE)
    others = (str(each.get("matches", "**")) for each in tables(config.table, "sub-config"))
    if maybe((*exclude, *others), path, config.folder) or config.table.get("baseline"):
        return frozenset()
    include = listed(config.table, "project-includes")
    if include and not surely(include, path, config.folder):
        return frozenset()
    return _switched(rules_of("pyrefly").codes, table(config.table, "errors"))


def listed(options: Table, key: str) -> tuple[str, ...]:
    """A list of texts, with the spaces in them kept."""
    found = options.get(key)
    return tuple(each for each in found if isinstance(each, str)) if isinstance(found, list) else ()


def texts_or(options: Table, key: str, default: Iterable[str]) -> tuple[str, ...]:
    return listed(options, key) if key in options else tuple(default)


def _switched(rules: frozenset[str], levels: Table) -> frozenset[str]:
    every = levels.get("all", True)
    return frozenset(rule for rule in rules if levels.get(rule, every) not in OFF)
