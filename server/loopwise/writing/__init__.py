"""Writes code into users' files for all features: edits, indentation, imports."""

from __future__ import annotations

from loopwise.writing.edits import (
    awaited,
    called_instead,
    in_list,
    insert,
    joined,
    merged,
    needs_brackets,
    replace,
    without_async,
)
from loopwise.writing.imports import Imported, importing, without_unused
from loopwise.writing.indent import (
    indent_of,
    lead_of,
    moved,
    moved_in,
    moved_out,
    newline_of,
    parting,
    step_of,
    unwrapped,
    usual_step,
)
from loopwise.writing.snippets import adapted, adapted_sample

__all__ = [
    "Imported",
    "adapted",
    "adapted_sample",
    "awaited",
    "called_instead",
    "importing",
    "in_list",
    "indent_of",
    "insert",
    "joined",
    "lead_of",
    "merged",
    "moved",
    "moved_in",
    "moved_out",
    "needs_brackets",
    "newline_of",
    "parting",
    "replace",
    "step_of",
    "unwrapped",
    "usual_step",
    "without_async",
    "without_unused",
]
