"""Reads settings from pyproject.toml and from the editor, key by key, so that a mistake invalidates one setting only.

A layer is ``{"hover.samples": "all"}``: the validated settings of one source, and nothing else. ``merge`` joins layers
into ``Settings``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, get_args, get_origin

import msgspec

from loopwise.problem import Problem
from loopwise.settings.fields import Settings
from loopwise.settings.pyproject import read_toml

Layer = Mapping[str, Any]
Read = tuple[Layer, tuple[Problem, ...]]
EDITOR = "editor settings"
_MINOR = re.compile(r"(?:py3|3\.)(\d+)(?:\.\d+)*")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")


class Field(msgspec.Struct, frozen=True):
    """One setting."""

    key: str
    type: Any
    default: Any
    owner: type[msgspec.Struct]
    name: str
    """Name of the attribute in ``owner``."""

    @property
    def allowed(self) -> str:
        """The accepted values, in words."""
        return _allowed(self.type)


@cache
def fields(owner: type[msgspec.Struct] = Settings, prefix: str = "") -> tuple[Field, ...]:
    """Every setting, including those of groups, in order of definition."""
    found: list[Field] = []
    for field in msgspec.structs.fields(owner):
        key = prefix + field.name.replace("_", "-")
        if isinstance(field.type, type) and issubclass(field.type, msgspec.Struct):
            found += fields(field.type, f"{key}.")
        else:
            default = field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()
            found.append(Field(key, field.type, default, owner, field.name))
    return tuple(found)


def from_pyproject(path: Path) -> Read:
    """The settings in ``[tool.loopwise]``; empty without a file or table. Paths become absolute."""
    document, problem = read_toml(path)
    if problem:
        return {}, (fatal(problem),)
    tool = document.get("tool")
    table = tool.get("loopwise", {}) if isinstance(tool, dict) else {}
    if not isinstance(table, dict):
        message = "not a table: write `[tool.loopwise]` followed by the settings"
        return {}, (Problem(str(path), "tool.loopwise", 0, message, fatal=True),)
    layer, problems = _layer(table, str(path), path.parent)
    return layer, tuple(fatal(problem) for problem in problems)


def fatal(problem: Problem) -> Problem:
    """A problem in a file of the project itself, because of which a command fails."""
    return msgspec.structs.replace(problem, fatal=True)


def from_editor(mapping: object, folder: Path | None = None) -> Read:
    """The editor's settings: nested or dotted keys, with hyphens or in camel case (``targetVersion``); null is ignored.

    Relative paths start at ``folder``.
    """
    if mapping is None:
        return {}, ()
    if not isinstance(mapping, Mapping):
        return {}, (Problem(EDITOR, "", 0, 'not an object: write `{"hover.enable": true}`'),)
    return _layer(mapping, EDITOR, folder)


def merge(*layers: Layer) -> Settings:
    """The combined settings; a later layer takes precedence over an earlier one, key by key."""
    values = {key: value for layer in layers for key, value in layer.items()}
    nested: dict[str, Any] = {}
    for field in fields():
        if field.key in values:
            *groups, name = field.key.replace("-", "_").split(".")
            table = nested
            for group in groups:
                table = table.setdefault(group, {})
            table[name] = values[field.key]
    return msgspec.convert(nested, Settings)


def rooted(layer: Layer, folder: Path) -> Layer:
    """A layer whose relative paths start at ``folder``."""
    return {key: _rooted(key, value, folder) for key, value in layer.items()}


def _layer(table: Mapping[Any, Any], file: str, folder: Path | None) -> Read:
    known = {field.key: field for field in fields()}
    layer: dict[str, Any] = {}
    problems: list[Problem] = []
    for key, value in _flat(table):
        if key not in known:
            problems.append(_unknown(file, key, known))
        elif value is not None:
            checked, slips = _checked(file, known[key], _plain(key, value))
            problems += slips
            if checked is not None:
                layer[key] = _rooted(key, checked, folder)
    return layer, tuple(problems)


def _checked(file: str, field: Field, value: Any) -> tuple[Any, tuple[Problem, ...]]:
    """The valid value, ``None`` if it is not allowed; for a table, its valid entries."""
    try:
        return msgspec.convert(value, field.type), ()
    except msgspec.ValidationError:
        if not isinstance(value, Mapping) or not isinstance(field.default, dict):
            return None, (_refused(file, field, value),)
    good: dict[Any, Any] = {}
    slips: list[Problem] = []
    for name, entry in value.items():
        try:
            good |= msgspec.convert({name: entry}, field.type)
        except msgspec.ValidationError:
            message = f"{entry!r} is not allowed: write {field.allowed}; this entry is ignored"
            slips.append(Problem(file, f"{field.key}.{name}", 0, message))
    return good, tuple(slips)


def _flat(table: Mapping[Any, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Flatten keys: ``{"hover": {"samples": 1}}`` and ``{"hover.samples": 1}`` -> ``hover.samples``."""
    groups = {field.key.rpartition(".")[0] for field in fields()} - {""}
    for name, value in table.items():
        key = prefix + _HUMP.sub("-", str(name)).lower()
        if key in groups and isinstance(value, Mapping):
            yield from _flat(value, f"{key}.")
        elif key not in groups or value is not None:
            yield key, value


def _plain(key: str, value: Any) -> Any:
    """Convert alternative notations to text: 3.11 as a number, a list of versions as their range."""
    if key != "target-version":
        return value
    if isinstance(value, float):
        return "3.10" if value == 3.1 else str(value)  # TOML reads 3.10 as 3.1
    if isinstance(value, list) and (numbers := [_MINOR.fullmatch(str(_plain(key, each))) for each in value]):
        minors = sorted(int(found[1]) for found in numbers if found is not None)
        return f"3.{minors[0]}-3.{minors[-1]}" if len(minors) == len(value) else value
    return value


def _rooted(key: str, value: Any, folder: Path | None) -> Any:
    """Resolve paths relative to the folder of the settings, and ``~`` to the user's home."""
    if key != "knowledge":
        return value
    paths = (Path(path).expanduser() if path.startswith("~") else Path(path) for path in value)
    return tuple(str(folder / path if folder is not None else path) for path in paths)


def _unknown(file: str, key: str, known: Iterable[str]) -> Problem:
    from difflib import get_close_matches  # Only a mistake needs it.

    close = get_close_matches(key, list(known), 1)
    advice = f"did you mean `{close[0]}`?" if close else f"the settings are {', '.join(known)}"
    return Problem(file, key, 0, f"no such setting: {advice}")


def _refused(file: str, field: Field, value: Any) -> Problem:
    default = f"the default `{shown(field.default)}` is used"
    return Problem(file, field.key, 0, f"{value!r} is not allowed: write {field.allowed}; {default}")


def shown(value: Any) -> str:
    """A default as written in TOML; ``not set`` if there is none."""
    if value is None:
        return "not set"
    return msgspec.json.encode(value).decode()


def _allowed(kind: Any) -> str:
    """A type in words."""
    notes = [meta.description for meta in getattr(kind, "__metadata__", ()) if meta.description]
    if notes:
        return str(notes[0])
    inner = [arg for arg in get_args(kind) if arg is not type(None)]
    if get_origin(kind) is tuple:
        return "a list of strings"
    if get_origin(kind) is dict:
        return "a table of strings"
    if kind is bool:
        return "`true` or `false`"
    if inner and all(isinstance(arg, str) for arg in inner):
        texts = [f'`"{arg}"`' for arg in inner]
        return f"{', '.join(texts[:-1])} or {texts[-1]}"
    return _allowed(inner[0])
