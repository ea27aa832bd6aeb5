"""The project index: what the workspace's other modules offer to await, to enter and to iterate."""

from __future__ import annotations

from loopwise.semantics.index.entries import Entry, Kind, coroutine_functions, is_test
from loopwise.semantics.index.index import Index
from loopwise.semantics.index.project_names import ProjectNames, Subclass, joined, subclasses
from loopwise.semantics.index.walk import _is_excluded, _is_folder, _is_foreign, _listing, files_below

__all__ = [
    "Entry",
    "Index",
    "Kind",
    "ProjectNames",
    "Subclass",
    "_is_excluded",
    "_is_folder",
    "_is_foreign",
    "_listing",
    "coroutine_functions",
    "files_below",
    "is_test",
    "joined",
    "subclasses",
]
