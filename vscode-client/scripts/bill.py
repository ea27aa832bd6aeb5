"""Writes `sbom.cdx.json`: what the extension of one platform bundles, with where it is from and hashes (CycloneDX).

Python libraries are those of the wheels, whose hashes pip has compared with `requirements.lock`; JavaScript libraries
those that esbuild takes code from, with the hashes of `package-lock.json`.
"""

from __future__ import annotations

import base64
import email
import hashlib
import json
import zipfile
from collections.abc import Iterator, Sequence
from email.message import Message
from pathlib import Path
from typing import Any

import notices
from bundle import CLIENT, LIBS

NAME = "sbom.cdx.json"
CONTENTS = "loopwise:sha256 of `sha256sum` of the files in bundled/libs"
Component = dict[str, Any]


def write(server: Path, wheels: Sequence[Path]) -> None:
    """The bill beside `package.json`, of the server's wheel and those of its libraries."""
    main = _python([server])
    main["type"] = "application"
    libraries = [_python(same) for same in _by_library(wheels)] + [_javascript(path) for path in notices.libraries()]
    bill = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": main,
            "properties": [{"name": CONTENTS, "value": _sha256(_contents().encode())}],
        },
        "components": sorted(libraries, key=lambda one: one["bom-ref"]),
    }
    (CLIENT / NAME).write_text(json.dumps(bill, indent=1) + "\n", "utf-8", newline="\n")


def _by_library(wheels: Sequence[Path]) -> Iterator[list[Path]]:
    """The wheels of each library: one, or one for each Python."""
    for name in sorted({wheel.name.partition("-")[0] for wheel in wheels}):
        yield sorted({wheel.name: wheel for wheel in wheels if wheel.name.partition("-")[0] == name}.values())


def _python(wheels: Sequence[Path]) -> Component:
    said = _metadata(wheels[0])
    licence = said["License-Expression"] or said["License"]
    return _component(f"pkg:pypi/{said['Name'].lower().replace('_', '-')}@{said['Version']}", licence) | {
        "externalReferences": [
            {"type": "distribution", "url": wheel.name, "hashes": [_hash("SHA-256", _sha256(wheel.read_bytes()))]}
            for wheel in wheels
        ]
    }


def _metadata(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return email.message_from_bytes(archive.read(name))


def _contents() -> str:
    """A line for each bundled file: its hash and name, as `sha256sum` writes them."""
    files = ((path.relative_to(LIBS).as_posix(), path) for path in LIBS.rglob("*") if path.is_file())
    return "".join(f"{_sha256(path.read_bytes())}  {name}\n" for name, path in sorted(files))


def _javascript(folder: Path) -> Component:
    said = json.loads((folder / "package.json").read_text("utf-8"))
    locked = json.loads((CLIENT / "package-lock.json").read_text("utf-8"))["packages"]
    place = "node_modules/" + folder.as_posix().partition("/node_modules/")[2]  # the folder may be a link
    kind, _, digest = locked[place]["integrity"].partition("-")
    name = said["name"].replace("@", "%40")
    hashes = [_hash(kind.upper().replace("SHA", "SHA-"), base64.b64decode(digest).hex())]
    reference = {"type": "distribution", "url": f"{said['name'].rpartition('/')[2]}-{said['version']}.tgz"}
    return _component(f"pkg:npm/{name}@{said['version']}", said.get("license")) | {
        "externalReferences": [reference | {"hashes": hashes}]
    }


def _component(purl: str, licence: str | None) -> Component:
    name, _, version = purl.partition("/")[2].replace("%40", "@").rpartition("@")
    known = {"licenses": [{"license": {"name": licence}}]} if licence else {}
    return {"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl, **known}


def _hash(algorithm: str, content: str) -> dict[str, str]:
    return {"alg": algorithm, "content": content}


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
