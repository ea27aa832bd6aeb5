"""Names of asyncio and related modules that several rules look for, each set defined once."""

from __future__ import annotations

from loopwise.analysis.prefilter import names

CANCEL = names("asyncio.Task.cancel")
GATHER = names("asyncio.gather")
LOOP_GETTERS = names("asyncio.get_running_loop asyncio.get_event_loop")
PARTIAL = names("functools.partial")
RUN_IN_EXECUTOR = names("asyncio.loop.run_in_executor asyncio.AbstractEventLoop.run_in_executor")
RUN_THREADSAFE = names("asyncio.run_coroutine_threadsafe")
TASK_MAKERS = names("asyncio.create_task asyncio.ensure_future asyncio.loop.create_task")
WAIT = names("asyncio.wait")
TRANSPARENT_DECORATORS = frozenset({"classmethod", "deprecated", "final", "overload", "override", "staticmethod"})
"""Last parts of the names of decorators that keep a function's kind."""
PASSED_ON = frozenset({"gather", "shield", "wait_for"})
"""Last parts of the names of functions whose awaited result stands for that of their arguments."""
TASK_STARTERS = frozenset({"create_task", "ensure_future"})
"""Last parts of the names of functions that start a task."""
OUTCOMES = frozenset({"exception", "result"})
"""Methods that a future supports once it is done."""
# ``exceptiongroup`` is the backport for Python 3.10.
EXCEPTION_GROUPS = frozenset(
    f"{module}.{name}" for module in ("builtins", "exceptiongroup") for name in ("ExceptionGroup", "BaseExceptionGroup")
)
MANAGERS = frozenset({"asynccontextmanager", "contextmanager"})
"""Last parts of the names of decorators that make a context manager of a generator, and run all of it in one task."""
LACKED = (
    *("reportAttributeAccessIssue", "reportCallIssue", "attr-defined", "call-arg", "missing-attribute"),
    *("missing-module-member", "missing-module-attribute", "unknown-argument", "unexpected-keyword", "name-defined"),
)
"""The codes of type checkers for a name or parameter that the Python they check for lacks, as measured."""
