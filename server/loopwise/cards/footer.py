"""The last line of a card: ``Prefer: … · Raises: … · See also: …``."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from loopwise.cards.blocks import FOOTER_FIELDS, Block
from loopwise.cards.card import Reference
from loopwise.versions import VersionRange

# A hyphen with spaces introduces the note, because names and ranges contain hyphens too.
_ENTRY = re.compile(r"(?P<name>.+?)(?: +\[(?P<range>[-+.\d]+)\])?(?: +[-–—] +(?P<note>.+))?")
_LONGEST = 1_000  # characters of an entry: a name, a range and a note
_NEXT_NAME = re.compile(r"`?\w+(?:\.\w+)+`?(?: +\[[-+.\d]+\])?(?: +[-–—] .+)?")
_PART = re.compile(r"([,;]?)([^,;]+)")
_NOTED = re.compile(r" [-–—] ")
_FIELD = (
    "write `Prefer:`, `Raises:` or `See also:`, then comma-separated names,"
    " each optionally followed by `[3.11+]` and ` - when`"
)
_ESCAPED = re.compile(r"\\([\\`*_{}\[\]<>()#+.!|~-])")


class Complaint(msgspec.Struct, frozen=True):
    """A mistake in a card: the line in the page, the error, and how to correct it."""

    line: int
    message: str


class Footer(msgspec.Struct, frozen=True):
    """The fields of the line; a missing one is empty."""

    prefer: tuple[Reference, ...] = ()
    raises: tuple[Reference, ...] = ()
    see_also: tuple[Reference, ...] = ()


def plain(text: str) -> str:
    """A name or wording without Markdown's backquotes and backslashes."""
    text = text.strip()
    if len(text) > 2 and text[0] == text[-1] == "`" and "`" not in text[1:-1]:
        return text[1:-1]
    return _ESCAPED.sub(r"\1", text)


def parse_footer(block: Block) -> Footer | Complaint:
    """Parse the single line of a footer block."""
    if len(block.lines) > 1:
        return Complaint(block.line, "the footer is one line: separate its fields with ` · `")
    fields: dict[str, tuple[Reference, ...]] = {}
    texts = block.lines[0].split(" · ")
    for text in texts:
        field, _, entries = text.partition(":")
        references = _references(entries)
        if field not in FOOTER_FIELDS or not references:
            return Complaint(block.line, f"`{text}` cannot be read: {_FIELD}")
        fields[field] = references
    if list(fields) != sorted(fields) or len(fields) < len(texts):
        return Complaint(block.line, "the footer's fields come in this order, each once: Prefer, Raises, See also")
    return Footer(fields.get("Prefer", ()), fields.get("Raises", ()), fields.get("See also", ()))


def _references(text: str) -> tuple[Reference, ...]:
    """Parse each entry; empty if one of them cannot be parsed."""
    read = [_reference(entry) for entry in _entries(text)]
    references = tuple(reference for reference in read if reference)
    return references if len(references) == len(read) else ()


def _reference(text: str) -> Reference | None:
    found = _ENTRY.fullmatch(text) if len(text) <= _LONGEST else None
    if not found:
        return None
    held = VersionRange.parse(found["range"]) if found["range"] else None
    return None if found["range"] and not held else Reference(plain(found["name"]), held, found["note"] or "")


def _entries(text: str) -> Iterator[str]:
    """Split at commas or semicolons; inside a note, only where a dotted name follows."""
    entry = ""
    for mark, part in _PART.findall(text):
        if _NOTED.search(entry) and not _NEXT_NAME.fullmatch(part.strip()):
            entry += mark + part
            continue
        if entry:
            yield entry
        entry = part.strip()
    if entry:
        yield entry
