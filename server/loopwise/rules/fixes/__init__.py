"""Fixes that several rules share."""

from __future__ import annotations

from loopwise.rules.fixes.blocking import checking, finding, in_thread, message
from loopwise.rules.fixes.callbacks import (
    at_exit,
    call_of,
    call_of_done,
    called_here,
    in_pool,
    started,
    started_in_thread,
    submitted,
)
from loopwise.rules.fixes.event_loops import is_event_loop
from loopwise.rules.fixes.hand_over import await_brackets, handed_over
from loopwise.rules.fixes.make_async import made_async
from loopwise.rules.fixes.outdated import fixes_of, is_set, saying
from loopwise.rules.fixes.task_groups import group_at_hand
from loopwise.rules.fixes.task_keeping import (
    free_name,
    in_set,
    is_comment_of,
    is_last_wait,
    line_of,
    local_name,
    newline_of,
    task_set,
)
from loopwise.rules.fixes.tasks import keeping
from loopwise.rules.fixes.thread_safety import needs_loop_thread
from loopwise.rules.fixes.to_thread import to_thread_edits

__all__ = [
    "at_exit",
    "await_brackets",
    "call_of",
    "call_of_done",
    "called_here",
    "checking",
    "finding",
    "fixes_of",
    "free_name",
    "group_at_hand",
    "handed_over",
    "in_pool",
    "in_set",
    "in_thread",
    "is_comment_of",
    "is_event_loop",
    "is_last_wait",
    "is_set",
    "keeping",
    "line_of",
    "local_name",
    "made_async",
    "message",
    "needs_loop_thread",
    "newline_of",
    "saying",
    "started",
    "started_in_thread",
    "submitted",
    "task_set",
    "to_thread_edits",
]
