"""Long runs of comments are blanked before parsing; no code and no directive is lost."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loopwise.diagnosis.suppression.directives import directives
from loopwise.project.document import Document
from loopwise.syntax import Tree, long_runs, nodes_of, parse, parsing
from loopwise.syntax.parsing import _parser
from loopwise.text import Source, encode
from test_properties import edited

COMMENTS = ["# x\n", "#\n", "# noqa\n", '# """\n', "# '''\n", "# x \\\n", "#: é\r\n", "# }\n", "#\fx\n"]
CODE = [
    "if x:\n",
    "else:\n",
    "while y:\n",
    "def f():\n",
    "class A:\n",
    "x = 1\n",
    "pass\n",
    "x = [\n",
    "]\n",
    "f(a,\n",
    ")\n",
    '"""\n',
    "s = '''\n",
    'f"""{\n',
    '}"""\n',
    "x = 1 + \\\n",
    "\\\n",
    "@a\n",
    "try:\n",
    "except A:\n",
    "\n",
    "match x:\n",
    "case 1:\n",
    "x = (  # y\n",
]
indents = st.sampled_from(["", "  ", "    ", "\t", "        ", " \f "])
comments = st.lists(st.tuples(indents, st.sampled_from(COMMENTS)).map("".join), min_size=1, max_size=9).map("".join)
same = st.tuples(indents, st.sampled_from(COMMENTS), st.integers(3, 9)).map(lambda one: (one[0] + one[1]) * one[2])
code = st.tuples(indents, st.sampled_from(CODE)).map("".join)
texts = st.lists(st.one_of(comments, same, code, code), max_size=14).map("".join)


@pytest.fixture(autouse=True, scope="module")
def short() -> Iterator[None]:
    """Lower the limit, so that small examples count as long runs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(long_runs, "_LONG", 3)
        patch.setattr(long_runs, "_KEPT", 1)
        long_runs.long_runs.cache_clear()
        yield
    long_runs.long_runs.cache_clear()


def code_of(tree: Tree) -> list[tuple[str, int, int]]:
    nodes, stack = [], [tree.root_node]
    while stack:
        node = stack.pop()
        if node.type not in {"comment", "line_continuation"}:
            nodes.append((node.type, node.start_byte, node.end_byte))
            stack += reversed(node.children)
    return nodes


@given(texts)
def test_code_is_parsed_as_if_no_comment_had_been_blanked(text: str) -> None:
    data = encode(text)
    plain = _parser().parse(data)
    if not plain.root_node.has_error:
        assert code_of(parsing._fresh(data)) == code_of(plain)


@given(texts)
def test_each_node_has_the_text_of_the_file(text: str) -> None:
    data = encode(text)
    root = parsing._fresh(data).root_node
    assert all(
        node.text == data[node.start_byte : node.end_byte] for node in nodes_of(root, frozenset({"block", "module"}))
    )
    assert root.text == data[root.start_byte : root.end_byte]


changes = st.lists(st.tuples(st.floats(0, 1), st.floats(0, 0.2), texts), max_size=5)


@given(texts, changes)
def test_an_edited_document_equals_its_parsed_text(text: str, changes: list[tuple[float, float, str]]) -> None:
    """The bytes are equal, and so are the trees with the text of their nodes."""
    for after, expected in edited(Document("untitled:1", 1, None, Source.of(text)), changes):
        fresh = parse(Source.of(expected)).root_node
        assert str(after.tree.root_node) == str(fresh)
        assert after.tree.root_node.text == fresh.text


@given(texts, changes)
def test_a_large_one_too_where_it_has_no_errors(text: str, changes: list[tuple[float, float, str]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parsing, "SMALL", 0)
        for after, expected in edited(Document("untitled:1", 1, None, Source.of(text)), changes):
            fresh = parse(Source.of(expected))
            if not fresh.root_node.has_error:
                assert code_of(after.tree) == code_of(fresh)


def test_comments_that_the_parser_misses_are_still_comments() -> None:
    """Each line of a long run may be a directive; text in a string is not one."""
    lines = "".join(f"    # {number} # noqa: LW201\n" for number in range(20))
    text = f"x = 1\n{lines}y = 2\n"
    file = Document("untitled:1", 1, None, Source.of(text)).file
    assert len(list(directives(file, 0, len(text)))) == 20
    text = f'x = """\n{lines}"""\n'
    file = Document("untitled:1", 1, None, Source.of(text)).file
    assert list(directives(file, 0, len(text))) == []


def test_the_number_of_comments_read_is_bounded() -> None:
    """The scanner looks ahead at all following comments for each one it sees, so their number must be small."""
    for line in ["# x\n", "    # x\n\n", '# """\n', "#\r\n", "\\\n"]:
        data = f"if x:\n    y = \\\n{line * 1000}z\n".encode()
        seen = nodes_of(parsing._fresh(data).root_node, frozenset({"comment", "line_continuation"}))
        assert len(seen) < 20, line
