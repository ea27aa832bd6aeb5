"""Recognizes programs in which a blocking call delays nothing, because nothing else runs on the loop."""

from __future__ import annotations

import re
from pathlib import PurePath

from loopwise.analysis.unit import Unit
from loopwise.semantics.index import is_test
from loopwise.semantics.infer import inheritance
from loopwise.syntax import COMMENTS, Node, nodes_of

_PROGRAM = re.compile(rb"__main__|\basyncio\.run\(")
# Folders of what a program does when it is called from a shell.
_COMMANDS = frozenset({"cli", "cli.py", "cmdline", "commands", "__main__.py"})
# A comment that tells the reader of a test why it blocks.
_MEANT = re.compile(
    rb"(?i)\b(?:block|hold|stall|starv|freez|occup)\w*\s[^.]*\bloop\b|\bloop\b[^.]*\b(?:blocked|stalled|frozen|busy)\b"
)
# A coroutine is stepped by hand, without a loop.
_SENDS = re.compile(rb"\.send\(\s*None\s*\)")
_LOOPS = re.compile(rb"\basyncio\.run\(|\brun_(?:until_complete|forever)\(|\bcreate_task\(|\bTaskGroup\(|\bgather\(")
_RUNS = re.compile(rb"\brun_(?:until_complete|forever)\(|\basyncio\.run\(|\bRunner\(")
# Every way to have a second task or callback on the loop. Without any, a prompt delays no other task.
_BESIDE = re.compile(
    rb"\b(?:create_task|ensure_future|TaskGroup|create_task_group|gather|start_server|start_unix_server|create_server"
    rb"|add_reader|call_later|call_soon|call_at|start_soon|run_coroutine_threadsafe|as_completed|shield|wait)\b"
)


def is_console_program(unit: Unit) -> bool:
    """Is a file a program that runs one thing after the other: does nothing wait while it asks its user?"""
    return unit.per_edit.get("alone", lambda: _is_program(unit) and _BESIDE.search(unit.file.source.data) is None)


def _is_program(unit: Unit) -> bool:
    return _PROGRAM.search(unit.file.source.data) is not None or not _COMMANDS.isdisjoint(PurePath(unit.file.key).parts)


def is_script(unit: Unit) -> bool:
    """Is a file run by itself, doing one thing after the other, so that nothing waits while it reads files?"""
    return unit.per_edit.get("script", lambda: _is_script(unit))


def _is_script(unit: Unit) -> bool:
    data = unit.file.source.data
    named = b"__main__" in data or not _COMMANDS.isdisjoint(PurePath(unit.file.key).parts)
    return named and _RUNS.search(data) is not None and is_console_program(unit)


def is_in_own_thread(unit: Unit, node: Node) -> bool:
    """Is the code a method of a thread's class that runs a loop of its own, which nothing else uses?"""
    function = unit.function(node)
    owner = unit.owner(function) if function is not None else None
    if owner is None or _RUNS.search(owner.node.text or b"") is None:
        return False
    return any(base.fullname == "threading.Thread" for base in inheritance.mro(unit.ev, owner)[1:])


def is_driven_by_hand(unit: Unit) -> bool:
    """Does a file step through coroutines itself, by ``coroutine.send(None)``, and start no loop nor task?

    Then there is no event loop that a call could block.
    """
    data = unit.file.source.data
    return unit.per_edit.get("by hand", lambda: _SENDS.search(data) is not None and _LOOPS.search(data) is None)


def is_meant(unit: Unit, node: Node) -> bool:
    """Does an earlier comment in the block of a test say that the event loop is to be blocked?"""
    statement, function = unit.statement(node), unit.function(node)
    if function is None or not is_test(unit.file.key):
        return False
    column, end = statement.start_point.column, statement.start_byte
    comments = [
        one for one in nodes_of(function, COMMENTS) if one.start_byte < end and one.start_point.column == column
    ]
    return _MEANT.search(b" ".join((one.text or b"").lstrip(b"# ") for one in comments)) is not None
