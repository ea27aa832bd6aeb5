"""Facts about asyncio that no interpreter reports, each with its source. Whatever can be measured is measured."""

# Deprecated in the documentation (page asyncio-policy, "Deprecated since" lines), without a warning of its own.
DEPRECATED_WITHOUT_WARNING = {
    "asyncio.AbstractEventLoopPolicy.get_child_watcher": ("3.12", "3.14"),
    "asyncio.AbstractEventLoopPolicy.set_child_watcher": ("3.12", "3.14"),
    "asyncio.PidfdChildWatcher": ("3.12", "3.14"),
    "asyncio.ThreadedChildWatcher": ("3.12", "3.14"),
    "asyncio.WindowsProactorEventLoopPolicy": ("3.14", "3.16"),
    "asyncio.WindowsProactorEventLoopPolicy.get_child_watcher": ("3.12", "3.14"),
    "asyncio.WindowsProactorEventLoopPolicy.set_child_watcher": ("3.12", "3.14"),
    "asyncio.WindowsSelectorEventLoopPolicy": ("3.14", "3.16"),
    "asyncio.WindowsSelectorEventLoopPolicy.get_child_watcher": ("3.12", "3.14"),
    "asyncio.WindowsSelectorEventLoopPolicy.set_child_watcher": ("3.12", "3.14"),
}

_NO_WATCHER = "asyncio.create_subprocess_exec: the loop waits for child processes itself"

# What to write instead; a class's answer holds for its members too.
INSTEAD = {
    "asyncio.AbstractChildWatcher": _NO_WATCHER,
    "asyncio.AbstractEventLoopPolicy": "asyncio.Runner with loop_factory=…",
    "asyncio.AbstractEventLoopPolicy.get_child_watcher": _NO_WATCHER,
    "asyncio.AbstractEventLoopPolicy.set_child_watcher": _NO_WATCHER,
    "asyncio.DefaultEventLoopPolicy": "asyncio.Runner with loop_factory=…",
    "asyncio.FastChildWatcher": _NO_WATCHER,
    "asyncio.MultiLoopChildWatcher": _NO_WATCHER,
    "asyncio.PidfdChildWatcher": _NO_WATCHER,
    "asyncio.SafeChildWatcher": _NO_WATCHER,
    "asyncio.ThreadedChildWatcher": _NO_WATCHER,
    "asyncio.WindowsProactorEventLoopPolicy": "asyncio.Runner with loop_factory=asyncio.ProactorEventLoop",
    "asyncio.WindowsSelectorEventLoopPolicy": "asyncio.Runner with loop_factory=asyncio.SelectorEventLoop",
    "asyncio.WindowsProactorEventLoopPolicy.get_child_watcher": _NO_WATCHER,
    "asyncio.WindowsProactorEventLoopPolicy.set_child_watcher": _NO_WATCHER,
    "asyncio.WindowsSelectorEventLoopPolicy.get_child_watcher": _NO_WATCHER,
    "asyncio.WindowsSelectorEventLoopPolicy.set_child_watcher": _NO_WATCHER,
    "asyncio.coroutine": "async def",
    "asyncio.get_child_watcher": _NO_WATCHER,
    "asyncio.get_event_loop_policy": "asyncio.Runner with loop_factory=…",
    "asyncio.iscoroutinefunction": "inspect.iscoroutinefunction",
    "asyncio.set_child_watcher": _NO_WATCHER,
    "asyncio.set_event_loop_policy": "asyncio.Runner with loop_factory=…",
    "asyncio.trsock.TransportSocket": "asyncio.Transport: read and write through its methods, not through its socket",
}

# The documentation's signature where inspect sees no more than **kwargs (page asyncio-task; typeshed agrees).
_CREATE_TASK = "(coro, *, name=None, context=None, eager_start=None, **kwargs)"
DOCUMENTED_SIGNATURES = {  # from the version named on
    "asyncio.create_task": ("3.14", _CREATE_TASK),
    "asyncio.TaskGroup.create_task": ("3.14", _CREATE_TASK),
    "asyncio.loop.create_task": ("3.14", _CREATE_TASK),
    "asyncio.AbstractEventLoop.create_task": ("3.14", _CREATE_TASK),
    "asyncio.BaseEventLoop.create_task": ("3.14", _CREATE_TASK),
}

# The documentation's parameter names that are no keywords, and the real ones (measured: the call is a TypeError).
KEYWORD_NAMES = {
    "asyncio.as_completed": {"aws": "fs"},
    "asyncio.ensure_future": {"obj": "coro_or_future"},
    "asyncio.loop.add_signal_handler": {"signum": "sig"},
    "asyncio.loop.sock_recv": {"nbytes": "n"},
    "asyncio.run": {"coro": "main"},
    "asyncio.shield": {"aw": "arg"},
    "asyncio.wait": {"aws": "fs"},
    "asyncio.wait_for": {"aw": "fut"},
}

# Where typeshed is wrong: ``async with barrier`` waits at the barrier and returns the position (measured).
CORRECTED_TYPES = {("asyncio.Barrier", "aenters"): "int"}

# Same name, other behaviour: found by experiments on each Python, or said so in the documentation.
CHANGED = {
    "asyncio.CancelledError": [("3.8", "a BaseException, no longer an Exception")],
    "asyncio.Runner.run": [("3.14", "accepts any awaitable; TypeError, no longer ValueError, for anything else")],
    "asyncio.Server.wait_closed": [("3.12", "waits until all connections are closed")],
    "asyncio.Task.cancel": [("3.11", "msg is passed on to the code that awaits the task")],
    "asyncio.Task.get_coro": [("3.12", "None for a task that finished when it was created")],
    "asyncio.Task.uncancel": [("3.13", "at zero, drops a cancellation that was not yet delivered")],
    "asyncio.TaskGroup": [
        ("3.13", "distinguishes cancellation from outside and from inside, even if both occur at once"),
    ],
    "asyncio.TaskGroup.create_task": [("3.13", "closes the coroutine if the group is not active")],
    "asyncio.TimeoutError": [("3.11", "the built-in TimeoutError itself")],
    "asyncio.as_completed": [
        ("3.12", "accepts generators of tasks"),
        ("3.13", "also an async iterator, which yields the tasks that were passed"),
    ],
    "asyncio.get_event_loop": [
        ("3.12", "DeprecationWarning if it has to create a loop"),
        ("3.14", "RuntimeError if there is no current loop; none is created"),
    ],
    "asyncio.iscoroutine": [("3.12", "False for plain generators")],
    "asyncio.run": [("3.14", "accepts any awaitable; TypeError, no longer ValueError, for anything else")],
    "asyncio.sleep": [("3.13", "ValueError for nan")],
    "asyncio.wait": [
        ("3.11", "TypeError for coroutines"),
        ("3.12", "accepts generators of tasks"),
    ],
    "asyncio.wait_for": [
        ("3.11", "raises the built-in TimeoutError"),
        ("3.12", "built on timeout(); with timeout <= 0 the coroutine may never start"),
    ],
}

# Described since the documentation's inventory of 3.11 was made (the sources of the pages for 3.13).
DESCRIBED_LATER = frozenset(
    {
        "asyncio.ALL_COMPLETED",
        "asyncio.FIRST_COMPLETED",
        "asyncio.FIRST_EXCEPTION",
        "asyncio.iscoroutine",
        "asyncio.loop.slow_callback_duration",
    }
)

# Pages of the documentation for names without an anchor of their own.
PAGES = {
    "asyncio.base_events": "asyncio-eventloop",
    "asyncio.coroutines": "asyncio-task",
    "asyncio.events": "asyncio-eventloop",
    "asyncio.exceptions": "asyncio-exceptions",
    "asyncio.futures": "asyncio-future",
    "asyncio.graph": "asyncio-graph",
    "asyncio.locks": "asyncio-sync",
    "asyncio.protocols": "asyncio-protocol",
    "asyncio.queues": "asyncio-queue",
    "asyncio.runners": "asyncio-runner",
    "asyncio.selector_events": "asyncio-eventloop",
    "asyncio.streams": "asyncio-stream",
    "asyncio.subprocess": "asyncio-subprocess",
    "asyncio.taskgroups": "asyncio-task",
    "asyncio.tasks": "asyncio-task",
    "asyncio.threads": "asyncio-task",
    "asyncio.timeouts": "asyncio-task",
    "asyncio.transports": "asyncio-protocol",
    "asyncio.trsock": "asyncio-eventloop",
    "asyncio.unix_events": "asyncio-eventloop",
    "asyncio.windows_events": "asyncio-eventloop",
}

# Documented on another page than their module's other names.
PAGE_OF = {
    "asyncio.future_add_to_awaited_by": "asyncio-graph",
    "asyncio.future_discard_from_awaited_by": "asyncio-graph",
}
