"""Snippets: the effect of their tab stops, and that each of ours is correct as inserted."""

from __future__ import annotations

import ast
import builtins
import json
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge import interpreters
from knowledge.snippet_stages import STAGES, Stage
from loopwise.cards.api import load_api
from loopwise.cards.card import Snippet
from loopwise.cards.catalogue import Catalogue, builtin
from loopwise.cards.page import parse_page
from loopwise.cards.snippet_text import defaults, escaped, fault, plain
from loopwise.cli.main import main
from loopwise.versions import Version, version_text

RUNNER = Path(__file__).parent / "knowledge" / "run_samples.py"
NEOVIM = Path(sys.executable).with_name("nvim")
FRAMES = {"module": "$snippet\n", "body": "async def main():\n    $snippet\n"}
FRAMES["async-with"] = "async def main():\n    async with $snippet\n"
LONGEST_LINE = 96
SNIPPETS = [snippet for _, snippet in builtin().snippets()]

Key = tuple[str, str, str]


def key(snippet: Snippet) -> Key:
    """Return the identity of a snippet."""
    return snippet.name, snippet.place, str(snippet.versions)


def label(snippet: Snippet) -> str:
    return " ".join(key(snippet)).rstrip()


def placed(frame: str, code: str) -> str:
    """Insert ``code`` at ``$snippet`` in ``frame``, indented as that line; ``async with `` stays in front of it."""
    indent, before = re.search(r"^( *)(.*)\$snippet$", frame, re.MULTILINE).groups()  # type: ignore[union-attr]
    return frame.replace(f"{indent}{before}$snippet", textwrap.indent(before + code, indent), 1)


def inserted(snippet: Snippet) -> str:
    """Return a module with the snippet at its place, accepted with its defaults."""
    modules = "".join(f"import {name}\n" for name in ("asyncio", *snippet.imports))
    return modules + placed(FRAMES[snippet.place], plain(snippet.body))


def floors(snippet: Snippet) -> list[Version]:
    """Return the oldest Pythons of the projects to which the snippet is offered."""
    return [version for version in load_api().known if version in snippet.versions]


def met(snippet: Snippet) -> list[Version]:
    """Return the Pythons that the snippet may run on: those and all newer ones."""
    return [version for version in load_api().known if version >= floors(snippet)[0]]


# The text of a snippet


FILLED = [
    ("f(${1:x}, $1, ${1})$0", "f(x, x, x)"),
    ("$1 = ${1:later}", "later = later"),
    ("${1:a} ${1:b}", "a a"),
    ("${1:f(${2:x})} $2", "f(x) x"),
    ("${1:$2} ${2:z}", "z z"),
    ("${1:$1}", ""),
    ("$1$2${3:}", ""),
    ("$12${12:y}", "yy"),
    ("${0:pass}", "pass"),
    ("${1|a,b|} $1", "a a"),
    (r"${1|a\,b\|\\c,d|}!", r"a,b|\c!"),
    (r"${1:{a: 1\}} {b} \$x", "{a: 1} {b} $x"),
    (r"b'\\n' \\${1:x}", r"b'\n' \x"),
    ("${1:x\n  y}\n$1", "x\n  y\nx\n  y"),
]
BROKEN = [("${x}", "${x}"), ("a $ b", "a $ b"), ("${1:x", "x"), (r"\n", r"\n"), ("${1", "${1"), ("${1:${2:x}", "x")]


@pytest.mark.parametrize(("body", "text"), FILLED)
def test_a_snippet_is_filled_with_its_defaults(body: str, text: str) -> None:
    assert fault(body) is None
    assert plain(body) == text


@pytest.mark.parametrize(("body", "text"), BROKEN)
def test_an_invalid_tab_stop_is_reported_and_kept_unchanged(body: str, text: str) -> None:
    assert fault(body)
    assert plain(body) == text


def test_each_tab_stop_has_its_first_default() -> None:
    assert defaults("$4 ${1:f(${2:x})} ${2:z} ${3|a,b|} $0") == {"1": "f(x)", "2": "x", "3": "a"}


@settings(database=None, deadline=None)
@given(st.text(alphabet="ab1${}\\|,:\n", max_size=40))
def test_any_text_can_be_quoted(text: str) -> None:
    assert plain(escaped(text)) == text
    assert fault(escaped(text)) is None
    assert plain(f"${{1:{escaped(text)}}}") == text
    plain(text), fault(text), defaults(text)


# Where snippets are shown


def test_a_catalogue_lists_snippets_with_their_cards_in_page_order() -> None:
    block = "```snippet {} body\nx\n```\n"
    text = "# P\n\n" + "".join(f"## {a}\n\nIt.\n\n{block.format(a)}\n{block.format(a + 'x')}\n" for a in "ba")
    cards = tuple(parse_page(text, "patterns.md")[0])
    found = Catalogue({"patterns.md": cards}, {}).snippets()
    assert [(card.name, snippet.name) for card, snippet in found] == [("b", "b"), ("b", "bx"), ("a", "a"), ("a", "ax")]


@pytest.mark.parametrize("form", ["text", "json"])
def test_neither_explain_nor_the_cheatsheet_shows_a_snippet(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "Timeout", "--format", form]) == 0
    assert main(["cheatsheet", "patterns", "--format", form]) == 0
    shown = capsys.readouterr().out
    assert "asyncio.timeout(" in shown
    assert not [sign for sign in ("$0", "${", "snippet") if sign in shown]


# Ours


def test_a_name_has_one_snippet_for_each_python_and_place() -> None:
    for version in load_api().known:
        offered = [(snippet.name, snippet.place) for snippet in SNIPPETS if version in snippet.versions]
        assert sorted(offered) == sorted(set(offered))


def test_every_python_has_what_people_need_most() -> None:
    for version in load_api().known:
        offered = {(snippet.name, snippet.place) for snippet in SNIPPETS if version in snippet.versions}
        assert {("main", "module"), ("timeout", "body")} <= offered
        assert offered & {("taskgroup", "body"), ("gather", "body")}


@pytest.mark.parametrize("snippet", SNIPPETS, ids=label)
def test_a_snippet_compiles_on_each_python_in_its_range(snippet: Snippet) -> None:
    text = inserted(snippet)
    compile(text, label(snippet), "exec", dont_inherit=True)
    for version in met(snippet):
        ast.parse(text, feature_version=min(version, sys.version_info[:2]))
    assert max(map(len, text.splitlines())) <= LONGEST_LINE


@pytest.mark.parametrize("snippet", SNIPPETS, ids=label)
def test_a_snippet_uses_only_names_that_exist_or_are_placeholders(snippet: Snippet) -> None:
    tree = ast.parse(inserted(snippet))
    left = {name for text in defaults(snippet.body).values() for name in re.findall(r"[^\W\d]\w*", text)}
    assert set(_loaded(tree)) - set(_bound(tree)) - set(dir(builtins)) - left - {"__name__"} == set()
    used = {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert [name for name in snippet.imports if not any(text.startswith(f"{name}.") for text in used)] == []


@pytest.mark.parametrize("snippet", SNIPPETS, ids=label)
def test_asyncio_names_in_a_snippet_exist_and_are_not_deprecated(snippet: Snippet) -> None:
    names = set(re.findall(r"asyncio(?:\.\w+)+", plain(snippet.body)))
    assert names or snippet.name == "cancel-task" or snippet.imports
    for name in names:
        facts = load_api().facts(name)
        assert facts, name
        assert [version for version in met(snippet) if not facts.available(version)] == [], name
        assert not any(facts.deprecated_at(version) for version in met(snippet)), name


@pytest.mark.parametrize("snippet", SNIPPETS, ids=label)
def test_tab_stops_are_numbered_consecutively_and_not_nested(snippet: Snippet) -> None:
    stops = list(dict.fromkeys(re.findall(r"\$\{?(\d+)", snippet.body)))
    assert [stop for stop in stops if stop != "0"] == [str(number) for number in range(1, len(stops))]
    assert len(re.findall(r"\$0|\$\{0:", snippet.body)) == 1
    assert not re.search(r"\$\{\d+:(?:[^}\\]|\\.)*\$", snippet.body)
    assert "\t" not in snippet.body


def test_each_snippet_is_run_in_a_stage() -> None:
    assert {stage[:3] for stage in STAGES} == {key(snippet) for snippet in SNIPPETS}


@pytest.mark.parametrize("version", interpreters.VERSIONS)
def test_snippets_do_what_they_promise(version: str, tmp_path: Path) -> None:
    """In development mode with warnings as errors, as for the samples of the cards."""
    python = interpreters.find(version)
    if python is None:
        pytest.skip(f"there is no Python {version} here")
    page = tmp_path / "stages.md"
    page.write_text("# Stages\n\n" + "\n\n".join(map(_section, STAGES)), encoding="utf-8")
    command = [python, RUNNER, "--json", page]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False, timeout=300)
    assert done.stdout.startswith("{"), done.stderr
    found = json.loads(done.stdout)
    assert found["failures"] == []
    assert found["pages"]["stages.md"]["ran"] > len(STAGES) / 2


@pytest.mark.editor
def test_neovim_inserts_the_same_text(tmp_path: Path) -> None:
    """Our plain text of a snippet is the text that a real editor inserts."""
    if not NEOVIM.exists():
        pytest.skip("there is no Neovim beside this Python")
    bodies, made = tmp_path / "bodies.json", tmp_path / "made.json"
    bodies.write_text(json.dumps([snippet.body for snippet in SNIPPETS]), encoding="utf-8")
    script = tmp_path / "expand.lua"
    script.write_text(EXPAND, encoding="utf-8")
    subprocess.run([NEOVIM, "--headless", "--clean", "-S", script], cwd=tmp_path, check=True, timeout=60)
    assert json.loads(made.read_text("utf-8")) == [plain(snippet.body) for snippet in SNIPPETS]


EXPAND = """\
local made = {}
for _, body in ipairs(vim.json.decode(table.concat(vim.fn.readfile("bodies.json"), "\\n"))) do
  vim.cmd("enew!")
  vim.bo.expandtab, vim.bo.shiftwidth = true, 4
  vim.snippet.expand(body)
  table.insert(made, table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), "\\n"))
  vim.snippet.stop()
end
vim.fn.writefile({ vim.json.encode(made) }, "made.json")
vim.cmd("qall!")
"""


def _section(stage: Stage) -> str:
    """Return the stage as a sample: for its Python and newer ones, with the snippet filled in at its place."""
    (snippet,) = (snippet for snippet in SNIPPETS if key(snippet) == stage[:3])
    body = snippet.body
    for number, text in stage.fill.items():
        assert f"${{{number}:" in body, f"{label(snippet)} has no {number}"
        body = re.sub(rf"\$\{{{number}:(?:[^}}\\]|\\.)*\}}", lambda _: f"${{{number}:{escaped(text)}}}", body)  # noqa: B023
    imports = "".join(f"import {name}\n" for name in snippet.imports)
    code = imports + placed(stage.code, plain(body))
    return f"## {label(snippet)}\n\n```python {version_text(met(snippet)[0])}+ {stage.needs}\n{code}```\n"


def _loaded(tree: ast.AST) -> Iterator[str]:
    yield from (node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load))


def _bound(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.alias):
            yield node.name.partition(".")[0]
