"""The project index: names in the workspace's other modules that can be awaited, entered or iterated."""

from __future__ import annotations

from loopwise.semantics.index.entries import Entry, Kind, coroutine_functions, imported_modules, is_test, roots_of
from loopwise.semantics.index.handlers import is_handler
from loopwise.semantics.index.index import Index
from loopwise.semantics.index.project_names import ProjectNames, Subclass, joined, subclasses
from loopwise.semantics.index.walk import MOST_BESIDE, files_below, is_folder, is_too_deep, leaves_out, listing

__all__ = [
    "MOST_BESIDE",
    "Entry",
    "Index",
    "Kind",
    "ProjectNames",
    "Subclass",
    "coroutine_functions",
    "files_below",
    "imported_modules",
    "is_folder",
    "is_handler",
    "is_test",
    "is_too_deep",
    "joined",
    "leaves_out",
    "listing",
    "roots_of",
    "subclasses",
]
