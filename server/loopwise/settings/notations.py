"""Parses notations for Python versions: ``3.12``, ``>=3.11,<3.14``, ``^3.11``, ``py311``, ``==3.12.*``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from loopwise.cards import load_api
from loopwise.versions import Target, Version, VersionRange, version_text

# ``==3.12.3`` and ``>=3.10.4`` allow their minor version: some patch release of it will do.
_PATCHES = range(30)
_SHORT = re.compile(r"py3(\d+)")
_SPAN = re.compile(r"(3\.\d+)\s*-\s*(3\.\d+)")
_ONE = re.compile(r"(3)\.(\d+)(?:\.\d+)*")
_CARET = re.compile(r"\^\s*3\.(\d+)(?:\.\d+)*|\^\s*3")
# A specifier without a lower bound also allows Pythons older than any that Loopwise knows.
_LOWER_END = re.compile(r"(?:>=?|==|~=|\^|~|^)\s*3")
_TILDE = re.compile(r"~\s*3\.(\d+)(?:\.\d+)*")


def meant(text: str) -> Target | None:
    """The Pythons that a notation means, among those that Loopwise knows; None if it is not a notation.

    If it allows none of them, the nearest one is used and the target's note says so.
    """
    text = text.strip()
    if found := _SHORT.fullmatch(text):
        return _span((3, int(found[1])), (3, int(found[1])), text)
    if found := _SPAN.fullmatch(text):
        first, last = (_version(part) for part in found.groups())
        return _span(min(first, last), max(first, last), text)
    if found := _ONE.fullmatch(text):
        return _span((3, int(found[2])), (3, int(found[2])), text)
    alternatives = [_allowed(part) for part in text.split("||")]
    if any(versions is None for versions in alternatives):
        return None
    allowed = sorted({version for versions in alternatives for version in versions or ()})
    return _within(allowed, text) if allowed else None


def _version(text: str) -> Version:
    return 3, int(text.partition(".")[2])


def _span(first: Version, last: Version, text: str) -> Target:
    return _within([first, last], text)


def _within(allowed: list[Version], text: str) -> Target:
    """The known ones among the versions; if there are none, the nearest known one, with a note."""
    span = load_api().span
    known = [version for version in allowed if span.floor <= version <= span.ceiling]
    older = allowed[0] if allowed[0] < span.floor else None
    if known:
        last = max(known) if allowed[-1] <= span.ceiling else span.ceiling
        named = version_text(older) if older is not None and _LOWER_END.search(text) else ""
        note = f"`{text}` allows Python {named}, which is older than any version Loopwise knows; " if named else ""
        said = note and f"{note}{VersionRange(min(known), last)} is used instead"
        return Target(min(known), last, note=said, older=older)
    if allowed[0] <= span.ceiling <= allowed[-1]:
        return Target(span.floor, span.ceiling, older=older)
    nearest = span.floor if allowed[-1] < span.floor else span.ceiling
    note = f"`{text}` allows no Python from {span_text(VersionRange(span.floor, span.ceiling))}"
    return Target(nearest, nearest, note=f"{note}; it counts as {version_text(nearest)}")


def span_text(span: VersionRange) -> str:
    """``3.10 to 3.14``."""
    return span.words


def _allowed(text: str) -> list[Version] | None:
    """The minor versions of Python 3 that a specifier allows, including future ones."""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet  # Costs 20 ms.

    try:
        specifiers = SpecifierSet(", ".join(_standard(text.strip())))
    except InvalidSpecifier:
        return None
    return [
        (3, minor)
        for minor in range(load_api().span.ceiling[1] + 10)
        if any(specifiers.contains(f"3.{minor}.{patch}") for patch in _PATCHES)
    ]


def _standard(text: str) -> Iterator[str]:
    """The parts of a specifier, with those of Poetry and plain words translated to the standard's syntax."""
    for part in re.split(r"\s*,\s*|(?<=[\d*])\s+(?=[<>=!~^])", text):
        if found := _CARET.fullmatch(part):
            yield f">=3.{found[1] or 0}"
            yield "<4"
        elif found := _TILDE.fullmatch(part):
            yield f"==3.{found[1]}.*"
        elif re.fullmatch(r"3\.\d+\+", part):
            yield f">={part[:-1]}"
        elif part.startswith("===") and (minor := _ONE.fullmatch(part.removeprefix("===").strip())):
            yield f"==3.{minor[2]}.*"
        elif re.fullmatch(r"3(\.\d+)*(\.\*)?", part):
            minor = _ONE.fullmatch(part)
            yield f"==3.{minor[2]}.*" if minor else "==3.*" if part in {"3", "3.*"} else f"=={part}"
        elif part != "*":
            yield part
