"""Verifies that a fix improves the code: the checks after every edit, in the terminal and in the editor."""

from __future__ import annotations

import ast
import warnings
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec

from loopwise.analysis.flow import framework_in
from loopwise.analysis.rule import Fix
from loopwise.diagnosis.run import Found
from loopwise.project import Document
from loopwise.syntax import AWAITS, Node, awaited_part, field, nodes_of, parts_of, path_to, unwrap
from loopwise.text import Edit, Span
from loopwise.writing import merged, without_unused

__all__ = ["applied", "broken", "moved", "worse"]

# The field that holds the receiver, by node type.
_CHAIN = {"attribute": "object", "subscript": "value"}


def applied(document: Document, edits: Sequence[Edit]) -> Document:
    """The document after non-overlapping edits of its text; the version is unchanged."""
    for edit in sorted(edits, key=lambda edit: (edit.span.start, edit.span.end))[::-1]:
        document = document.edited(document.version, edit)
    return document


def moved(span: Span, edits: Iterable[Edit]) -> Span:
    """The span of code after edits that do not touch it."""
    shift = sum(len(edit.text) - (edit.span.end - edit.span.start) for edit in edits if edit.span.end <= span.start)
    return span.shifted(shift)


def broken(before: Document, after: Document, edits: Sequence[Edit]) -> str:
    """The reason why the text after a fix cannot be right, regardless of its meaning; empty if it can."""
    # Code with errors of its own can still be fixed.
    if after.tree.root_node.has_error and not before.tree.root_node.has_error:
        return "the code would no longer parse"
    written = list(_after(edits))
    waits = (wait for node in _statements(after, written) for wait in nodes_of(node, AWAITS))
    if any(_awaits_twice(wait, written) for wait in waits):
        return "an awaitable would be awaited twice"
    framework = framework_in(before.source.data)
    if framework and any(b"asyncio" in edit.text for edit in edits):
        return f"the module is written for {framework}, and asyncio's loop does not run it"
    code = [*_code(after, written), *([_header(after)] if any(b"import" in edit.text for edit in edits) else [])]
    cells = bool(before.cells)
    if all(_compiles(one, cells=cells) for one in code):
        return ""
    originals = _code(before, [edit.span for edit in edits])
    return "Python could not compile the result" if all(_compiles(one, cells=cells) for one in originals) else ""


def verified(
    document: Document,
    one: Found,
    fix: Fix,
    near: Callable[[Document, Sequence[Span]], Iterable[Found]] | None = None,
) -> Fix:
    """A fix of one finding, also removing imports that become unused; refused if it leaves the code worse.

    ``near`` returns the findings around some spans of a document; without it, or if it does not return the finding
    itself, only the text is checked.
    """
    if not fix.edits:
        return fix
    after = applied(document, fix.edits)
    reason = broken(document, after, fix.edits)
    if not reason and near is not None:
        old, new = [edit.span for edit in fix.edits], list(_after(fix.edits))
        before = list(near(document, old))
        known = any((each.rule, each.finding.span) == (one.rule, one.finding.span) for each in before)
        reason = worse(before, near(after, new), [one]) if known else ""
    if reason:
        return msgspec.structs.replace(fix, edits=(), refused=f"The fix is not applied because {reason}")
    removed = b" ".join(document.source.data[edit.span.start : edit.span.end] for edit in fix.edits)
    unused = without_unused(document.file, after.file, document.file, removed)
    return msgspec.structs.replace(fix, edits=merged((*fix.edits, *unused))) if unused else fix


def worse(before: Iterable[Found], after: Iterable[Found], fixed: Iterable[Found]) -> str:
    """The reason why the findings after fixes are no better than those before; empty if they are."""
    was, now, gone = (Counter(one.rule.name for one in found) for found in (before, after, fixed))
    for name in now:
        if now[name] > was[name]:
            return f"{name} would be reported"
    left = next((name for name in gone if now[name] > was[name] - gone[name]), None)
    return f"{left} would still be reported" if left is not None else ""


def _after(edits: Iterable[Edit]) -> Iterator[Span]:
    """The spans of the inserted texts, after all edits are applied."""
    shift = 0
    for edit in sorted(edits, key=lambda edit: (edit.span.start, edit.span.end)):
        start = edit.span.start + shift
        yield Span(start, start + len(edit.text))
        shift += len(edit.text) - (edit.span.end - edit.span.start)


def _statements(document: Document, spans: Sequence[Span]) -> Iterator[Node]:
    """The module-level statements that touch one of the spans."""
    for node in parts_of(document.file.root):
        if any(node.start_byte <= span.end and span.start <= node.end_byte for span in spans):
            yield node


def _code(document: Document, spans: Sequence[Span]) -> Iterator[bytes]:
    """The text of the functions that contain the spans, or else of the module-level statements that touch them."""
    starts = [node.start_byte for node in parts_of(document.file.root)]
    data = document.source.data
    functions = {span: _function(document, span) for span in spans}
    for start, end in dict.fromkeys(functions[span] or _whole(starts, span, len(data)) for span in spans):
        indented = data[start : start + 1] in {b" ", b"\t"}
        yield (b"class _:\n" if indented else b"") + data[start:end]


def _function(document: Document, span: Span) -> tuple[int, int] | None:
    """The span from the start of the outermost function's line to the function's end."""
    path = path_to(document.file.root, span)
    function = next((node for node in path if node.type == "function_definition"), None)
    if function is None or document.file.root.has_error:
        return None
    source = document.source
    return source.starts[source.line_at(function.start_byte)], function.end_byte


def _whole(starts: Sequence[int], span: Span, length: int) -> tuple[int, int]:
    """The span from the start of the statement that contains a span's start to that of the next statement after it."""
    first, after = bisect_right(starts, span.start), bisect_right(starts, span.end)
    return starts[first - 1] if first else 0, starts[after] if after < len(starts) else length


def _header(document: Document) -> bytes:
    """The module-level imports; a ``from __future__`` import may not follow them."""
    data, nodes = document.source.data, parts_of(document.file.root)
    return b"\n".join(data[node.start_byte : node.end_byte] for node in nodes if "import" in node.type)


def _compiles(code: bytes, *, cells: bool) -> bool:
    """Can the running Python parse some code?  It is compiled, never run."""
    # IPython runs cells with top-level ``await``.
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT if cells else 0
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(code, "<fix>", "exec", flags, dont_inherit=True)
    # ValueError: null bytes; the last two: deeply nested code.
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _awaits_twice(wait: Node, written: Sequence[Span]) -> bool:
    """Does an ``await`` written by a fix await the result of another one, or the reverse?"""
    inner = _inner_await(wait)
    return inner is not None and any(
        span.start <= node.start_byte < span.end for span in written for node in (wait, inner)
    )


def _inner_await(wait: Node) -> Node | None:
    """The ``await`` whose result, or an attribute or item of it, is awaited again."""
    node = awaited_part(wait)
    while node is not None:
        node = unwrap(node)
        if node.type == "await":
            return node
        node = field(node, _CHAIN[node.type]) if node.type in _CHAIN else None
    return None
