"""Determines the Pythons that a project is written for, from wherever the project declares them."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from loopwise import disk
from loopwise.cards import load_api
from loopwise.settings.fields import Settings
from loopwise.settings.notations import meant
from loopwise.settings.pyproject import read_toml
from loopwise.versions import Target

_NUMBER = re.compile(r"(?<![\d.])(3\.\d+)")
_CLASSIFIER = re.compile(r"Programming Language :: Python :: (3\.\d+)")
_CONDA = re.compile(r"(?m)^\s*-\s*[\"']?python\s*([=<>~!][^#\n\"']*)")
_TOX = re.compile(r"(?m)^(?:envlist|env_list)\s*=((?:.*\n?)(?:[ \t]+.*\n?)*)")
_TOX_PYTHON = re.compile(r"\bpy\{([^}]*)\}|\bpy3\.?(\d+)|(?<![\w.])3\.(\d+)")
_MYPY = re.compile(r"(?m)^python_version\s*=\s*(3\.\d+)")
_PYLINT = re.compile(r"(?m)^py-version\s*=\s*(3\.\d+)")
_PYRIGHT = re.compile(r"\"pythonVersion\"\s*:\s*\"(3\.\d+)")
_LITERAL = re.compile(r"""\bpython_requires\s*=\s*(['"])([^'"]+)\1""")

Source = Callable[[Path], Iterator[str]]
"""Yields the notations in a folder's files, the most reliable first."""


def target(
    settings: Settings, folder: Path, *, stop: Path | None = None, environ: Mapping[str, str] | None = None
) -> Target:
    """The Pythons that code in ``folder`` supports, among those that Loopwise knows.

    The first of these that declares it: the setting; the project's requirement; the one version that it is developed
    with; the targets of other tools and the classifiers; the folder's virtual environment; else the newest known one.
    The search goes up to ``stop`` or the repository's root; ``environ`` replaces the process's own environment
    variables.
    """
    around = list(_upwards(folder, stop))
    said = [settings.target_version] if settings.target_version else []
    found = next((one for text in said if (one := meant(text)) is not None), None)
    for source in (_required, _developed, _of_tools):
        found = found or _first(source, around)
    version = _environment(folder, os.environ if environ is None else environ) if found is None else None
    newest = load_api().span.ceiling
    return found or (meant(version) if version else None) or Target(newest, newest, assumed=True)


def _first(source: Source, folders: list[Path]) -> Target | None:
    return next((one for folder in folders for text in source(folder) if (one := meant(text)) is not None), None)


def _upwards(folder: Path, stop: Path | None) -> Iterator[Path]:
    for each in (folder, *folder.parents):
        yield each
        if each == stop or disk.exists(each / ".git"):
            return


def _required(folder: Path) -> Iterator[str]:
    """The project's requirement: the standard's key, Poetry's, setuptools', and those in lock files."""
    document = read_toml(folder / "pyproject.toml")[0]
    yield from _texts(_at(document, "project", "requires-python"))
    poetry = _at(document, "tool", "poetry", "dependencies", "python")
    yield from _texts(poetry.get("version") if isinstance(poetry, dict) else poetry)
    yield from _texts(_at(document, "tool", "flit", "metadata", "requires-python"))
    yield from re.findall(r"(?m)^python_requires\s*=\s*(.+?)\s*$", disk.text(folder / "setup.cfg"))[:1]
    yield from (found[2] for found in [_LITERAL.search(disk.text(folder / "setup.py"))] if found)
    yield from _texts(read_toml(folder / "uv.lock")[0].get("requires-python"))
    yield from _texts(_at(read_toml(folder / "poetry.lock")[0], "metadata", "python-versions"))
    locked = _at(read_toml(folder / "pdm.lock")[0], "metadata")
    targets = _at(locked, "targets")
    for each in (locked, *(targets if isinstance(targets, list) else ())):
        yield from _texts(_at(each, "requires_python") or _at(each, "requires-python"))
    yield from _texts(_at(read_toml(folder / "pylock.toml")[0], "requires-python"))


def _developed(folder: Path) -> Iterator[str]:
    """The versions with which the project is run and tested: ``3.12.1``, ``3.13t``, ``pypy3.10-7.3`` …"""
    yield from _span_of([*_lines(folder / ".python-versions"), *_lines(folder / ".python-version")])
    pipfile = _at(read_toml(folder / "Pipfile")[0], "requires")
    if isinstance(pipfile, dict):
        yield from _texts(pipfile.get("python_version") or pipfile.get("python_full_version"))
    yield from _span_of(_lines(folder / "runtime.txt"))
    yield from _span_of(line for line in _lines(folder / ".tool-versions") if line.split()[:1] == ["python"])
    for name in ("mise.toml", ".mise.toml"):
        yield from _span_of(_many(_at(read_toml(folder / name)[0], "tools", "python")))
    document = read_toml(folder / "pyproject.toml")[0]
    yield from _hatch(_at(document, "tool", "hatch", "envs"))
    pixi = _at(read_toml(folder / "pixi.toml")[0], "dependencies", "python")
    yield from _conda([pixi, _at(document, "tool", "pixi", "dependencies", "python")])
    for name in ("environment.yml", "environment.yaml"):
        yield from _conda(_CONDA.findall(disk.text(folder / name)))
    yield from _tox(disk.text(folder / "tox.ini"))


def _conda(said: list[Any]) -> Iterator[str]:
    """Translate ``=3.11``, ``3.11.*`` and ``>=3.10,<3.13`` into the notation of the others."""
    yield from (re.sub(r"^\s*=(?!=)", "", text).strip().removesuffix(".*") for text in said if isinstance(text, str))


def _tox(text: str) -> Iterator[str]:
    """The Pythons of tox's environments: ``py311``, ``py{310,312}``, ``3.13``."""
    said = _TOX.search(text)
    found = _TOX_PYTHON.findall(said[1]) if said is not None else []
    many = (re.sub(r"^3\.?", "", word.strip()) for group, _, _ in found for word in group.split(","))
    minors = [*many, *(short or dotted for _, short, dotted in found)]
    yield from _span_of(f"3.{minor}" for minor in minors if minor.isdigit())


def _hatch(environments: Any) -> Iterator[str]:
    """The Pythons of Hatch's environments, or of their matrices."""
    for one in environments.values() if isinstance(environments, dict) else ():
        if isinstance(one, dict):
            matrix = one.get("matrix")
            rows = matrix if isinstance(matrix, list) else []
            yield from _span_of([word for row in rows for word in _many(_at(row, "python"))])
            yield from _span_of(_many(one.get("python")))


def _of_tools(folder: Path) -> Iterator[str]:
    """The target versions of other tools, and the classifiers."""
    document = read_toml(folder / "pyproject.toml")[0]
    yield from _span_of(_CLASSIFIER.findall("\n".join(_many(_at(document, "project", "classifiers")))))
    yield from _texts(_at(document, "tool", "ruff", "target-version"))
    for name in ("ruff.toml", ".ruff.toml"):
        yield from _texts(read_toml(folder / name)[0].get("target-version"))
    black = _many(_at(document, "tool", "black", "target-version"))
    yield from _span_of(f"3.{word[3:]}" for word in black if word.startswith("py3"))
    for tool, key in (("mypy", "python_version"), ("pyright", "pythonVersion"), ("basedpyright", "pythonVersion")):
        yield from _span_of(_many(_at(document, "tool", tool, key)))
    for name in ("mypy.ini", ".mypy.ini", "setup.cfg"):
        yield from _MYPY.findall(disk.text(folder / name))[:1]
    yield from _PYRIGHT.findall(disk.text(folder / "pyrightconfig.json"))[:1]
    for at in (_at(read_toml(folder / "ty.toml")[0], "environment"), _at(document, "tool", "ty", "environment")):
        yield from _span_of(_many(_at(at, "python-version")))
    for at in (read_toml(folder / "pyrefly.toml")[0], _at(document, "tool", "pyrefly")):
        yield from _span_of(_many(_at(at, "python-version")))
    for keys in (("py-version",), ("main", "py-version"), ("master", "py-version"), ("MASTER", "py-version")):
        yield from _span_of(_many(_at(document, "tool", "pylint", *keys)))
    for name in (".pylintrc", "pylintrc"):
        yield from _PYLINT.findall(disk.text(folder / name))[:1]
    yield from _span_of(_CLASSIFIER.findall(disk.text(folder / "setup.cfg")))


def _at(value: Any, *keys: str) -> Any:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value


def _many(value: Any) -> list[str]:
    found = value if isinstance(value, list) else [value]
    return [str(each) for each in found if isinstance(each, (str, float))]


def _span_of(words: Any) -> Iterator[str]:
    """The range from the lowest to the highest of the versions that words name, as one notation."""
    found = sorted({tuple(map(int, number.split("."))) for word in words for number in _NUMBER.findall(word)[:1]})
    if found:
        yield f"3.{found[0][1]}-3.{found[-1][1]}"


def _lines(path: Path) -> list[str]:
    return [line for line in disk.text(path).splitlines() if line.strip() and not line.lstrip().startswith("#")]


def _environment(folder: Path, environ: Mapping[str, str]) -> str | None:
    """The version of the virtual environment in ``folder``; an active one elsewhere belongs to another project."""
    active = Path(environ.get("VIRTUAL_ENV") or folder)
    homes = [folder / ".venv", folder / "venv", *([active] if folder in active.parents else [])]
    for home in homes:
        found = re.search(r"^version(?:_info)?\s*=\s*(\d+\.\d+)", disk.text(home / "pyvenv.cfg"), re.MULTILINE)
        if found:
            return found[1]
    return None
