"""Checks the bill of materials of a ``.vsix`` (CycloneDX): it names the bundled packages, with their locked hashes.

The hashes of the artefacts themselves are in a file beside them.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from artefacts.shell import CLIENT, version

BILL = "sbom.cdx.json"  # as in vscode-client/scripts/bill.py
SUMS = "SHA256SUMS"


def write_sums(out: Path) -> None:
    """The hash of each artefact in ``out``, as ``sha256sum`` writes and checks them."""
    (out / SUMS).write_text(_sums(out), "utf-8", newline="\n")


def wrong_sums(out: Path) -> Iterator[str]:
    path = out / SUMS
    if not path.exists() or path.read_text("utf-8") != _sums(out):
        yield f"{SUMS} does not have the hashes of what is beside it: build again"


def _sums(out: Path) -> str:
    made = sorted(out.glob("loopwise-*"))
    return "".join(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in made)


def wrong_bill(data: bytes, bundled: Mapping[str, bytes]) -> Iterator[str]:
    """The problems of a bill, in sentences, given the files below ``bundled/libs``."""
    try:
        bill = json.loads(data)
        yield from _wrong(bill, bundled)
    except (ValueError, LookupError, TypeError) as error:
        yield f"{BILL} cannot be read: {error!r}"


def _wrong(bill: Any, bundled: Mapping[str, bytes]) -> Iterator[str]:
    main = bill["metadata"]["component"]
    if (bill["bomFormat"], main["name"], main["version"]) != ("CycloneDX", "loopwise", version()):
        yield f"{BILL} is not that of this version"
    lines = "".join(f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in sorted(bundled.items()))
    if bill["metadata"]["properties"][0]["value"] != hashlib.sha256(lines.encode()).hexdigest():
        yield f"{BILL} is not of the files in bundled/libs"
    named = {one["purl"]: _hashes(one) for one in bill["components"]}
    python = {purl.removeprefix("pkg:pypi/"): hashes for purl, hashes in named.items() if purl.startswith("pkg:pypi/")}
    locked = _locked()
    if set(python) != set(locked):
        yield f"{BILL} and requirements.lock differ in {sorted(set(python) ^ set(locked))}"
    for name in sorted(set(python) & set(locked)):
        if not python[name] or not python[name] <= locked[name]:
            yield f"{BILL} has a hash of {name} that is not locked"
    packages = _packages()
    for purl in sorted(set(named) - {f"pkg:pypi/{name}" for name in python}):
        if not named[purl] or not named[purl] <= packages:
            yield f"{BILL} has a hash of {purl} that is not in package-lock.json"
    for library in ("vscode-languageclient", "markdown-it"):
        if not any(purl.startswith(f"pkg:npm/{library}@") for purl in named):
            yield f"{BILL} does not name {library}"


def _hashes(component: Any) -> set[str]:
    return {one["content"] for place in component["externalReferences"] for one in place["hashes"]}


def _locked() -> Mapping[str, set[str]]:
    """The SHA-256 of the wheels that pip accepts, by name and version."""
    lock = (CLIENT / "requirements.lock").read_text("utf-8")
    blocks = re.finditer(r"^([a-z0-9-]+)==([\w.]+)(.*(?:\n    .*)*)", lock, re.MULTILINE)
    return {f"{block[1]}@{block[2]}": set(re.findall(r"sha256:(\w+)", block[3])) for block in blocks}


def _packages() -> set[str]:
    """The SHA-512 of the packages that npm accepts."""
    packages = json.loads((CLIENT / "package-lock.json").read_text("utf-8"))["packages"].values()
    return {base64.b64decode(one["integrity"].partition("-")[2]).hex() for one in packages if "integrity" in one}
