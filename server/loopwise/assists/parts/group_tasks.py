"""Turns arguments of ``gather`` into tasks of a group, and reads their results after the group has finished."""

from __future__ import annotations

import re

import msgspec

from loopwise import writing
from loopwise.analysis.flow import waits
from loopwise.analysis.prefilter import names
from loopwise.analysis.unit import Unit
from loopwise.assists.parts.blocks import Lines, numbered
from loopwise.assists.parts.coroutine_lists import holds_coroutines
from loopwise.assists.parts.written import moved
from loopwise.rules.fixes import local_name
from loopwise.semantics.infer import Instance, Unknown, each
from loopwise.syntax import CLAUSES, IDENTIFIERS, Node, arguments_of, field, nodes_of, source_of, unwrap
from loopwise.text import Span, encode

CREATE = names(
    "asyncio.create_task asyncio.ensure_future asyncio.loop.create_task asyncio.AbstractEventLoop.create_task"
)
_LISTS = frozenset({"list_comprehension", "generator_expression"})


class Started(msgspec.Struct, frozen=True):
    """The lines that start the tasks, and the expressions for the results."""

    lines: tuple[str, ...] = ()
    results: tuple[str, ...] = ()
    """Expressions, one per argument: ``t1.result()``, ``*(task.result() for task in tasks)``."""
    holes: tuple[str, ...] = ()
    is_sure: bool = True
    """Are all of them certainly coroutines?"""
    refused: str = ""


def started(unit: Unit, call: Node, group: str, lines: Lines, *, kept: bool) -> Started:
    """The code that starts a call's arguments in a task group; ``kept``: are their results used?"""
    refused = _refused_together(call) or next(filter(None, (_refused(unit, one) for one in _given(call))), "")
    if refused:
        return Started(refused=refused)
    given = [one for one in _listed(call) if one.type != "keyword_argument"]
    fresh = iter(numbered(unit, call, len(given)))
    writer = _Writer(unit, call, group, lines)
    results: list[str] = []
    holes = [group]
    for index, argument in enumerate(given):
        if argument.type == "comment":
            writer.comment(argument, given[index - 1] if index else None)
            continue
        is_list = argument.type == "list_splat"
        name = local_name(unit, call, "tasks", "new_tasks") if is_list and not writer.lines else next(fresh)
        if is_list:
            writer.all_of(argument.named_children[0], name if kept else "")
            results.append(f"*({_item(name)} for {_word(name)} in {name})")
        else:
            writer.one(argument, name if kept else "")
            results.append(f"{name}.result()")
        holes += [name] if kept else []
    # Offered even if unsure: the title then names the condition.
    is_sure = all(_is_sure(unit, one) for one in _given(call))
    return Started(tuple(writer.lines), tuple(results), tuple(holes), is_sure)


def _listed(call: Node) -> list[Node]:
    listed = field(call, "arguments")
    return listed.named_children if listed is not None else []


def _given(call: Node) -> list[Node]:
    return [one for one in _listed(call) if one.type not in {"keyword_argument", "comment"}]


class _Writer:
    """Writes the lines of a block that starts tasks."""

    def __init__(self, unit: Unit, call: Node, group: str, lines: Lines) -> None:
        self.unit, self.call, self.group = unit, call, group
        self.indent, self.step = lines.indent + lines.step, lines.step
        self.lines: list[str] = []

    def comment(self, comment: Node, before: Node | None) -> None:
        """Keep a comment on the line of the code before it, or else on a line of its own."""
        if before is not None and before.end_point[0] == comment.start_point[0] and self.lines:
            self.lines[-1] += f"  {source_of(comment)}"
        else:
            self.lines.append(self.indent + source_of(comment))

    def one(self, argument: Node, name: str) -> None:
        self._line(self.indent, f"{name} = " if name else "", argument)

    def _line(self, indent: str, before: str, argument: Node) -> None:
        self.lines.append(f"{indent}{before}{self._start(argument, indent)}")

    def _start(self, argument: Node, indent: str) -> str:
        """``tg.create_task(f(x))`` for ``f(x)``, and for ``asyncio.create_task(f(x))``."""
        call = unwrap(argument)
        if _made_task(self.unit, call) is not None:
            return f"{self.group}.create_task{moved(self.unit, field(call, 'arguments') or call, indent)}"
        return f"{self.group}.create_task({moved(self.unit, argument, indent)})"

    def all_of(self, made: Node, name: str) -> None:
        """Start the tasks of a list: stored under a name, or in a loop if the results are not used."""
        if made.type not in _LISTS:
            self._of_list(made, name)
        elif name:
            body = field(made, "body") or made
            rest = writing.moved(
                self.unit.file, Span(body.end_byte, made.end_byte - 1), encode(self.indent + self.step)
            )
            self.lines.append(f"{self.indent}{name} = [{self._start(body, self.indent)}{rest.rstrip()}]")
        else:
            self._loops(made)

    def _of_list(self, made: Node, name: str) -> None:
        """Start existing coroutines: those of a named list, or of the result of ``map()``."""
        item = local_name(self.unit, self.call, "coro", "coroutine")
        text = moved(self.unit, made, self.indent)
        if name:
            self.lines.append(f"{self.indent}{name} = [{self.group}.create_task({item}) for {item} in {text}]")
        else:
            self.lines.append(f"{self.indent}for {item} in {text}:")
            self.lines.append(f"{self.indent}{self.step}{self.group}.create_task({item})")

    def _loops(self, made: Node) -> None:
        """Write a comprehension as equivalent loops, or as a list if its names are also the function's."""
        clauses = [child for child in made.named_children if child.type in CLAUSES]
        # The names of a comprehension are its own, those of a loop are the function's.
        if any(_reuses(self.unit, made, clause) for clause in clauses):
            item = local_name(self.unit, self.call, "coro", "coroutine")
            text = f"[{moved(self.unit, made, self.indent)[1:-1]}]"
            self.lines.append(f"{self.indent}for {item} in {text}:")
            self.lines.append(f"{self.indent}{self.step}{self.group}.create_task({item})")
            return
        indent = self.indent
        for clause in clauses:
            self.lines.append(f"{indent}{moved(self.unit, clause, indent)}:")
            indent += self.step
        self._line(indent, "", field(made, "body") or made)


def whole(results: tuple[str, ...]) -> str:
    """The list of the results, as an expression."""
    if len(results) == 1 and results[0].startswith("*("):
        return f"[{results[0][2:-1]}]"
    return f"[{', '.join(results)}]"


def _word(name: str) -> str:
    return "task" if name != "task" else "one"


def _item(name: str) -> str:
    return f"{_word(name)}.result()"


def _refused_together(call: Node) -> str:
    """The reason why the arguments cannot be started one by one; empty if they can."""
    given = _given(call)
    plain = [source_of(one) for one in given if one.type == "identifier"]
    twice = next((name for name in plain if plain.count(name) > 1), None)
    if twice is not None:
        return f"{twice} is passed twice, and a coroutine can be awaited only once"
    if any(True for one in given for _ in waits(one)) or any(b"await " in (one.text or b"") for one in given):
        return "An argument awaits something, during which the tasks before it would start"
    return ""


def _refused(unit: Unit, argument: Node) -> str:
    """The reason why an argument cannot be started in a group; empty if it can."""
    if argument.type == "list_splat":
        made = argument.named_children[0]
        body = field(made, "body") if made.type in _LISTS else None
        if body is not None:
            return _refused(unit, body)
        shown = " ".join(source_of(argument).split())
        return "" if holds_coroutines(unit, made) else f"{shown} may hold tasks, and a task group starts coroutines"
    if argument.type == "dictionary_splat":
        return "The contents of its ** arguments cannot be seen here"
    value = unwrap(argument)
    if _made_task(unit, value) is not None or unit.is_coroutine(unit.value(value)):
        return ""
    members = each(unit.value(value))
    shown = " ".join(source_of(value).split())
    if any(isinstance(m, Instance) and unit.is_instance(m, "asyncio.Future") for m in members):
        return f"{shown} is a future, and a task group starts coroutines only"
    if not _is_sure(unit, argument):
        return ""
    return f"{shown} may be a task already, and a task group starts coroutines only"


def _is_sure(unit: Unit, argument: Node) -> bool:
    """Is the argument's kind known?  A call of an unknown function may return a coroutine or anything else."""
    value = unwrap(argument)
    if value.type == "list_splat" and value.named_children[0].type in _LISTS:
        value = unwrap(field(value.named_children[0], "body") or value)
    if value.type != "call" or _made_task(unit, value) is not None:
        return True
    return not any(isinstance(member, Unknown) for member in each(unit.value(value)))


def _made_task(unit: Unit, call: Node) -> Node | None:
    """The coroutine of a ``create_task`` call that the group's own can replace."""
    if call.type != "call" or unit.call_in(call, CREATE) is None:
        return None
    positional, keywords, starred = arguments_of(call)
    # A group's create_task() takes the same keywords.
    fits = len(positional) == 1 and not starred and keywords.keys() <= {"name", "context"}
    return positional[0] if fits and unit.gives_coroutine(positional[0]) else None


def _reuses(unit: Unit, made: Node, clause: Node) -> bool:
    """Would a loop overwrite names that the function uses for something else?"""
    left = field(clause, "left")
    text = source_of(unit.function(made) or unit.file.root)
    inside = source_of(made)
    words = [source_of(one) for one in nodes_of(left, IDENTIFIERS)] if left is not None else []
    return any(
        len(re.findall(rf"\b{re.escape(word)}\b", text)) > len(re.findall(rf"\b{re.escape(word)}\b", inside))
        for word in words
    )


__all__ = ["CREATE", "Started", "started", "whole"]
