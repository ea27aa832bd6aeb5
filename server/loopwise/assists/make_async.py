"""A plain function becomes an async one, and the async functions of the file that call it await it.

It is offered on the ``def`` line, and where an ``await``, ``async with`` or ``async for`` is in a plain function.
A method goes together with those of the file that override it, or that it overrides.
A call at the top of the module is put into ``asyncio.run()``; a function that only hands on a coroutine awaits it
itself, and its callers stay as they are.
Other files are not changed; the title says so where they call it, and how many calls of the file could not be followed.
It also names decorators and base classes of libraries that may call it without awaiting the result.

It is refused where that cannot work: for ``__init__`` and what else Python calls itself, for properties, for methods
that other files override or have in a base class, for generators with ``yield from``, for what a plain decorator of the
project calls, and where plain code of the file calls it or hands it to something as a callback.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from loopwise.analysis.flow import waits
from loopwise.analysis.rule import Fix, page
from loopwise.analysis.unit import Unit
from loopwise.assists.assist import Assist
from loopwise.assists.parts import (
    Elsewhere,
    Family,
    async_result,
    awaited_result,
    changed,
    cleans_up,
    elsewhere,
    family,
    handed_on,
    head_end,
    joined,
    noted,
    plain_only,
    touched,
)
from loopwise.assists.parts.make_async_examples import EXAMPLES
from loopwise.cards import awaiting, takes
from loopwise.rules.fixes import made_async
from loopwise.semantics.index import imported_modules, roots_of
from loopwise.semantics.infer import Foreign, each, is_generator
from loopwise.syntax import Node, decorators_of, field, is_async, node_at, nodes_of, source_of
from loopwise.text import Edit, Span
from loopwise.writing import awaited

_DEEPEST = 3  # plain functions between async code and the one at the cursor
_SUSPENDS = frozenset({"await", "with_statement", "for_statement", "for_in_clause"})


def offer(_: tuple[Node, ...], span: Span, unit: Unit) -> Iterator[Fix]:
    function, at_head = _function(unit, span)
    if function is None or is_async(function):
        return
    name = source_of(field(function, "name") or function)
    if name.startswith("test_") and not any(wait.type == "await" for wait in waits(function)):
        return  # a runner of plain tests would not run it
    title = f"Make {name}() async"
    together = family(unit, function)
    refused = together.refused or _refused_all(unit, together.functions, name)
    made = tuple(edit for one in together.functions for edit in made_async(unit, one).edits)
    returned = [call for one in together.functions for call in handed_on(unit, one)]
    generates = is_generator(function)
    callers = changed(unit, together.functions, generates=generates, hands_on=bool(returned)) if not refused else None
    edits = joined([*callers.edits, *made, *(edit for call in returned for edit in awaited(call))]) if callers else made
    refused = refused or (callers.refused if callers else "")
    if not at_head and (refused or edits == made):
        return
    # Last, because it reads the project's files.
    files = elsewhere(unit, name, together.classes) if not refused else Elsewhere()
    refused = refused or _overridden(files, name)
    if callers is None or refused:
        if at_head and _is_wanted(unit, function, name):
            yield Fix(title, (), safe=False, refused=refused)
        return
    heads = [edit for one in together.functions for edit in _heading(unit, one, awaits=bool(returned))]
    notes = [*_notes(unit, together, returned, callers.unfollowed, files)]
    notes += (
        ["cleans up later if left early"] if any(generates and cleans_up(one) for one in together.functions) else []
    )
    notes += [f"{one} must await it" for one in _strangers(unit, together, called=bool(callers.edits))]
    yield Fix(noted(title, *notes), joined([*edits, *heads]), safe=False)


def _heading(unit: Unit, function: Node, *, awaits: bool) -> Iterator[Edit]:
    """The edits of the annotation of the result."""
    if awaits:
        yield from awaited_result(function)
    elif is_generator(function):
        yield from async_result(unit, function)


def _is_wanted(unit: Unit, function: Node, name: str) -> bool:
    """Does async code in the file use the name, even through plain functions?  If not, a refusal is not shown."""
    if any(wait.type == "await" for wait in waits(function)):
        return True
    known, names = {function.id}, [name]
    seen: set[str] = set()
    for _ in range(_DEEPEST + 1):
        # Each name is looked for once: many classes may define methods of the same name.
        users = [user for one in names for user in _users(unit, one) if user.id not in known]
        if any(is_async(user) or any(wait.type == "await" for wait in waits(user)) for user in users):
            return True
        known |= {user.id for user in users}
        seen |= set(names)
        names = [one for one in dict.fromkeys(map(_name_of, users)) if one not in seen]
    return False


def _users(unit: Unit, name: str) -> Iterator[Node]:
    """The functions of the file that use a name, each once."""
    found = re.finditer(rb"\b" + re.escape(name.encode()) + rb"\b", unit.file.source.data)
    nodes = (node_at(unit.file.root, Span(*match.span())) for match in found)
    around = {outer.id: outer for node in nodes if node is not None and (outer := _function_around(node)) is not None}
    yield from around.values()


def _name_of(function: Node) -> str:
    return source_of(field(function, "name") or function)


def _function_around(node: Node) -> Node | None:
    """The function around a node, skipping lambdas and generator expressions."""
    outer: Node | None = node.parent
    while outer is not None and not (outer.type == "function_definition" and field(outer, "name") != node):
        outer = outer.parent
    return outer


def _notes(unit: Unit, together: Family, returned: list[Node], unfollowed: int, files: Elsewhere) -> Iterator[str]:
    """Notes for the title on what the edit leaves to the user."""
    if unfollowed:
        yield f"{unfollowed} caller{'s' if unfollowed > 1 else ''} not followed"
    if files.callers:
        where = files.callers[0] if len(files.callers) == 1 else f"{len(files.callers)} files"
        yield f"callers in {where} unchanged"
    if returned and any(_does_more(unit, one) for one in together.functions):
        yield "it runs when awaited"


def _strangers(unit: Unit, together: Family, *, called: bool) -> list[str]:
    """The decorators and, if nothing in the file calls the functions, the base classes that may call them.

    Only those of which nothing is known: neither their code nor that their framework awaits what it calls.
    """
    found: dict[str, None] = {}
    packages = roots_of(imported_modules(unit.file.source.data))
    for function in together.functions:
        for expression in decorators_of(function):
            target = field(expression, "function") if expression.type == "call" else expression
            mark = source_of(target or expression).rpartition(".")[2]
            if _is_unread(unit, target or expression) and takes((mark,), packages) is None:
                found[f"@{mark}"] = None
        owner = unit.owner(function)
        listed = field(owner.node, "superclasses") if owner is not None and not called else None
        for base in listed.named_children if listed is not None else ():
            cls = (field(base, "value") if base.type == "subscript" else None) or base
            if _is_unread(unit, cls):
                found[source_of(cls).rpartition(".")[2]] = None
    return list(found)


def _is_unread(unit: Unit, node: Node) -> bool:
    """Is it something of a library that cannot be read, and that is not known to await the user's functions?"""
    members = each(unit.value(node))
    names = [one.name.partition(".")[0] for one in members if isinstance(one, Foreign)]
    return bool(names) and len(names) == len(members) and awaiting().isdisjoint(names)


def _does_more(unit: Unit, function: Node) -> bool:
    """Does a function call anything before it returns a coroutine?"""
    body = field(function, "body") or function
    statements = [one for one in body.named_children if one.type != "return_statement"]
    return any(nodes_of(one, frozenset({"call"})) for one in statements)


def _overridden(files: Elsewhere, name: str) -> str:
    if not files.overrides:
        return ""
    return f"A class in {files.overrides[0]} overrides {name}(), and other files are not changed"


def _refused_all(unit: Unit, functions: tuple[Node, ...], name: str) -> str:
    """The reason why the functions cannot all become async together; empty if they can."""
    if name == "__call__":
        return "Calls of the object do not name __call__(), so they cannot be found"
    if len({is_generator(one) for one in functions}) > 1:
        return f"Some {name}() methods are generators and some are not"
    if len({bool(handed_on(unit, one)) for one in functions if not _is_stub(one)}) > 1:
        return f"Some {name}() methods already return coroutines and some do not"
    for one in functions:
        refused = made_async(unit, one).refused or plain_only(unit, one, name)
        if refused:
            owner = unit.owner(one)
            is_other = one != functions[0] and owner is not None and refused.startswith(name)
            return f"{owner.qualname}.{refused}" if is_other and owner is not None else refused
    return ""


def _is_stub(function: Node) -> bool:
    """Is its body only ``...``, ``pass`` or a docstring?"""
    body = field(function, "body")
    words = {"...", "pass", "raise NotImplementedError", "raise NotImplementedError()"}
    return body is not None and all(
        source_of(one) in words or source_of(one)[:1] in "\"'" for one in body.named_children
    )


def _function(unit: Unit, span: Span) -> tuple[Node | None, bool]:
    """The function whose head or ``await`` is at the cursor, and whether it is the ``await``."""
    path = touched(unit, span)
    suspends = False
    for node in reversed(path):
        if node.type == "function_definition":
            at_head = node.start_byte <= span.start <= head_end(node) and path[-1].type != "comment"
            at_head = at_head and unit.file.source.line_at(span.start) <= _last_line(unit, node)
            return (node if at_head or suspends else None), at_head
        if node.type in {"lambda", "class_definition"}:
            break
        if node.type in _SUSPENDS and span.start <= head_end(node):
            suspends = suspends or node.type == "await" or is_async(node)
    return None, False


def _last_line(unit: Unit, function: Node) -> int:
    """The line of the colon that ends the function's head."""
    colon = next((child for child in function.children if child.type == ":"), function)
    return unit.file.source.line_at(colon.start_byte)


ASSIST = Assist(
    name="make-async",
    kind="refactor.rewrite",
    offer=offer,
    **page(__doc__),
    examples=EXAMPLES,
)
