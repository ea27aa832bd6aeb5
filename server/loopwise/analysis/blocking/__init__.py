"""Blocking of the event loop: calls that block, and plain functions that make such calls."""

from __future__ import annotations

from loopwise.analysis.blocking.calls import CONFIGURED, Blocks, blocking, reported, words
from loopwise.analysis.blocking.names import names_of
from loopwise.analysis.blocking.programs import is_driven_by_hand
from loopwise.analysis.blocking.reach import Reached, reached
from loopwise.analysis.blocking.sync_functions import SyncNames, may_be_one, may_block, plain_names, takes_long

__all__ = [
    "CONFIGURED",
    "Blocks",
    "Reached",
    "SyncNames",
    "blocking",
    "is_driven_by_hand",
    "may_be_one",
    "may_block",
    "names_of",
    "plain_names",
    "reached",
    "reported",
    "takes_long",
    "words",
]
