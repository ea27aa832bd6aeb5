"""Fixes for a coroutine function passed as a callback: a call of it, or a function that starts it as a task."""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.analysis.asyncio import after, argument, called, free_name, line_before, outermost, stands_alone
from loopwise.analysis.rule import Fix
from loopwise.analysis.unit import Unit
from loopwise.rules.fixes.task_keeping import first_definition
from loopwise.semantics.bindings import Kind
from loopwise.syntax import Node, field, source_of
from loopwise.text import Edit, Span, decode, encode
from loopwise.writing import insert, newline_of, replace, usual_step

_TASKS = "background_tasks"


def call_of(call: Node, callback: Node) -> str | None:
    """The call that the callback's caller will make, with the arguments after the callback."""
    rest = after(call, callback)
    return called(callback, rest) if rest is not None else None


def call_of_done(call: Node, callback: Node) -> str | None:
    """The call of a callback that receives the finished object, as ``done``."""
    if after(call, callback) != ():
        return None
    if callback.type != "lambda":
        return called(callback) and f"{source_of(callback)}(done)"
    parameters, body = field(callback, "parameters"), field(callback, "body")
    if parameters is None or body is None or source_of(parameters) not in {"_", "done"}:
        return None
    return source_of(body)


def at_exit(unit: Unit, call: Node, callback: Node, coroutine: str) -> Fix:
    """``atexit.register(lambda: asyncio.run(work()))``."""
    run = unit.imported(call, "asyncio", "run")
    edit = instead(call, callback, f"lambda: {run.text}({coroutine})")
    return Fix("Run the coroutine in its own event loop", (*run.edits, edit), safe=False)


def submitted(unit: Unit, call: Node, coroutine: str) -> Iterator[Fix]:
    """``asyncio.run_coroutine_threadsafe(work(), loop)`` for ``loop.call_soon_threadsafe(work)``."""
    callee = field(call, "function")
    owner = field(callee, "object") if callee is not None and callee.type == "attribute" else None
    if owner is None:
        return
    submit = unit.imported(call, "asyncio", "run_coroutine_threadsafe")
    is_statement = call.parent is not None and call.parent.type == "expression_statement"
    text = f"{'future = ' if is_statement else ''}{submit.text}({coroutine}, {source_of(owner)})"
    yield Fix("Submit the coroutine to the loop", (*submit.edits, replace(call, text)), safe=False, holes=("future",))


def in_pool(unit: Unit, call: Node, callback: Node) -> Iterator[Fix]:
    """``executor.submit(lambda: asyncio.run(work(1)))``, which calls ``work`` in the thread, not here."""
    rest, coroutine = after(call, callback), call_of(call, callback)
    if rest is None or coroutine is None:
        return
    run = unit.imported(call, "asyncio", "run")
    span = Span(callback.start_byte, rest[-1].end_byte if rest else callback.end_byte)
    edit = Edit(span, encode(f"lambda: {run.text}({coroutine})"))
    yield Fix("Run the coroutine in an event loop in the thread", (*run.edits, edit), safe=False)


def started(unit: Unit, call: Node, callback: Node, coroutine: str, parameter: str = "") -> Iterator[Fix]:
    """Replace the callback by a function that starts a task and keeps it in a module-level set."""
    statement = unit.statement(call)
    if not stands_alone(unit, statement):
        return
    create = unit.imported(statement, "asyncio", "create_task")
    start = free_name(unit, f"start_{_word(callback)}")
    step = decode(usual_step(b"\t" if b"\n\t" in unit.file.source.data else b""))
    lines = (
        f"def {start}({parameter}):",
        f"{step}task = {create.text}({coroutine})",
        f"{step}{_TASKS}.add(task)",
        f"{step}task.add_done_callback({_TASKS}.discard)",
    )
    edits = (
        *create.edits,
        *_set_of_tasks(unit, statement),
        line_before(unit, statement, *lines),
        instead(call, callback, start),
    )
    yield Fix("Start a task and store it in a set", edits, safe=False, holes=(start, _TASKS))


def _set_of_tasks(unit: Unit, statement: Node) -> tuple[Edit, ...]:
    """Insert the module-level set, if it is missing."""
    bound = unit.file.table.by_name.get(_TASKS, ())
    if any(binding.kind is Kind.ASSIGN for binding in bound):
        return ()
    top = outermost(first_definition(unit, outermost(statement)))
    newline = decode(newline_of(unit.file, top.start_byte))
    blank = newline * 3 if top.type.endswith("_definition") else newline
    return (insert(top.start_byte, f"{_TASKS} = set(){blank}"),)


def instead(call: Node, callback: Node, text: str) -> Edit:
    """Replace the callback and its arguments by ``text``."""
    arguments = field(call, "arguments")
    last = arguments.named_children[-1] if arguments is not None else callback
    end = last.end_byte if callback.parent == arguments else callback.end_byte
    return Edit(Span(callback.start_byte, end), encode(text))


def _word(callback: Node) -> str:
    body = field(callback, "body") if callback.type == "lambda" else callback
    callee = field(body, "function") if body is not None and body.type == "call" else body
    last = source_of(callee).rpartition(".")[2] if callee is not None else ""
    return last.strip("_") if last.isidentifier() else "task"


def called_here(unit: Unit, call: Node, callback: Node) -> tuple[Edit, ...]:
    """Replace the call that passes the function on by a call of the function itself."""
    arguments = field(call, "arguments")
    whole = arguments.named_children if arguments is not None else []
    if arguments is None or callback.parent != arguments or any(node.type == "comment" for node in whole):
        return ()
    rest = [node for node in whole if node.start_byte >= callback.end_byte]
    # A lambda has no name to call; its body is the call.
    if callback.type in {"lambda", "call"}:
        text = called(callback) if callback.type == "lambda" else source_of(callback)
        return (replace(call, text),) if text is not None and not rest else ()
    head = Edit(Span(call.start_byte, callback.start_byte), b"")
    between = Span(callback.end_byte, rest[0].start_byte if rest else arguments.end_byte - 1)
    blank = unit.file.source.data[between.start : between.end].replace(b",", b"", 1) if rest else b""
    return (head, Edit(between, b"(" + (blank if blank.strip(b" \t") else b"")))


def started_in_thread(unit: Unit, call: Node, callback: Node) -> Iterator[Fix]:
    """``Thread(target=lambda: asyncio.run(work(1)))``, which calls ``work`` in the thread, not here."""
    given = argument(call, 3, "args")
    if argument(call, 4, "kwargs") is not None or (given is not None and given.type != "tuple"):
        return
    items = tuple(given.named_children) if given is not None else ()
    coroutine = called(callback, items) if not any(item.type in {"list_splat", "comment"} for item in items) else None
    if coroutine is None:
        return
    run = unit.imported(call, "asyncio", "run")
    edits = (*run.edits, replace(callback, f"lambda: {run.text}({coroutine})"), *_without_argument(given))
    yield Fix("Run the coroutine in an event loop in the thread", edits, safe=False)


def _without_argument(given: Node | None) -> tuple[Edit, ...]:
    """Remove an argument, with its keyword and the comma before it."""
    whole = given.parent if given is not None and given.parent is not None else None
    if given is None or whole is None:
        return ()
    whole = whole if whole.type == "keyword_argument" else given
    comma = whole.prev_sibling
    return (Edit(Span(comma.start_byte if comma is not None else whole.start_byte, whole.end_byte), b""),)
