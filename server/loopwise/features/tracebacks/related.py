"""Maps messages to the rules that find the mistakes behind them.

A finding of such a rule near a place that a traceback names is taken to be the cause. The lists were drawn up from the
pages of the rules (``RULES.md``) and tried on the programs of ``tests/tracebacks``.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from loopwise.analysis.rule import Rule

_LOST = ("LW10", "LW113", "LW114", "LW115", "LW116", "LW119")
_BY_MESSAGE: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "coroutine '…' was never awaited": ("LW1",),
        "'coroutine' object has no attribute '…'": _LOST,
        "'…' object can't be awaited": ("LW108", "LW104", "LW404"),
        "'_asyncio.Task' object has no attribute '…'": ("LW102", "LW104"),
        "Task was destroyed but it is pending!": ("LW110", "LW117", "LW303", "LW314", "LW502"),
        "Task exception was never retrieved": ("LW110", "LW102", "LW117", "LW314", "LW502"),
        "_GatheringFuture exception was never retrieved": ("LW102", "LW110"),
        "Executing … took … seconds": ("LW2",),
        "no running event loop": ("LW408", "LW411", "LW113", "LW503"),
        "There is no current event loop in thread '…'.": ("LW408", "LW503"),
        "asyncio.run() cannot be called from a running event loop": ("LW407",),
        "This event loop is already running": ("LW407",),
        "Task … got Future … attached to a different loop": ("LW408", "LW411", "LW503"),
        "a coroutine was expected, got …": ("LW108", "LW112"),
        "cannot reuse already awaited coroutine": ("LW106", "LW115"),
        "coroutine is being awaited already": ("LW106", "LW115"),
        "Passing coroutines is forbidden, use tasks explicitly.": ("LW109",),
        "Non-thread-safe operation invoked on an event loop other than the current one": ("LW411", "LW412"),
        "…() got an unexpected keyword argument 'loop'": ("LW409",),
        "module 'asyncio' has no attribute '…'": ("LW409", "LW410"),
        "'asyncio.…' is deprecated and slated for removal in Python …": ("LW409", "LW408"),
        "unclosed transport …": ("LW417", "LW418"),
        "TaskGroup … has not been entered": ("LW313",),
        "TaskGroup … is finished": ("LW312",),
        "unhandled errors in a TaskGroup (… sub-exception…)": ("LW318", "LW320", "LW321"),
        "'…' object does not support the asynchronous context manager protocol": ("LW404", "LW101"),
        "'…' object does not support the context manager protocol": ("LW403",),
        "'async for' requires an object with __aiter__ method, got …": ("LW406",),
        "'async_generator' object is not iterable": ("LW405",),
        "'await' outside async function": ("LW401", "LW402"),
        "Lock is not acquired.": ("LW414", "LW415"),
        "cannot wait on un-acquired lock": ("LW416",),
        "coroutines cannot be used with …()": ("LW112", "LW412"),
        "coroutine method '…' of '…' was never awaited": ("LW420", "LW101"),
        "an error occurred during closing of asynchronous generator …": ("LW420", "LW421"),
        "asyncio.TimeoutError": ("LW304", "LW306", "LW309"),
        "asyncio.CancelledError": ("LW301", "LW302", "LW303"),
        "async def functions are not natively supported …": ("LW119", "LW422"),
    }
)


def is_related(rule: Rule, card: str) -> bool:
    """Can a finding of the rule be the cause of the message (or exception) with this card?"""
    return rule.code.startswith(_BY_MESSAGE.get(card, ("-",)))
