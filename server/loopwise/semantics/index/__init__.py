"""The project index: what the workspace's other modules offer to await, to enter and to iterate."""

from __future__ import annotations

from loopwise.semantics.index.entries import Entry, Kind, coroutine_functions, imported_modules, is_test, roots_of
from loopwise.semantics.index.index import Index
from loopwise.semantics.index.walk import _is_excluded, _is_folder, _is_foreign, _listing, files_below

__all__ = [
    "Entry",
    "Index",
    "Kind",
    "_is_excluded",
    "_is_folder",
    "_is_foreign",
    "_listing",
    "coroutine_functions",
    "files_below",
    "imported_modules",
    "is_test",
    "roots_of",
]
