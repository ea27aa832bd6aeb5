"""A set or dictionary that changes while a loop over it awaits makes the loop raise ``RuntimeError``.

While the loop's body waits, other tasks run; if one of them adds or removes an item, the next iteration finds a
collection of a different size: "Set changed size during iteration".

Iterate over a copy: ``for client in list(self.clients):``.
Or hold a lock around the loop and around each change.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from loopwise.analysis.asyncio import Siblings, is_guarded, is_private, shared_name, siblings
from loopwise.analysis.flow import KEPT_ITEMS, Exit, exits, waits
from loopwise.analysis.rule import Cause, Example, Finding, Fix, Related, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.syntax import Node, field, is_async, parts_of, span_of, text_of, unwrap
from loopwise.text import Span
from loopwise.writing import insert

_VIEWS = frozenset({"values", "items", "keys"})
# These raise RuntimeError when their size changes during iteration; a list skips or repeats items silently.
_SIZED = ("builtins.set", "builtins.dict", "collections.OrderedDict", "collections.defaultdict", "collections.deque")
# No other task has the object yet, or any more.
_FIRST = frozenset({"__init__", "__post_init__", "__new__", "__del__"})
# Methods that change how many items there are.
_REMOVALS = r"discard|remove|pop|popitem|popleft"
_CHANGES = rf"{_REMOVALS}|clear|difference_update|intersection_update|add|update|setdefault|append|appendleft|extend"
# Functions by whose name they run before anything goes on, or after it: found in 20 projects, where all were fine.
_BEFORE = re.compile(
    r"(?i)^_*(?:async_)?(?:regist|config|set_?up|set_|init|start|launch|load|build|prepare|create_app|connect_all)"
)
# A function that starts what was added before it runs.
_STARTS = re.compile(r"(?i)^_*(?:async_|on_)?(?:start|serve|launch|init|set_?up)")
_ENDS = re.compile(
    r"(?i)^_*(?:on_|async_|handle_)?a?(?:close|stop|shut_?down|disconnect|clean_?up|teardown|tear_down|finish|finali[sz]e"
    r"|fail|terminate|exit|dispose|unload|aexit)"
)


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    right, body = field(node, "right"), _body(node)
    if right is None or body is None or is_async(node) or not unit.on_loop(node):
        return
    looped = unwrap(right)
    holder = _collection(looped)
    wait = _wait(body) if holder.type in {"attribute", "identifier"} else None
    family = siblings(unit, holder) if wait is not None else None
    if wait is None or family is None or not unit.is_instance(unit.value(holder), *_SIZED) or is_guarded(unit, node):
        return
    change = _change(unit, family, holder, node)
    if change is None:
        return
    where = Span(wait.start_byte, wait.start_byte + 5)
    related = (Related(where, "Other tasks run here"), Related(change, "It is changed here"))
    message = f"Collection '{text_of(holder)}' may change during the await, which raises RuntimeError"
    yield Finding(span_of(looped), message, lambda: (_copied(looped),), related, cause=_cause(unit, holder, node))


def _cause(unit: Unit, holder: Node, loop: Node) -> Cause | None:
    """The collection: all loops over it are at risk of the same changes."""
    function = unit.function(loop)
    if function is None:
        return None
    owner = unit.owner(function)
    key = (owner.qualname if owner is not None else "", text_of(holder))
    return Cause(key, function.start_byte, is_minor=True)


def _body(node: Node) -> Node | None:
    """The body of a loop, or of a comprehension's first ``for``; not of a generator expression's."""
    outer = node.parent
    if node.type != "for_in_clause" or outer is None:
        return field(node, "body")
    is_first = parts_of(outer)[1] == node
    return field(outer, "body") if outer.type in KEPT_ITEMS and is_first else None


def _collection(looped: Node) -> Node:
    """The collection that a loop iterates over: ``x`` in both ``x`` and ``x.values()``."""
    callee, given = field(looped, "function"), field(looped, "arguments")
    if looped.type != "call" or callee is None or callee.type != "attribute" or (given is not None and parts_of(given)):
        return looped
    name, holder = field(callee, "attribute"), field(callee, "object")
    return holder if name is not None and holder is not None and text_of(name) in _VIEWS else looped


def _wait(body: Node) -> Node | None:
    """The suspension point in the loop before its next iteration."""
    for wait in waits(body):
        if wait.type == "yield":
            continue
        if body.type != "block":
            return wait
        block: Node | None = wait
        while block is not None and block.type != "block":
            block = block.parent
        # After a suspension that leaves the loop, nothing is iterated any more.
        if block is not None and exits(block) & {Exit.FALL, Exit.CONTINUE}:
            return wait
    return None


def _is_at_edge(unit: Unit, loop: Node) -> bool:
    """Is the loop in a function that starts or shuts down, by its name or by cancelling the items?

    Nothing is added then: all items are there already, or no more come.
    """
    function = unit.function(loop)
    name = field(function, "name") if function is not None else None
    if b".cancel(" in (loop.text or b"") or name is None:
        return name is not None
    return any(pattern.match(text_of(name)) is not None for pattern in (_STARTS, _ENDS))


def _change(unit: Unit, family: Siblings, holder: Node, loop: Node) -> Span | None:
    """The place where another function changes the number of items."""
    changing = _REMOVALS if _is_at_edge(unit, loop) else _CHANGES
    # An assignment to an item adds one if its key is new.
    stored = r"|\[[^\]\n]*\]\s*=(?!=)" if changing == _CHANGES else ""
    for name, function in family.functions.items():
        if name in _FIRST or _BEFORE.match(name) or function == unit.function(loop) or _is_for_others(unit, function):
            continue
        spelled = re.escape(family.spelled(unit, function, shared_name(holder)))
        changes = re.compile(rf"(?<![\w.]){spelled}(?:\.(?:{changing})\b{stored})|\bdel {spelled}\[".encode())
        for found in changes.finditer(function.text or b""):
            if _ENDS.match(name) and b".cancel(" in (function.text or b"")[: found.start()]:
                break  # it ends first what goes through the collection
            start = function.start_byte + found.start()
            return Span(start, function.start_byte + found.end())
    return None


def _is_for_others(unit: Unit, function: Node) -> bool:
    """Is it a private function that its file never mentions?  Others call it, maybe before anything goes on."""
    name = field(function, "name")
    return name is not None and is_private(name) and (unit.file.source.data.count(name.text or b"") < 2)


def _copied(looped: Node) -> Fix:
    edits = (insert(looped.start_byte, "list("), insert(looped.end_byte, ")"))
    return Fix("Iterate over a copy", edits, safe=False)


RULE = Rule(
    code="LW426",
    name="changed-while-iterated",
    severity=Severity.WARNING,
    nodes=("for_statement", "for_in_clause"),
    check=check,
    triggers=frozenset({"for"}),
    **page(__doc__),
    whole_file=True,
    cards=("asyncio.Lock", "await"),
    examples=(
        Example(
            bad="""\
class Room:
    def __init__(self):
        self.clients = set()

    def join(self, client):
        self.clients.add(client)

    async def say(self, text):
        for client in self.clients:
#                     ^^^^^^^^^^^^
            await client.send(text)
""",
            fixed=(
                """\
class Room:
    def __init__(self):
        self.clients = set()

    def join(self, client):
        self.clients.add(client)

    async def say(self, text):
        for client in list(self.clients):
            await client.send(text)
""",
            ),
        ),
        Example(
            good="""\
class Room:
    def __init__(self):
        self.clients = set()
        self.rules = {}
        self.rules["name"] = print

    def join(self, client):
        self.clients.add(client)

    async def say(self, text):
        for client in list(self.clients):
            await client.send(text)
        for rule in self.rules.values():
            await rule(text)
        for client in self.clients:
            if client.is_ready:
                return await client.send(text)
"""
        ),
    ),
)
