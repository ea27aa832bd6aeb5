"""Finds functions of a file that run in a thread other than the event loop's, and their ways to reach the loop."""

from __future__ import annotations

import re
from collections.abc import Iterator

from loopwise.analysis.flow import own
from loopwise.analysis.known_names import PARTIAL
from loopwise.analysis.prefilter import callee_word, names
from loopwise.analysis.unit import Unit
from loopwise.semantics.infer import ClassObject, Function, Instance, assigned_in, each
from loopwise.syntax import CALLS, FUNCTIONS, Node, arguments_of, field, is_async, nodes_of, text_of

_DONE = "concurrent.futures._base.Future.add_done_callback"
_STARTS = names(
    "threading.Thread threading.Timer asyncio.to_thread asyncio.loop.run_in_executor"
    " concurrent.futures.thread.ThreadPoolExecutor.submit concurrent.futures.thread.ThreadPoolExecutor.map"
    " concurrent.futures._base.Executor.submit concurrent.futures._base.Executor.map"
    f" {_DONE}"
)
_PROCESSES = ("concurrent.futures.process.ProcessPoolExecutor",)
_THREADS = ("threading.Thread",)
# The position of the started function among the arguments, and its keyword.
_AT = {"Thread": (1, "target"), "Timer": (1, "function"), "run_in_executor": (1, "func")}
# A cheap test for the whole file, because most files never mention a thread.
_WORDS = re.compile(rb"\b(?:Thread|Timer|to_thread|run_in_executor|submit|ThreadPoolExecutor|add_done_callback)\b")
# A thread with a loop of its own, or one that asks where it is.
_OWN_LOOP = re.compile(
    rb"\b(?:new_event_loop|set_event_loop|run_until_complete|run_forever|asyncio\.run|Runner|get_running_loop"
    rb"|IOLoop|io_loop|run_sync|get_event_loop|current_thread|get_ident|get_native_id|from_thread)\b"
)
# A parameter annotated with the abstract class accepts any loop, also one of another library.
_ABSTRACT = ("asyncio.AbstractEventLoop", "asyncio.events.AbstractEventLoop")
_HOPS = 3  # from what a thread starts to what that calls


def in_thread(unit: Unit, node: Node) -> Node | None:
    """The place in the same file that certainly passes the code around ``node`` to a thread; else ``None``."""
    found = unit.per_edit.get("threads", lambda: dict(_threads(unit)))
    return found.get(_around(node)) if found else None


def loop_at_hand(unit: Unit, call: Node) -> str | None:
    """The expression for the event loop at a call: a name or attribute used nearby, or one of ``self``."""
    function = unit.function(call)
    if function is None:
        return None
    for use in nodes_of(function, frozenset({"attribute", "identifier"})):
        if text_of(use).endswith("loop") and use.start_byte < call.start_byte and _is_loop(unit, use):
            return text_of(use)
    owner = unit.owner(function)
    return _loop_of(unit, owner, function) if owner is not None else None


def _is_loop(unit: Unit, node: Node) -> bool:
    return unit.is_instance(unit.value(node), *_ABSTRACT)


def _loop_of(unit: Unit, owner: ClassObject, method: Node) -> str | None:
    """The attribute of ``self`` that holds the loop."""
    parameters = unit.file.table_of(method).parameters
    for name, bindings in assigned_in(owner).items():
        for unit_of, binding in bindings:
            span = binding.at.shifted(unit_of.start_byte)
            target = unit.file.root.descendant_for_byte_range(span.start, span.end)
            outer = target.parent if target is not None else None
            if parameters and outer is not None and outer.type == "attribute" and _is_loop(unit, outer):
                return f"{parameters[0].name}.{name}"
    return None


def _around(node: Node) -> int:
    """The ID of the function or lambda that runs a node."""
    inner, outer = node, node.parent
    while outer is not None:
        if outer.type in {"function_definition", "lambda"} and inner == field(outer, "body"):
            return outer.id
        inner, outer = outer, outer.parent
    return -1


def _threads(unit: Unit) -> Iterator[tuple[int, Node]]:
    """The functions and lambdas that run in threads, each with the place that starts it."""
    if not _WORDS.search(unit.file.source.data):
        return
    seen: set[int] = set()
    todo = [*_started(unit), *_run_methods(unit)]
    for _ in range(_HOPS):
        now = [(function, place) for function, place in todo if function.id not in seen and _is_plain(function)]
        seen.update(function.id for function, _ in now)
        yield from ((function.id, place) for function, place in now)
        todo = [(called, place) for function, place in now for called in _called(unit, function)]


def _is_plain(function: Node) -> bool:
    return not is_async(function) and not _OWN_LOOP.search(function.text or b"")


def _started(unit: Unit) -> Iterator[tuple[Node, Node]]:
    """The functions that calls in the file pass to a thread, each with the call."""
    for call in nodes_of(unit.file.root, CALLS):
        if callee_word(call, unit.aliases) not in _STARTS.last:
            continue
        name = unit.call_in(call, _STARTS)
        if name == _DONE and b"run_coroutine_threadsafe" in unit.file.source.data:
            continue  # the loop itself ends such a future, and calls
        target = _target(unit, call, name.rpartition(".")[2]) if name is not None else None
        function = _definition(unit, target) if target is not None else None
        if function is not None:
            yield function, call


def _target(unit: Unit, call: Node, name: str) -> Node | None:
    positional, keywords, _ = arguments_of(call)
    at, keyword = _AT.get(name, (0, ""))
    if name == "run_in_executor" and positional and unit.is_instance(unit.value(positional[0]), *_PROCESSES):
        return None
    target = keywords.get(keyword, positional[at] if at < len(positional) else None)
    while target is not None and target.type == "call" and unit.call_in(target, PARTIAL):
        inner, _, _ = arguments_of(target)
        target = inner[0] if inner else None
    return target


def _definition(unit: Unit, node: Node) -> Node | None:
    """The function of this file, or the lambda, that an expression refers to."""
    if node.type == "lambda":
        return node
    members = each(unit.value(node))
    one = members[0] if len(members) == 1 else None
    return one.nodes[0] if isinstance(one, Function) and one.file is unit.file and len(one.nodes) == 1 else None


def _run_methods(unit: Unit) -> Iterator[tuple[Node, Node]]:
    """The ``run`` methods of classes derived from ``threading.Thread``, each with its name node."""
    for function in nodes_of(unit.file.root, FUNCTIONS):
        name = field(function, "name")
        owner = unit.owner(function) if name is not None and text_of(name) == "run" else None
        if name is not None and owner is not None and unit.is_instance(Instance(owner), *_THREADS):
            yield function, name


def _called(unit: Unit, function: Node) -> Iterator[Node]:
    """The functions of this file that the given one calls."""
    body = field(function, "body")
    for call in own(body, CALLS) if body is not None else ():
        callee = field(call, "function")
        called = _definition(unit, callee) if callee is not None and callee.type != "lambda" else None
        if called is not None:
            yield called
