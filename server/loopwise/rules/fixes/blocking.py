"""Messages and fixes for calls that block the event loop."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial

from loopwise.analysis.blocking import Blocks, reported
from loopwise.analysis.rule import Cause, Finding, Fix
from loopwise.analysis.unit import Unit
from loopwise.rules.fixes.hand_over import await_brackets, handed_over
from loopwise.rules.fixes.thread_safety import needs_loop_thread
from loopwise.syntax import (
    AWAITS,
    COMPREHENSIONS,
    IDENTIFIERS,
    TRAILERS,
    Node,
    arguments_of,
    field,
    nodes_of,
    source_of,
    span_of,
    text_of,
)
from loopwise.text import Edit, Span, encode
from loopwise.writing import called_instead, insert

_WAITS = {
    "short": "blocks the event loop briefly",
    "file": "blocks the event loop on disk I/O",
    "network": "blocks the event loop on network I/O",
    "unbounded": "blocks the event loop",
}
_LONGEST = 100  # characters of a message
_HELD = re.compile(r"lock|mutex|sem|cond|patch|freeze|monkey|mock", re.IGNORECASE)
# Functions of libraries that give a response before its body is there.
_STREAMS = frozenset({"getresponse", "open", "popen", "urlopen"})
_NESTED_AWAITS = (3, 11)  # an await in a comprehension in another one
_LINE_BREAK = re.compile(rb"\s*?[\r\n]|\s*#")


def checking(rule: str, *, safe: bool = False) -> Callable[[Node, Unit], Iterator[Finding]]:
    """Make the check of a rule from its entries in the table; ``safe``: the fix may be applied without review."""

    def check(node: Node, unit: Unit) -> Iterator[Finding]:
        found = reported(node, unit, rule)
        if found is not None:
            yield finding(unit, node, found, safe=safe)

    return check


def finding(unit: Unit, call: Node, found: Blocks, *, safe: bool = False) -> Finding:
    """A finding for a blocking call, with its fixes."""
    fixes = partial(_fixes, unit, call, found, safe=safe)
    return Finding(span_of(call), message(found), lambda: tuple(fixes()), cause=_cause(unit, call, found))


def _cause(unit: Unit, call: Node, found: Blocks) -> Cause | None:
    """The shared cause: a lock acquired in many places, a class's database, a function's TLS context, a dialogue."""
    callee, function = field(call, "function"), unit.function(call)
    is_database, is_context = found.rule == "blocking-database", found.rule == "blocking-tls-context"
    is_shared = found.name.endswith(".acquire") or is_database or found.rule == "blocking-input"
    if not (is_shared or is_context) or callee is None or function is None:
        return None
    owner = unit.owner(function)
    shared = found.name.partition(".")[0] if is_database else text_of(callee)
    # Outside a class the functions of a module share no connection.
    named = text_of(field(function, "name") or function) if is_database else ""
    place = owner.qualname if owner is not None else named
    return Cause((str(function.start_byte),) if is_context else (place, shared), function.start_byte, is_minor=True)


def message(found: Blocks) -> str:
    """``Call to requests.get() blocks the event loop on network I/O; use httpx.AsyncClient.get()``.

    If that is too long, it omits what the call waits for, the async equivalent's method, or both.
    """
    call, owner = f"Call to {found.name}()", found.twin.rpartition(".")[0]
    twins = [found.twin + ("" if found.twin.rpartition(".")[2][:1].isupper() else "()")] if found.twin else []
    twins += [owner] if owner not in {"", "asyncio"} else []
    effects = (_WAITS[found.long], _WAITS["unbounded"])
    # The most detailed message that fits is shown.
    longer = [f"{call} {effect}; use {twin}" for twin in twins for effect in effects]
    return next((one for one in longer if len(one) <= _LONGEST), f"{call} {effects[0]}")


def _fixes(unit: Unit, call: Node, found: Blocks, *, safe: bool) -> Iterator[Fix]:
    refused, given = _refused(unit, call, found), handed_over(unit, call)
    # An ``await`` lets other tasks run while the lock or patch is in force.
    safe = safe and not _holds_something(unit, call)
    if given is not None:
        yield given
    elif refused:
        yield Fix("Run the call in a thread", (), safe=False, refused=refused)
    elif found.fix == "twin":
        module, _, name = found.twin.rpartition(".")
        written, brackets = unit.imported(call, module, name), await_brackets(unit, call)
        yield Fix(f"Await {found.twin}() instead", called_instead(call, written, brackets), safe=safe)
    elif found.fix == "future":
        yield _future(unit, call, safe=safe)
    else:
        yield _in_thread(unit, call, found, safe=safe)


def _in_thread(unit: Unit, call: Node, found: Blocks, *, safe: bool) -> Fix:
    title, why = "Run the call in a thread", needs_loop_thread(unit, call)
    if why:
        return Fix(title, (), safe=False, refused=why)
    if found.fix == "list":
        return Fix("Build the list in a thread", in_thread(unit, call, listed=True), safe=False)
    if (whole := _read_at_once(unit, call, found)) is not None:
        return Fix("Run the whole expression in a thread", _lazily(unit, whole), safe=False)
    return Fix(title, in_thread(unit, call), safe=safe)


def _refused(unit: Unit, call: Node, found: Blocks) -> str:
    """The reason why there is no fix here; empty if there is one."""
    if found.fix == "none":
        return found.why
    around = list(unit.around(call))
    if sum(outer.type in COMPREHENSIONS for outer in around) > 1 and unit.target.floor < _NESTED_AWAITS:
        return "A nested comprehension cannot contain 'await' before Python 3.11"
    entered = any(outer.type == "with_item" for outer in around)
    if entered and (found.rule == "blocking-open" or found.fix == "list"):
        return "The block also does file I/O; move all of it into one asyncio.to_thread() call"
    if found.fix == "list" and (name := _pruned(call)):
        return f"The loop chooses in {name} which folders os.walk() enters, which a list cannot follow"
    if _is_read_later(unit, call, found):
        return "Reading the result blocks as well; move all of it into one asyncio.to_thread() call"
    return ""


def _pruned(call: Node) -> str:
    """The list of folders that the body of a loop over ``os.walk`` changes; empty if it changes none."""
    loop = call.parent
    target, body = (field(loop, "left"), field(loop, "body")) if loop is not None else (None, None)
    names = target.named_children if target is not None and target.type == "pattern_list" else []
    if loop is None or body is None or field(loop, "right") != call or len(names) < 2:
        return ""
    name = text_of(names[1])
    uses = (one for one in nodes_of(body, IDENTIFIERS) if text_of(one) == name)
    return name if any(_changes(use) for use in uses) else ""


def _changes(use: Node) -> bool:
    """Is a list changed in place, by a method or an item?"""
    outer = use.parent
    if outer is None or use != outer.named_children[0] or outer.type not in {"attribute", "subscript"}:
        return False
    around = outer.parent
    if outer.type == "attribute":
        return around is not None and around.type == "call" and field(around, "function") == outer
    return around is not None and (around.type == "delete_statement" or field(around, "left") == outer)


def _is_read_later(unit: Unit, call: Node, found: Blocks) -> bool:
    """Does the call return something to be read piece by piece, and is it stored for that?"""
    if not _gives_stream(call, found):
        return False
    if _read_at_once(unit, call, found) is not None:
        return False
    outer, function = call.parent, unit.function(call)
    if outer is None or outer.type in {"expression_statement", "return_statement"} or function is None:
        return False
    name = field(outer, "left") if outer.type == "assignment" else None
    if name is None or name.type != "identifier":
        return True
    used = re.compile(rb"\b" + re.escape(name.text or b"") + rb"\b")
    rest = unit.file.source.data[call.end_byte : function.end_byte]
    # A stream that is only returned is read by the caller, who is checked on its own.
    return any(line.strip() != b"return " + (name.text or b"") for line in rest.splitlines() if used.search(line))


def _read_at_once(unit: Unit, call: Node, found: Blocks) -> Node | None:
    """The whole expression that opens something and reads it at once: ``urlopen(url).read()``; else ``None``."""
    whole = call
    while whole.parent is not None and whole.parent.type in TRAILERS and whole.parent.named_children[0] == whole:
        whole = whole.parent
    if whole == call or whole.type != "call" or not _gives_stream(call, found) or nodes_of(whole, AWAITS):
        return None
    return whole


def _gives_stream(call: Node, found: Blocks) -> bool:
    """Does reading the call's result access the disk or the network later on?"""
    _, keywords, _ = arguments_of(call)
    streams = keywords.get("stream")
    return (
        found.rule == "blocking-open"
        or found.name.rpartition(".")[2] in _STREAMS
        or (streams is not None and text_of(streams) != "False")
    )


def _lazily(unit: Unit, whole: Node) -> tuple[Edit, ...]:
    """Turn an expression into a lambda, to be called in a thread."""
    written, (before, after) = unit.imported(whole, "asyncio", "to_thread"), await_brackets(unit, whole)
    start = insert(whole.start_byte, f"{before}{written.text}(lambda: ")
    return (*written.edits, start, insert(whole.end_byte, f"){after}"))


def _holds_something(unit: Unit, call: Node) -> bool:
    """Is something held meanwhile that other tasks, which an ``await`` lets run, may need or see?"""
    around = (outer for outer in unit.around(call) if outer.type == "with_statement")
    return any(_HELD.search(text_of(outer.named_children[0])) for outer in around)


def in_thread(unit: Unit, call: Node, *, listed: bool = False) -> tuple[Edit, ...]:
    """Run the call by ``asyncio.to_thread`` and await it; ``listed``: also turn its result into a list there."""
    callee, arguments = field(call, "function"), field(call, "arguments")
    if callee is None or arguments is None:
        return ()
    written = unit.imported(call, "asyncio", "to_thread")
    before, after = await_brackets(unit, call)
    start = f"{before}{written.text}("
    if listed:
        lazily = insert(call.start_byte, f"{start}lambda: list(")
        return (*written.edits, lazily, insert(call.end_byte, f")){after}"))
    edits = [*written.edits, insert(call.start_byte, start)]
    if arguments.type == "generator_expression":
        edits += [insert(arguments.start_byte, ", "), insert(call.end_byte, f"){after}")]
        return tuple(edits)
    edits.append(Edit(Span(callee.end_byte, arguments.start_byte + 1), _comma(unit, call, arguments)))
    return (*edits, insert(call.end_byte, after)) if after else tuple(edits)


def _comma(unit: Unit, call: Node, arguments: Node) -> bytes:
    """The separator between the function and its arguments, in place of the opening parenthesis."""
    positional, keywords, starred = arguments_of(call)
    if not (positional or keywords or starred):
        return b""
    data = unit.file.source.data
    return b"," if _LINE_BREAK.match(data, arguments.start_byte + 1) else b", "


def _future(unit: Unit, call: Node, *, safe: bool) -> Fix:
    """``await asyncio.wrap_future(f)`` for ``f.result()``; in ``asyncio.wait_for`` if it has a timeout."""
    callee = field(call, "function")
    owner = field(callee, "object") if callee is not None else None
    positional, keywords, starred = arguments_of(call)
    is_result = callee is not None and text_of(callee).endswith("result")
    if owner is None or starred or source_of(call).count("#") or not is_result:
        why = "Only a plain result() call without comments or * can become asyncio.wrap_future()"
        return Fix("Await the future", (), safe=False, refused=why)
    wrap = unit.imported(call, "asyncio", "wrap_future")
    limits = [*positional, *keywords.values()]
    before, after = await_brackets(unit, call)
    if not limits or text_of(limits[0]) == "None":
        edits = insert(call.start_byte, f"{before}{wrap.text}("), _tail(owner, call, f"){after}")
        return Fix("Await the future", (*wrap.edits, *edits), safe=safe)
    wait = unit.imported(call, "asyncio", "wait_for")
    start = insert(call.start_byte, f"{before}{wait.text}({wrap.text}(")
    edits = start, _tail(owner, call, f"), {source_of(limits[0])}){after}")
    return Fix("Await the future", (*wrap.edits, *edits), safe=False)


def _tail(owner: Node, call: Node, text: str) -> Edit:
    return Edit(Span(owner.end_byte, call.end_byte), encode(text))
