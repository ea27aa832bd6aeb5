"""Messages and fixes for deprecated and removed parts of asyncio."""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.analysis.asyncio import outdated
from loopwise.analysis.rule import Fix
from loopwise.analysis.unit import Unit
from loopwise.rules.fixes.loop_policy import loop_factory
from loopwise.syntax import Node, field, is_async, nodes_of, source_of, span_of
from loopwise.text import Edit, Span, encode
from loopwise.writing import insert

_LONGEST = 100  # characters of a message


def saying(unit: Unit, full: str) -> str:
    """The version that deprecated or removed a name, up to the project's newest Python, and its replacement."""
    facts = outdated(unit.target.ceiling)[full]
    if facts.removed_at(unit.target.ceiling):
        said, goes = f"Python {facts.removed} removed {full}", ""
    else:
        goes = f" and {facts.removal} removes it" if facts.removal else ""
        said = f"Python {facts.deprecated} deprecates {full}"
    instead = (facts.instead or "").partition(": ")[0]
    use = f"; use {instead}" if instead else ""
    whole = said + goes + use
    return whole if len(whole) <= _LONGEST else said + use


def is_set(name: Node, full: str) -> bool:
    """Is it a policy passed to ``set_event_loop_policy``, which is reported itself?"""
    outer = name.parent if full.endswith("Policy") else None
    while outer is not None and outer.type in {"attribute", "call", "argument_list"}:
        callee = field(outer, "function") if outer.type == "call" else None
        if callee is not None and source_of(callee).endswith("set_event_loop_policy"):
            return True
        outer = outer.parent
    return False


def fixes_of(unit: Unit, name: Node, full: str) -> tuple[Fix, ...]:
    """The replacements for the public name ``full``, which the identifier ``name`` refers to."""
    return tuple(_fixes(unit, name, full))


def _fixes(unit: Unit, name: Node, full: str) -> Iterator[Fix]:
    whole = name.parent if name.parent is not None and name.parent.type == "attribute" else name
    if full == "asyncio.iscoroutinefunction":
        written = unit.imported(name, "inspect", "iscoroutinefunction")
        edits = (*written.edits, Edit(span_of(whole), encode(written.text)))
        # Before 3.12 nothing can be marked as a coroutine function for inspect.
        yield Fix(
            "Use inspect.iscoroutinefunction()", edits, safe=unit.target.floor >= (3, 12) and not unit.target.assumed
        )
    elif full == "asyncio.coroutine" and whole.parent is not None and whole.parent.type == "decorator":
        yield from _to_async(unit, whole.parent)
    elif full == "asyncio.set_event_loop_policy" and whole.parent is not None and whole.parent.type == "call":
        yield from loop_factory(unit, whole.parent)


def _to_async(unit: Unit, decorator: Node) -> Iterator[Fix]:
    """Write an ``async def`` with ``await`` instead of ``yield from``."""
    holder = decorator.parent
    function = field(holder, "definition") if holder is not None else None
    following = decorator.next_named_sibling
    if function is None or following is None or function.type != "function_definition" or is_async(function):
        return
    own = [node for node in nodes_of(function, frozenset({"yield"})) if unit.function(node) == function]
    title = "Convert the function to async def"
    if any(node.child_count < 3 or node.children[1].type != "from" for node in own):
        yield Fix(title, (), refused="The function contains a plain 'yield', which has no equivalent with 'await'")
        return
    awaits = (Edit(Span(node.start_byte, node.children[2].start_byte), b"await ") for node in own)
    gone = Edit(Span(decorator.start_byte, following.start_byte), b"async " if following == function else b"")
    first = (gone,) if following == function else (gone, insert(function.start_byte, "async "))
    yield Fix(title, (*first, *awaits), safe=False)
