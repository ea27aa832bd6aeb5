"""Arguments of ``gather`` as tasks of a group, and how their results are read when the group is done."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from loopwise.analysis.prefilter import names
from loopwise.analysis.unit import Unit
from loopwise.assists.parts.blocks import numbered
from loopwise.rules.fixes import local_name
from loopwise.semantics.infer import Instance, Unknown, each
from loopwise.syntax import Node, arguments_of, field, nodes_of, text_of, unwrap

CREATE = names("asyncio.create_task asyncio.ensure_future")
_LISTS = frozenset({"list_comprehension", "generator_expression"})
_CLAUSES = frozenset({"for_in_clause", "if_clause"})
_IDENTIFIERS = frozenset({"identifier"})


class Started(msgspec.Struct, frozen=True):
    """The statements that start the tasks, without indentation, and the results."""

    lines: tuple[str, ...] = ()
    results: tuple[str, ...] = ()
    """Expressions, one an argument: ``t1.result()``, ``*(task.result() for task in tasks)``."""
    holes: tuple[str, ...] = ()
    refused: str = ""


def started(unit: Unit, call: Node, group: str, *, kept: bool) -> Started:
    """What starts the arguments of a call in a task group; ``kept``: are their results wanted?"""
    listed = field(call, "arguments")
    given = [one for one in (listed.named_children if listed is not None else ()) if one.type != "keyword_argument"]
    fresh = iter(numbered(unit, call, len(given)))
    lines: list[str] = []
    results: list[str] = []
    holes = [group]
    for index, argument in enumerate(given):
        if argument.type == "comment":
            _comment(lines, argument, given[index - 1] if index else None)
            continue
        refused = _refused(unit, argument)
        if refused:
            return Started(refused=refused)
        if argument.type == "list_splat":
            name = local_name(unit, call, "tasks", "new_tasks") if not lines else next(fresh)
            lines += _all_of(unit, argument.named_children[0], group, name if kept else "")
            results.append(f"*({_item(name)} for {_word(name)} in {name})")
        else:
            name = next(fresh)
            text = start_text(unit, argument, group)
            lines.append(f"{name} = {text}" if kept else text)
            results.append(f"{name}.result()")
        holes += [name] if kept else []
    return Started(tuple(lines), tuple(results), tuple(holes))


def _comment(lines: list[str], comment: Node, before: Node | None) -> None:
    """A comment stays on the line of what stands before it, or on one of its own."""
    if before is not None and before.end_point[0] == comment.start_point[0] and lines:
        lines[-1] += f"  {text_of(comment)}"
    else:
        lines.append(text_of(comment))


def whole(results: tuple[str, ...]) -> str:
    """The list of the results, as an expression."""
    if len(results) == 1 and results[0].startswith("*("):
        return f"[{results[0][2:-1]}]"
    return f"[{', '.join(results)}]"


def _word(name: str) -> str:
    return "task" if name != "task" else "one"


def _item(name: str) -> str:
    return f"{_word(name)}.result()"


def _refused(unit: Unit, argument: Node) -> str:
    """Why an argument cannot be started in a group."""
    if argument.type == "list_splat":
        made = argument.named_children[0]
        body = field(made, "body") if made.type in _LISTS else None
        if body is None:
            return f"what {' '.join(text_of(argument).split())} holds cannot be seen: tasks, or coroutines to start"
        return _refused(unit, body)
    if argument.type == "dictionary_splat":
        return "what its ** arguments say cannot be seen here"
    value = unwrap(argument)
    if _made_task(unit, value) is not None:
        return ""
    members = each(unit.value(value))
    if unit.is_coroutine(unit.value(value)):
        return ""
    shown = " ".join(text_of(value).split())
    if value.type == "call" and all(isinstance(member, Unknown) for member in members):
        return ""
    if any(isinstance(m, Instance) and unit.is_instance(m, "asyncio.Future") for m in members):
        return f"{shown} is a future, and a task group starts coroutines only"
    return f"{shown} may be a task already, and a task group starts coroutines only"


def _made_task(unit: Unit, call: Node) -> Node | None:
    """The coroutine of a ``create_task`` call that a group's own can take the place of."""
    if call.type != "call" or unit.call_in(call, CREATE) is None:
        return None
    positional, keywords, starred = arguments_of(call)
    fits = len(positional) == 1 and not starred and keywords.keys() <= {"name", "context"}
    return positional[0] if fits and unit.gives_coroutine(positional[0]) else None


def start_text(unit: Unit, argument: Node, group: str) -> str:
    """``tg.create_task(f(x))`` of ``f(x)``, and of ``asyncio.create_task(f(x))``."""
    call = unwrap(argument)
    if _made_task(unit, call) is not None:
        return f"{group}.create_task{text_of(field(call, 'arguments') or call)}"
    return f"{group}.create_task({text_of(argument)})"


def _all_of(unit: Unit, made: Node, group: str, name: str) -> Iterator[str]:
    """The tasks of a comprehension: under a name, or in a loop where nobody wants them."""
    body = field(made, "body") or made
    clauses = [child for child in made.named_children if child.type in _CLAUSES]
    if not name and len(clauses) == 1 and not _reuses(unit, made, clauses[0]) and "\n" not in text_of(made):
        yield f"{text_of(clauses[0])}:"
        yield f"\t{start_text(unit, body, group)}"
        return
    rest = text_of(made)[len(text_of(made)[: _chars(made, body)]) : -1]
    yield f"{f'{name} = ' if name else ''}[{start_text(unit, body, group)}{rest}]"


def _chars(outer: Node, inner: Node) -> int:
    """How many characters of ``outer`` stand up to the end of ``inner``."""
    return len((outer.text or b"")[: inner.end_byte - outer.start_byte].decode("utf-8", "surrogatepass"))


def _reuses(unit: Unit, made: Node, clause: Node) -> bool:
    """Would a loop give other values to names that the function uses for something else?"""
    left = field(clause, "left")
    text = text_of(unit.function(made) or unit.file.root)
    inside = text_of(made)
    words = [text_of(one) for one in nodes_of(left, _IDENTIFIERS)] if left is not None else []
    return any(
        len(re.findall(rf"\b{re.escape(word)}\b", text)) > len(re.findall(rf"\b{re.escape(word)}\b", inside))
        for word in words
    )
