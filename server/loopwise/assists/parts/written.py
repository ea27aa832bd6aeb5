"""Code that an assist moves to another place, and the titles of its offers."""

from __future__ import annotations

from loopwise import writing
from loopwise.analysis.unit import Unit
from loopwise.syntax import Node, span_of
from loopwise.text import encode


def moved(unit: Unit, node: Node, indent: str) -> str:
    """The code of a node for a line that begins with ``indent``; see :func:`loopwise.writing.moved`."""
    return writing.moved(unit.file, span_of(node), encode(indent))


def noted(title: str, *notes: str) -> str:
    """A title with notes on the effects of the edit: ``Use a task group (errors come as a group)``."""
    said = "; ".join(note for note in notes if note)
    return f"{title} ({said})" if said else title


__all__ = ["moved", "noted"]
