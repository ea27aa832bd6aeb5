"""Describes the lifetime of a task that a call starts: its holder, where it is awaited, where its exception is raised.

Only the function, the class and the file are considered; a task that is passed to other code gets no description.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from loopwise.analysis.asyncio import groups_around
from loopwise.analysis.flow import own
from loopwise.analysis.unit import Unit
from loopwise.project import View
from loopwise.syntax import AWAITS, FORS, NAMES, Node, arguments_of, awaited_part, field, nodes_of, text_of, unwrap

STARTERS = frozenset(
    "asyncio.create_task asyncio.ensure_future asyncio.TaskGroup.create_task asyncio.loop.create_task".split()
)
_JOINED = frozenset({"as_completed", "gather", "shield", "wait", "wait_for"})
_DISPLAYS = frozenset({"list", "list_comprehension", "parenthesized_expression", "set", "set_comprehension", "tuple"})
_KEEPERS = frozenset({"add", "append", "appendleft"})


class _Seen(msgspec.Struct):
    """The observed uses of a holder; lines count from 1."""

    awaited: dict[int, str]
    """By line: the function that awaits it, or an empty text for a plain ``await``."""
    cancelled: dict[int, None]
    callbacks: dict[str, None]
    holders: dict[str, None]
    returned: bool = False
    escapes: bool = False


def lifetime(view: View, name: Node) -> str:
    """One to three sentences about the task of the call whose callee is ``name``; empty if nothing is known."""
    unit = Unit(view, view.file.root)
    callee = name.parent if name.parent is not None and name.parent.type == "attribute" else name
    call = callee.parent
    if call is None or call.type != "call" or field(call, "function") != callee:
        return ""
    group = _group(unit, call, callee)
    holder, at = _holder(call)
    if at == "awaited":
        return "It is awaited immediately, so nothing else in this function runs in the meantime."
    seen = _Seen({}, {}, {}, {})
    if holder is not None:
        _look(unit, holder, call, seen, 3)
    seen.returned = seen.returned or at == "returned"
    return " ".join(_sentences(unit, group, holder, seen, is_unknown=at == "unknown"))


def _group(unit: Unit, call: Node, callee: Node) -> tuple[str, int] | None:
    """The task group that starts the task, and the last line of its block."""
    owner = field(callee, "object") if callee.type == "attribute" else None
    for statement, _, reached in groups_around(unit, call):
        if owner is not None and text_of(owner) == reached:
            return reached, statement.end_point[0] + 1
    if owner is not None and unit.is_instance(unit.value(owner), "asyncio.TaskGroup"):
        return text_of(owner), 0
    return None


def _holder(call: Node) -> tuple[Node | None, str]:
    """The name or attribute that holds the task, or its fate: ``awaited``, ``returned``, ``dropped``."""
    outer = call.parent
    while outer is not None and outer.type in _DISPLAYS:
        outer = outer.parent
    if outer is None:
        return None, "unknown"
    if outer.type in AWAITS:
        return None, "awaited"
    if outer.type == "return_statement":
        return None, "returned"
    if outer.type == "expression_statement":
        return None, "dropped"
    target = field(outer, "left") if outer.type == "assignment" else None
    if outer.type == "named_expression":
        target = field(outer, "name")
    if outer.type == "argument_list" and outer.parent is not None:
        target = _keeper(outer.parent)
    is_name = target is not None and target.type in NAMES
    return (target, "held") if is_name else (None, "unknown")


def _keeper(call: Node) -> Node | None:
    """The ``tasks`` in ``tasks.append(…)``."""
    callee = field(call, "function")
    if callee is None or callee.type != "attribute" or text_of(callee).rpartition(".")[2] not in _KEEPERS:
        return None
    return field(callee, "object")


def _look(unit: Unit, holder: Node, start: Node, seen: _Seen, deep: int) -> None:
    """Collect the uses of a holder into ``seen``."""
    seen.holders[text_of(holder)] = None
    for use in _uses(unit, holder):
        if use.start_byte in {holder.start_byte, start.start_byte}:
            continue
        outer = use.parent
        while outer is not None and outer.type in {"list_splat", "list", "parenthesized_expression", "tuple"}:
            outer = outer.parent
        if outer is not None:
            _note(unit, use, outer, seen, deep)


def _uses(unit: Unit, holder: Node) -> Iterator[Node]:
    """All nodes spelled like the holder: in its function or, for an attribute of ``self``, in its class."""
    function = unit.function(holder)
    scope: Node | None = function if holder.type == "identifier" else None
    if holder.type == "attribute" and text_of(holder).startswith("self.") and function is not None:
        owner = unit.owner(function)
        scope = owner.node if owner is not None else None
    spelled = text_of(holder)
    for node in nodes_of(scope or unit.file.root, frozenset({holder.type})):
        if text_of(node) == spelled and not (node.parent is not None and field(node.parent, "attribute") == node):
            yield node


def _note(unit: Unit, use: Node, outer: Node, seen: _Seen, deep: int) -> None:
    line = use.start_point[0] + 1
    if outer.type in AWAITS:
        seen.awaited[line] = ""
    elif outer.type == "return_statement":
        seen.returned = True
    elif outer.type == "argument_list" and outer.parent is not None:
        _note_argument(unit, outer.parent, line, seen, deep)
    elif outer.type == "attribute" and outer.parent is not None and outer.parent.type == "call":
        _note_method(outer, line, seen)
    elif outer.type in FORS and field(outer, "right") == use:
        _note_loop(unit, outer, seen)
    elif outer.type == "assignment" and field(outer, "right") is not None:
        target = field(outer, "left")
        if target is not None and target != use and target.type in NAMES and deep:
            _look(unit, target, use, seen, deep - 1)


def _note_argument(unit: Unit, call: Node, line: int, seen: _Seen, deep: int) -> None:
    callee = field(call, "function")
    word = text_of(callee).rpartition(".")[2] if callee is not None else ""
    keeper = _keeper(call)
    if word in _JOINED and (unit.is_awaited(call) or (call.parent is not None and call.parent.type in FORS)):
        _, keywords, _ = arguments_of(call)
        seen.awaited[line] = f"{word}, which returns exceptions" if "return_exceptions" in keywords else word
    elif keeper is not None and deep and keeper.type in NAMES:
        _look(unit, keeper, call, seen, deep - 1)
    elif word not in {"isinstance", "len", "print", "repr", "discard", "remove"}:
        seen.escapes = True


def _note_method(attribute: Node, line: int, seen: _Seen) -> None:
    word = text_of(field(attribute, "attribute") or attribute)
    if word == "cancel":
        seen.cancelled[line] = None
    elif word in {"result", "exception"}:
        seen.awaited[line] = f"{word}()"
    elif word == "add_done_callback" and attribute.parent is not None:
        positional, _, _ = arguments_of(attribute.parent)
        if positional and not text_of(positional[0]).endswith((".discard", ".remove")):
            seen.callbacks[text_of(positional[0])] = None


def _note_loop(unit: Unit, loop: Node, seen: _Seen) -> None:
    """Handle ``for task in tasks: await task``."""
    target = field(loop, "left")
    body = field(loop, "body") if loop.type == "for_statement" else loop.parent
    if target is None or body is None:
        return
    for wait in own(body, AWAITS):
        awaited = awaited_part(wait)
        if awaited is not None and text_of(unwrap(awaited)) == text_of(target):
            seen.awaited[wait.start_point[0] + 1] = ""
    for use in nodes_of(body, frozenset({"attribute"})):
        if text_of(use) == f"{text_of(target)}.cancel":
            seen.cancelled[use.start_point[0] + 1] = None


def _sentences(
    unit: Unit, group: tuple[str, int] | None, holder: Node | None, seen: _Seen, *, is_unknown: bool
) -> Iterator[str]:
    if group is not None:
        reached, line = group
        where = f" at the end of its block (line {line})" if line else ""
        yield f"The task group `{reached}` holds it and waits for it{where}; its exception is raised there in a group."
    elif holder is not None:
        yield f"Held by {_listed(f'`{name}`' for name in seen.holders)}."
    if seen.awaited:
        yield from _awaited(seen, in_group=group is not None)
    if seen.callbacks:
        yield f"When it is done, {_listed(f'`{name}`' for name in seen.callbacks)} is called."
    if seen.cancelled:
        yield f"Cancelled on {_lines(seen.cancelled)}."
    if seen.returned:
        yield "It is returned to the caller."
    is_seen = seen.awaited or seen.callbacks or seen.returned or seen.escapes
    if group is None and holder is not None and not is_seen and not is_unknown:
        where = "class" if holder.type == "attribute" else "function" if unit.function(holder) is not None else "file"
        yield f"Nothing in this {where} awaits it: its exception is only logged, when it is garbage-collected."


def _awaited(seen: _Seen, *, in_group: bool) -> Iterator[str]:
    plain = [line for line, by in seen.awaited.items() if not by]
    if plain:
        yield f"Awaited on {_lines(plain)}" + ("." if in_group else ", where its exception is raised.")
    for line, by in seen.awaited.items():
        if by == "wait":
            yield f"`wait` on line {line} waits for it and does not raise its exception."
        elif by in {"exception()", "result()"}:
            yield f"`{by}` is called on line {line}."
        elif by.endswith("exceptions"):
            yield f"Awaited by `{by.partition(',')[0]}` on line {line}, which returns its exception as a result."
        elif by:
            yield f"Awaited by `{by}` on line {line}, where its exception is raised."


def _lines(lines: Iterable[int]) -> str:
    numbers = sorted(lines)
    return f"line {numbers[0]}" if len(numbers) == 1 else f"lines {_listed(str(number) for number in numbers)}"


def _listed(parts: Iterator[str]) -> str:
    *first, last = parts
    return f"{', '.join(first)} and {last}" if first else last
