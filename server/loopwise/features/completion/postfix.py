"""Postfix templates: ``fetch(url).await``, ``.task``, ``.tg``, ``.timeout``, ``.thread``."""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.cards import escaped
from loopwise.features.completion.items import Item, ItemKind, Tier, owner_text
from loopwise.features.completion.place import Place, Wants
from loopwise.features.completion.roles import Role, of_result, of_value
from loopwise.semantics import symbols
from loopwise.semantics.bindings import Binding, Kind, visible
from loopwise.semantics.infer import Function, Instance, Value, each, names
from loopwise.syntax import Node, field, text_of
from loopwise.text import Edit, Span
from loopwise.writing import importing


def items(place: Place, owner: Value) -> Iterator[Item]:
    """The templates that make sense for the expression before the dot."""
    if place.owner is None or not place.may_await or place.called or place.typed.rest.strip()[:1] in {b".", b"["}:
        return
    if place.wants in {Wants.IMPORT, Wants.TYPE, Wants.EXCEPTION, Wants.FUNCTION}:
        return
    text = escaped(owner_text(place))
    if of_value(place.ev, owner) & Role.AWAITABLE:
        yield from _of_awaitable(place, owner, text)
    elif place.owner.type == "call":
        yield from _of_call(place, place.owner)


def _of_awaitable(place: Place, owner: Value, text: str) -> Iterator[Item]:
    coroutine = any(isinstance(m, Instance) and m.cls.fullname == "typing.Coroutine" for m in each(owner))
    if place.wants not in {Wants.AWAITABLE, Wants.COROUTINE}:
        yield _item(place, "await", f"await {text}$0", "await here", 5)
    if coroutine and place.wants not in {Wants.AWAITABLE, Wants.COROUTINE, Wants.ASYNC_CONTEXT}:
        yield from _task(place, text)
        yield from _group(place, text)
    if place.wants is not Wants.COROUTINE:
        yield from _timeout(place, text)


def _task(place: Place, text: str) -> Iterator[Item]:
    written = importing(place.view.file, place.typed.span.start, "asyncio", "create_task")
    kept = "${1:task} = " if place.wants is Wants.STATEMENT else ""
    yield _item(place, "task", f"{kept}{written.text}({text})$0", "start a task and store it", 4, written.edits)


def _group(place: Place, text: str) -> Iterator[Item]:
    name = group_name(place)
    if name is not None:
        yield _item(place, "tg", f"{name}.create_task({text})$0", f"start a task in {name}", 4.5)


def group_name(place: Place) -> str | None:
    """The task group in scope: a name that is bound to one."""
    for scope, inside, _ in visible(place.path, place.typed.node):
        if not inside or scope.type not in {"function_definition", "module"}:
            continue
        for name, bindings in reversed(list(place.view.file.table_of(scope).by_name.items())):
            if b"TaskGroup" not in (scope.text or b"") or not any(_is_open(place, scope, b) for b in bindings):
                continue
            value = names.at_place(place.ev, place.view.file, place.path, name, place.typed.node)
            held = symbols.held_class(place.view.api, value)
            if held is not None and held[0] == "asyncio.TaskGroup":
                return str(name)
    return None


def _is_open(place: Place, unit: Node, binding: Binding) -> bool:
    """Is the cursor after the binding and, if an ``async with`` made it, still in its block?"""
    at = binding.at.start + unit.start_byte
    if binding.kind is not Kind.WITH:
        return at < place.typed.span.start
    return any(node.type == "with_statement" and node.start_byte < at < node.end_byte for node in place.path)


def _timeout(place: Place, text: str) -> Iterator[Item]:
    facts = place.view.api.facts("asyncio.timeout")
    block = facts is not None and facts.available(place.view.target.floor)
    if place.wants is Wants.STATEMENT and block:
        written = importing(place.view.file, place.typed.span.start, "asyncio", "timeout")
        body = f"async with {written.text}(${{1:10}}):\n\tawait {text}$0"
    else:
        written = importing(place.view.file, place.typed.span.start, "asyncio", "wait_for")
        word = "" if place.wants is Wants.AWAITABLE else "await "
        body = f"{word}{written.text}({text}, ${{1:10}})$0"
    yield _item(place, "timeout", body, "await with a timeout", 3, written.edits)


def _of_call(place: Place, call: Node) -> Iterator[Item]:
    """The templates for a call; one of a plain function can be run in a thread."""
    callee = field(call, "function")
    value = place.ev.value(place.view.file, callee) if callee is not None else None
    plain = value is not None and any(isinstance(m, Function) and not m.file.is_stub for m in each(value))
    if callee is None or value is None or not plain or of_result(place.ev, value) & Role.AWAITABLE:
        return
    written = importing(place.view.file, place.typed.span.start, "asyncio", "to_thread")
    arguments = field(call, "arguments")
    inner = text_of(arguments)[1:-1].strip() if arguments is not None else ""
    if arguments is not None and arguments.type == "generator_expression":
        inner = text_of(arguments)
    given = ", ".join(part for part in (text_of(callee), inner) if part)
    word = "" if place.wants is Wants.AWAITABLE else "await "
    body = f"{word}{written.text}({escaped(given)})$0"
    yield _item(place, "thread", body, "call in a thread", 3, written.edits)


def _item(place: Place, word: str, body: str, says: str, score: float, edits: tuple[Edit, ...] = ()) -> Item:
    assert place.owner is not None
    cut = Edit(Span(place.owner.start_byte, place.typed.span.start), b"")
    return Item(
        f".{word}",
        ItemKind.TEMPLATE,
        body,
        place.typed.span,
        snippet=True,
        edits=(*edits, cut),
        detail=f" {says}",
        filter=word,
        tier=Tier.OTHER,
        score=score,
    )
