"""Questions about asyncio code: coroutines, callbacks, task groups, threads, versions."""

from __future__ import annotations

from loopwise.analysis.asyncio.argument_place import Wants, wanted
from loopwise.analysis.asyncio.arguments import passed_coroutines, returned_coroutines
from loopwise.analysis.asyncio.awaitability import OF_THREAD, Refused, refused
from loopwise.analysis.asyncio.callbacks import (
    after,
    argument,
    callback_label,
    called,
    defined,
    dotted,
    free_name,
    line_after,
    line_before,
    makes_coroutine,
    outermost,
    put_in,
    stands_alone,
)
from loopwise.analysis.asyncio.callers import callers, holds_at_callers, is_private
from loopwise.analysis.asyncio.coroutines import (
    await_fix,
    call_label,
    coroutine_names,
    drops_coroutine,
    given,
    held_call,
    is_expected,
    is_future,
    reads,
)
from loopwise.analysis.asyncio.dated import imports_of, last_parts, names_used, newer, newer_parameters, outdated
from loopwise.analysis.asyncio.evidence import coroutine, coroutine_function, lacking
from loopwise.analysis.asyncio.fresh_tasks import TASK_MAKERS, is_fresh_task
from loopwise.analysis.asyncio.gone_arguments import gone_arguments, without
from loopwise.analysis.asyncio.groups import (
    GROUP,
    TIMEOUT,
    Item,
    block_of,
    entered,
    group_of,
    groups_around,
    is_group,
    is_timeout,
    items,
    sole_statement,
    started,
)
from loopwise.analysis.asyncio.library_awaitables import is_pending, lacks_what
from loopwise.analysis.asyncio.operands import branches, operands
from loopwise.analysis.asyncio.overriding import is_coroutine_name, is_replaced, is_stub
from loopwise.analysis.asyncio.plain import is_plain_function
from loopwise.analysis.asyncio.protocols import async_only, has, lacks, may_be_async, value_label
from loopwise.analysis.asyncio.shared_state import is_costly, is_guarded, is_shared, own_receiver
from loopwise.analysis.asyncio.siblings import Siblings, awaited_calls, path_between, shared_name, siblings
from loopwise.analysis.asyncio.threads import in_thread, loop_at_hand

__all__ = [
    "branches",
    "operands",
    "GROUP",
    "OF_THREAD",
    "TASK_MAKERS",
    "TIMEOUT",
    "Item",
    "Refused",
    "Siblings",
    "Wants",
    "after",
    "argument",
    "async_only",
    "await_fix",
    "awaited_calls",
    "block_of",
    "call_label",
    "callback_label",
    "called",
    "callers",
    "coroutine",
    "coroutine_function",
    "coroutine_names",
    "defined",
    "dotted",
    "drops_coroutine",
    "entered",
    "free_name",
    "given",
    "gone_arguments",
    "group_of",
    "groups_around",
    "has",
    "held_call",
    "holds_at_callers",
    "is_private",
    "is_replaced",
    "imports_of",
    "in_thread",
    "is_coroutine_name",
    "is_costly",
    "is_expected",
    "is_fresh_task",
    "is_future",
    "is_group",
    "is_guarded",
    "is_pending",
    "is_plain_function",
    "is_shared",
    "is_stub",
    "is_timeout",
    "items",
    "lacking",
    "lacks",
    "lacks_what",
    "last_parts",
    "line_after",
    "line_before",
    "loop_at_hand",
    "makes_coroutine",
    "may_be_async",
    "names_used",
    "newer",
    "newer_parameters",
    "outdated",
    "outermost",
    "own_receiver",
    "passed_coroutines",
    "path_between",
    "put_in",
    "reads",
    "refused",
    "returned_coroutines",
    "shared_name",
    "siblings",
    "sole_statement",
    "stands_alone",
    "started",
    "value_label",
    "wanted",
    "without",
]
