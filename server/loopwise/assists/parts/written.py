"""Code that an assist moves to another place, and the titles under which it offers that."""

from __future__ import annotations

from loopwise.analysis.unit import Unit
from loopwise.syntax import Node, span_of
from loopwise.text import decode
from loopwise.writing import line_starts

def lead_of(unit: Unit, node: Node) -> bytes:
    """The white space with which the line of a node begins."""
    source = unit.file.source
    line = source.data[source.starts[source.line_at(node.start_byte)] : node.start_byte]
    return line[: len(line) - len(line.lstrip(b" \t\f"))]


def moved(unit: Unit, node: Node, indent: str) -> str:
    """The code of a node for a line that begins with ``indent``: its further lines are moved as its first one is.

    What stands in strings of several lines stays as it is.
    """
    data, old, at = unit.file.source.data, lead_of(unit, node), node.start_byte
    parts: list[str] = []
    for start in line_starts(unit.file, span_of(node)):
        if start > node.start_byte and data[start:].startswith(old) and data[start:].split(b"\n", 1)[0].strip():
            parts += [decode(data[at:start]), indent]
            at = start + len(old)
    return "".join([*parts, decode(data[at : node.end_byte])])


def noted(title: str, *notes: str) -> str:
    """A title with what the edit changes: ``Use a task group (errors come as a group)``."""
    said = "; ".join(note for note in notes if note)
    return f"{title} ({said})" if said else title


__all__ = ["lead_of", "moved", "noted"]
