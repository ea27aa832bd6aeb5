"""Inspects the sdist and the wheel: their contents, and their metadata."""

from __future__ import annotations

import email
import re
import tarfile
import zipfile
from collections.abc import Iterator, Mapping
from email.message import Message
from pathlib import Path

from artefacts.shell import ROOT, program, run, tools, tracked, version

NOT_IN_SDIST = (".ci/",)  # what only this repository's machines run
_FORCED = {"knowledge/": "loopwise/knowledge/", "server/RULES.md": "loopwise/RULES.md", "server/loopwise/": "loopwise/"}
_MUST = ("__init__.py", "py.typed", "RULES.md", "knowledge/api.json", "knowledge/tasks.md", "knowledge/blocking.toml")
_RELATIVE = re.compile(r"\]\((?!https?://|mailto:|#)([^)\n]+)\)")


def check_python(out: Path, work: Path) -> Iterator[str]:
    """The problems with them, as sentences."""
    (sdist,), (wheel,) = out.glob("loopwise-*.tar.gz"), out.glob("loopwise-*.whl")
    in_sdist, in_wheel = read_sdist(sdist), read_zip(wheel)
    yield from differences(sdist.name, in_sdist, wanted_in_sdist())
    info = f"loopwise-{version()}.dist-info"
    yield from differences(wheel.name, without(in_wheel, info), wanted_in_wheel())
    for name in _MUST:
        if f"loopwise/{name}" not in in_wheel:
            yield f"{wheel.name} has no {name}"
    for name in ("METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE"):
        if f"{info}/{name}" not in in_wheel:
            yield f"{wheel.name} has no {info}/{name}"
    said = in_wheel.get(f"{info}/METADATA", b"").decode()
    yield from wrong_metadata(email.message_from_string(said))
    about_sdist = in_sdist.get("PKG-INFO", b"").decode()
    if said.partition("\n\n")[2] != about_sdist.partition("\n\n")[2]:
        yield "the sdist and the wheel do not describe the project with the same words"
    run(program(tools(work, "twine"), "twine"), "check", "--strict", sdist, wheel)  # renders the description
    for archive, files in ((sdist, in_sdist), (wheel, in_wheel)):
        yield from machine_paths(archive.name, files, work)


def wanted_in_sdist() -> Mapping[str, bytes]:
    """The expected contents of the sdist: the files under version control."""
    names = [name for name in tracked() if not name.startswith(NOT_IN_SDIST)]
    return {name: (ROOT / name).read_bytes() for name in names}


def wanted_in_wheel() -> Mapping[str, bytes]:
    """The expected contents of the wheel: the package as users get it."""
    found = {}
    for name in tracked():
        place = next((place for place in _FORCED if name.startswith(place)), None)
        if place is not None:
            found[_FORCED[place] + name.removeprefix(place)] = (ROOT / name).read_bytes()
    return found


def without(files: Mapping[str, bytes], folder: str) -> Mapping[str, bytes]:
    return {name: data for name, data in files.items() if not name.startswith(f"{folder}/")}


def differences(archive: str, files: Mapping[str, bytes], wanted: Mapping[str, bytes]) -> Iterator[str]:
    """Missing, unexpected and differing files; ``PKG-INFO`` is the sdist's own."""
    for name in sorted({*files, *wanted} - {"PKG-INFO"}):
        if name not in files:
            yield f"{archive} lacks {name}"
        elif name not in wanted:
            yield f"{archive} has {name}, which is not meant"
        elif files[name] != wanted[name]:
            yield f"{archive}: {name} is not what it is in the checkout"


def wrong_metadata(said: Message) -> Iterator[str]:
    """Problems with the metadata that indexes and pip use."""
    expected = {
        "Name": "loopwise",
        "Version": version(),
        "License-Expression": "MIT",
        "License-File": "LICENSE",
        "Requires-Python": ">=3.10",
        "Description-Content-Type": "text/markdown",
    }
    for field, value in expected.items():
        if said[field] != value:
            yield f"METADATA: {field} is {said[field]!r}, not {value!r}"
    description = said.get_payload()
    assert isinstance(description, str)
    if not description.startswith("# Loopwise\n"):
        yield "METADATA: the description is not the README"
    if links := _RELATIVE.findall(description):
        yield f"METADATA: the description's links lead nowhere outside the repository: {' '.join(links)}"


def machine_paths(archive: str, files: Mapping[str, bytes], work: Path) -> Iterator[str]:
    """Paths of this machine; those of other people's machines in bundled libraries are ignored."""
    places = {str(place) for place in (ROOT, Path.home(), work, work.resolve())} - {"/"}
    pattern = re.compile(rb"(?<![\w.-])(?:%s)\b" % b"|".join(re.escape(place.encode()) for place in sorted(places)))
    for name, data in files.items():
        found = pattern.search(data)
        if found is not None:
            yield f"{archive}: {name} has a path of this machine: {found[0].decode()}"


def read_sdist(path: Path) -> Mapping[str, bytes]:
    """The contents of the files in its one folder, by name."""
    with tarfile.open(path) as archive:
        files = {one.name.partition("/")[2]: archive.extractfile(one) for one in archive.getmembers() if one.isfile()}
        return {name: file.read() for name, file in files.items() if file is not None}


def read_zip(path: Path) -> Mapping[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist() if not name.endswith("/")}
