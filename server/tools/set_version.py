"""The version is in one place, ``server/loopwise/__init__.py``; this sets or prints all copies.

``python server/tools/set_version.py`` says where which version is; with a version it writes that one.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping
from pathlib import Path

from artefacts.shell import ROOT

# Each with one group for each time that the version is there.
COPIES = {
    "server/loopwise/__init__.py": r'^__version__ = "([^"]+)"$',
    "vscode-client/package.json": r'\A\{(?:\n  .*)*?\n  "version": "([^"]+)"',
    "vscode-client/package-lock.json": r'\A\{(?:\n  .*)*?\n  "version": "([^"]+)",(?:\n.*)*?\n    "": \{\n'
    r'(?:      .*\n)*?      "version": "([^"]+)"',
}
CHANGELOGS = ("server/CHANGELOG.md", "vscode-client/CHANGELOG.md")
_HEAD = re.compile(r"^## (\S+)(?: \((.+)\))?$", re.MULTILINE)
_VERSION = re.compile(r"\d+\.\d+\.\d+(?:(?:a|b|rc)\d+)?")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("version", nargs="?", help="such as 0.2.0")
    wanted: str | None = parser.parse_args().version
    if wanted is not None:
        set_versions(ROOT, wanted)
    for place, version in versions(ROOT).items():
        print(f"{version:10} {place}")


def versions(root: Path) -> Mapping[str, str]:
    """The version in each place; several places in one file are distinguished by a number."""
    said = {}
    for name, pattern in COPIES.items():
        found = re.search(pattern, (root / name).read_text("utf-8"), re.MULTILINE)
        for i, version in enumerate(found.groups() if found else ("none",)):
            said[f"{name} ({i + 1})" if i else name] = version
    for name in CHANGELOGS:
        head = _HEAD.search((root / name).read_text("utf-8"))
        said[name] = head[1] if head else "none"
    return said


def set_versions(root: Path, wanted: str) -> None:
    """Write a version everywhere; a changelog whose newest section is released gets a new section."""
    if not _VERSION.fullmatch(wanted):
        raise SystemExit(f"{wanted!r} is not a version such as 0.2.0 or 0.2.0rc1")
    for name, pattern in COPIES.items():
        text = (root / name).read_text("utf-8")
        found = re.search(pattern, text, re.MULTILINE)
        if found is None:
            raise SystemExit(f"{name}: the version was not found")
        for group in range(len(found.groups()), 0, -1):
            text = text[: found.start(group)] + wanted + text[found.end(group) :]
        _write(root / name, text)
    for name in CHANGELOGS:
        _write(root / name, _with_head((root / name).read_text("utf-8"), wanted))


def _with_head(text: str, wanted: str) -> str:
    head = _HEAD.search(text)
    if head is not None and head[1] == wanted:
        return text
    if head is not None and head[2] == "unreleased":
        return f"{text[: head.start()]}## {wanted} (unreleased){text[head.end() :]}"
    start = head.start() if head else len(text)
    return f"{text[:start]}## {wanted} (unreleased)\n\n{text[start:]}"


def _write(path: Path, text: str) -> None:
    """Write a file with the line ends that git expects."""
    path.write_text(text, "utf-8", newline="\n")


if __name__ == "__main__":
    main()
