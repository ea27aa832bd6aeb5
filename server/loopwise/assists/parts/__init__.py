"""What several assists share."""

from __future__ import annotations

from loopwise.assists.parts.blocks import Lines, joined, lines_of, numbered, too_old, wrapped
from loopwise.assists.parts.callers import changed
from loopwise.assists.parts.group_tasks import Started, started, whole
from loopwise.assists.parts.groups_raised import for_groups, without_groups
from loopwise.assists.parts.places import head_end, innermost, is_simple, selected, statement_at, touched, trimmed
from loopwise.assists.parts.task_results import Task, is_in, results_of

__all__ = [
    "gather_examples",
    "make_async_examples",
    "Lines",
    "Started",
    "Task",
    "changed",
    "for_groups",
    "head_end",
    "innermost",
    "is_in",
    "is_simple",
    "joined",
    "lines_of",
    "numbered",
    "results_of",
    "selected",
    "started",
    "statement_at",
    "too_old",
    "touched",
    "trimmed",
    "whole",
    "without_groups",
    "wrapped",
]
