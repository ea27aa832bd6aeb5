"""A module with an ``async def main()`` gets what runs it: ``asyncio.run(main())`` if the file is the program.

``asyncio.run`` makes the event loop, runs ``main()`` to its end, cancels what is left over and closes the loop.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from loopwise.analysis.execution_context import ExecutionContext
from loopwise.analysis.flow import uses
from loopwise.analysis.rule import Fix, page
from loopwise.analysis.unit import Unit
from loopwise.assists.assist import Assist, Example
from loopwise.assists.parts import head_end, joined
from loopwise.rules.fixes import newline_of
from loopwise.syntax import Node, field, is_async, source_of
from loopwise.text import Edit, Span, encode

_TITLE = "Run main() when the file is run as a script"
_MAIN = b"async def main("
# Any sign that the module already starts a loop or has a script section.
_RUN = re.compile(rb"__name__\b|\brun_until_complete\(|^\S.*\brun\(", re.MULTILINE)
_TAKEN = frozenset({"identifier", "typed_parameter"})


def offer(path: tuple[Node, ...], span: Span, unit: Unit) -> Iterator[Fix]:
    data = unit.file.source.data
    inside = next((node for node in path if node.type in {"function_definition", "class_definition"}), None)
    if inside is not None and (_name(inside) != "main" or span.start >= head_end(inside)):
        return
    if _MAIN not in data or _RUN.search(data) or unit.runs(unit.file.root) is ExecutionContext.CELL:
        return
    main = next((one for one in unit.file.root.named_children if _name(one) == "main" and is_async(one)), None)
    parameters = field(main, "parameters") if main is not None else None
    if main is None or parameters is None or any(use != field(main, "name") for use in uses(unit.file.root, "main")):
        return
    if any(child.type in _TAKEN for child in parameters.named_children):
        yield Fix(_TITLE, (), safe=False, refused="main() takes arguments, whose values are not known here")
    else:
        yield _fix(unit)


def _name(node: Node) -> str:
    name = field(node, "name") if node.type == "function_definition" else None
    return source_of(name) if name is not None else ""


def _fix(unit: Unit) -> Fix:
    data, newline = unit.file.source.data, newline_of(unit)
    end = len(data.rstrip())
    written = unit.imported(unit.file.root.named_children[-1], "asyncio", "run")
    step = "\t" if b"\n\t" in data else "    "
    lines = ("", "", "", 'if __name__ == "__main__":', f"{step}{written.text}(main())", "")
    return Fix(_TITLE, joined([*written.edits, Edit(Span(end, len(data)), encode(newline.join(lines)))]))


ASSIST = Assist(
    name="main-skeleton",
    kind="refactor",
    offer=offer,
    **page(__doc__),
    examples=(
        Example(
            before="""\
async def main(*, quick=False) -> None:
    print("go")

$0
""",
            after=(
                """\
import asyncio


async def main(*, quick=False) -> None:
    print("go")


if __name__ == "__main__":
    asyncio.run(main())
""",
            ),
        ),
        Example(
            before="""\
from asyncio import sleep

async def ma$0in():
    await sleep(1)
""",
            after=(
                """\
from asyncio import run, sleep

async def main():
    await sleep(1)


if __name__ == "__main__":
    run(main())
""",
            ),
        ),
        Example(
            before="""\
async def main(url: str):$0
    print(url)
""",
            refused="takes arguments",
        ),
        Example(
            before="""\
import asyncio

async def main():
    print("go")
$0
asyncio.run(main())
"""
        ),
        Example(
            before="""\
async def main():
    print("go")
    $0print("on")
"""
        ),
    ),
)
