"""Properties of any text: edits, positions, and that a hover never fails."""

from __future__ import annotations

import asyncio
import keyword
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from effort import steps
from loopwise.features.hover.resolve import hover
from loopwise.project.document import Document
from loopwise.project.view import View
from loopwise.project.workspace import Workspace
from loopwise.syntax import SMALL, walk
from loopwise.syntax import parsing as syntax
from loopwise.text import Edit, Encoding, Source, Span, encode
from scenario import CLAIMED_CODE
from sharing import sharing_stubs

settings.register_profile("local", max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("local"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")

SIGNS = [
    "\n",
    "\r",
    "\r\n",
    "\t",
    "\0",
    "\ufeff",
    "\f",
    "\u2028",
    "\u0085",
    "\\\n",
    " ",
    "    ",
    ";",
    ",",
    ".",
    "@",
    "#",
    "é",
    "🦊",
    "\ud83d",
    "\ude00",
    "e\u0301",
]
QUOTES = ["'", '"', '"""', "'''", 'f"{', 'rb"', "\\"]
BRACKETS = ["(", ")", "[", "]", "{", "}", "()", "[]"]
OPERATORS = ["=", ":=", ":", "->", "|", "*", "**", "==", "+", "1", "0x", "1e", "..."]
NAMES = ["x", "self", "asyncio", "sleep", "Queue", "get", "T", "naïve", "main"]
STATEMENTS = [
    "import asyncio\n",
    "from asyncio import sleep as s\n",
    "from .a import *\n",
    "async def f(x: asyncio.Queue[int] = None) -> 'asyncio.Task':\n    ",
    "async with asyncio.TaskGroup() as g:\n    ",
    "async for x in f():\n    ",
    "class C(asyncio.Queue, C):\n    ",
    "x = asyncio.Queue()\n",
    "self.x = await x.get()\n",
    "x, *y = z\n",
    "match x:\n    case asyncio.Task() as t:\n        ",
    "[t.cancel() for t in x if t]",
    "lambda t, x=x: t.result()",
    "except* ValueError as e:\n",
    "try:\n    ",
    "if x is None:\n    return\n",
    "(y := asyncio.Event())",
    "x.add_done_callback(",
    "global x\n",
]
FRAGMENTS = [*SIGNS, *QUOTES, *BRACKETS, *OPERATORS, *NAMES, *STATEMENTS, *keyword.kwlist]

texts = st.lists(st.sampled_from(FRAGMENTS), max_size=25).map("".join)
codes = st.one_of(texts, st.sampled_from(CLAIMED_CODE))
edits = st.lists(st.tuples(st.floats(0, 1), st.floats(0, 0.2), texts), max_size=6)


def document(text: str) -> Document:
    return Document("untitled:1", 1, None, Source.of(text))


def edited(start: Document, changes: list[tuple[float, float, str]]) -> Iterator[tuple[Document, str]]:
    """Yield the document after each change, and its text computed in the simple way."""
    text, current = start.source.text, start
    for number, (at, length, new) in enumerate(changes):
        first = round(at * len(text))
        last = min(len(text), first + round(length * len(text)))
        span = Span(len(encode(text[:first])), len(encode(text[:last])))
        current = current.edited(number + 2, Edit(span, encode(new)))
        text = text[:first] + new + text[last:]
        yield current, text


@given(codes, edits)
def test_an_edited_document_equals_its_parsed_text(text: str, changes: list[tuple[float, float, str]]) -> None:
    """Bytes, line starts and tree."""
    for after, expected in edited(document(text), changes):
        fresh = document(expected)
        assert after.source == fresh.source
        assert str(after.tree.root_node) == str(fresh.tree.root_node)


@settings(max_examples=6)
@given(codes, edits)
def test_a_large_document_is_read_once_typing_pauses(text: str, changes: list[tuple[float, float, str]]) -> None:
    """Above ``SMALL``, error recovery may depend on the edits; the tree is parsed anew when typing stops."""
    filler = "async def f(x):\n    await asyncio.sleep(x)  # 🦊\n\n\n"
    large = filler * (SMALL // len(filler) + 1)
    for after, expected in edited(document(large + text), changes[:3]):
        fresh = document(expected)
        assert after.source == fresh.source
        assert str(after.settled().tree.root_node) == str(fresh.tree.root_node)


def lines_of(text: str) -> list[str]:
    """Return the lines as LSP counts them, each with its end."""
    found, line = [], ""
    for index, sign in enumerate(text):
        line += sign
        if sign == "\n" or (sign == "\r" and text[index + 1 : index + 2] != "\n"):
            found.append(line)
            line = ""
    return [*found, line]


def width(text: str, encoding: Encoding) -> int:
    """Return the length of a text in units of the encoding."""
    size = {Encoding.UTF8: 1, Encoding.UTF16: 2, Encoding.UTF32: 4}[encoding]
    codec = {Encoding.UTF8: "utf-8", Encoding.UTF16: "utf-16-le", Encoding.UTF32: "utf-32-le"}[encoding]
    return len(text.encode(codec, "surrogatepass")) // size


@given(texts, st.sampled_from(Encoding))
def test_positions_equal_counted_positions(text: str, encoding: Encoding) -> None:
    """From every offset to its line and column and back."""
    source, lines = Source.of(text), lines_of(text)
    start = 0
    for number, line in enumerate(lines):
        content = line.rstrip("\r\n")
        for index in range(len(content) + 1):
            at = start + len(encode(content[:index]))
            column = width(content[:index], encoding)
            assert source.position(at, encoding) == (number, column)
            assert source.offset(number, column, encoding) == at
        start += len(encode(line))


@given(texts, st.integers(0, 40), st.integers(0, 200), st.sampled_from(Encoding))
def test_any_position_maps_into_the_text(text: str, line: int, column: int, encoding: Encoding) -> None:
    """Positions beyond the end of a line map to its end; those within a character, to its start."""
    source, lines = Source.of(text), lines_of(text)
    at = source.offset(line, column, encoding)
    if line >= len(lines):
        assert at == len(source.data)
        return
    content = lines[line].rstrip("\r\n")
    fitting = [index for index in range(len(content) + 1) if width(content[:index], encoding) <= column]
    assert at == source.starts[line] + len(encode(content[: fitting[-1]]))


# Hovers


def view_of(text: str, name: str = "untitled:1") -> View:
    workspace = sharing_stubs(Workspace())
    opened = Document(name, 1, None, Source.of(text))
    workspace.open(opened)
    return workspace.view(opened)


WORKSPACE = sharing_stubs(Workspace())


def every_hover(text: str, step: int = 1) -> int:
    """Hover at every position; return the number of hovers."""
    opened = Document("untitled:1", 1, None, Source.of(text))
    WORKSPACE.open(opened)
    view = WORKSPACE.view(opened)
    return sum(hover(view, at) is not None for at in range(0, len(opened.source.data) + 1, step))


@example("import asyncio\nif \ud83d is None:\n    \ud83d.cancel()\n", "", 0)
@given(codes, texts, st.floats(0, 1))
def test_a_hover_never_fails(text: str, more: str, at: float) -> None:
    """At any offset of any text, even inside a character."""
    cut = round(at * len(text))
    every_hover(text[:cut] + more + text[cut:])


def identifiers(view: View) -> Iterator[int]:
    return (node.start_byte for node in walk(view.file.root) if node.type == "identifier")


REAL = [
    *sorted(Path(asyncio.__file__).parent.glob("*.py")),
    Path(os.__file__),
    Path(os.__file__).with_name("typing.py"),
]


def test_a_hover_never_fails_on_real_code() -> None:
    """Every 7th identifier of asyncio's own files and of two others."""
    for path in REAL:
        opened = Document(path.as_uri(), 1, path, Source.of(path.read_bytes()))
        workspace = Workspace([path.parent])  # the library's own modules are not those of another
        workspace.open(opened)
        view = workspace.view(opened)
        for at in list(identifiers(view))[::7]:
            hover(view, at)


def test_steps_are_counted() -> None:
    """The measure of the tests below distinguishes little work from much."""
    assert steps(lambda: [len("x") for _ in range(1_000)]) > 1_000 > steps(lambda: len("x"))


# Calls. A million take about a second of a slow machine; what is linear stays far below it.
MOST_STEPS = 1_500_000


def test_a_line_of_a_megabyte_is_not_slower() -> None:
    """One line of 45,000 statements."""
    text = "import asyncio; " + "x = asyncio.sleep(1); " * 45_000
    view = view_of(text)
    size = len(view.file.source.data)
    for at in (0, size // 2, size - 10):
        name = view.file.source.data.find(b"sleep", max(at - 40, 0))
        assert hover(view, name) is not None
        assert steps(lambda at=name: hover(view_of(text), at)) < MOST_STEPS


DEEP = {
    "brackets": "(" * 10_000 + ")" * 10_000,
    "brackets that are open": "[" * 10_000,
    "brackets around a name": "import asyncio\nx = " + "(" * 2_000 + "asyncio.Queue()" + ")" * 2_000 + "\nx.get()",
    "functions": "".join("  " * n + f"async def f{n}(x):\n" for n in range(500)) + "  " * 500 + "return f1(x)\n",
    "classes": "".join("  " * n + f"class C{n}:\n" for n in range(300)) + "  " * 300 + "x = C1.C2\n",
    "blocks": "".join(" " * n + f"if x{n}:\n" for n in range(500)) + " " * 500 + "x1.cancel()\n",
    "attributes": "import asyncio\nx = asyncio" + ".sleep" * 3_000 + "\nx.y",
    "calls": "f(" * 2_000 + "x" + ")" * 2_000,
    "calls in a chain": "import asyncio\nx = asyncio" + ".run()" * 2_000 + "\nx.y",
    "lambdas": "lambda x: " * 1_000 + "x",
    "comprehensions": "[x for x in " * 500 + "y" + "]" * 500,
    "sums": "x = " + "y + " * 3_000 + "y\nx.get()",
    "conditions": "x = " + "y if y else " * 1_000 + "y\nx.get()",
    "boolean operators": "x = " + "y and " * 3_000 + "y\nx.get()",
    "negations": "not " * 3_000 + "x",
    "awaits": "await " * 3_000 + "x",
    "subscripts": "x: " + "list[" * 1_000 + "int" + "]" * 1_000 + "\nx.get()",
    "assignments": "import asyncio\nx0 = asyncio.Queue()\n"
    + "".join(f"x{n + 1} = x{n}\n" for n in range(2_000))
    + "x2000.get()\n",
    "chained assignments": "x = " * 2_000 + "y\nx.get()",
    "functions that call the next": "".join(f"def f{n}(): return f{n + 1}()\n" for n in range(1_000)) + "f0().get()\n",
    "base classes": "class C0: pass\n"
    + "".join(f"class C{n + 1}(C{n}): pass\n" for n in range(1_000))
    + "C1000().get()\n",
    "elif": "if x: pass\n" + "elif x.y: pass\n" * 1_000 + "else: x.get()\n",
    "decorators": "@x.y\n" * 1_000 + "def f(): pass\nf().get()",
    "strings": "x = " + "'a' " * 3_000 + "\nx.get()",
    "tuples": "x = " + "(1, " * 1_000 + ")" * 1_000 + "\nx[1][1].get()",
    "targets": "(" * 1_000 + "x," + ")," * 1_000 + " = y\nx.get()",
    "unions": "import asyncio\nx: "
    + " | ".join(["asyncio.Task[int]", "asyncio.Event", *(f"C{n}" for n in range(500))])
    + "\nx.set()",
    "patterns": "match x:\n    case " + "[" * 500 + "y" + "]" * 500 + ":\n        y.get()",
}


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP.keys())
def test_deep_nesting_is_handled(text: str) -> None:
    """Neither an exception nor endless work, at the first, the middle and the last names."""
    view = view_of(text)
    places = list(identifiers(view))
    some = {*places[:3], *places[len(places) // 2 : len(places) // 2 + 3], *places[-3:]}
    assert steps(lambda: [hover(view, at) for at in some]) < MOST_STEPS


CYCLES = {
    "a class that is its own base": "class A(A): pass\nA().x.get()",
    "classes that are each other's base": "class A(B):\n    x = 1\nclass B(A): pass\nA().y.get()\nB.x",
    "a generic class of itself": "class A(list[A[A]]): pass\nA()[0][0].get()\nfor x in A(): x.get()",
    "names of each other": "a = b\nb = a\na.get()\nb.get()",
    "a name of its own attribute": "x = x.y\nx = x()\nx = x[0]\nx = await x\nx.get()",
    "a name of its own, in a loop": "while x:\n    x = x.next\n    x.get()\n",
    "types of each other": "type A = list[B]\ntype B = list[A]\ndef f(a: A): a[0][0].get()",
    "a union of itself": "A = A | None\nB = 'B | A'\nC = 'list[C]'\n"
    "def f(a: A, b: B, c: 'C'): a.get(); b.get(); c.get()",
    "functions of each other": "def f(x): return g(x)\ndef g(x): return f(x)\nf(1).get()\ng(f).get()",
    "a function of itself": "def f(x): return f(f)(f(x), [f(y) for y in f(x)])\nf(f).get()",
    "a growing result": "def f(x): return [f(x)]\nf(1)[0][0].get()\ndef g(x): return (x, g((x, x)))\ng(1)[1][1].get()",
    "a growing variable": "x = []\nfor i in y:\n    x = [x]\n    x = (x, x)\nx[0][0].get()",
    "attributes of each other": "class A:\n  def f(self):\n    self.x = self.y\n"
    "    self.y = self.x\n    self.x.get()\n",
    "a property of itself": "class A:\n    @property\n    def x(self): return self.x.y\nA().x.get()",
    "a decorator of itself": "@f\ndef f(x): return x\n@g.h\ndef g(): ...\nf(1).get()\ng.get()",
    "an iterator of itself": "class A:\n  def __iter__(self): return self\n"
    "  def __next__(self): return A()\nfor x in A(): x.get()",
    "a lambda of itself": "f = lambda x: f(x)\nf(1).get()\ng = lambda h: h(h)\ng(g).get()",
    "a default of itself": "def f(x=x, y=lambda z=f: z): return x\nf().get()",
    "a comprehension of itself": "x = [x for x in x]\nx[0].get()\ny = [y for y in [y for y in y]]",
    "an annotation of itself": "x: x = x\nx.get()\ndef f(f: f) -> f: return f\nf(1).get()",
    "itself as its module": "import untitled\nfrom . import x\nfrom .x import x as x\nx.get()",
    "a walrus of itself": "(x := x.y)\nwhile (x := (x := x.next)): x.get()",
    "with itself": "with x as x:\n    with x.y as (x, *x): x.get()\nasync with x as x.y: x.y.get()",
    "a subclass check of itself": "if isinstance(x, x): x.get()\nassert isinstance(x, type(x))\nx.get()",
    "a named tuple of itself": "import typing\nclass A(typing.NamedTuple):\n  a: 'A'\n"
    "  b: 'list[A]'\nx, y = A()\nx.a.b[0].get()",
}


@pytest.mark.parametrize("text", CYCLES.values(), ids=CYCLES.keys())
def test_cycles_terminate(text: str) -> None:
    """A cyclic definition leads to an answer in bounded time."""
    assert steps(lambda: every_hover("import asyncio\n" + text)) < MOST_STEPS


def test_modules_may_import_each_other(tmp_path: Path) -> None:
    """By name, by star, and through their package."""
    texts = {
        "a.py": "from b import *\nfrom b import x as y\nimport c\nx = c.x\nx.get()\ny.get()\n",
        "b.py": "from a import *\nfrom c import x\nx.get()\nz = x\n",
        "c.py": "from a import x\nfrom b import z\nfrom c import q\nx.get(); z.get(); q.get()\n",
        "p/__init__.py": "from .m import *\nfrom . import m\nfrom p import x\nx.get(); m.x.get()\n",
        "p/m.py": "from . import *\nfrom .. import p\nfrom p.m import x\nclass C(C): pass\nx.get(); p.m.p.x.get()\n",
    }
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    workspace = Workspace([tmp_path])
    for name, text in texts.items():
        opened = Document((tmp_path / name).as_uri(), 1, tmp_path / name, Source.of(text))
        workspace.open(opened)
        view = workspace.view(opened)
        assert not any(hover(view, at) for at in range(len(text)) if text.startswith("get", at))


def test_a_very_large_union_is_cut() -> None:
    """A name that holds any of a thousand things is still one of the first."""
    text = (
        "import asyncio\nx = asyncio.Queue()\n"
        + "".join(f"if a{n}:\n    x = [{n}]\n" for n in range(1_000))
        + "x.get()"
    )
    view = view_of(text)
    assert steps(lambda: hover(view, text.rindex("get"))) < MOST_STEPS


def test_a_parser_is_not_shared_between_threads() -> None:
    """Trees built at the same time in several threads equal those built one after the other."""

    async def together() -> list[str]:
        sources = [Source.of(code) for code in CLAIMED_CODE[:40]]
        trees = await asyncio.gather(*(asyncio.to_thread(syntax.parse, source) for source in sources))
        return [str(tree.root_node) for tree in trees]

    assert asyncio.run(together()) == [str(syntax.parse(Source.of(code)).root_node) for code in CLAIMED_CODE[:40]]
