"""Looks up calls in the table of blocking calls, wherever they are made."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase
from functools import cache

import msgspec

from loopwise.analysis.blocking.givers import THREADS, all_givers, is_threadsafe, opens_in_thread, receiver
from loopwise.analysis.blocking.names import full_name, names_of
from loopwise.analysis.blocking.programs import (
    is_console_program,
    is_driven_by_hand,
    is_in_own_thread,
    is_meant,
    is_script,
)
from loopwise.analysis.blocking.unless import may_block
from loopwise.analysis.flow import read_at_once
from loopwise.analysis.prefilter import callee_word
from loopwise.analysis.unit import Unit
from loopwise.cards import Calls, Long, Way, blocking_table
from loopwise.semantics.index import is_test
from loopwise.semantics.infer import Foreign, NoneValue, Unknown, Value, each
from loopwise.syntax import Node, field, parts_of, text_of

CONFIGURED = "blocking-configured"
_ANY_FILE = re.compile(r"(typing|io)\.(IO|TextIO|BinaryIO|TextIOWrapper|Buffered\w+|FileIO)\.")
THREADSAFE = "asyncio.run_coroutine_threadsafe.result"
# What takes an awaitable: where an argument of these comes from an unread library, it is taken to be one.
_TAKE_AWAITABLES = frozenset(
    "gather wait_for create_task ensure_future shield wait as_completed run_coroutine_threadsafe run"
    " run_until_complete start_soon add_task".split()
)
_EXITS = re.compile(rb"(?:sys\.exit|os\._exit|exit|quit|os\.exec\w+|os\.abort)\(|raise SystemExit\b")
# Libraries that have nothing to await; others may have both kinds under one name.
_NEVER_AWAITED = ("requests.", "urllib3.")
_SMALL = frozenset({"blocking-open", "blocking-path", "blocking-file-method"})
# A test that blocks delays nothing else; one that blocks forever is noticed when it runs.
_NOT_IN_TESTS = _SMALL | frozenset(
    {"blocking-filesystem", "blocking-import", "blocking-method", "blocking-subprocess", "blocking-tls-context"}
)


class Blocks(msgspec.Struct, frozen=True):
    """The blocking operation of a call."""

    name: str
    """The callee's public name: ``time.sleep``, ``pathlib.Path.read_text``, ``open``."""
    long: Long
    rule: str
    """The rule that reports the call in a coroutine function."""
    twin: str = ""
    """Dotted name of the awaitable equivalent; empty if there is none."""
    fix: Way = "thread"
    why: str = ""
    """The reason why there is no fix."""

    @property
    def slow(self) -> bool:
        """Does it take longer than accessing a local file?"""
        return self.long in {"network", "unbounded"}


def blocking(unit: Unit, call: Node) -> Blocks | None:
    """The blocking operation of a call, wherever it runs, threads included; ``None`` if none or unknown."""
    return unit.per_edit.get(("blocking", unit.file.key, call.id), lambda: _blocking(unit, call))


def reported(node: Node, unit: Unit, rule: str) -> Blocks | None:
    """The blocking operation of a call on the event loop, if ``rule`` is to report it."""
    if rule in _NOT_IN_TESTS and (is_test(unit.file.key) or is_script(unit)):
        return None  # it has nothing else to do at the same time
    if is_driven_by_hand(unit):
        return None
    if callee_word(node, unit.aliases) not in words(rule) or unit.is_awaited(node):
        return None
    if not unit.on_loop(node) and (rule in _SMALL or read_at_once(unit, node) is None):
        return None
    found = blocking(unit, node)
    if found is None or found.rule != rule or _ends_program(unit, node) or _is_said_of_opening(unit, node, found):
        return None
    if (
        is_meant(unit, node)
        or is_in_own_thread(unit, node)
        or (found.fix == "list" and _is_thread_argument(unit, node))
    ):
        return None
    first = receiver(node)  # execute().fetchall() waits twice, and is one thing to fix
    inner = blocking(unit, first) if first is not None and first.type == "call" else None
    return found if inner is None or inner.rule != rule else None


def _is_said_of_opening(unit: Unit, call: Node, found: Blocks) -> bool:
    """Does it use a file that the same function opens on the loop?  If so, only the ``open`` call is reported."""
    return found.rule == "blocking-file-method" and all_givers(unit, call, _is_opening)


def _ends_program(unit: Unit, call: Node) -> bool:
    """Does the block that a call is in end the program, so that nothing has to go on beside it?"""
    statement = unit.statement(call)
    around = statement.parent or statement
    last = unit.per_edit.get(
        ("last exit", around.id),
        lambda: max((one.start_byte for one in parts_of(around) if _EXITS.match(one.text or b"")), default=-1),
    )
    return statement.start_byte < last


def _is_thread_argument(unit: Unit, call: Node) -> bool:
    """Is the iterator that a call returns passed to a thread, which then waits for the disk?"""
    outer = call.parent.parent if call.parent is not None else None
    return outer is not None and outer.type == "call" and callee_word(outer, unit.aliases) in THREADS


@cache
def words(*rules: str) -> frozenset[str]:
    """Last parts of the names that some rules report."""
    found = blocking_table().words(*rules)
    if "blocking-input" in rules or "blocking-process-wait" in rules:
        return found | blocking_table().words("blocking-file-method")  # of sys.stdin, of a process's pipes
    return found


def _blocking(unit: Unit, call: Node) -> Blocks | None:
    configured = _configured(unit, call) if unit.view.settings.blocking else None
    if configured is not None:
        return configured
    if callee_word(call, unit.aliases) not in words():
        return None
    members = _members(unit, call)
    if _is_stdin(unit, call) and not is_console_program(unit):
        return Blocks(text_of(call).partition("(")[0], "unbounded", "blocking-input")
    unread = any(isinstance(value, Foreign) and not value.name.startswith(_NEVER_AWAITED) for value in members)
    if unread and _is_for_awaiting(unit, call):
        return None
    found = [_known(unit, call, names_of(unit, call, value)) for value in members]
    return found[0] if found and None not in found else None


def _members(unit: Unit, call: Node) -> list[Value]:
    """The possible callees; an unknown one is dropped if another belongs to an unread library."""
    members: list[Value] = [value for value in each(unit.called(call)) if not isinstance(value, NoneValue)]
    if any(isinstance(value, Foreign) for value in members):
        return [value for value in members if type(value) is not Unknown]
    return members


def _configured(unit: Unit, call: Node) -> Blocks | None:
    """The operation configured in the project's settings; ``a.b.*`` matches names at any depth below."""
    word = callee_word(call, unit.aliases)
    spelled = [(p, twin) for p, twin in unit.view.settings.blocking.items() if _may_be(word, p.rpartition(".")[2])]
    found = {full_name(unit, value) for value in _members(unit, call)} if spelled else set()
    name = found.pop() if len(found) == 1 else None
    if name is None or unit.gives_coroutine(call):
        return None
    twin = next((twin for pattern, twin in spelled if fnmatchcase(name, pattern)), None)
    return None if twin is None else Blocks(name, "unbounded", CONFIGURED, twin, "twin" if twin else "thread")


def _may_be(word: str | None, pattern: str) -> bool:
    return word is None or fnmatchcase(word, pattern)


def _is_for_awaiting(unit: Unit, call: Node) -> bool:
    """Is the result of the call awaited, or passed to something that awaits it?"""
    if unit.is_awaited(call):
        return True
    outer = call.parent
    while outer is not None and outer.type in {"argument_list", "list", "tuple", "list_splat", "keyword_argument"}:
        outer = outer.parent
    if outer is not None and outer.type == "call" and callee_word(outer, unit.aliases) in _TAKE_AWAITABLES:
        return True
    item = call.parent.parent if call.parent is not None and call.parent.type == "as_pattern" else call.parent
    if item is None or item.type not in {"with_item", "for_statement", "for_in_clause"}:
        return False
    while item is not None and item.type in {"with_item", "with_clause"}:
        item = item.parent
    return item is not None and bool(item.child_count) and text_of(item.children[0]) == "async"


def _known(unit: Unit, call: Node, spellings: Iterable[str]) -> Blocks | None:
    """The table's entry for the first of the callee's names that has one."""
    table = blocking_table()
    for name in map(table.canonical, spellings):
        calls = table.find(name)
        if calls is not None:
            return _of(unit, call, calls, name)
        if _ANY_FILE.match(name):
            return _of_file(unit, call, name)
    return None


def _of(unit: Unit, call: Node, calls: Calls, name: str) -> Blocks | None:
    if calls.long == "never" or not may_block(unit, call, calls):
        return None
    if calls.fix == "future" and all_givers(unit, call, is_threadsafe):
        name, calls = THREADSAFE, blocking_table().find(THREADSAFE) or calls
    twin = calls.twin.replace("{name}", name.rpartition(".")[2])
    return Blocks(name.removeprefix("builtins."), calls.long, calls.rule, twin, calls.fix, calls.why)


def _of_file(unit: Unit, call: Node, name: str) -> Blocks | None:
    """The operation of a method of a file object, if the file is known."""
    owner, method = receiver(call), name.rpartition(".")[2]
    if owner is None:
        return None
    if owner.type == "attribute" and (source := field(owner, "object")) is not None:
        process = unit.is_instance(unit.value(source), "subprocess.Popen")
        return Blocks(f"Popen.{_last(owner)}.{method}", "unbounded", "blocking-process-wait") if process else None
    calls = blocking_table().find(f"io.TextIOWrapper.{method}")
    if calls is None or not all_givers(unit, call, opens_in_thread):
        return None  # where a file is opened on the loop, that is said, once
    return _of(unit, call, calls, f"file.{method}")


def _is_stdin(unit: Unit, call: Node) -> bool:
    """Is it a reading method of ``sys.stdin``?"""
    owner, callee = receiver(call), field(call, "function")
    if owner is None or callee is None or not text_of(owner).endswith("stdin"):
        return False
    module = field(owner, "object") if owner.type == "attribute" else None
    return module is not None and unit.name(module) == "sys" and _last(callee).startswith("read")


def _last(attribute: Node) -> str:
    return text_of(field(attribute, "attribute") or attribute)


def _is_opening(unit: Unit, giver: Node) -> bool:
    found = blocking(unit, giver) if giver.type == "call" else None
    return found is not None and found.rule == "blocking-open"
