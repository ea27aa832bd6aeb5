"""The reports of flake8-async and pylint on a file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from loopwise.diagnosis.companions.agreements import rules_of
from loopwise.diagnosis.companions.config import Config, ini, is_on, table, texts, toml, upwards
from loopwise.diagnosis.companions.patterns import maybe, surely
from loopwise.diagnosis.companions.requirements import is_required
from loopwise.diagnosis.suppression import PYLINT_CODES

# flake8 reads a single file: the first that has a section for it.
# In this order: the first that has a section for flake8 counts (`flake8.options.config._find_config_file`).
_FLAKE8_FILES = ("setup.cfg", "tox.ini", ".flake8")
# flake8's documentation: what `exclude` holds by default.
_FLAKE8_EXCLUDE = (".svn", "CVS", ".bzr", ".hg", ".git", "__pycache__", ".tox", ".nox", ".eggs", "*.egg")
_FLAKE8_IGNORES = ("ignore", "extend-ignore", "disable-error-codes", "disable")
# flake8 does not start where one of these holds another word.
_FLAKE8_STRICT = ("ignore", "extend-ignore")
_FLAKE8_WORD = re.compile(r"[A-Z]{1,3}[0-9]{0,3}")
_PYLINT_FILES = ("pylintrc", ".pylintrc", "setup.cfg", "tox.ini")
_PYLINT_TOML = ("pylintrc.toml", ".pylintrc.toml", "pyproject.toml")
# The checkers of pylint that the codes belong to: `disable` takes their names as well.
_PYLINT_CHECKERS = frozenset({"all", "e", "typecheck", "async", "classes", "variables", "w", "string"})


Configs = tuple[Config, ...]


def flake8_async(folder: Path) -> Configs | None:
    """The configurations of flake8 around a folder; None if flake8-async does not run.

    Whether a plugin is installed is unknown, so it is assumed to run only if the project requires it or selects its
    codes. flake8 reads one configuration, from the folder where it is started: if there are several around a file, all
    of them have to report a code.
    """
    configs = tuple(_flake8(folder))
    selected = any(
        word.startswith("ASYNC")
        for config in configs
        for key in ("select", "extend-select", "enable")
        for word in texts(config.table.get(key))
    )
    if not selected and not is_required(folder, "flake8-async"):
        return None
    return configs or (Config(list(upwards(folder))[-1], {}),)


def flake8_async_codes(configs: Configs, path: Path) -> frozenset[str]:
    """The codes of flake8-async that are reported for a file."""
    found = frozenset(rules_of("flake8-async").codes)
    for config in configs:
        found = frozenset(_flake8_reports(found, config, path)) if _flake8_looks_at(config, path) else frozenset()
    return found


def _flake8(folder: Path) -> Iterator[Config]:
    """The options of each file around a folder with a section for flake8; their names have hyphens."""
    for each in upwards(folder):
        for name in _FLAKE8_FILES:
            section = ini(each / name).get("flake8")
            if section is not None:
                yield Config(each, {key.replace("_", "-"): value for key, value in section.items()})
                break
        else:
            section = table(table(toml(each / "pyproject.toml"), "tool"), "flake8")
            if section:
                yield Config(each, {key.replace("_", "-"): _listed(value) for key, value in section.items()})


def _listed(value: object) -> object:
    return ",".join(texts(value)) if isinstance(value, list) else value


def _flake8_looks_at(config: Config, path: Path) -> bool:
    """Is a file included, and not excluded?"""
    options = config.table
    if any(not _FLAKE8_WORD.fullmatch(word) for key in _FLAKE8_STRICT for word in texts(options.get(key))):
        return False
    exclude = texts(options.get("exclude")) if "exclude" in options else _FLAKE8_EXCLUDE
    if maybe((*exclude, *texts(options.get("extend-exclude"))), path, config.folder):
        return False
    return "filename" not in options or surely(texts(options["filename"]), path, config.folder)


def _flake8_reports(codes: Iterable[str], config: Config, path: Path) -> Iterator[str]:
    """The codes, of those given, that a configuration selects for a file."""
    options, preview = config.table, rules_of("flake8-async").preview
    select, named = texts(options.get("select")), texts(options.get("extend-select"))
    chosen = (*select, *named)
    ignored = [word for key in _FLAKE8_IGNORES for word in texts(options.get(key))]
    for key in ("per-file-ignores", "per-file-disable"):
        pairs = _per_file(str(options.get(key, "")))
        ignored += [word for pattern, word in pairs if maybe((pattern,), path, config.folder)]
    enabled = texts(options.get("enable"))  # flake8-async's own: nothing else runs
    for code in codes:
        if code in preview and not (chosen and code.startswith(chosen)):
            continue
        if (not select or code.startswith(chosen)) and (not enabled or code.startswith(enabled)):
            if not code.startswith(tuple(ignored)):
                yield code


def _per_file(value: str) -> Iterator[tuple[str, str]]:
    """``tests/*:ASYNC1,ASYNC2 other.py:E`` as pairs of a pattern and a code."""
    for found in re.finditer(r"([^\s:]+(?:\s*,\s*[^\s:]+)*?)\s*:\s*([A-Z]+\d*(?:[\s,]+[A-Z]+\d*(?![\w./*]))*)", value):
        for pattern in re.split(r"[\s,]+", found[1]):
            for word in re.split(r"[\s,]+", found[2]):
                yield pattern, word


def pylint(folder: Path) -> Configs | None:
    """The configurations of pylint around a folder; like flake8 it reads only one.  None if there is none."""
    return tuple(_pylint(folder)) or None


def pylint_codes(configs: Configs, path: Path) -> frozenset[str]:
    """The codes of pylint that are reported for a file."""
    known = rules_of("pylint").codes
    return frozenset(code for code in known if all(_pylint_reports(code, each, path) for each in configs))


def _pylint(folder: Path) -> Iterator[Config]:
    for each in upwards(folder):
        found = next((_pylint_toml(each, name) for name in _PYLINT_TOML if _pylint_toml(each, name)), None)
        found = found or next((_pylint_ini(each, name) for name in _PYLINT_FILES if _pylint_ini(each, name)), None)
        if found:
            yield Config(each, found)


def _pylint_toml(folder: Path, name: str) -> Mapping[str, object]:
    config = table(table(toml(folder / name), "tool"), "pylint")
    flat: dict[str, object] = {"": True} if config else {}
    for group in (config, *(group for group in config.values() if isinstance(group, dict))):
        flat |= {str(key).replace("_", "-").lower(): value for key, value in group.items()}
    return flat


def _pylint_ini(folder: Path, name: str) -> Mapping[str, object]:
    own = not name.endswith((".cfg", ".ini"))
    flat: dict[str, object] = {}
    for title, section in ini(folder / name).items():
        if own or title.lower().startswith("pylint"):
            flat |= {"": True} | {key.replace("_", "-"): value for key, value in section.items()}
    return flat


def _pylint_reports(code: str, config: Config, path: Path) -> bool:
    options = config.table
    off = {PYLINT_CODES.get(word.lower(), word) for word in texts(options.get("disable"))}
    on = {PYLINT_CODES.get(word.lower(), word) for word in texts(options.get("enable"))}
    categories = _PYLINT_CHECKERS & {word.lower() for word in off}
    if code in off or (categories and code not in on) or (code == "W0612" and "dummy-variables-rgx" in options):
        return False  # with names of their own for what may be unused, shapes do not tell which these are
    names = ("ignore", "ignore-patterns", "ignore-paths")
    inside = path.relative_to(config.folder) if path.is_relative_to(config.folder) else path
    for key in names:
        for word in texts(options.get(key)):
            if any(_may_match(word, text) for text in (*inside.parts, inside.as_posix())):
                return False
    return not is_on(options.get("errors-only", "")) or code.startswith("E")


def _may_match(pattern: str, name: str) -> bool:
    """Does a name, or a regular expression, match a file or folder?  One that cannot be parsed might."""
    try:
        return pattern == name or re.match(pattern, name) is not None
    except re.error:
        return True
