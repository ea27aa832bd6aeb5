"""``set_result`` on a future that is done raises ``InvalidStateError``.

A future is done when it has a result or an exception, and also when it was cancelled, by a timeout around the
``await`` or because the task that awaits it was cancelled.
``cancelled()`` checks only the last of these, and a result that arrives late finds the future done.

Check ``done()`` immediately before: ``if not future.done(): future.set_result(value)``.
From another thread, this has to happen on the loop, so pass ``call_soon_threadsafe`` a function that checks first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from loopwise.analysis.asyncio import own_receiver
from loopwise.analysis.flow import handlers, own
from loopwise.analysis.prefilter import callee_word
from loopwise.analysis.rule import Example, Finding, Fix, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.semantics.bindings import Kind
from loopwise.syntax import CALLS, Node, arguments_of, field, node_at, parts_of, span_of, text_of, unwrap
from loopwise.text import decode, encode
from loopwise.writing import replace

_SETS = frozenset({"set_result", "set_exception"})
_TAKES = re.compile(r"(?P<held>(?:\w+\.)+\w+)(?:\.(?:pop|get|popleft)\(|\[)")
_MANY = 2  # assignments of the collection: the second one forgets what was in it
# These are set in threads, where asking done() first would not make the call safe.
_CONCURRENT = ("concurrent.futures.Future", "concurrent.futures._base.Future")


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    word = callee_word(node, unit.aliases)
    if word == "call_soon_threadsafe":
        yield from _from_thread(unit, node)
        return
    callee = field(node, "function")
    future = field(callee, "object") if callee is not None and callee.type == "attribute" else None
    if word not in _SETS or future is None:
        return
    asked = _cancelled_asked(unit, node, text_of(future))
    given_up = asked is None and _is_given_up(unit, node, future)
    if (asked is None and not given_up) or unit.is_instance(unit.value(future), *_CONCURRENT):
        return
    if asked is not None:
        message = f"Future '{text_of(future)}' may already be done, so {word}() may raise InvalidStateError"
        yield Finding(span_of(asked), message, lambda: (_asking_done(asked),))
    else:
        message = f"Future '{text_of(future)}' may be cancelled: {word}() then raises InvalidStateError"
        yield Finding(span_of(node), message)


def _from_thread(unit: Unit, call: Node) -> Iterator[Finding]:
    positional = arguments_of(call)[0]
    name = field(positional[0], "attribute") if positional and positional[0].type == "attribute" else None
    owner = text_of(field(positional[0], "object") or call) if positional else ""
    # A shielded future is not cancelled along with its waiter.
    if name is not None and text_of(name) in _SETS and encode(f"shield({owner})") not in unit.file.source.data:
        message = f"Future may already be done when {text_of(name)}() runs, which raises InvalidStateError"
        yield Finding(span_of(positional[0]), message)


def _cancelled_asked(unit: Unit, call: Node, future: str) -> Node | None:
    """The ``cancelled()`` that alone guards a call."""
    found: Node | None = None
    for outer in unit.around(call):
        test = field(outer, "condition") if outer.type in {"if_statement", "elif_clause"} else None
        if test is None:
            continue
        if f"{future}.done()" in text_of(test):
            return None
        for one in own(test, CALLS):
            if text_of(one) == f"{future}.cancelled()" and _is_negated(one):
                found = one
    if found is None or _is_expected(unit, call) or not _is_set_elsewhere(unit, call, future):
        return None
    return found


def _is_set_elsewhere(unit: Unit, call: Node, future: str) -> bool:
    """May other code have set it: is it part of a structure where other functions set it without removing it?"""
    if not re.search(r"[.\]]", future) or future.startswith(("self._", "self.", "cls.")):
        return False
    function, name = unit.function(call), re.escape(future if "[" in future else future.rpartition(".")[2])
    body = text_of(function) if function is not None else ""
    if re.search(rf"{name}\s*=\s*None|\.pop(?:left|item)?\(|\bdel |\.clear\(|\.remove\(", body):
        return False
    sets = re.compile(rf"{name}\.set_(?:result|exception)\(")
    return len(sets.findall(decode(unit.file.source.data))) > len(sets.findall(body)) or len(sets.findall(body)) > 1


def _is_negated(asked: Node) -> bool:
    outer = asked.parent
    while outer is not None and outer.type == "parenthesized_expression":
        outer = outer.parent
    return outer is not None and outer.type == "not_operator"


def _is_expected(unit: Unit, node: Node) -> bool:
    """Is the error caught?"""
    inner = node
    for outer in unit.around(node):
        if outer.type == "try_statement" and inner == field(outer, "body"):
            if any(not caught or re.search("InvalidState|Exception", caught) for caught in handlers(outer)):
                return True
        if outer.type == "with_statement" and re.search("suppress|raises", text_of(parts_of(outer)[0])):
            return True
        inner = outer
    return False


def _is_given_up(unit: Unit, call: Node, future: Node) -> bool:
    """Was the future taken from where a method stored it that may time out, leaving it there?"""
    function = unit.function(call)
    owner = unit.owner(function) if function is not None else None
    if function is None or owner is None or _is_expected(unit, call):
        return False
    if future.type == "subscript":
        return _is_waited_for(unit, function, owner.node, future)
    if future.type != "identifier":
        return False
    held = _taken_from(unit, function, text_of(future))
    body = text_of(function)
    name = re.escape(text_of(future))
    if not held or re.search(rf"\b{name}\.(?:done|cancelled)\(", body):
        return False
    attribute = held.removeprefix(f"{own_receiver(unit, function)}.")
    if _is_kept(owner.node, body, re.escape(attribute), name):
        return True
    methods = (text_of(method) for method in parts_of(parts_of(owner.node)[-1]))
    return any(_gives_up(method, re.escape(attribute)) for method in methods)


def _is_waited_for(unit: Unit, function: Node, owner: Node, future: Node) -> bool:
    """Does another method wait with a timeout for the item ``self.waiting[key]`` without testing if it is done?"""
    held = text_of(field(future, "value") or future)
    receiver = own_receiver(unit, function)
    if not receiver or not held.startswith(f"{receiver}.") or ".done()" in text_of(function):
        return False
    attribute = re.escape(held.removeprefix(f"{receiver}."))
    return re.search(rf"\bwait_for\(\s*\w+\.{attribute}\[", text_of(owner)) is not None


def _gives_up(method: str, attribute: str) -> bool:
    """Does a method store a future that it creates, wait for it with a timeout, and leave it there?"""
    if "create_future()" not in method or re.search(rf"\.{attribute}\.pop\(|\bdel [\w.]*\.{attribute}\[", method):
        return False
    for kept in re.finditer(rf"\.{attribute}\[[^\]\n]*\]\s*=\s*(?P<name>\w+)", method):
        name = kept["name"]
        if re.search(rf"\bwait_for\(\s*{name}\b|\btimeout\([^\n]*\):\s+(?:\w+ = |return )?await {name}\b", method):
            return True
    return False


def _is_kept(owner: Node, body: str, attribute: str, name: str) -> bool:
    """Does a class store futures that it creates under keys and never remove one, so that a second event finds it?"""
    whole = text_of(owner)
    if (
        not re.search(rf"\b{name}\s*(?::[^=\n]*)?:?=\s*\w+\.{attribute}(?:\[|\.get\()", body)
        or "create_future()" not in whole
    ):
        return False
    if re.search(rf"\.{attribute}\.(?:pop|popitem|clear)\b|\bdel \w+\.{attribute}\b|\({name}\b|\b{name},", whole):
        return False
    stored = re.findall(rf"\.{attribute}\s*(?:\[[^\]\n]*\]\s*)?(?::[^=\n]*)?=(?!=)", whole)
    return (
        any("[" in one.partition(":")[0] for one in stored)
        and sum("[" not in one.partition(":")[0] for one in stored) < _MANY
    )


def _taken_from(unit: Unit, function: Node, name: str) -> str:
    """The attribute that a local name was taken from: ``self.waiting`` for ``self.waiting.pop(key)``."""
    bindings = unit.file.table_of(function).by_name.get(name, ())
    if len(bindings) != 1 or bindings[0].kind is not Kind.ASSIGN or bindings[0].value is None:
        return ""
    node = node_at(function, bindings[0].value.shifted(function.start_byte))
    found = _TAKES.match(text_of(unwrap(node))) if node is not None else None
    receiver = own_receiver(unit, function)
    return found["held"] if found is not None and receiver and found["held"].startswith(f"{receiver}.") else ""


def _asking_done(asked: Node) -> Fix:
    callee = field(asked, "function")
    name = field(callee, "attribute") if callee is not None else None
    edits = (replace(name, "done"),) if name is not None else ()
    return Fix("Check done() first", edits, safe=False)


RULE = Rule(
    code="LW122",
    name="result-set-twice",
    severity=Severity.WARNING,
    nodes=("call",),
    check=check,
    triggers=_SETS | {"call_soon_threadsafe"},
    **page(__doc__),
    cards=("asyncio.Future.set_result", "asyncio.Future.done"),
    examples=(
        Example(
            bad="""\
def deliver(item, value):
    if not item.future.cancelled():
#          ^^^^^^^^^^^^^^^^^^^^^^^
        item.future.set_result(value)

def fail(item, error):
    item.future.set_exception(error)
""",
            fixed=(
                """\
def deliver(item, value):
    if not item.future.done():
        item.future.set_result(value)

def fail(item, error):
    item.future.set_exception(error)
""",
            ),
        ),
        Example(
            good="""\
def deliver(waiting, key, value):
    if not waiting[key].done():
        waiting[key].set_result(value)
"""
        ),
    ),
)
