"""Bindings: where names get their values, scope by scope, found in one pass over a unit."""

from __future__ import annotations

from loopwise.semantics.bindings.binding import Binding, Branch, Kind, Table
from loopwise.semantics.bindings.carried import Carried
from loopwise.semantics.bindings.files import SUMMARY, File
from loopwise.semantics.bindings.table import EXCLUSIVE, branches_of, table_of
from loopwise.semantics.bindings.visibility import HEADED, comprehension_clause, visible

__all__ = [
    "EXCLUSIVE",
    "HEADED",
    "SUMMARY",
    "Binding",
    "Branch",
    "Carried",
    "File",
    "Kind",
    "Table",
    "branches_of",
    "comprehension_clause",
    "table_of",
    "visible",
]
