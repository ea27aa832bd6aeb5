"""Completion and signature help as a person gets them: a real Neovim, real keys, the configuration of the README.

A case is a text with the cursor in it, what is typed there, the label that is chosen from the menu and the whole
buffer afterwards.  In what is expected ``$0`` is the cursor, or ``«…»`` what is selected: the text of a snippet's tab
stop, which goes as soon as something is typed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pytest
from editor import Neovim, readme_block

from marked import MARK, cursor, place
from scripted import Answer

pytestmark = pytest.mark.editor

FILES = {
    "pyproject.toml": '[project]\nname = "bakery"\nversion = "1.0"\nrequires-python = ">=3.11"\n',
    "pantry.py": "import asyncio\n\n\nasync def knead(minutes: int) -> int:\n    return minutes\n",
    "tabs/.editorconfig": "root = true\n\n[*.py]\nindent_style = tab\n",
}
TABS = "tabs/app.py"
TAB = "\t"


class Case(NamedTuple):
    """``typed`` at the ``$0`` of ``text`` and ``label`` chosen: ``gives``; then the keys ``more``: ``after``.

    Keys have Neovim's names; ``<Pause>`` is a moment in which nothing is typed, and menus open.
    """

    name: str
    text: str
    typed: str
    label: str | None
    """``None``: no menu may be open; ``a|b``: whichever of the two the menu has."""
    gives: str
    more: str = ""
    after: str = ""
    file: str = "app.py"


FETCH = """import asyncio


class Page:
    number = 1

    async def save(self) -> bool:
        return True


async def fetch(url: str = "") -> Page:
    return Page()


"""


def main_with(*lines: str) -> str:
    """Return FETCH and a ``main`` with these lines."""
    return FETCH + "async def main():\n" + "".join(f"    {line}\n" for line in lines)


def shop_with(line: str) -> str:
    return f"class Shop:\n    async def stock(self):\n        ...\n\n    async def run(self):\n        {line}\n"


MAIN = main_with("$0")
LINES = ("fetch(", "    'a',", ")")

AWAITS = [
    Case(
        "a coroutine function",
        MAIN,
        "await fe",
        "fetch",
        main_with("await fetch($0)"),
        "1",
        main_with("await fetch(1$0)"),
    ),
    Case("a method of self", shop_with("$0"), "await st", "self.stock", shop_with("await self.stock()$0")),
    Case(
        "a task in a local",
        main_with("job = asyncio.create_task(fetch())", "$0"),
        "x = await jo",
        "job",
        main_with("job = asyncio.create_task(fetch())", "x = await job$0"),
    ),
    Case(
        "await in a plain function",
        FETCH + "def main():\n    x = 1\n    $0\n    return x\n",
        "aw",
        "await",
        main_with("x = 1", "await $0", "return x"),
        "fetch()",
        main_with("x = 1", "await fetch()$0", "return x"),
    ),
    Case(
        "an awaitable in a plain function",
        FETCH + "def main():\n    $0\n",
        "await fe",
        "fetch",
        main_with("await fetch($0)"),
    ),
]
THROUGH = [
    Case("a member through the await", MAIN, "print(fetch().nu", "number", main_with("print((await fetch()).number$0")),
    Case("an odd expression", MAIN, "fetch('}$\\\\').sa", "save", main_with("(await fetch('}$\\\\')).save$0")),
    Case(
        "behind an emoji", MAIN, "'🦊é漢', fetch('🦊').nu", "number", main_with("'🦊é漢', (await fetch('🦊')).number$0")
    ),
    Case(
        "in the middle of a line",
        main_with("print($0, 'é')"),
        "fetch().nu",
        "number",
        main_with("print((await fetch()).number$0, 'é')"),
    ),
]
TIMEOUT = ("try:", "    async with asyncio.timeout({0}):", "        {1}", "except TimeoutError:", "    {2}")
TAB_MAIN = "import asyncio\n\n\nasync def main():\n\tif True:\n\t\t{0}\n"


def timeout(*stops: str) -> list[str]:
    """Return the lines of the snippet with these texts at its tab stops."""
    return [line.format(*stops) for line in TIMEOUT]


def in_tabs(lines: Sequence[str]) -> str:
    return TAB_MAIN.format("\n\t\t".join(line.replace("    ", "\t") for line in lines))


def script(stop: str, indent: str = "    ") -> str:
    """Return the snippet ``main``."""
    return f'async def main():\n{indent}{stop}\n\n\nif __name__ == "__main__":\n{indent}asyncio.run(main())\n'


USUAL = ("«10»", "result = await fetch(url)", 'print("too slow")')
SNIPPETS = [
    Case(
        "timeout",
        MAIN,
        "timeo",
        "timeout",
        main_with(*timeout(*USUAL)),
        "3<Tab>await fetch()<Tab>raise",
        main_with(*timeout("3", "await fetch()", "raise$0")),
    ),
    Case(
        "timeout, indented by tabs",
        TAB_MAIN.format(MARK),
        "timeo",
        "timeout",
        in_tabs(timeout(*USUAL)),
        "3<Tab>pass<Tab>pass",
        in_tabs(timeout("3", "pass", "pass$0")),
        TABS,
    ),
    Case(
        "main",
        "import asyncio\n\n$0\n",
        "mai",
        "main",
        f"import asyncio\n\n{script('«pass»')}",
        "...",
        f"import asyncio\n\n{script('...$0')}",
    ),
    Case(
        "main in an empty file, indented by tabs",
        "$0\n",
        "mai",
        "main",
        f"import asyncio\n\n{script('«pass»', TAB)}",
        "...<Tab>",
        f"import asyncio\n\n{script('...', TAB)}"[:-1] + "$0\n",
        TABS,
    ),
    Case(
        "a task group with its name and body",
        MAIN,
        "async with asyncio.Task",
        "TaskGroup",
        main_with("async with asyncio.TaskGroup() as «tg»:", "    "),
        "group<Tab>pass",
        main_with("async with asyncio.TaskGroup() as group:", "    pass$0"),
    ),
]
DOCSTRING = '"""What this is for."""\n\nfrom __future__ import annotations\n\n'
IMPORTS = [
    Case(
        "below a docstring and __future__",
        DOCSTRING + "\nasync def main():\n    $0\n",
        "await gath",
        "asyncio.gather",
        DOCSTRING + "import asyncio\n\n\nasync def main():\n    await asyncio.gather($0)\n",
    ),
    Case(
        "a from import that is extended",
        "from asyncio import sleep\n\n\nasync def main():\n    $0\n",
        "await gath",
        "gather",
        "from asyncio import gather, sleep\n\n\nasync def main():\n    await gather($0)\n",
    ),
    Case(
        "a function of another module",
        "async def main():\n    x = 1\n    $0\n    return x\n",
        "await kne",
        "knead",
        "from pantry import knead\n\n\nasync def main():\n    x = 1\n    await knead($0)\n    return x\n",
        "x",
        "from pantry import knead\n\n\nasync def main():\n    x = 1\n    await knead(x$0)\n    return x\n",
    ),
    Case(
        "an import and an async",
        "def main():\n    'é🦊'; $0\n",
        "await kne",
        "knead",
        "from pantry import knead\n\n\nasync def main():\n    'é🦊'; await knead($0)\n",
    ),
]
GROUP = "async with asyncio.TaskGroup() as group:"
POSTFIX = [
    Case(
        "task",
        MAIN,
        "fetch().ta",
        ".task",
        main_with("«task» = asyncio.create_task(fetch())"),
        "job<Tab>",
        main_with("job = asyncio.create_task(fetch())$0"),
    ),
    Case("tg", main_with(GROUP, "    $0"), "fetch().tg", ".tg", main_with(GROUP, "    group.create_task(fetch())$0")),
    Case(
        "timeout behind an expression",
        MAIN,
        "fetch().tim",
        ".timeout",
        main_with("async with asyncio.timeout(«10»):", "    await fetch()"),
        "2.5<Tab>  # é",
        main_with("async with asyncio.timeout(2.5):", "    await fetch()  # é$0"),
    ),
    Case(
        "task with its import",
        "async def fetch(): ...\n\n\nasync def main():\n    x = 1\n    fetch().$0\n",
        "tas",
        ".task",
        "import asyncio\n\n\nasync def fetch(): ...\n\n\nasync def main():\n    x = 1\n"
        "    «task» = asyncio.create_task(fetch())\n",
    ),
]
LETTERS = [
    Case(
        "a name behind an emoji",
        MAIN,
        "print('🦊é漢'); await fe",
        "fetch",
        main_with("print('🦊é漢'); await fetch($0)"),
    ),
    Case(
        "a name of other letters",
        "async def größe():\n    $0\n",
        "await grö",
        "größe",
        "async def größe():\n    await größe()$0\n",
    ),
]
CASES = [*AWAITS, *THROUGH, *SNIPPETS, *IMPORTS, *POSTFIX, *LETTERS]
# Expressions of several lines that are written anew: the editor indents them once more.
SEVERAL_LINES = [
    Case(
        "a member of several lines",
        main_with(*LINES)[:-1] + "$0\n",
        ".nu",
        "number",
        main_with("(await fetch(", "    'a',", ")).number$0"),
    ),
    Case(
        "a task of several lines",
        main_with(*LINES)[:-1] + "$0\n",
        ".ta",
        ".task",
        main_with("«task» = asyncio.create_task(fetch(", "    'a',", "))"),
    ),
]
# The menu opens while typing
MEANT = [
    Case("await and a space", MAIN, "await ", "fetch", main_with("await fetch($0)")),
    Case("two letters into that menu", MAIN, "await <Pause>fe<Pause>", "fetch", main_with("await fetch($0)")),
    Case(
        "a method by its name",
        shop_with("$0"),
        "await <Pause>st<Pause>",
        "self.stock",
        shop_with("await self.stock()$0"),
    ),
    Case("a dot", MAIN, "fetch().", "number", main_with("(await fetch()).number$0")),
    Case(
        "a template by its letters",
        MAIN,
        "fetch().<Pause>t<Pause>a<Pause>",
        ".task",
        main_with("«task» = asyncio.create_task(fetch())"),
    ),
    # Who types fast, or has a slow server, still sees the menu that the space has opened.
    Case(
        "a member of asyncio",
        MAIN,
        "await asyncio.<Pause>gat<Pause>",
        "gather|asyncio.gather",
        main_with("await asyncio.gather($0)"),
    ),
    Case(
        "a value behind =",
        main_with("await asyncio.wait(jobs, return_when$0)"),
        "=",
        "asyncio.FIRST_COMPLETED",
        main_with("await asyncio.wait(jobs, return_when=asyncio.FIRST_COMPLETED$0)"),
    ),
]
MERELY_TYPED = (
    "x = 1 + ",
    "x = ",
    "x == ",
    "if x and ",
    "1.",
    "x = await asyncio.sleep(0.",
    "# await ",
    "'await ",
    "print(1, ",
    "import ",
)
TYPED = [Case(keys, MAIN, keys, None, main_with(f"{keys}$0"), "2", main_with(f"{keys}2$0")) for keys in MERELY_TYPED]


def _visit(case: Case, workspace: Path, ask: str, newline: str) -> Answer:
    text, at = cursor(case.text)
    line, column = place(text, at, "utf-8")
    return {
        "path": str(workspace / case.file),
        "text": text.replace("\n", newline),
        "line": line,
        "column": column,
        "typed": case.typed,
        "ask": ask,
        "label": case.label,
        "more": case.more,
    }


def visit(neovim: Neovim, cases: Sequence[Case], ask: str, newline: str = "\n") -> dict[Case, Answer]:
    """Return Neovim's state for each case, each typed into a file of its own."""
    start = neovim.write("empty.py", "")
    answers = neovim.run(start, *(_visit(case, neovim.workspace, ask, newline) for case in cases))
    assert {answer["format"] for answer in answers} == {"dos" if newline == "\r\n" else "unix"}
    return dict(zip(cases, answers, strict=True))


def marked(state: Answer) -> str:
    """Return the buffer with ``$0`` at its cursor, or ``«…»`` around the selection."""
    lines = [line.encode() for line in state["lines"]]
    marks = [(state["line"], state["column"], MARK)]
    if state["other"] is not None:  # both ends are selected
        start, end = sorted([(state["line"], state["column"]), (state["other"]["line"], state["other"]["column"])])
        marks = [(*start, "«"), (end[0], end[1] + 1, "»")]
    for line, column, mark in sorted(marks, reverse=True):
        lines[line] = lines[line][:column] + mark.encode() + lines[line][column:]
    return "".join(line.decode() + "\n" for line in lines)


def check(case: Case, answer: Answer) -> None:
    assert case.label is None or not set(case.label.split("|")).isdisjoint(answer["menu"]), "the label is not there"
    assert marked(answer["accepted"]) == case.gives
    if case.more:
        assert marked(answer["at_last"]) == case.after


def _names(value: object) -> str | None:
    return value.name if isinstance(value, Case) else None


@pytest.fixture(scope="module")
def neovim(tmp_path_factory: pytest.TempPathFactory) -> Neovim:
    return Neovim(tmp_path_factory.mktemp("completion"), "complete.lua", FILES)


@pytest.fixture(scope="module")
def asked(neovim: Neovim) -> dict[Case, Answer]:
    return visit(neovim, CASES + SEVERAL_LINES, "get")


@pytest.fixture(scope="module")
def by_omnifunc(neovim: Neovim) -> dict[Case, Answer]:
    return visit(neovim, CASES, "omni")


@pytest.fixture(scope="module")
def with_crlf(neovim: Neovim) -> dict[Case, Answer]:
    return visit(neovim, CASES, "get", "\r\n")


@pytest.fixture(scope="module")
def opened(neovim: Neovim) -> dict[Case, Answer]:
    return visit(neovim, MEANT + TYPED, "auto")


@pytest.mark.parametrize("case", CASES, ids=_names)
def test_an_item_is_accepted(case: Case, asked: dict[Case, Answer]) -> None:
    check(case, asked[case])


@pytest.mark.parametrize("case", CASES, ids=_names)
def test_an_item_is_accepted_from_the_omnifunc(case: Case, by_omnifunc: dict[Case, Answer]) -> None:
    check(case, by_omnifunc[case])


@pytest.mark.parametrize("case", CASES, ids=_names)
def test_an_item_is_accepted_in_a_file_with_crlf(case: Case, with_crlf: dict[Case, Answer]) -> None:
    check(case, with_crlf[case])


@pytest.mark.parametrize("case", SEVERAL_LINES, ids=_names)
def test_an_expression_of_several_lines_stays_as_it_is(case: Case, asked: dict[Case, Answer]) -> None:
    """Neovim indents a snippet's lines like the first one."""
    check(case, asked[case])


def test_the_letters_narrow_the_menu(asked: dict[Case, Answer]) -> None:
    """Neovim lists every item that has an edit and no filter text."""
    for case in CASES:
        letters = re.findall(r"\w*$", case.typed)[0]
        others = [label for label in asked[case]["menu"] if letters not in label]
        assert others == [], case.name


@pytest.mark.parametrize("case", MEANT, ids=_names)
def test_a_menu_opens_where_an_expression_is_expected(case: Case, opened: dict[Case, Answer]) -> None:
    check(case, opened[case])


@pytest.mark.parametrize("case", TYPED, ids=_names)
def test_no_menu_opens_in_ordinary_typing(case: Case, opened: dict[Case, Answer]) -> None:
    assert opened[case]["menu"] == []
    check(case, opened[case])


SIGNATURES = {
    "await asyncio.wait_for(fetch(), ": "timeout: float | None",
    "await asyncio.wait_for(": "fut: Awaitable[T]",
    "print('🦊é漢', asyncio.sleep(1, ": "result: T = None",
    "await fetch(": 'url: str = ""',
}


def test_signature_help_marks_the_parameter(neovim: Neovim) -> None:
    """With Neovim's own key for it."""
    cases = [Case(keys, MAIN, keys, None, "") for keys in SIGNATURES]
    found = visit(neovim, cases, "signature")
    assert {case.typed: found[case]["signature"]["active"] for case in cases} == SIGNATURES
    texts = [found[case]["signature"]["text"].splitlines()[1] for case in cases]
    assert [text.partition("(")[0] for text in texts] == ["async wait_for"] * 2 + ["async sleep", "async fetch"]


def test_the_readme_turns_completion_on() -> None:
    assert "vim.lsp.completion.enable(true" in readme_block()
