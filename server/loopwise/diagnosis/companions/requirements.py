"""The tools that a project installs, and their versions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from loopwise import disk
from loopwise.diagnosis.companions.config import Table, table, text, texts, toml, upwards

# Greater than any real version, so that "no upper bound" compares as the newest.
NEWEST = (9_999,)
_LOCKED = r'(?m)^name = "{name}"\s*\nversion = "(\d[\w.]*)"'
_HOOK = r"(?m)^\s*-?\s*repo:\s*\S*/{name}\S*\s*\n\s*rev:\s*[\"']?v?(\d[\w.]*)"
_REQUIRED = (
    r"^{name}\s*(?:\[[^\]]*\])?\s*(?P<versions>[=<>~!^\d][^;#\s]*(?:\s*,\s*[=<>~!][^;#\s]*)*)?\s*(?:$|[;#@\s\\])"
)
# All four write ``name`` and ``version`` on consecutive lines of TOML.
_LOCKS = ("uv.lock", "poetry.lock", "pdm.lock", "pylock.toml")
# Below an environment, on Windows and elsewhere.
_SITE_PACKAGES = ("[Ll]ib/site-packages", "[Ll]ib/python*/site-packages")
_EXACT = re.compile(r"^(?:===?|~=|~|\^)?\s*(\d[\w.]*)")

Version = tuple[int, ...]


def version_of(folder: Path, name: str, hook: str = "") -> Version | None:
    """The version of a tool that a project pins, searched for up to the repository's root.

    :data:`NEWEST` if it is installed in any version, or only a lower bound is known; None if nothing shows that it is
    installed.  ``hook`` is the end of its pre-commit repository's URL.
    """
    found: Version | None = None
    for each in upwards(folder):
        for said in _said(each, name, hook):
            if said != NEWEST:
                return said
            found = said
    return found


def is_required(folder: Path, name: str) -> bool:
    """Does a list of requirements name a package?"""
    return version_of(folder, name) is not None


def _said(folder: Path, name: str, hook: str) -> Iterator[Version]:
    for lock in _LOCKS:
        locked = re.search(_LOCKED.format(name=re.escape(name)), text(folder / lock))
        if locked is not None:
            yield _numbers(locked[1])
    if hook:
        hooked = re.search(_HOOK.format(name=re.escape(hook)), text(folder / ".pre-commit-config.yaml"))
        if hooked is not None:
            yield _numbers(hooked[1])
    for packages in _SITE_PACKAGES:
        for installed in disk.matching(folder / ".venv", f"{packages}/{name.replace('-', '_')}-*.dist-info"):
            yield _numbers(installed.name.split("-")[1])
    pattern = re.compile(_REQUIRED.format(name=name.replace("-", "[-_.]")), re.IGNORECASE)
    for line in _requirements(folder):
        found = pattern.match(line.strip())
        if found is not None:
            yield _bound(found["versions"] or "")


def _requirements(folder: Path) -> Iterator[str]:
    """Each requirement listed by a file in a folder."""
    for path in sorted((*disk.matching(folder, "*requirements*.txt"), *disk.matching(folder, "requirements/*.txt"))):
        yield from text(path).splitlines()
    yield from _of_pyproject(toml(folder / "pyproject.toml"))
    for name in ("setup.cfg", "tox.ini"):
        yield from text(folder / name).splitlines()
    for listed in re.findall(r"additional_dependencies:\s*\[([^\]]*)\]", text(folder / ".pre-commit-config.yaml")):
        yield from (part.strip(" \n\"'") for part in listed.split(","))
    for block in re.findall(
        r"additional_dependencies:[ \t]*\n((?:[ \t]*-[^\n]*\n?)+)", text(folder / ".pre-commit-config.yaml")
    ):
        yield from (line.strip(" -\"'") for line in block.splitlines())


def _of_pyproject(document: Table) -> Iterator[str]:
    project, tool = table(document, "project"), table(document, "tool")
    yield from texts_of(project.get("dependencies"))
    for group in (
        table(project, "optional-dependencies"), table(document, "dependency-groups"),
        table(table(tool, "pdm"), "dev-dependencies"),
    ):  # fmt: skip
        for listed in group.values():
            yield from texts_of(listed)
    yield from texts_of(table(tool, "uv").get("dev-dependencies"))
    poetry = table(tool, "poetry")
    groups = [poetry, *(each for each in table(poetry, "group").values() if isinstance(each, dict))]
    for listed in (table(each, key) for each in groups for key in ("dependencies", "dev-dependencies")):
        for name, said in listed.items():
            version = said if isinstance(said, str) else table({"it": said}, "it").get("version", "")
            yield f"{name} {'' if version == '*' else version}"
    for environment in table(table(tool, "hatch"), "envs").values():
        if isinstance(environment, dict):
            yield from (*texts_of(environment.get("dependencies")), *texts_of(environment.get("extra-dependencies")))


def texts_of(value: object) -> tuple[str, ...]:
    """The texts of a list; a single text is not a list of requirements."""
    return texts(value) if isinstance(value, list) else ()


def _bound(versions: str) -> Version:
    """An exact version, or the newest: a specifier such as ``>=0.9`` only has a lower bound."""
    found = _EXACT.match(versions.strip())
    below = re.search(r"<=?\s*(\d[\w.]*)", versions)
    if found is not None:
        return _numbers(found[1])
    return _numbers(below[1]) if below is not None else NEWEST


def _numbers(version: str) -> Version:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:3])
