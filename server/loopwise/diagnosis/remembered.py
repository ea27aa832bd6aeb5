"""The findings of a file as a value that can be stored, and shown again as long as nothing has changed.

When a file that was open before is opened, its findings are shown at once, while a new check runs in the background.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from loopwise import disk
from loopwise.analysis import prefilter
from loopwise.analysis.rule import Cause, Evidence, Finding, Related, Rule, Severity
from loopwise.diagnosis.live import Checked
from loopwise.diagnosis.run import Found
from loopwise.diagnosis.selection import known_rules
from loopwise.semantics.bindings import File
from loopwise.semantics.modules import read
from loopwise.text import Span


class Place(msgspec.Struct, frozen=True, array_like=True):
    """A related place; ``path`` is absolute, and empty for the file of the finding."""

    span: Span
    message: str
    path: str


class Kept(msgspec.Struct, frozen=True, array_like=True):
    """A :class:`~loopwise.diagnosis.run.Found` without its fixes, which are computed on request anyway."""

    rule: str
    span: Span
    message: str
    related: tuple[Place, ...]
    evidence: Evidence
    severity: Severity | None
    cause: Cause | None
    unnecessary: bool
    deprecated: bool
    left: bool


class Stamp(msgspec.Struct, frozen=True, array_like=True):
    """A file that findings depend on: modification time (ns) and size (bytes), as by :func:`loopwise.disk.stamp`."""

    path: str
    changed: int
    size: int


class Remembered(msgspec.Struct, frozen=True, array_like=True):
    """The findings of one text, and the other modules of the project that they depend on."""

    in_units: tuple[Kept, ...]
    outside: tuple[Kept, ...]
    modules: tuple[Stamp, ...]

    @classmethod
    def of(cls, checked: Checked, modules: Iterable[str]) -> Remembered:
        """``modules`` are the absolute paths of the files that the check has read."""
        in_units, outside = (tuple(map(_kept, found)) for found in (checked.in_units, checked.outside))
        return cls(in_units, outside, tuple(_stamps(modules)))

    def checked(self, data: bytes) -> Checked | None:
        """The findings of the text ``data``; ``None`` if a module has changed since, or a rule no longer exists.

        Accesses the disk.
        """
        # By time and size, as make does: hashing all modules would cost more than the check.
        if tuple(_stamps(each.path for each in self.modules)) != self.modules:
            return None
        rules = {rule.name: rule for rule in known_rules()}
        if any(one.rule not in rules for one in (*self.in_units, *self.outside)):
            return None
        files: dict[str, File | None] = {}
        in_units, outside = (tuple(_found(one, rules, files) for one in kept) for kept in (self.in_units, self.outside))
        return Checked(in_units, outside, prefilter.aliases_of(data))


def _kept(one: Found) -> Kept:
    finding = one.finding
    places = (Place(each.span, each.message, each.file.key if each.file else "") for each in finding.related)
    return Kept(
        one.rule.name,
        finding.span,
        finding.message,
        tuple(places),
        finding.evidence,
        finding.severity,
        finding.cause,
        finding.unnecessary,
        finding.deprecated,
        one.left,
    )


def _found(kept: Kept, rules: dict[str, Rule], files: dict[str, File | None]) -> Found:
    finding = Finding(
        kept.span,
        kept.message,
        related=tuple(_related(kept.related, files)),
        evidence=kept.evidence,
        severity=kept.severity,
        cause=kept.cause,
        unnecessary=kept.unnecessary,
        deprecated=kept.deprecated,
    )
    return Found(rules[kept.rule], finding, kept.left)


def _related(places: Iterable[Place], files: dict[str, File | None]) -> Iterator[Related]:
    for place in places:
        if not place.path:
            yield Related(place.span, place.message)
            continue
        if place.path not in files:
            source = read(Path(place.path))
            files[place.path] = File("", place.path, source) if source is not None else None
        file = files[place.path]
        if file is not None and place.span.end <= len(file.source.data):
            yield Related(place.span, place.message, file)


def _stamps(paths: Iterable[str]) -> Iterator[Stamp]:
    for path in sorted(set(paths)):
        yield Stamp(path, *(disk.stamp(path) or (0, 0)))
