"""Imports for code that is about to be written, in the style of the file."""

from __future__ import annotations

from loopwise.writing.imports.spelling import Imported, importing
from loopwise.writing.imports.unused import without_unused

__all__ = ["Imported", "importing", "without_unused"]
