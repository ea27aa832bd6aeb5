"""On an empty line the idioms of the patterns' page can be inserted: a task group, a timeout, a worker with its queue.

They are those that completion offers as snippets, for the project's oldest Python.
In an async function it is statements, at the top of a module functions and the code that runs them; of these only what
the module has no names for yet.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache

from loopwise.analysis.execution_context import ExecutionContext
from loopwise.analysis.rule import Fix, page
from loopwise.analysis.unit import Unit
from loopwise.assists.assist import Assist, Example
from loopwise.cards import Snippet, defaults, plain
from loopwise.syntax import Node, path_to
from loopwise.text import Edit, Span, decode, encode
from loopwise.writing import Imported, adapted, importing, joined, newline_of

_BLANK = b" \t\f\r\n"
_PLACES = {ExecutionContext.ASYNC: "body", ExecutionContext.CELL: "body", ExecutionContext.MODULE: "module"}
_CODE = frozenset({"module", "block", "function_definition", "decorated_definition", "class_definition"})
# A line that starts with one of these continues the statement above.
_GOES_ON = re.compile(rb"(?:else|elif|except|finally|case)\b|[)\]}]")
_DEFINED = re.compile(r"^(?:async def|def|class) (\w+)|^(\w+) = |^(if __name__)", re.MULTILINE)
_STEP = "    "


def offer(path: tuple[Node, ...], span: Span, unit: Unit) -> Iterator[Fix]:
    source = unit.file.source
    line = source.line_span(source.line_at(span.start))
    if span.start != span.end or source.data[line.start : line.end].strip(_BLANK):
        return
    if path[-1].type not in _CODE and not path[-1].type.endswith(("_statement", "_clause")):
        return
    indent = _indent(source.data, line)
    runs = _runs(unit, line, indent) if indent is not None else None
    if indent is None or runs is None:
        return
    imported = cache(lambda module: importing(unit.file, _code_near(unit, line), module, None))
    for snippet in _snippets(unit, _PLACES[runs]):
        yield _fix(unit, line, decode(indent), snippet, imported)


def _code_near(unit: Unit, line: Span) -> int:
    """The offset of the code below or, at a file's end, above: finding the nodes around a blank line is slow."""
    data = unit.file.source.data
    rest = data[line.end :]
    if rest.strip():
        return line.end + len(rest) - len(rest.lstrip())
    above = unit.file.root.named_children[-1:]
    is_import = not above or above[0].type.startswith("import")
    return line.start if is_import else above[0].start_byte


def _indent(data: bytes, line: Span) -> bytes | None:
    """The indentation for code on the line; ``None`` if the next line continues a statement above."""
    own = data[line.start : line.end].strip(b"\r\n")
    rest = data[line.end :].lstrip(b"\r\n")
    below = next((one for one in re.split(rb"[\r\n]+", rest) if one.strip()), b"") if rest.strip() else b""
    after = below[: len(below) - len(below.lstrip(b" \t"))]
    if not own:
        return None if _GOES_ON.match(below.lstrip()) else after
    goes_on = len(after) > len(own) or (after == own and _GOES_ON.match(below.lstrip()))
    return None if goes_on else own


def _runs(unit: Unit, line: Span, indent: bytes) -> ExecutionContext | None:
    """The execution context of code on the line with that indentation; ``None`` if no code is allowed there."""
    data, root = unit.file.source.data, unit.file.root
    end = len(data[: line.start].rstrip())
    above = path_to(root, Span(end - 1, end - 1)) if end else (root,)
    if any(node.type == "comment" for node in above):
        start = unit.file.source.starts[unit.file.source.line_at(end - 1)]
        if data[start:end].lstrip().startswith(b"#"):
            return _runs(unit, Span(start, start), indent)
    for node in reversed(above):
        if node.type in {"block", "module"} and _indent_of(unit, node) == indent:
            runs = unit.runs(node.named_children[0]) if node.named_children else unit.runs(node)
            is_top = node.type == "module" or runs is not ExecutionContext.MODULE
            return runs if runs in _PLACES and is_top else None
    return None


def _indent_of(unit: Unit, block: Node) -> bytes | None:
    """The indentation of a block's statements; ``None`` if they are on the line of the statement it belongs to."""
    if block.type == "module":
        return b""
    source = unit.file.source
    before = source.data[source.starts[source.line_at(block.start_byte)] : block.start_byte]
    return before if not before.strip() else None


def _snippets(unit: Unit, place: str) -> Iterator[Snippet]:
    """The snippets for the place and the project's Pythons that define no name the module already has."""
    code = decode(unit.file.source.data)
    known = {name for found in _DEFINED.findall(code) for name in found if name} if place == "module" else set()
    for _, snippet in unit.view.catalogue.snippets():
        if snippet.place == place and unit.target.floor in snippet.versions:
            brought = {name for found in _DEFINED.findall(plain(snippet.body)) for name in found if name}
            if known.isdisjoint(brought):
                yield snippet


def _fix(unit: Unit, line: Span, indent: str, snippet: Snippet, imported: Callable[[str], Imported]) -> Fix:
    body, edits = adapted(snippet, imported)
    stops = sorted(defaults(body).items(), key=lambda stop: (stop[0] == "0", stop[0]))
    holes = tuple(dict.fromkeys(text for _, text in stops if text.strip() and "\n" not in text))
    newline = decode(newline_of(unit.file, line.start))
    step = "\t" if indent.startswith("\t") or (not indent and b"\n\t" in unit.file.source.data) else _STEP
    lines = [_moved(one, indent, step) for one in plain(body).rstrip("\n").split("\n")]
    insertion = Edit(Span(line.start, line.end), encode(newline.join(lines)))
    return Fix(f"Insert: {snippet.name}", joined([*edits, insertion]), safe=False, holes=holes)


def _moved(line: str, indent: str, step: str) -> str:
    """A snippet's line, indented by steps of four spaces, reindented for its place."""
    bare = line.lstrip(" ")
    return f"{indent}{step * ((len(line) - len(bare)) // len(_STEP))}{bare}" if bare else ""


ASSIST = Assist(
    name="insert-pattern",
    kind="refactor",
    offer=offer,
    **page(__doc__),
    examples=(
        Example(
            before="""\
async def main(): ...

async def worker(): ...

async def producer(): ...

async def every(): ...

async def ask(): ...

async def retry(): ...

background = set()

$0
""",
            after=(
                """\
import contextlib


async def main(): ...

async def worker(): ...

async def producer(): ...

async def every(): ...

async def ask(): ...

async def retry(): ...

background = set()

@contextlib.asynccontextmanager
async def connection(url):
    opened = await connect(url)
    try:
        yield opened
    finally:
        await opened.close()
""",
            ),
        ),
        Example(
            before="""\
def main():
    $0
    print("x")
"""
        ),
        Example(
            before="""\
async def main():
    if True:
        print("x")
    $0
    else:
        print("y")
"""
        ),
    ),
)
