"""Code that is nested thousands of levels deep costs what its length costs, and hides nothing of the code around it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from loopwise.assists.offers import offered
from loopwise.diagnosis.analyse import analyse
from loopwise.diagnosis.run import FileContext
from loopwise.diagnosis.selection import selection_for
from loopwise.features.completion.complete import completions
from loopwise.features.highlights import highlights
from loopwise.features.hover.resolve import hover
from loopwise.features.signature_help.help import signature_help
from loopwise.project import Document, Workspace
from loopwise.syntax import Tree, parse, walk
from loopwise.syntax.deep import _DEEPEST, _WIDEST
from loopwise.text import Edit, Source, Span, encode

DEEP = 1_500
ABOVE = "import asyncio\nimport time\n\nasync def above():\n    time.sleep(1)\n\n"
BELOW = "\nasync def below():\n    asyncio.sleep(1)\n"


def blocks(head: str) -> Callable[[int], str]:
    return lambda n: "".join(f"{' ' * at}{head}\n" for at in range(n // 6)) + " " * (n // 6) + "pass\n"


def around(start: str, end: str, inner: str = "1") -> Callable[[int], str]:
    return lambda n: f"x = {start * n}{inner}{end * n}\n"


CONSTRUCTS: Mapping[str, Callable[[int], str]] = {
    **{head: blocks(head) for head in ("def f():", "async def f():", "class A:", "if x:", "for x in y:", "while x:")},
    **{head: blocks(head) for head in ("with x:", "async with x as y:", "async for x in y:", "try:", "match x:")},
    "parentheses": around("(", ")"),
    "lists": around("[", "]"),
    "dictionaries": around("{1: ", "}"),
    "calls": around("f(", ")"),
    "subscripts of subscripts": around("a[", "]", "0"),
    "subscripts": around("", "[0]", "a"),
    "attributes": around("", ".b", "a"),
    "calls of attributes": around("", ".sleep()", "asyncio"),
    "lambdas": around("lambda: ", ""),
    "nots": around("not ", ""),
    "minuses": around("-", ""),
    "conditions": around("a if b else ", ""),
    "sums": around("a + ", ""),
    "ors": around("a or ", ""),
    "comparisons": around("a < ", ""),
    "comprehensions": around("[i for i in ", "]", "y"),
    "walruses": around("(y := ", ")"),
    "f-strings": around("f'{", "}'"),
    "assignments": lambda n: "x = " * n + "asyncio.sleep(1)\n",
    "tuples": lambda n: "(" * n + "x" + ",)" * n + " = y\n",
    "annotations": lambda n: f"def g(x: {'A[' * n}int{']' * n}): pass\n",
    "patterns": lambda n: f"match x:\n    case {'A(' * n}{')' * n}: pass\n",
    "awaits": lambda n: f"async def g():\n    {'await ' * n}h()\n",
    "yields": lambda n: f"async def g():\n    return {'(yield ' * n}1{')' * n}\n",
    "elifs": lambda n: "if a: pass\n" + "elif b: x = 1\n" * n,
    "decorators": lambda n: "@a\n" * n + "def g(): pass\n",
}


def work(text: str) -> list[str]:
    """All that is done with an open file; returns the codes of what was found."""
    workspace = Workspace([Path("no") / "such"])
    document = Document("untitled:deep", 1, None, Source.of(text))
    workspace.open(document)
    view, selection = workspace.view(document), selection_for(workspace.root(None), None)
    found = analyse(view, selection, None).found
    for at in (len(text) // 2, len(text)):
        for feature in (hover, completions, signature_help, highlights):
            feature(view, at)
        list(offered(FileContext.of(view, None), Span(at, at)))
    return [one.rule.code for one in found]


def depth(tree: Tree) -> int:
    deepest, ahead = 0, [(tree.root_node, 0)]
    while ahead:
        node, level = ahead.pop()
        deepest = max(deepest, level)
        ahead += [(child, level + 1) for child in node.children]
    return deepest


@pytest.mark.parametrize("name", ["attributes", "awaits", "calls of attributes", "parentheses"])
def test_code_around_deep_code_is_looked_at_as_ever(name: str) -> None:
    assert {"LW201", "LW101"} <= set(work(ABOVE + CONSTRUCTS[name](DEEP) + BELOW))


@pytest.mark.parametrize("name", CONSTRUCTS)
def test_no_tree_is_deep(name: str) -> None:
    """Code that asks for the ancestors of each node then takes time linear in the length of the text."""
    assert depth(parse(Source.of(ABOVE + CONSTRUCTS[name](DEEP) + BELOW))) < 2 * _DEEPEST


@pytest.mark.parametrize("name", CONSTRUCTS)
def test_a_node_has_the_text_of_the_file_however_deep_it_is(name: str) -> None:
    """Assists copy the text of nodes; and an edit leads to the tree of the new text."""
    text = ABOVE + CONSTRUCTS[name](DEEP) + BELOW
    document = Document("untitled:deep", 1, None, Source.of(text))
    if not document.tree.root_node.has_error:
        root = document.tree.root_node
        assert all(node.text == encode(text)[node.start_byte : node.end_byte] for node in walk(root))
    for at in (0, len(ABOVE), len(text)):
        edited = document.edited(2, Edit(Span(at, at), b"x = 1\n"))
        fresh = parse(Source.of(text[:at] + "x = 1\n" + text[at:])).root_node
        assert str(edited.settled().tree.root_node) == str(fresh)


@pytest.mark.parametrize("signs", ["(", "f([{", "1, ("])
def test_no_error_is_long(signs: str) -> None:
    """A query for nodes takes the square of the number of nodes in one error."""
    root = parse(Source.of(ABOVE + signs * 8_000)).root_node
    assert all(node.child_count <= _WIDEST + 10 for node in walk(root) if node.is_error)
