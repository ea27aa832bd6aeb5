"""The process may never exit: it waits until its pipe is read, and nothing reads it while ``wait()`` waits.

With ``stdout=PIPE`` or ``stderr=PIPE``, a process that writes more than the pipe and its reader hold (some 200 kB on
Linux) stops until the pipe is read.  ``await process.wait()`` does not read, so both wait forever.  Reading after
``wait()`` is too late.

``await process.communicate()`` reads and waits.  Code that reads concurrently (in a task, in a loop before ``wait()``)
is correct.  ``wait()`` after ``kill()`` is not reported, although with a full pipe it hangs too, since Python 3.11.
"""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.analysis.asyncio import stands_alone
from loopwise.analysis.prefilter import names
from loopwise.analysis.rule import Example, Finding, Fix, Related, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.semantics.bindings import Kind
from loopwise.syntax import (
    IDENTIFIERS,
    Node,
    arguments_of,
    field,
    first_of,
    node_at,
    nodes_of,
    source_of,
    span_of,
    text_of,
)
from loopwise.text import decode
from loopwise.writing import indent_of, newline_of, replace

_WAIT = names("asyncio.subprocess.Process.wait")
_CREATE = names("asyncio.create_subprocess_exec asyncio.create_subprocess_shell")
_PIPE = frozenset({"PIPE"})
# Uses that neither fill nor drain a pipe.
_HARMLESS = frozenset({"wait", "returncode", "pid", "stdin"})
# After wait() has returned, the process is gone and these do nothing.
_ENDING = frozenset({"kill", "terminate", "send_signal"})
_READ = frozenset({"stdout", "stderr"})


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    callee = field(node, "function")
    process = field(callee, "object") if callee is not None and callee.type == "attribute" else None
    if process is None or process.type != "identifier" or not _is_waited_for(unit, node):
        return
    created = _created(process, unit)
    pipe = _pipe(created) if created is not None else None
    if created is None or pipe is None or not unit.call_in(node, _WAIT) or not unit.call_in(created, _CREATE):
        return
    uses = _uses(process, unit)
    if uses is None or not all(_is_harmless(use, node) for use in uses):
        return
    reads_later = any(_attribute(use) in _READ for use in uses)
    yield Finding(
        span_of(node),
        "Process can fill its pipe, which nothing reads, so wait() may never return",
        lambda: tuple(_fixes(unit, node, process, reads_later=reads_later)),
        (Related(span_of(pipe), "The pipe"),),
    )


def _is_waited_for(unit: Unit, call: Node) -> bool:
    """Is ``wait()`` awaited at once, or through ``wait_for``?"""
    if unit.is_awaited(call):
        return True
    outer = call.parent.parent if call.parent is not None and call.parent.type == "argument_list" else None
    callee = field(outer, "function") if outer is not None and outer.type == "call" else None
    is_timed = callee is not None and text_of(callee).rpartition(".")[2] == "wait_for"
    return outer is not None and is_timed and unit.is_awaited(outer)


def _created(process: Node, unit: Unit) -> Node | None:
    """The call that created the process in a local name, if the function binds the name once."""
    function = unit.function(process)
    bindings = unit.file.table_of(function).by_name.get(text_of(process), ()) if function is not None else ()
    if function is None or len(bindings) != 1 or bindings[0].kind is not Kind.ASSIGN or bindings[0].value is None:
        return None
    value = node_at(unit.file.root, bindings[0].value.shifted(function.start_byte))
    inner = first_of(value) if value is not None and value.type == "await" else None
    return inner if inner is not None and inner.type == "call" else None


def _pipe(call: Node) -> Node | None:
    """``stdout=PIPE`` or ``stderr=PIPE`` among the arguments."""
    _, keywords, _ = arguments_of(call)
    given = [keywords[name] for name in ("stdout", "stderr") if name in keywords]
    return next((one.parent for one in given if text_of(one).rpartition(".")[2] in _PIPE), None)


def _uses(process: Node, unit: Unit) -> list[Node] | None:
    """The uses of the name in the function, except its binding; ``None`` if a nested function uses it."""
    function = unit.function(process)
    found = [one for one in nodes_of(function, IDENTIFIERS) if one.text == process.text] if function is not None else []
    if any(unit.function(one) != function for one in found):
        return None
    return [one for one in found if one.parent is None or field(one.parent, "left") != one]


def _attribute(use: Node) -> str:
    outer = use.parent
    name = field(outer, "attribute") if outer is not None and outer.type == "attribute" else None
    return text_of(name) if outer is not None and name is not None and field(outer, "object") == use else ""


def _is_harmless(use: Node, wait: Node) -> bool:
    """Does a use neither read from nor end the process before ``wait()``, nor pass it on?"""
    name = _attribute(use)
    if name in _HARMLESS or (name in _ENDING and use.start_byte > wait.start_byte):
        return True
    return name in _READ and use.start_byte > wait.start_byte and not _in_loop(wait)


def _in_loop(node: Node) -> bool:
    outer = node.parent
    while outer is not None and outer.type != "function_definition":
        if outer.type in {"while_statement", "for_statement"}:
            return True
        outer = outer.parent
    return False


def _fixes(unit: Unit, call: Node, process: Node, *, reads_later: bool) -> Iterator[Fix]:
    title, name = "Read and wait with communicate()", text_of(process)
    if reads_later:
        reason = "Later reads would have to use the result of communicate()"
        yield Fix(title, (), refused=reason)
        return
    statement = unit.statement(call)
    expression = call.parent if unit.is_awaited(call) else None
    whole = call.parent if expression is None and call.parent is not None else expression
    while whole is not None and whole.type in {"argument_list", "call", "await", "parenthesized_expression"}:
        whole = whole.parent
    callee = field(call, "function")
    method = field(callee, "attribute") if callee is not None else None
    if whole is None or method is None:
        return
    if whole == statement and statement.type == "expression_statement":
        yield Fix(title, (replace(method, "communicate"),))
    elif expression is not None and stands_alone(unit, statement) and statement.type == "expression_statement":
        indent = decode(indent_of(unit.file, statement.start_byte) or b"")
        newline = decode(newline_of(unit.file, statement.start_byte))
        first = replace(statement, f"await {name}.communicate(){newline}{indent}")
        rest = source_of(statement).replace(source_of(expression), f"{name}.returncode", 1)
        yield Fix(title, (type(first)(first.span, first.text + rest.encode("utf-8", "surrogatepass")),))


RULE = Rule(
    code="LW419",
    name="wait-with-pipe",
    severity=Severity.WARNING,
    nodes=("call",),
    check=check,
    triggers=_WAIT.last,
    **page(__doc__),
    cards=("asyncio.subprocess.Process.wait", "asyncio.subprocess.Process.communicate"),
    examples=(
        Example(
            bad="""\
import asyncio
import subprocess

async def build():
    process = await asyncio.create_subprocess_exec("make", stdout=subprocess.PIPE)
    await process.wait()
#         ^^^^^^^^^^^^^^
    return process.returncode
""",
            fixed=(
                """\
import asyncio
import subprocess

async def build():
    process = await asyncio.create_subprocess_exec("make", stdout=subprocess.PIPE)
    await process.communicate()
    return process.returncode
""",
            ),
        ),
        Example(
            good="""\
import asyncio
from asyncio.subprocess import PIPE

async def listing():
    process = await asyncio.create_subprocess_exec("ls", stdout=PIPE)
    out, _ = await process.communicate()
    await process.wait()
    return out
""",
        ),
    ),
)
