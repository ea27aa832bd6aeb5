"""Properties of every accepted completion: the text parses as well as before, and its imports are there once.

The places are chosen at random, the same each time: in asyncio's own sources and others of the standard library,
in the pages of these tests, in this project's code, and in small files of all styles.
"""

from __future__ import annotations

import ast
import asyncio
import builtins
import contextlib
import io
import os
import random
import re
import sys
import tokenize
import unittest
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import loopwise
from effort import steps
from loopwise import syntax
from loopwise.cards.snippet_text import defaults, plain
from loopwise.features.completion.complete import Completions, Options, completions
from loopwise.features.completion.items import Item, ItemKind
from loopwise.features.signature_help.help import signature_help
from loopwise.project.document import Document
from loopwise.project.view import View
from loopwise.project.workspace import Workspace
from loopwise.text import Edit, Source, decode, encode
from scenario import CLAIMED_CODE
from sharing import sharing_stubs
from test_imports import PARTS, PREAMBLES
from test_properties import CYCLES, DEEP, MOST_STEPS, codes, texts, view_of

HERE = Path(__file__).parent
LIBRARY = Path(asyncio.__file__).parent
STANDARD = [
    *(LIBRARY / f"{name}.py" for name in ("base_events", "locks", "queues", "runners", "staggered", "streams")),
    *(LIBRARY / f"{name}.py" for name in ("subprocess", "taskgroups", "tasks", "threads", "timeouts", "__main__")),
    Path(contextlib.__file__),
    Path(unittest.__file__).with_name("async_case.py"),
]
OWN = [*sorted((HERE / "benchmarks").glob("*.py")), *sorted(Path(loopwise.__file__).parent.rglob("*.py"))]
LONGEST = 6_000  # characters of a text; of longer ones its head and one of its definitions
MOST_ITEMS = 12  # that are accepted at one place
AT_ONCE = 10
TYPED = (
    "await ",
    "async with ",
    "async for x in ",
    "asyncio.",
    "create_task(",
    "x.",
    "self.",
    "return_when=",
    "raise ",
    "asyncio.create_task(",
    "await asyncio.wait_for(",
    "asyncio.wait(x, return_when=",
    "from asyncio import ",
    "x = await sl",
    "task = asyncio.create_task(work()); await ",
    "asyncio.sleep(1).",
    "x = asyncio.sleep(1).",
    "asyncio.gather().",
    "return asyncio.open_connection().",
    "asyncio.get_running_loop().",
    "print(asyncio.current_task().",
    "try:",
    "",
)


# Places


class Place(NamedTuple):
    """A text and a byte offset in it."""

    name: str
    text: bytes
    at: int

    def __str__(self) -> str:
        start = self.text.rfind(b"\n", 0, max(self.at - 200, 0)) + 1
        return f"{self.name}: …{decode(self.text[start : self.at])}$0{decode(self.text[self.at : self.at + 60])}…"


def pages() -> Iterator[str]:
    """Yield the code of the pages in ``completions/``."""
    for page in sorted((HERE / "completions").glob("*.md")):
        for block in re.findall(r"^```python[^\n]*\n(.*?)^```$", page.read_text("utf-8"), re.MULTILINE | re.DOTALL):
            yield block.replace("$0", "")


def excerpts(path: Path) -> list[str]:
    """Return a file, or if it is long, one text for each of its definitions, below the head of the file."""
    text = path.read_text("utf-8")
    if len(text) <= LONGEST:
        return [text]
    nodes = [n for n in ast.parse(text).body if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))]
    lines = text.splitlines(keepends=True)
    starts = [min([node.lineno, *(d.lineno for d in node.decorator_list)]) - 1 for node in nodes]
    head = "".join(lines[: starts[0]])
    bodies = ("".join(lines[start : node.end_lineno]) for start, node in zip(starts, nodes, strict=True))
    return [f"{head}{body}" for body in bodies if len(head) + len(body) <= LONGEST]


PLACES = {"standard": 260, "own": 180, "scenarios": 160, "completions": 100}
"""The number of places chosen in each kind of text."""
TENS = [f"{kind} {at}" for kind, number in PLACES.items() for at in range(0, number, AT_ONCE)]


def sources(kind: str) -> list[tuple[str, str]]:
    """Return the named texts of a kind, in which places are chosen."""
    if kind == "scenarios":
        return [(kind, text) for text in CLAIMED_CODE]
    if kind == "completions":
        return [(kind, text) for text in pages()]
    files = STANDARD if kind == "standard" else OWN
    return [(f"{path.parent.name}/{path.name}", text) for path in files if path.exists() for text in excerpts(path)]


@cache
def places_of(kind: str) -> tuple[Place, ...]:
    """Return the places in a kind of text, the same on each run of one Python."""
    chance = random.Random(kind)  # noqa: S311 - the same each time
    named = sources(kind)
    return tuple(place_in(chance, *chance.choice(named)) for _ in range(PLACES[kind]))


def place_in(chance: random.Random, name: str, text: str) -> Place:
    """Return a place in a text: the rest of its line cut off, kept, or after an inserted expression."""
    way = chance.choice(("cut", "cut", "typed", "as it is"))
    if way == "typed":
        at, typed = chance.choice(statements(text)), chance.choice(TYPED)
        indent = re.match(r"[ \t]*", text[at:])
        assert indent is not None
        before = text[:at] + indent[0] + typed
        return Place(name, encode(f"{before}\n{text[at:]}"), len(encode(before)))
    words = [m for m in re.finditer(r"\w+|(?<=[.( ])(?=\S)", text) if m[0] or chance.random() < 0.3]
    word = chance.choice(words)
    at = chance.choice((word.start(), word.end(), word.end(), chance.randint(word.start(), word.end())))
    after = text[at:]
    if way == "cut":
        after = after[len(after.partition("\n")[0]) :]
    return Place(name, encode(text[:at] + after), len(encode(text[:at])))


def statements(text: str) -> list[int]:
    """Return the offsets of statement lines; if there are coroutine functions, only of those in them."""
    starts = [0, *(m.end() for m in re.finditer("\n", text))]
    tree = tree_of(encode(text))
    if tree is None:
        return starts
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.AsyncFunctionDef)]
    roots = [one for node in functions for one in node.body] or tree.body
    nodes = [node for root in roots for node in ast.walk(root) if isinstance(node, ast.stmt)]
    return sorted({starts[node.lineno - 1] for node in nodes}) or [0]


# A project with something to import


PROJECT = {
    "pyproject.toml": f'[project]\nname = "x"\nversion = "1"\nrequires-python = ">=3.{sys.version_info.minor}"\n',
    "kitchen/__init__.py": "",
    "kitchen/oven.py": "import asyncio, contextlib\n\nasync def bake(dish, *, minutes=3): ...\n\n"
    "async def cool() -> None: ...\n\nasync def dishes():\n    yield 1\n\n"
    "@contextlib.asynccontextmanager\nasync def heated(degrees):\n    yield degrees\n\n"
    "class Oven:\n    async def __aenter__(self): ...\n    async def __aexit__(self, *exc): ...\n",
    "menu.py": "async def order(name): ...\n",
    "shop/__init__.py": "",
    "shop/prices.py": "async def price_of(thing): ...\n",
    "shop/main.py": "",
    "main.py": "",
}


class Project:
    """A folder with modules, and a workspace over one of them."""

    def __init__(self, folder: Path) -> None:
        for name, text in PROJECT.items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(text, "utf-8")
        self.folder = folder
        self.workspace = sharing_stubs(Workspace([folder]))
        self._outcomes: dict[str, Outcome] = {}
        asyncio.run(self.workspace.index(folder).refresh())

    def view(self, text: bytes, name: str = "main.py") -> View:
        path = self.folder / name
        document = Document(path.as_uri(), 1, path, Source.of(text))
        for uri in set(self.workspace.documents) - {document.uri}:
            self.workspace.close(uri)
        self.workspace.change(document)
        return self.workspace.view(document)

    def outcome(self, tens: str) -> Outcome:
        """Return the outcome for some places of the corpus."""
        if tens not in self._outcomes:
            kind, at = tens.split()
            self._outcomes[tens] = outcome(self, places_of(kind)[int(at) :][:AT_ONCE])
        return self._outcomes[tens]

    def items(self, place: Place, name: str = "main.py", *, full: bool = False) -> Completions:
        return completions(
            self.view(place.text, name), place.at, Options("full" if full else "auto", through_await="on")
        )


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return Project(tmp_path_factory.mktemp("project"))


# Accepting


class Accepted(NamedTuple):
    """A text after an item was accepted: text before it, the inserted text, rest of the line, and text below."""

    before: bytes
    inserted: bytes
    rest: bytes
    below: bytes

    def finished(self, tail: bytes) -> bytes:
        return b"".join((self.before, self.inserted, self.rest, tail, self.below))


def accept(place: Place, item: Item) -> Accepted:
    """Accept an item as an editor does; a body becomes ``pass``, a value after ``name=`` or ``await`` a name."""
    text = re.sub(r"^(\t*)\$0$", r"\1pass", item.insert, flags=re.MULTILINE) if item.snippet else item.insert
    text = plain(text) if item.snippet else text
    if text.endswith((" ", "=")):
        text += "name"
    before, after = place.text[: item.span.start], place.text[item.span.end :]
    rest = re.match(rb"[^\r\n]*", after)
    assert rest is not None
    inserted = encode(text.replace("\t", unit(place)).replace("\n", decode(newline(place) + indent(place))))
    ordered = sorted(item.edits, key=lambda edit: edit.span)
    for edit in reversed(ordered):  # of two at one place the first in the list comes first in the text
        before = before[: edit.span.start] + edit.text + before[edit.span.end :]
    return Accepted(before, inserted, rest[0], after[len(rest[0]) :])


def as_named(place: Place, item: Item) -> Accepted:
    """Return the text with a name in place of the item."""
    bare = Item("name", ItemKind.VARIABLE, "name", item.span)
    return accept(place, bare)


def row_of(after: Accepted) -> int:
    """Return the line, from 1, in which the inserted text starts."""
    return 1 + len(re.findall(rb"\r\n|\r|\n", after.before))


def newline(place: Place) -> bytes:
    found = re.search(rb"\r\n|\r|\n", place.text)
    return found[0] if found is not None else b"\n"


def line_before(place: Place) -> bytes:
    return re.split(rb"[\r\n]", place.text[: place.at])[-1]


def indent(place: Place) -> bytes:
    line = line_before(place)
    return line[: len(line) - len(line.lstrip(b" \t"))]


def unit(place: Place) -> str:
    return "\t" if re.search(rb"^\t", place.text, re.MULTILINE) else "    "


def tails(before: bytes) -> list[bytes]:
    """Return possible continuations of a statement that ends in a name."""
    opened: list[bytes] = []
    with contextlib.suppress(tokenize.TokenError, SyntaxError, IndentationError):
        for token in tokenize.generate_tokens(io.StringIO(decode(before)).readline):
            if token.string in {"(", "[", "{"} and token.type == tokenize.OP:
                opened.append({"(": b")", "[": b"]", "{": b"}"}[token.string])
            elif token.string in {")", "]", "}"} and opened:
                opened.pop()
    closers = [b"".join(reversed(opened[at:])) for at in range(len(opened) + 1)][::-1]
    return [
        closer + sign for sign in (b"", b":", b": pass", b",", b" else name", b" in name: pass") for closer in closers
    ]


def tree_of(text: bytes) -> ast.Module | None:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError):  # ValueError: null bytes
        return None


# What must hold


def faults(place: Place, item: Item) -> Iterator[str]:
    """Yield the faults of an item."""
    wrong = list(_misplaced(place, item))
    yield from wrong
    if wrong:
        return
    after, named = accept(place, item), as_named(place, item)
    finished = _finished(named)
    if finished is None:
        if not is_primary(after.inserted) and damage(after.finished(b"")) > max(
            damage(one.finished(b"")) for one in expressions(named, after.inserted)
        ):
            yield "what was broken is more broken"
        return
    tail, start = finished
    is_block = ":\n" in item.insert
    endings = [tail, re.sub(rb"(?:in name)?: ?(?:pass)?\Z", b"", tail)] if is_block else [tail]
    trees = (tree_of(after.finished(ending)) for ending in endings)
    end = next((tree for tree in trees if tree is not None), None)
    if end is None:
        yield f"it does not parse, and with a name it does ({decode(tail)!r} behind it)"
        return
    yield from _imports_wrong(item, start, end, after)
    yield from _unbound(place, item, end, after)
    yield from _async_wrong(item, start, end, after)


def is_primary(text: bytes) -> bool:
    """Is it a name, an attribute or a call, which is valid wherever a name is read?"""
    tree = tree_of(text)
    only = tree.body[0] if tree is not None and len(tree.body) == 1 else None
    return isinstance(only, ast.Expr) and isinstance(only.value, (ast.Name, ast.Attribute, ast.Call, ast.Constant))


def damage(text: bytes) -> int:
    source = Source.of(text)
    return syntax.damage(syntax.parse(source), source.data)


def expressions(named: Accepted, inserted: bytes) -> Iterator[Accepted]:
    """Yield the text with a name, and with others of the length of the inserted text: damage is counted in bytes."""
    name = b"n" * len(inserted)
    for text in (b"name", name, name + b"." + name, name + b"." + name + b"()", b"await " + name):
        yield named._replace(inserted=text)


@cache
def _finished(named: Accepted) -> tuple[bytes, ast.Module] | None:
    """Return a continuation with which the text parses, and its tree."""
    for tail in (b"", *tails(named.before + named.inserted + named.rest)):
        tree = tree_of(named.finished(tail))
        if tree is not None:
            return tail, tree
    return None


def _misplaced(place: Place, item: Item) -> Iterator[str]:
    """Yield edits that overlap, that lie outside the text, or that change something unrelated."""
    spans = [item.span, *(edit.span for edit in item.edits)]
    for span in spans:
        if not 0 <= span.start <= span.end <= len(place.text):
            yield f"{span} is outside of the text"
        if any(0x80 <= byte < 0xC0 for at in (span.start, span.end) for byte in place.text[at : at + 1]):
            yield f"{span} cuts a character in two"
    if not item.span.start <= place.at <= item.span.end:
        yield "the cursor is outside of what is replaced"
    if not re.fullmatch(rb"[\w\x80-\xff]*", place.text[item.span.start : item.span.end]):
        yield "more than a name is replaced"
    ordered = sorted(spans)
    if any(one.end > other.start for one, other in zip(ordered, ordered[1:], strict=False)):
        yield f"edits overlap: {ordered}"
    if len({edit.span for edit in item.edits}) < len(item.edits):
        yield "two edits at one place"
    for edit in item.edits:
        if not _is_known(place, item, edit):
            yield f"a strange edit: {edit}"


def _is_known(place: Place, item: Item, edit: Edit) -> bool:
    """Is the edit an import line, a name in one, an ``async``, or the removal of the expression before the dot?"""
    start, end = edit.span.start, edit.span.end
    if end > start:
        return not edit.text and end == item.span.start
    line = re.split(rb"[\r\n]", place.text[:start])[-1]
    if edit.text.endswith(b"async "):  # behind an import, if both go to one place
        if line.strip() or re.match(rb"def\b", place.text[start:]) is None:
            return False
        edit = Edit(edit.span, edit.text.removesuffix(b"async "))
        if not edit.text:
            return True
    lines = rb"(?:\r\n|\r|\n)*(?:(?:import|from) [^\r\n]+(?:\r\n|\r|\n))+(?:\r\n|\r|\n)*"
    if line.strip(b"\xef\xbb\xbf\f"):
        lines = rb"\s*,?\s*\w*,?\s*"  # in a `from` statement; that it is one is seen by what it binds
    return re.fullmatch(lines, edit.text) is not None


Import = tuple[str, str, str]


@lru_cache(64)
def walked(tree: ast.AST) -> tuple[ast.AST, ...]:
    """Return all nodes; cached, because each item of a place asks for the same tree."""
    return tuple(ast.walk(tree))


def imports_of(tree: ast.AST) -> Iterator[tuple[Import, ast.stmt]]:
    """Yield all imports of a tree: the bound name, the module and the member."""
    for node in walked(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield (alias.asname or alias.name.partition(".")[0], alias.name, ""), node
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield (alias.asname or alias.name, "." * node.level + (node.module or ""), alias.name), node


def _imports_wrong(item: Item, start: ast.Module, end: ast.Module, after: Accepted) -> Iterator[str]:
    added = Counter(one for one, _ in imports_of(end))
    added.subtract(one for one, _ in imports_of(start))
    idiom = item.kind is ItemKind.SNIPPET
    if any(number < 0 and one[2] != "name" for one, number in added.items()):
        yield f"an import is gone: {-added}"
    row = row_of(after)
    for (name, module, member), number in (+added).items():
        if not any(encode(name) in edit.text for edit in item.edits) and not idiom:
            continue  # the item itself is in an import
        here = [
            (one, node)
            for one, node in imports_of(end)
            if one[0] == name and node in end.body and node.lineno <= row and name != "name"
        ]
        same_package = all(not one[2] and one[1].partition(".")[0] == name for one, _ in here)
        if number != 1 or (len(here) != 1 and not (same_package and member == "" and "." in module)):
            yield f"{name} of {module} is imported {len(here)} times"


def _unbound(place: Place, item: Item, end: ast.Module, after: Accepted) -> Iterator[str]:
    """Yield unbound names in the inserted text, placeholders apart."""
    own = set(re.findall(r"\w+", " ".join(defaults(item.insert).values()))) if item.snippet else set()
    own |= {"name", "self", "cls"} | set(re.findall(r"\w+", decode(line_before(place))))
    first, last = len(after.before), len(after.before) + len(after.inserted)
    data = after.finished(b"")
    starts = [0, *(m.end() for m in re.finditer(rb"\r\n|\r|\n", data))]
    rows = bisect_right(starts, first), bisect_right(starts, last)
    for path in paths(end, (end,), rows):
        node = path[-1]
        if not isinstance(node, ast.Name) or not isinstance(node.ctx, ast.Load) or node.id in own:
            continue
        at = starts[node.lineno - 1] + node.col_offset
        if first <= at < last and not is_bound(node.id, path):
            yield f"nothing binds {node.id}"


def paths(node: ast.AST, path: tuple[ast.AST, ...], rows: tuple[int, int]) -> Iterator[tuple[ast.AST, ...]]:
    """Yield the nodes that touch a range of lines, each with its ancestors."""
    yield path
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.stmt) or touches(child, rows):
            yield from paths(child, (*path, child), rows)


def touches(node: ast.stmt, rows: tuple[int, int]) -> bool:
    start = min([node.lineno, *(decorator.lineno for decorator in getattr(node, "decorator_list", ()))])
    return start <= rows[1] and (node.end_lineno or start) >= rows[0]


SCOPES = (ast.Module, ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def is_bound(name: str, path: Sequence[ast.AST]) -> bool:
    if hasattr(builtins, name) or name in {"__name__", "__file__"}:
        return True
    scopes = [node for node in path if isinstance(node, (*SCOPES, *COMPREHENSIONS))]
    return any(name in bound_in(scope) for scope in scopes) or any(
        alias.name == "*" for node in walked(path[0]) if isinstance(node, ast.ImportFrom) for alias in node.names
    )


def bound_in(scope: ast.AST) -> set[str]:
    """Return the names that a scope binds."""
    found: set[str] = set()
    stack = list(ast.iter_child_nodes(scope))
    while stack:
        node = stack.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.add(node.name)
            continue
        if isinstance(node, ast.alias):
            found.add(node.asname or node.name.partition(".")[0])
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)) and node.name:
            found.add(node.name)
        stack += [] if isinstance(node, ast.Lambda) else ast.iter_child_nodes(node)
    return found


def _async_wrong(item: Item, start: ast.Module, end: ast.Module, after: Accepted) -> Iterator[str]:
    """Yield a fault if an item changes its function in another way than to make it async."""
    before = [n for n in walked(start) if isinstance(n, ast.FunctionDef)]
    now = [n for n in walked(end) if isinstance(n, ast.FunctionDef)]
    making = any(edit.text.endswith(b"async ") for edit in item.edits)
    if item.kind is ItemKind.SNIPPET:
        return
    if len(before) - len(now) != int(making):
        yield f"{len(before) - len(now)} functions became async"
    if not making:
        return
    row = row_of(after)
    around = [
        n
        for n in walked(end)
        if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef)) and n.body[0].lineno <= row <= (n.end_lineno or row)
    ]
    inner = max(around, key=lambda n: n.lineno, default=None)
    if not isinstance(inner, ast.AsyncFunctionDef):
        yield "the function around the cursor is not async"
    elif not any(_head(one) == _head(inner) for one in before):
        yield "the function around the cursor is another one"


def _head(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    parts = [ast.dump(part) for part in (node.args, *node.decorator_list, *([node.returns] if node.returns else []))]
    return " ".join((node.name, *parts))


def chosen(items: Sequence[Item], seed: str) -> list[Item]:
    """Return some items, covering each kind and each set of edits."""
    chance = random.Random(seed)  # noqa: S311 - the same each time
    groups: dict[object, Item] = {}
    for item in chance.sample(items, len(items)):
        key = (item.kind, item.edits, ":\n" in item.insert, item.origin == "(await …)")
        groups.setdefault(key, item)
    first = list(groups.values())
    rest = [item for item in chance.sample(items, min(len(items), 2 * MOST_ITEMS)) if item not in first]
    return [*first, *rest][:MOST_ITEMS]


class Outcome(NamedTuple):
    """The outcome of accepting the items at some places."""

    faults: tuple[str, ...]
    kinds: Counter[ItemKind]
    edits: Counter[str]
    """Counts of what the edits of items do: ``import``, ``async``, ``cut``."""


def outcome(project: Project, places: Sequence[Place]) -> Outcome:
    """Accept items at some places, every other time in a module of a package."""
    found: list[str] = []
    kinds, edits = Counter[ItemKind](), Counter[str]()
    for number, place in enumerate(places):
        name = ("main.py", "shop/main.py")[number % 2]
        for item in picked(project, place, name, full=number % 4 > 1):
            found += [f"{place}\n  {item.label!r} ({item.kind.value}): {fault}" for fault in faults(place, item)]
            kinds[item.kind] += 1
            edits += Counter(
                "async" if e.text.endswith(b"async ") else "import" if e.text else "cut" for e in item.edits
            )
    return Outcome(tuple(found), kinds, edits)


def picked(project: Project, place: Place, name: str, *, full: bool) -> list[Item]:
    """Return some items of a place; after the first of them is accepted, ask again."""
    found = chosen(project.items(place, name, full=full).items, str(place))
    for item in found[:1]:
        after = accept(place, item)
        again = Place(place.name, after.finished(b""), len(after.before) + len(after.inserted))
        project.items(again, name)
        signature_help(project.view(again.text, name), again.at)
    return found


# Real code


@pytest.mark.parametrize("tens", TENS)
def test_an_accepted_item_leaves_the_text_whole(project: Project, tens: str) -> None:
    """If the text parsed with a name, it parses; imports are bound once, and no other line has changed."""
    found = project.outcome(tens).faults
    assert not found, "\n\n".join(found)


def test_items_of_all_kinds_were_accepted(project: Project) -> None:
    """At least 500 places have items; the test above tests nothing at a place without any."""
    assert sum(PLACES.values()) >= 500
    outcomes = [project.outcome(tens) for tens in TENS]
    kinds = sum((one.kinds for one in outcomes), Counter[ItemKind]())
    assert set(kinds) >= set(ItemKind) - {ItemKind.PROPERTY}, set(ItemKind) - set(kinds)
    edits = sum((one.edits for one in outcomes), Counter[str]())
    assert min(edits["import"], edits["async"]) >= 10, edits
    assert edits["cut"] >= 3, edits  # few statements end in what a template takes in front of the dot


# Places at which something was offered once that broke the text.
ONCE_WRONG = (
    "async def f():\n    a, ga$0\n",
    "async def f():\n    if x: ga$0\n",
    "async def f():\n    x = 1; ga$0\n",
    "async def f():\n    x = ga$0\n",
    "async def f():\n    done, pending $0\n",
    "async def f():\n    return fetch(\n        lambda: x, ga$0\n    y = 1\n",
    "async def f():\n    'a', asyncio.sleep(1).$0\n",
    "async def f():\n    if x: asyncio.sleep(1).$0\n",
    "async def f():\n    (await$0)\n",
    "NAMES = (\n    'a',\n    $0\n    'b',\n)\n",
    "NAMES = {\n    $0\n    'b',\n}\n",
    "NAMES = [\n    $0\n]\n",
    "try:$0\nimport os\n",
    "async def f():\n    try:$0\n    await x\n",
    "async d$0\n",
    "async $0\n",
    "async def$0\n",
    "x$0 = 1\n",
    "x$0 += 1\n",
    "x$0: int = 1\n",
    "a, b$0 = 1, 2\n",
    "async def f():\n    $0coro = wrap(1)\n",
    "async def f():\n    x = (ga$0 := 1)\n",
    "async def f():\n    del ga$0\n",
    "def f(self):\n    self$0.task = None\n",
    "def f(x):\n    match x:\n        case asyncio$0:\n            pass\n",
    "def f(x):\n    match x:\n        case Event() | asyncio$0\n            pass\n",
    "def f(x):\n    match x:\n        case Union(members=mem$0):\n            pass\n",
    "asyncio.run(main(), deb$0=1)\n",
    "def f(*args$0):\n    pass\n",
    "def f(**kw$0):\n    pass\n",
    "async def f(a, *,\n            $0\n    '''Doc.'''\n    return 1\n",
    "'''Half a docstring $0\n\nimport os\n",
    "async def f():\n    x = y.decode('$0\n",
    "def work():\n    await sl$0\n",
    "'''Doc.'''\n\n$0\n",
)


@pytest.mark.parametrize("marked", [*ONCE_WRONG, *("import asyncio\n\n" + text for text in ONCE_WRONG)], ids=repr)
def test_each_item_leaves_the_text_whole(project: Project, marked: str) -> None:
    """All items at places that are easily confused with others."""
    before, _, after = marked.partition("$0")
    place = Place("marked", encode(before + after), len(encode(before)))
    found = [(item.label, fault) for item in project.items(place, full=True).items for fault in faults(place, item)]
    assert not found


def test_nothing_newer_than_the_target_is_offered(project: Project) -> None:
    text = b"from __future__ import "
    assert project.items(Place("marked", text, len(text))).items == ()


# Files of all styles

HEADS = (
    "{}\n",
    "def work(x):\n\t{}\n",
    "async def work(x):\n\t{}\n\treturn x\n",
    "async def work(x):\n\tif x:\n\t\t{}\n\telse:\n\t\tpass\n",
    "@decorated\nasync def work(asyncio):\n\t'''Works.'''\n\t{}\n",
    "async def work(gather=1, *, sleep=2):\n\t{}\n",
    "def outer():\n\tasync def work(x):\n\t\t{}\n\treturn work\n",
    "async def outer():\n\tdef work(x):\n\t\t{}\n\treturn work\n",
    "class Oven:\n\t@property\n\tdef heat(self): return 1\n\n\tdef bake(self):\n\t\t{}\n",
    "class Oven:\n\tdef __init__(self):\n\t\t{}\n",
    "class Oven:\n\t@staticmethod\n\tdef bake():\n\t\t{}\n\n\tasync def cool(self): ...\n",
    "class Oven:\n\theat = 1\n\t{}\n",
    "def pages():\n\tyield 1\n\t{}\n",
    "async def work(x):\n\ttry:\n\t\tasync with asyncio.TaskGroup() as group:\n\t\t\tpass\n\t{}\n",
    "async def fetch(): ...\n\nasync def work(x):\n\tasync with asyncio.TaskGroup() as group:\n\t\t{}\n",
)
LINES = (
    "$0",
    "ga$0",
    "await $0",
    "'é🦊'; await $0",
    "'é🦊', await asyncio.$0",
    "x = 'é🦊' + await sl$0",
    "x = await $0eep(1)",
    "async with $0",
    "async with asyncio.$0",
    "async with ti$0:",
    "async for x in $0",
    "for é in asyncio.$0",
    "task = asyncio.create_task($0)",
    "await asyncio.wait([x], return_when=$0)",
    "await asyncio.gather(x, $0",
    "asyncio.sleep(1).$0",
    "'é🦊', asyncio.sleep(1).$0",
    "x = asyncio.sleep(1).$0",
    "return asyncio.open_connection('é🦊').$0",
    "x = [y for y in asyncio.$0]",
    "raise $0",
    "x = lambda: asyncio.$0",
    "x: asyncio.$0",
    "# é🦊\n{}$0",
    "try:\n{}\tpass\n{}except $0:\n{}\tpass",
    "print('é🦊', asyncio.$0, 1)",
    "x = (\n{}\tasyncio.$0\n{})",
    "asyncio.get_running_loop().call_soon($0)",
    "self.$0",
    "await self.$0",
)


@st.composite
def styled(draw: st.DrawFn) -> Place:
    """Draw a place in a module: its imports, the text around it, line ends, tabs."""
    top = draw(st.sampled_from(PREAMBLES)) + "".join(draw(st.lists(st.sampled_from(PARTS), max_size=4)))
    head, line = draw(st.sampled_from(HEADS)), draw(st.sampled_from(LINES))
    inner = re.search(r"^(\t*)\{\}", head, re.MULTILINE)
    assert inner is not None
    text = top + head.format(line.replace("{}", inner[1]))
    text = text.replace("\t", draw(st.sampled_from(["\t", "    ", "  "])))
    text = text.replace("\n", draw(st.sampled_from(["\n", "\r\n"])))
    before, _, after = text.partition("$0")
    return Place("styled", encode(before + after), len(encode(before)))


@example(place=Place("styled", b"def f():\n\tawait \n", 16), full=False)
@settings(max_examples=250, deadline=None, derandomize="CI" in os.environ)
@given(place=styled(), full=st.booleans())
def test_an_accepted_item_leaves_any_file_whole(project: Project, place: Place, full: bool) -> None:
    """With any imports, line ends and indentation, and any text before the cursor."""
    for item in picked(project, place, "shop/main.py", full=full):
        assert not list(faults(place, item)), (str(place), item.label, decode(accept(place, item).finished(b"")))


# Broken code


def ask(text: str, places: Sequence[float]) -> None:
    """Ask for completions and signatures at some places and at the end."""
    view = view_of(text)
    size = len(view.file.source.data)
    for at in {size, *(round(size * place) for place in places)}:
        for options in (Options(), Options("full", through_await="on", typed=True)):
            completions(view, at, options)
        signature_help(view, at)


@given(codes, texts, st.floats(0, 1), st.lists(st.floats(0, 1), max_size=5))
def test_no_text_and_no_place_make_it_raise(text: str, more: str, at: float, places: list[float]) -> None:
    """At any offset of any text, even inside a character."""
    cut = round(at * len(text))
    ask(text[:cut] + more + text[cut:], [*places, min(cut / max(len(text + more), 1), 1)])


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP.keys())
def test_deep_nesting_is_handled(text: str) -> None:
    """Neither an exception nor endless work, after the whole text."""
    for typed in (".", " await "):
        assert steps(lambda typed=typed: ask(text + typed, ())) < MOST_STEPS, typed


@pytest.mark.parametrize("text", CYCLES.values(), ids=CYCLES.keys())
def test_cycles_terminate(text: str) -> None:
    """A cyclic definition leads to some or no items, in bounded time."""
    for typed in (".", "\nawait ", "\nx.", "\nasync def last():\n    await x.", "("):
        assert steps(lambda typed=typed: ask("import asyncio\n" + text + typed, ())) < MOST_STEPS, typed
