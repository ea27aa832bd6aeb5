"""Control flow: exits, loop iterations, exception handlers, guards, suspension points."""

from __future__ import annotations

from loopwise.analysis.flow.asked import asked_about
from loopwise.analysis.flow.caught import caught_by, is_meant, let_pass
from loopwise.analysis.flow.conditions import contradicts, denies, needed, parameters_of, turns
from loopwise.analysis.flow.dead import is_dead
from loopwise.analysis.flow.dropped import KEPT_ITEMS, dropped
from loopwise.analysis.flow.exits import Exit, after, exits, may_return_nothing
from loopwise.analysis.flow.frameworks import framework_in, other_framework
from loopwise.analysis.flow.guards import asked_first, handlers, raises_expected
from loopwise.analysis.flow.half_typed import is_guessed, may_still_be_read, runs_over
from loopwise.analysis.flow.handlers import BROAD, CANCELLED, lost
from loopwise.analysis.flow.lazy import read_at_once
from loopwise.analysis.flow.project_functions import (
    changes_state,
    functions_of,
    own_names,
    root_of,
    seen,
    state_changed,
    waits_for_part,
)
from loopwise.analysis.flow.rounds import dry_rounds, leaves, looks_only
from loopwise.analysis.flow.uses import uses
from loopwise.analysis.flow.waits import first_wait, own, waits

__all__ = [
    "BROAD",
    "CANCELLED",
    "KEPT_ITEMS",
    "Exit",
    "after",
    "asked_about",
    "asked_first",
    "caught_by",
    "changes_state",
    "contradicts",
    "denies",
    "dropped",
    "dry_rounds",
    "exits",
    "first_wait",
    "framework_in",
    "functions_of",
    "handlers",
    "is_dead",
    "is_guessed",
    "is_meant",
    "leaves",
    "let_pass",
    "looks_only",
    "lost",
    "may_return_nothing",
    "may_still_be_read",
    "needed",
    "other_framework",
    "own",
    "own_names",
    "parameters_of",
    "raises_expected",
    "read_at_once",
    "root_of",
    "runs_over",
    "seen",
    "state_changed",
    "turns",
    "uses",
    "waits",
    "waits_for_part",
]
