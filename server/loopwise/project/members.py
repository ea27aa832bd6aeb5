"""The other packages of a workspace: finds the import roots of uv's, Poetry's, Hatch's and PDM's members."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from loopwise import disk
from loopwise.globs import Exclude, folders_of
from loopwise.settings import read_toml

_MOST = 500  # members
_MOST_LOOKS = 5_000  # folders that are looked at for a pattern of members
_FILE_URL = re.compile(r"(?:@\s*|-e\s+)file:/*(?P<top>\$\{PROJECT_ROOT\}/?|\{root:uri\}/?)?(?P<path>[^\s;#\"']+)")


def import_roots(folder: Path) -> tuple[Path, ...]:
    """The folders that code in ``folder`` can import the project's other packages from, besides its own.

    These are members of an enclosing workspace, dependencies by path in its pyproject.toml, and editable installs in
    the environment beside it.
    """
    found: dict[Path, None] = {}
    for each in _upwards(folder):
        document = read_toml(each / "pyproject.toml")[0]
        for place in (*_members(each, document), *_paths(each, document), *_installed(each)):
            if place != folder and len(found) < _MOST:
                found[place] = None
    roots = dict.fromkeys(root for place in found for root in (place / "src", place) if disk.is_folder(root))
    return tuple(roots)


def _upwards(folder: Path) -> Iterator[Path]:
    for each in (folder, *folder.parents):
        yield each
        if disk.exists(each / ".git"):
            return


def _members(top: Path, document: dict[str, Any]) -> Iterator[Path]:
    """The members of a workspace, each a folder with a pyproject.toml; the workspace's own package is one."""
    environments = _table(document, "tool", "hatch", "envs").values()  # of Hatch's each may have a workspace
    workspaces = [_table(document, "tool", tool, "workspace") for tool in ("uv", "hatch", "pdm")]
    workspaces += [_table(one, "workspace") for one in environments]
    for workspace in workspaces:
        globs, exclude = _globs(workspace.get("members")), Exclude(_texts(workspace.get("exclude")), str(top))
        for pattern in globs:
            yield from (each for each in _matching(top, pattern) if not exclude.says(str(each), folder=True))
        if globs:
            yield top


def _globs(members: object) -> tuple[str, ...]:
    """Patterns, as they are or as the ``path`` of a table."""
    listed = members if isinstance(members, list) else []
    return _texts([one.get("path") if isinstance(one, dict) else one for one in listed])


def _matching(top: Path, pattern: str) -> Iterator[Path]:
    try:
        places = folders_of(top, pattern, _MOST_LOOKS) if "*" in pattern else [(top / pattern).resolve()]
    except (OSError, ValueError):
        return
    yield from (each for each in places if disk.is_file(each / "pyproject.toml"))


def _paths(folder: Path, document: dict[str, Any]) -> Iterator[Path]:
    """Dependencies by path: ``{ path = "../a" }``, ``a @ file:///${PROJECT_ROOT}/../a``."""
    poetry = _table(document, "tool", "poetry")
    groups = [poetry, *_table(poetry, "group").values()]
    tables = [_table(document, "tool", "uv", "sources")]
    tables += [_table(each, key) for each in groups for key in ("dependencies", "dev-dependencies")]
    for one in (one for listed in tables for one in listed.values()):
        path = one.get("path") if isinstance(one, dict) else None
        if isinstance(path, str):
            yield from _folder(folder, path)
    project = _table(document, "project")
    listed = [project.get("dependencies"), *_table(project, "optional-dependencies").values()]
    listed += [
        *_table(document, "dependency-groups").values(),
        *_table(document, "tool", "pdm", "dev-dependencies").values(),
    ]
    for requirement in (text for texts in listed for text in _texts(texts)):
        found = _FILE_URL.search(requirement)
        if found is not None:
            yield from _folder(folder if found["top"] else Path("/"), unquote(found["path"]))


def _installed(folder: Path) -> Iterator[Path]:
    """The folders that the environment beside the project adds: by ``.pth`` files and editable installs."""
    for site in (
        *disk.matching(folder / ".venv", "lib/python3*/site-packages"),
        folder / ".venv" / "Lib" / "site-packages",
    ):
        for listed in disk.matching(site, "*.pth"):
            for line in disk.text(listed).splitlines():
                if line.strip() and not line.startswith(("#", "import ", "import\t")):
                    yield from _folder(site, line.strip())
        for said in disk.matching(site, "*.dist-info/direct_url.json"):
            yield from _editable(said)


def _editable(said: Path) -> Iterator[Path]:
    try:
        found = json.loads(disk.text(said))
    except ValueError:
        return
    if isinstance(found, dict) and _table(found, "dir_info").get("editable") and isinstance(found.get("url"), str):
        yield from _folder(said, unquote(urlsplit(found["url"]).path))


def _folder(start: Path, path: str) -> Iterator[Path]:
    try:
        found = (start / path).resolve()
        if disk.is_folder(found):
            yield found
    except (OSError, ValueError):
        return


def _table(value: Any, *keys: str) -> dict[str, Any]:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else ()
