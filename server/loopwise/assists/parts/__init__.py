"""Parts that several assists share."""

from __future__ import annotations

from loopwise.assists.parts.block_tasks import arguments_text, free_comments, task_of
from loopwise.assists.parts.blocks import Lines, joined, line_above, lines_of, numbered, too_old, wrapped
from loopwise.assists.parts.call_sites import LOOKED_UP, called, expression_of
from loopwise.assists.parts.callers import can_run, changed, cleans_up
from loopwise.assists.parts.group_tasks import Started, started, whole
from loopwise.assists.parts.groups_raised import for_groups, without_groups
from loopwise.assists.parts.handles import due_together, is_nothing, only_cancelled, tasks_listed
from loopwise.assists.parts.headings import async_manager, async_result, awaited_result
from loopwise.assists.parts.limits import hoistable
from loopwise.assists.parts.lost_names import lost_names
from loopwise.assists.parts.names_read import is_read_after, is_read_by_nested
from loopwise.assists.parts.order import unmovable
from loopwise.assists.parts.overrides import Elsewhere, Family, elsewhere, family
from loopwise.assists.parts.places import head_end, innermost, is_simple, selected, statement_at, touched, trimmed
from loopwise.assists.parts.plain_only import accepted, handed_on, plain_only
from loopwise.assists.parts.side_by_side import gives_coroutine, needed
from loopwise.assists.parts.steps import Step, step_of
from loopwise.assists.parts.task_loops import order_matters
from loopwise.assists.parts.task_results import Task, is_in, results_of
from loopwise.assists.parts.written import moved, noted

__all__ = [
    "LOOKED_UP",
    "arguments_text",
    "Elsewhere",
    "Family",
    "Lines",
    "Started",
    "Step",
    "Task",
    "accepted",
    "async_manager",
    "async_result",
    "awaited_result",
    "called",
    "can_run",
    "changed",
    "cleans_up",
    "expression_of",
    "due_together",
    "elsewhere",
    "family",
    "for_groups",
    "gather_examples",
    "free_comments",
    "gives_coroutine",
    "handed_on",
    "head_end",
    "hoistable",
    "innermost",
    "is_in",
    "is_nothing",
    "is_read_after",
    "is_read_by_nested",
    "is_simple",
    "joined",
    "line_above",
    "lines_of",
    "lost_names",
    "make_async_examples",
    "moved",
    "needed",
    "noted",
    "numbered",
    "only_cancelled",
    "order_matters",
    "plain_only",
    "results_of",
    "selected",
    "started",
    "statement_at",
    "step_of",
    "task_of",
    "too_old",
    "tasks_listed",
    "touched",
    "trimmed",
    "unmovable",
    "whole",
    "without_groups",
    "wrapped",
]
