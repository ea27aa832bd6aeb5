"""Finds reasons to keep a call on the event loop's thread: in the called function's body, and in its arguments."""

from __future__ import annotations

import re

from loopwise.analysis.asyncio import items
from loopwise.analysis.flow import functions_of, own_names, root_of, seen
from loopwise.analysis.unit import Unit
from loopwise.rules.fixes.loose_objects import LOOSE, held, is_loose, loose_part, splats
from loopwise.semantics.bindings import File
from loopwise.semantics.infer import Foreign, Function, Instance, Unknown, Value, each, is_generator
from loopwise.syntax import (
    ASSIGNMENTS,
    ATTRIBUTES,
    CALLS,
    FUNCTIONS,
    RAISES,
    Node,
    arguments_of,
    field,
    is_async,
    nodes_of,
    outward,
    parts_of,
    source_of,
)

# Judged by name as well as by class: a lock of an unknown library would deadlock just the same.
_HELD = re.compile(r"lock|mutex|sem|cond", re.IGNORECASE)
# A future refuses to hold StopIteration, so to_thread() could not pass it on.
_NEXT = frozenset({"next"})
# What asks for the loop, or for the task that runs; the names are asyncio's own, or methods of a loop.
_OF_LOOP = frozenset(
    "get_running_loop get_event_loop create_task ensure_future current_task all_tasks call_soon call_later call_at"
    " create_future run_in_executor add_reader add_writer remove_reader remove_writer add_signal_handler".split()
)
# Functions whose result differs in another thread.
_THREADS = frozenset({"current_thread", "main_thread", "get_ident", "get_native_id", "get_current_context"})
# Functions that look at the stack, which a thread starts anew.
_CALLERS = frozenset({"_getframe", "currentframe", "stack", "extract_stack", "print_stack", "format_stack"})
# What reads the error that is being handled, which a thread does not have.
_HANDLED = frozenset({"exc_info", "format_exc", "print_exc", "exception"})
# Event emitters (pyee's, Socket.IO's, those that projects write) call their handlers where an event is emitted.
_HANDLERS = frozenset({"emit"})
# Python allows these in the main thread only.
_SIGNALS = re.compile(r"signal\.(?:signal|setitimer|set_wakeup_fd|alarm|siginterrupt)")
_FROM_SIGNAL = re.compile(r"^\s*(?:from signal import|import signal)\b", re.MULTILINE)
_LOCALS = re.compile(r"^(\w+) = (?:threading\.)?local\(", re.MULTILINE)
# Arguments that may be functions.
_CALLABLE = frozenset({"attribute", "identifier", "lambda"})
# What calls its first argument later, in the thread.
_BINDERS = frozenset({"partial", "map", "filter"})
_SPECIAL = frozenset({"__iter__", "__next__", "__call__", "__getitem__", "__enter__"})
# sqlite3 raises ProgrammingError in any thread but the one that opened the connection, unless
# ``check_same_thread=False``.
_OPENS = "sqlite3.connect"
_BOUND = ("sqlite3.Connection", "sqlite3.Cursor")


def needs_loop_thread(unit: Unit, call: Node) -> str:
    """The reason why a call cannot run in another thread, as far as it can be seen; empty if there is none."""
    callee = field(call, "function") or call
    if source_of(field(callee, "attribute") or callee) in _HANDLED or "exc_info" in arguments_of(call)[1]:
        return "The call reads the error that is being handled, which the thread does not have"
    return (
        _held(unit, call) or _given(unit, call) or seen(unit, call, lambda function, file: _body(unit, function, file))
    )


def _held(unit: Unit, call: Node) -> str:
    for outer in unit.around(call):
        for item in items(outer) if outer.type == "with_statement" and not is_async(outer) else ():
            classes = [one.cls.fullname for one in each(unit.value(item.value)) if isinstance(one, Instance)]
            if any(_HELD.search(text) for text in [source_of(item.value), *classes]):
                return f"The lock {source_of(item.value)} is held here, and the thread could not acquire it"
    return ""


def _given(unit: Unit, call: Node) -> str:
    positional, keywords, _ = arguments_of(call)
    callee = field(call, "function")
    owner = field(callee, "object") if callee is not None else None
    given = [*positional, *keywords.values(), *([owner] if owner is not None else [])]
    given += [parts_of(one)[0] for one in splats(call)]
    bound = [one for call in given if _is_partial(call) for one in arguments_of(call)[0]]
    for one in [*given, *bound]:
        value, shown = unit.value(one), " ".join(source_of(one).split())
        inside = [part for made in each(value) for part in held(made)]
        if any(is_loose(unit, made) for made in (value, unit.ev.iterated(value), *inside)):
            return f"{shown} belongs to asyncio and is not safe to use in another thread"
        if refused := _called_there(unit, one, shown):
            return refused
        if any(unit.is_instance(made, *_BOUND) for made in (value, *inside)) and not _is_shared(unit.file):
            return f"{shown} can be used only in the thread that opened it"
        if one != owner and (refused := next(filter(None, (_iterated(unit, made) for made in each(value))), "")):
            return refused
        if one != owner and (part := loose_part(unit, value)):
            return f"{shown} has {part}, which is asyncio's and not safe in another thread"
    return ""


def _iterated(unit: Unit, value: Value) -> str:
    """The reason in a method that runs where an object is looped over, called or compared; else empty."""
    cls = value.cls if isinstance(value, Instance) and not value.cls.file.is_stub else None
    methods = nodes_of(cls.node, FUNCTIONS) if cls is not None else ()
    special = (one for one in methods if source_of(field(one, "name") or one) in _SPECIAL)
    return next(filter(None, (_body(unit, one, cls.file) for one in special if cls is not None)), "")


def _is_partial(node: Node) -> bool:
    callee = field(node, "function") if node.type == "call" else None
    return callee is not None and source_of(field(callee, "attribute") or callee) in _BINDERS


def _called_there(unit: Unit, given: Node, shown: str) -> str:
    """The reason why a function that is passed on cannot be called in the thread; empty if there is none."""
    owners = [field(one, "object") or one for one in nodes_of(given, ATTRIBUTES)] if given.type in _CALLABLE else []
    loose = next((source_of(one) for one in owners if is_loose(unit, unit.value(one))), "")
    if loose:
        return f"{shown} uses {loose}, which is asyncio's and not safe in another thread"
    if given.type == "generator_expression":
        words = [
            source_of(field(field(one, "function") or one, "attribute") or field(one, "function") or one)
            for one in nodes_of(given, CALLS)
        ]
        return next(
            (f"{shown} calls {word}(), which needs the event loop's thread" for word in words if word in _OF_LOOP), ""
        )
    made = [one for one in each(unit.value(given)) if isinstance(one, Function)] if given.type in _CALLABLE else []
    # What takes a generator runs it.
    run = [one for call in _made(unit, given) for one in functions_of(unit, call) if any(map(is_generator, one.nodes))]
    for function in [*run, *(one for one in made if not one.file.is_stub)]:
        if refused := next(filter(None, (_body(unit, node, function.file) for node in function.nodes)), ""):
            return refused
    return ""


def _made(unit: Unit, given: Node) -> list[Node]:
    """The call that makes an argument: itself, or what is assigned to the name in the function."""
    if given.type == "call":
        return [given]
    around = unit.function(given) if given.type == "identifier" else None
    stored = nodes_of(around, ASSIGNMENTS) if around is not None else ()
    values = [field(one, "right") for one in stored if source_of(field(one, "left") or one) == source_of(given)]
    return [one for one in values if one is not None and one.type == "call"]


def _body(unit: Unit, function: Node, file: File) -> str:
    """The reason found in the body of a called function; empty if there is none."""
    name, own = source_of(field(function, "name") or function), own_names(function, file)
    for call in nodes_of(field(function, "body") or function, CALLS):
        callee = field(call, "function")
        if callee is None:
            continue
        word = source_of(field(callee, "attribute") or callee)
        owner = field(callee, "object")
        if word in _OF_LOOP:
            return f"{name}() calls {word}(), which needs the event loop's thread"
        if _SIGNALS.fullmatch(source_of(callee)) or (word == "signal" and _FROM_SIGNAL.search(file.source.text)):
            return f"{name}() calls {source_of(callee)}(), and signal handlers are set in the main thread only"
        if word in _NEXT and owner is None and len(arguments_of(call)[0]) == 1 and not _is_caught(call, function):
            return f"{name}() may raise StopIteration, which to_thread() cannot pass on"
        if word in _HANDLERS and owner is not None:
            return f"{name}() calls {word}(), whose handlers would run in the thread"
        if source_of(callee) == _OPENS and _is_stored(call) and not _is_shared(file):
            return f"{name}() opens a database in the thread, and only that thread could use it"
        if word in _CALLERS or "stacklevel" in arguments_of(call)[1]:
            return f"{name}() looks at its caller, which would be the thread"
        if word in _HANDLED - {"exception"} or "exc_info" in arguments_of(call)[1]:
            return f"{name}() reads the error that is being handled, which the thread does not have"
        if word in _THREADS:
            return f"{name}() calls {word}(), whose result depends on the thread"
        if owner is None or root_of(owner) in own:
            continue
        if refused := _owner(unit, name, owner, word, file):
            return refused
    for one in nodes_of(function, RAISES):
        if not parts_of(one) and not any(outer.type == "except_clause" for outer in outward(one, function)):
            return f"{name}() raises the error that is being handled, which the thread does not have"
    for local in _LOCALS.finditer(file.source.text):
        if re.search(rf"\b{local[1]}\.", source_of(function)):
            return f"{name}() uses {local[1]}, which each thread has its own copy of"
    if re.search(r"\braise\s+StopIteration\b", source_of(function)):
        return f"{name}() may raise StopIteration, which to_thread() cannot pass on"
    return ""


def _is_stored(call: Node) -> bool:
    """Is the result of a call assigned to an attribute?"""
    left = field(call.parent, "left") if call.parent is not None and call.parent.type == "assignment" else None
    return left is not None and left.type == "attribute"


def _owner(unit: Unit, name: str, owner: Node, word: str, file: File) -> str:
    value = unit.ev.value(file, owner)
    if unit.is_instance(value, *_BOUND) and not _is_shared(file):
        return f"{name}() uses {source_of(owner)} in the thread, and only the thread that opened it may do so"
    # Of a known class it is judged below; concurrent futures may be set in any thread.
    if word in {"set_result", "set_exception"} and isinstance(value, Unknown):
        return f"{name}() calls {word}(), which is not safe in another thread"
    if word in {"set", "reset"} and _is_context_variable(unit, value):
        return f"{name}() sets the context variable {source_of(owner)}, which would be set only in the thread"
    if word not in {"get", "is_set", "qsize", "empty", "full", "done", "locked"} and unit.is_instance(value, *LOOSE):
        return f"{name}() calls {source_of(owner)}.{word}(), which is asyncio's and not safe in another thread"
    return ""


def _is_shared(file: File) -> bool:
    """Does the file open its database for use from any thread?"""
    return b"check_same_thread" in file.source.data


def _is_context_variable(unit: Unit, value: Value) -> bool:
    names = ("contextvars.ContextVar", "_contextvars.ContextVar")
    for one in each(value):
        if isinstance(one, Instance) and one.cls.fullname in names:
            return True
        if isinstance(one, Foreign) and "ContextVar" in one.name:
            return True
    return False


def _is_caught(call: Node, function: Node) -> bool:
    """Does a handler in the function catch ``StopIteration``?"""
    inner, outer = call, call.parent
    while outer is not None and inner != function:
        if outer.type == "try_statement" and inner == field(outer, "body"):
            heads = (source_of(one).partition(":")[0] for one in outer.named_children if one.type == "except_clause")
            if any(head.strip() == "except" or re.search(r"StopIteration|\bException|BaseEx", head) for head in heads):
                return True
        inner, outer = outer, outer.parent
    return False


__all__ = ["needs_loop_thread"]
