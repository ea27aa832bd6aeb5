"""Effects of the project's own functions, as far as their bodies show them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from loopwise.analysis.unit import Unit
from loopwise.semantics.bindings import File
from loopwise.semantics.infer import Function, Instance, Signature, Value, each
from loopwise.syntax import (
    AWAITS,
    CALLS,
    FUNCTIONS,
    IDENTIFIERS,
    PLACES,
    SHARED_NAMES,
    Node,
    arguments_of,
    field,
    nodes_of,
    outward,
    parts_of,
    text_of,
    unwrap,
)

_DEEPEST = 3  # functions between the call and the one that is looked at
_BINDS = frozenset({"assignment", "for_statement"})
# Expressions whose values others can hold, too.
_NAMED = IDENTIFIERS | PLACES
_STORES = frozenset({"assignment", "augmented_assignment", "delete_statement", "for_statement", "as_pattern_target"})
# What ``+=`` adds to numbers and strings; a list or set would change in place.
_FIXED = frozenset({"integer", "float", "string", "concatenated_string"})
# Methods that change what they belong to: of lists, dictionaries, sets, queues, context variables, events.
_CHANGES = frozenset(
    "append extend insert remove pop popitem clear sort reverse add discard update setdefault set reset put_nowait"
    " get_nowait set_result set_exception cancel release write writelines seek popleft appendleft extendleft rotate"
    " move_to_end subtract difference_update intersection_update symmetric_difference_update __setattr__"
    " __setitem__".split()
)
# Functions that change their first argument.
_OF_FIRST = frozenset("next anext setattr delattr heappush heappop heapreplace heappushpop shuffle insort".split())
_SEEDS = b"random.seed("
_WRITES = re.compile(r"""[rR]?(["'])(?:[wax][bt+]*|r[bt]*\+[bt]*)\1""")
# Functions and methods that change files and folders, apart from ``remove``.
_OF_FILES = frozenset(
    "mkdir makedirs rmdir removedirs rmtree unlink rename renames touch write_text write_bytes copyfile copytree chdir"
    " symlink_to hardlink_to symlink truncate".split()
)
# Methods of streams, sockets, cursors and connections that one caller uses at a time.
_EXCLUSIVE = frozenset(
    "read readline readexactly readuntil readinto readany readchunk recv receive recv_into receive_json receive_text"
    " receive_bytes sock_recv __anext__ asend athrow anext execute executemany fetch fetchone fetchall fetchmany"
    " fetchrow fetchval query begin commit rollback drain".split()
)


def functions_of(unit: Unit, call: Node, file: File | None = None) -> list[Function]:
    """The project's functions that a call may reach."""
    callee = field(call, "function")
    value = unit.ev.value(file or unit.file, callee) if callee is not None else None
    found = (_made_of(unit, one) for one in each(value)) if value is not None else ()
    return [one for one in found if isinstance(one, Function) and not one.file.is_stub]


def _made_of(unit: Unit, called: Value) -> Value:
    """The function behind a signature, or the method that runs when an object is called."""
    if isinstance(called, Instance) and not called.cls.file.is_stub:
        return unit.ev.attribute(called, "__call__")
    return called.made_of or called if isinstance(called, Signature) else called


def seen(unit: Unit, call: Node, look: Callable[[Node, File], str], deep: int = _DEEPEST) -> str:
    """The first non-empty result of ``look`` on the body of a called function, or of a function called from there."""
    return next(filter(None, _said(unit, call, look, deep, unit.file)), "")


def _said(unit: Unit, call: Node, look: Callable[[Node, File], str], deep: int, file: File) -> Iterator[str]:
    for function in [*functions_of(unit, call, file), *_made_by(unit, call, file)] if deep else ():
        for node in function.nodes:
            body = field(node, "body")
            if body is not None:
                yield look(node, function.file)
                for inner in nodes_of(body, CALLS):
                    yield from _said(unit, inner, look, deep - 1, function.file)


def _made_by(unit: Unit, call: Node, file: File) -> Iterator[Function]:
    """The methods of the project that run where a call makes an object: of a ``with``, these that enter and leave."""
    item = call.parent is not None and "with_item" in {call.parent.type, getattr(call.parent.parent, "type", "")}
    for made in each(unit.ev.value(file, call)):
        if isinstance(made, Instance) and not made.cls.file.is_stub:
            for name in ("__init__", "__enter__", "__exit__") if item else ("__init__",):
                method = unit.ev.attribute(made, name)
                if isinstance(method, Function) and not method.file.is_stub:
                    yield method


def changes_state(unit: Unit, call: Node) -> str:
    """The state that outlives a call and that it changes or needs exclusively: ``self.token``; else empty."""
    return seen(unit, call, state_changed)


def state_changed(function: Node, file: File) -> str:
    """The state that outlives a function and that its own body changes or needs exclusively; else empty."""
    body = field(function, "body") or function
    own = own_names(function, file)
    for shared in nodes_of(body, SHARED_NAMES):
        around = next((outer for outer in outward(shared, file.root) if outer.type in FUNCTIONS), None)
        is_inner = shared.type == "nonlocal_statement" and around != function
        names = [text_of(one) for one in parts_of(shared) if not (is_inner and text_of(one) in own)]
        if names:
            return names[0]
    for store in nodes_of(body, _STORES):
        target = field(store, "left") or store
        for one in [target, *parts_of(target)]:
            if one.type in {"attribute", "subscript"} and root_of(one) not in own:
                return text_of(one)
        added = field(store, "right") if store.type == "augmented_assignment" else None
        if (
            added is not None
            and added.type not in _FIXED
            and target.type == "identifier"
            and text_of(target) not in own
        ):
            return text_of(target)
    for call in nodes_of(body, CALLS):
        if outside := _outside(call, own, file):
            return outside
        callee = field(call, "function")
        owner = field(callee, "object") if callee is not None else None
        name = field(callee, "attribute") if callee is not None else None
        if owner is not None and name is not None and text_of(name) in _CHANGES | _EXCLUSIVE:
            if root_of(owner) not in own:
                return text_of(owner)
    return ""


def _outside(call: Node, own: frozenset[str], file: File) -> str:
    """The state that a call changes without naming it as an object: an iterator, files, random numbers of a seed."""
    callee = field(call, "function")
    word = text_of((field(callee, "attribute") or callee) if callee is not None else call)
    positional, keywords, _ = arguments_of(call)
    if word in _OF_FIRST:
        return next((text_of(one) for one in positional[:1] if root_of(one) not in own), "")
    if callee is not None and root_of(callee) == "random" and _SEEDS in file.source.data:
        return "random"
    modes = [one for one in (*positional[:2], keywords.get("mode")) if one is not None and one.type == "string"]
    is_written = word == "open" and any(_WRITES.fullmatch(text_of(one)) for one in modes)
    return "files" if is_written or word in _OF_FILES else ""


def waits_for_part(unit: Unit, call: Node) -> str:
    """The part of its object that a called method awaits: ``self.client``, which may serve one caller at a time."""
    return seen(unit, call, _waited_part)


def _waited_part(function: Node, file: File) -> str:
    own = own_names(function, file)
    for wait in nodes_of(field(function, "body") or function, AWAITS):
        call = unwrap(parts_of(wait)[0]) if parts_of(wait) else wait
        callee = field(call, "function") if call.type == "call" else None
        owner = field(callee, "object") if callee is not None else None
        if owner is not None and owner.type == "attribute" and root_of(owner) not in own:
            return text_of(owner)
    return ""


def own_names(function: Node, file: File) -> frozenset[str]:
    """The names that a function binds itself to values that no other code can hold: no parameters, no other names."""
    table = file.table_of(function)
    own = frozenset(table.by_name) - {one.name for one in table.parameters}
    found = (left for left, right in _bound(function) if right.type in _NAMED and root_of(right) not in own)
    return own - {text_of(left) for left in found}


def _bound(function: Node) -> Iterator[tuple[Node, Node]]:
    """The targets of assignments and loops with what they are bound to, or taken from."""
    for one in nodes_of(field(function, "body") or function, _BINDS):
        left, right = field(one, "left"), field(one, "right")
        if left is not None and right is not None and left.type == "identifier":
            yield left, right


def root_of(node: Node) -> str:
    """The first name in a chain of attributes, items and calls."""
    while (inner := field(node, "object") or field(node, "value") or field(node, "function")) is not None:
        node = inner
    return text_of(node)


__all__ = ["changes_state", "functions_of", "own_names", "root_of", "seen", "state_changed", "waits_for_part"]
