"""Every example of every assist: offered where it says, with the result it says, never breaking the code."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import NamedTuple

import pytest

from loopwise.assists.assist import Assist, Example
from loopwise.assists.offers import Offered, all_assists, offered
from loopwise.diagnosis.fix_all import applied
from loopwise.diagnosis.run import FileContext
from loopwise.project.document import Document
from loopwise.project.workspace import Workspace
from loopwise.syntax import parse
from loopwise.text import Source, Span, decode, encode
from sharing import sharing_stubs

ASSISTS = list(all_assists().values())


class Case(NamedTuple):
    """One example of one assist."""

    assist: Assist
    number: int
    example: Example

    def __str__(self) -> str:
        return f"{self.assist.name} {self.number}"


CASES = [Case(assist, number, example) for assist in ASSISTS for number, example in enumerate(assist.examples, 1)]
MADE = [case for case in CASES if case.example.after]
REFUSED = [case for case in CASES if case.example.refused]
NOTHING = [case for case in CASES if not case.example.after and not case.example.refused]


def opened(text: str, folder: Path, example: Example) -> tuple[Workspace, Document, Span]:
    """Open the text as ``main.py`` of a project; return also the selection."""
    for name, other in example.files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(other, "utf-8")
    if example.target:
        (folder / "pyproject.toml").write_text(f'[tool.loopwise]\ntarget-version = "{example.target}"\n', "utf-8")
    parts = [encode(part) for part in text.split("$0")]
    assert len(parts) in {2, 3}, "the example has no cursor"
    start = len(parts[0])
    end = start + (len(parts[1]) if len(parts) == 3 else 0)
    workspace = sharing_stubs(Workspace([folder]))
    path = folder / "main.py"
    document = Document(path.as_uri(), 1, path, Source.of(b"".join(parts)))
    workspace.open(document)
    return workspace, document, Span(start, end)


def offers(case: Case, folder: Path, text: str) -> tuple[Document, list[Offered]]:
    workspace, document, span = opened(text, folder, case.example)
    return document, [
        one for one in offered(FileContext.of(workspace.view(document), None), span) if one.assist is case.assist
    ]


def results(case: Case, folder: Path, text: str) -> list[str]:
    document, found = offers(case, folder, text)
    return [applied(document, one.fix.edits).source.text for one in found if one.fix.edits]


def checked(text: str) -> None:
    """Assert that a text parses: by Python's parser, or by ours if this Python is too old for its syntax."""
    if "except*" in text:
        assert not parse(Source.of(text)).root_node.has_error, text
    else:
        ast.parse(text)


def test_each_name_belongs_to_one_assist() -> None:
    """Names, titles and examples have the common form, with examples of offers and of none."""
    for assist in ASSISTS:
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", assist.name), assist.name
        assert assist.kind.startswith("refactor"), assist.name
        assert assist.title.endswith("."), assist.name
        assert any(example.after for example in assist.examples), assist.name
        assert any(not example.after for example in assist.examples), assist.name


@pytest.mark.parametrize("case", MADE, ids=str)
def test_each_edit_has_the_result_of_the_example(case: Case, tmp_path: Path) -> None:
    made = results(case, tmp_path, case.example.before)
    assert made == list(case.example.after)
    for text in made:
        checked(text)


@pytest.mark.parametrize("case", REFUSED, ids=str)
def test_it_is_refused_with_the_reason(case: Case, tmp_path: Path) -> None:
    _, found = offers(case, tmp_path, case.example.before)
    assert [one.fix.edits for one in found] == [()]
    assert case.example.refused in found[0].fix.refused


@pytest.mark.parametrize("case", NOTHING, ids=str)
def test_nothing_is_offered(case: Case, tmp_path: Path) -> None:
    _, found = offers(case, tmp_path, case.example.before)
    assert found == []


@pytest.mark.parametrize("case", MADE, ids=str)
def test_it_works_in_any_position(case: Case, tmp_path: Path) -> None:
    """After an emoji, with tabs, with CRLF: the same number of edits, whose results parse in the file's style."""
    text = case.example.before
    for moved in (
        "s = '🦊é'\n" + text,
        re.sub(r"^( {4})+", lambda m: "\t" * (len(m[0]) // 4), text, flags=re.MULTILINE),
        text.replace("\n", "\r\n"),
    ):
        made = results(case, tmp_path, moved)
        assert len(made) == len(case.example.after)
        for result in made:
            checked(result)
            assert "\r\n" not in moved or result.count("\n") == result.count("\r\n")


@pytest.mark.parametrize("case", MADE, ids=str)
def test_placeholders_lie_inside_the_inserted_text(case: Case, tmp_path: Path) -> None:
    """Each is a whole word of one of the edits."""
    _, found = offers(case, tmp_path, case.example.before)
    for one in found:
        inserted = "\n".join(decode(edit.text) for edit in one.fix.edits)
        for hole in one.fix.holes:
            assert re.search(rf"(?<!\w){re.escape(hole)}(?!\w)", inserted), hole


def test_actions_that_apply_almost_anywhere_come_last(tmp_path: Path) -> None:
    """Refused actions come below all of them."""
    text = "import asyncio\n\nasync def main(f):\n    $0await asyncio.gather(f(1), f(2))\n"
    workspace, document, span = opened(text, tmp_path, Example(text))
    found = list(offered(FileContext.of(workspace.view(document), None), span))
    assert [one.assist.name for one in found][:1] == ["gather-to-taskgroup"]
    ranks = [(bool(one.fix.refused), one.assist.general) for one in found]
    assert len(found) > 1
    assert ranks == sorted(ranks)


PLACES = {
    "body": "import asyncio\n\nasync def run():\n    before = 1\n$0\n\n    after = 2\n",
    "module": "import asyncio\n\ndef before():\n    pass\n\n$0\n\ndef after():\n    pass\n",
}


@pytest.mark.parametrize("target", ["3.10", "3.11-3.14", "3.14"])
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_every_pattern_can_be_inserted(place: str, target: str, newline: str, tmp_path: Path) -> None:
    """Each idiom for its place and the project's oldest Python is offered, and the code parses with it."""
    text = PLACES[place].replace("\n", newline)
    workspace, document, span = opened(text, tmp_path, Example(text, target=target))
    view = workspace.view(document)
    made = [one.fix for one in offered(FileContext.of(view, None), span) if one.assist.name == "insert-pattern"]
    known = [snippet for _, snippet in view.catalogue.snippets() if snippet.place == place]
    assert [fix.title for fix in made] == [f"Insert: {one.name}" for one in known if view.target.floor in one.versions]
    for fix in made:
        result = applied(document, fix.edits)
        assert not result.tree.root_node.has_error, result.source.text
        assert result.source.text.count("\n") == result.source.text.count(newline)
        assert result.source.text.index("before") < result.source.text.index("after")


@pytest.mark.parametrize("line", ["    $0", "$0", "        $0"])
def test_patterns_are_inserted_where_a_statement_may_start(line: str, tmp_path: Path) -> None:
    """The depth is that of the empty line or of the next statement; never inside a statement or a string."""
    text = f"async def run():\n    call(\n{line}\n    )\n\n\ntext = '''\n{line}\n'''\n"
    for index in (0, 1):
        parts = text.split("$0")
        one = "$0".join(("".join(parts[: index + 1]), "".join(parts[index + 1 :])))
        workspace, document, span = opened(one, tmp_path, Example(one))
        assert not list(offered(FileContext.of(workspace.view(document), None), span))


@pytest.mark.parametrize(
    ("before", "title"),
    [
        ("from kit import default\n\n@default('x')\ndef lo$0ad():\n    return 1\n", "@default must await it"),
        ("import kit\n\nclass Mine(kit.Handler):\n    def on_cl$0ose(self):\n        pass\n", "Handler must await it"),
        ("import kit\n\nclass Mine(kit.Of[int]):\n    def on_cl$0ose(self):\n        pass\n", "Of must await it"),
        (
            "import kit\n\nclass Mine(kit.Handler):\n    def lo$0ad(self): ...\n\n    async def f(self): self.load()\n",
            "",
        ),
        ("import discord\n\nclass Mine(discord.Client):\n    def on_re$0ady(self):\n        pass\n", ""),
        ("from fastapi import app\n\n@app.get('/')\ndef ro$0ot():\n    return 1\n", ""),
        ("def mine(f):\n    return f\n\n@mine\ndef lo$0ad():\n    return 1\n", ""),
        ("from abc import ABC\n\nclass Mine(ABC):\n    def lo$0ad(self):\n        return 1\n", ""),
    ],
)
def test_the_title_names_what_may_not_await(before: str, title: str, tmp_path: Path) -> None:
    """Decorators and base classes of libraries that cannot be read."""
    case = next(one for one in MADE if one.assist.name == "make-async")
    _, (offer,) = offers(case, tmp_path, before)
    assert offer.fix.title.partition(" (")[2].rstrip(")") == title
