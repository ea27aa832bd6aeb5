"""Completion: the few most likely items first, with the edits they need."""

from __future__ import annotations

from loopwise.features.completion import library, parameters
from loopwise.features.completion.complete import Completions, Options, completions
from loopwise.features.completion.half_typed import typed
from loopwise.features.completion.items import Item, ItemKind
from loopwise.features.completion.lines import line_start

__all__ = [
    "Completions",
    "Item",
    "ItemKind",
    "Options",
    "completions",
    "library",
    "line_start",
    "parameters",
    "typed",
]
