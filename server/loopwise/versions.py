"""Python versions: a single one, a range, and those that a project supports.

A version is ``(major, minor)``; patch releases never matter to a card or a rule.
"""

from __future__ import annotations

import re
from functools import cache

import msgspec

Version = tuple[int, int]

_VERSION = r"(\d+)\.(\d+)"
_RANGE = re.compile(rf"(?P<since>{_VERSION})\+|-(?P<until>{_VERSION})|(?P<first>{_VERSION})(?:-(?P<last>{_VERSION}))?")


@cache
def parse_version(text: str) -> Version | None:
    """``"3.12"`` -> ``(3, 12)``; None for any other text."""
    found = re.fullmatch(_VERSION, text)
    return (int(found[1]), int(found[2])) if found else None


def version_text(version: Version) -> str:
    """``(3, 12)`` -> ``"3.12"``."""
    return f"{version[0]}.{version[1]}"


class VersionRange(msgspec.Struct, frozen=True):
    """A range of Pythons, including both ends; None leaves an end open."""

    first: Version | None = None
    last: Version | None = None

    @staticmethod
    def parse(text: str) -> VersionRange | None:
        """Parse ``3.11+``, ``-3.10``, ``3.11-3.13`` or ``3.12``; None if it is none of these, or an empty range."""
        found = _RANGE.fullmatch(text)
        if not found:
            return None
        first = _version(found["since"] or found["first"])
        last = _version(found["until"] or found["last"]) or _version(found["first"])
        return None if first and last and first > last else VersionRange(first, last)

    def __contains__(self, version: Version) -> bool:
        return (self.first is None or self.first <= version) and (self.last is None or version <= self.last)

    def covers(self, other: VersionRange) -> bool:
        """Is every version of another range in this one?"""
        starts = self.first is None or (other.first is not None and self.first <= other.first)
        return starts and (self.last is None or (other.last is not None and other.last <= self.last))

    def __str__(self) -> str:
        """The notation that :meth:`parse` reads."""
        if self.last is None:
            return f"{version_text(self.first)}+" if self.first else ""
        if self.first is None:
            return f"-{version_text(self.last)}"
        last = version_text(self.last)
        return last if self.first == self.last else f"{version_text(self.first)}-{last}"

    @property
    def words(self) -> str:
        """The notation for people: ``3.12+``, ``up to 3.12``, ``3.10 to 3.12``."""
        if self.last is None or self.first == self.last:
            return str(self)
        last = f"to {version_text(self.last)}"
        return f"up {last}" if self.first is None else f"{version_text(self.first)} {last}"


class Target(msgspec.Struct, frozen=True):
    """The Pythons that a project supports, from ``floor`` to ``ceiling``, both included."""

    floor: Version
    ceiling: Version
    assumed: bool = False
    """Did the project declare nothing?"""
    note: str = ""
    """A note to the user on how it was determined: that none of the allowed Pythons is known."""
    older: Version | None = None
    """The oldest supported Python, if it is older than all that Loopwise knows."""

    @property
    def oldest(self) -> Version:
        """The oldest Python on which the code has to run."""
        return self.older or self.floor

    def within(self, held: VersionRange | None) -> bool:
        """Does the range cover every Python of the project? None covers all."""
        return held is None or (self.floor in held and self.ceiling in held)

    def touches(self, held: VersionRange | None) -> bool:
        """Does the range cover at least one Python of the project? None covers all."""
        return held is None or (
            (held.first is None or held.first <= self.ceiling) and (held.last is None or self.floor <= held.last)
        )

    def __str__(self) -> str:
        return str(VersionRange(self.floor, self.ceiling))


def _version(text: str | None) -> Version | None:
    return parse_version(text) if text else None
