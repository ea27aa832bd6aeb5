"""Emacs with eglot as a user has it: the lines from the README, in a real Emacs."""

from __future__ import annotations

import os
import signal
from typing import NamedTuple

import pytest
from emacs_session import Emacs, block_of, need_emacs, opening

from marked import MARK, cursor
from processes import still_running
from scripted import Answer, answered

pytestmark = pytest.mark.editor

GONE_WITHIN = 10  # seconds
FILES = {
    "pyproject.toml": '[project]\nname = "bakery"\nversion = "1.0"\nrequires-python = ">=3.11"\n',
    "pantry.py": "import asyncio\n\n\nasync def knead(minutes: int) -> int:\n    return minutes\n",
}
BAD = """\
import asyncio
import time


async def main() -> None:
    s = "🦊é"; time.sleep(1)
    asyncio.sleep(2)
    await asyncio.sleep(3)
    print(s.upper())
"""
SLEEP = "time.sleep(1)"
FIX = "Await asyncio.sleep() instead"


def slept(text: str) -> str:
    """Return BAD or a variant of it with SLEEP fixed by FIX; an unneeded import is removed."""
    return text.replace(SLEEP, "await asyncio.sleep(1)").replace("import time\n", "")


GOOD = slept(BAD).replace("    asyncio.sl", "    await asyncio.sl")
YASNIPPET = "(require 'yasnippet)\n(yas-global-mode 1)\n"


@pytest.fixture(scope="module", autouse=True)
def _there() -> None:
    need_emacs()


def emacs_in(folder: pytest.TempPathFactory, client: str, lines: str) -> Emacs:
    emacs = Emacs(folder.mktemp("emacs"), client, lines)
    for name, text in FILES.items():
        emacs.write(name, text)
    return emacs


@pytest.fixture(scope="module")
def emacs(tmp_path_factory: pytest.TempPathFactory) -> Emacs:
    return emacs_in(tmp_path_factory, "with_eglot.el", block_of("README.md", "emacs"))


# Hover, diagnostics, code actions, the end


@pytest.fixture(scope="module")
def session(emacs: Emacs) -> list[Answer]:
    """Offsets are those of BAD; the last action is requested anywhere."""
    return emacs.run(
        emacs.write("app.py", BAD),
        {"do": "hover", "at": BAD.index("sleep(3)")},
        {"do": "hover", "at": BAD.index("upper")},
        {"do": "diagnostics", "count": 2},
        {"do": "hover", "at": BAD.index(SLEEP) + len("time.")},
        {"do": "act", "at": BAD.index(SLEEP), "title": FIX},
        {"do": "diagnostics", "count": 1},
        {"do": "act", "at": 0, "kind": "source.fixAll.loopwise", "title": "never asked"},
        {"do": "diagnostics", "count": 0},
        {"do": "processes"},
        {"do": "shut down"},
    )


def test_a_hover_shows_the_card(session: list[Answer]) -> None:
    assert "async def asyncio.sleep(" in session[0]["text"]


def test_a_hover_shows_nothing_for_names_outside_asyncio(session: list[Answer]) -> None:
    assert not session[1]["text"]


def test_a_hover_after_an_emoji_is_about_the_right_name(session: list[Answer]) -> None:
    assert "blocking-sleep" in session[3]["text"]


def test_diagnostics_arrive(session: list[Answer]) -> None:
    shown = session[2]["shown"]
    assert [one["text"] for one in shown] == [SLEEP, "asyncio.sleep(2)"]
    assert "[blocking-sleep]" in shown[0]["says"]
    assert "[missing-await]" in shown[1]["says"]


def test_a_chosen_fix_is_applied(session: list[Answer]) -> None:
    _, _, _, _, fixed, left, *_ = session
    assert fixed["titles"][0] == FIX
    assert fixed["text"] == slept(BAD)
    assert [one["text"] for one in left["shown"]] == ["asyncio.sleep(2)"]


def test_everything_is_fixed_in_one_run(session: list[Answer]) -> None:
    assert session[6]["text"] == GOOD
    assert session[7]["shown"] == []


def test_the_server_exits_on_request(session: list[Answer]) -> None:
    *_, running, _ = session
    assert running["processes"]
    assert still_running(running["processes"], GONE_WITHIN) == []


ASKS_JEDI = "import asyncio\nimport elsewhere\n\nasyncio.sleep(1)\nelsewhere.make().acquire()\n"
HOVERS: list[Answer] = [
    {"do": "hover", "at": ASKS_JEDI.index("acquire")},
    {"do": "hover", "at": ASKS_JEDI.index("sleep")},
    {"do": "processes"},
]


def test_the_server_is_gone_after_emacs_quits(emacs: Emacs) -> None:
    *_, answer = emacs.run(emacs.write("quits.py", ASKS_JEDI), *HOVERS)
    assert len(answer["processes"]) >= 2, "the server and its jedi should run"
    assert still_running(answer["processes"], GONE_WITHIN) == []


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL is POSIX's")
def test_the_server_is_gone_after_emacs_is_killed(emacs: Emacs) -> None:
    path = emacs.write("killed.py", ASKS_JEDI)
    process = emacs.start(path, [*HOVERS, {"do": "wait to be killed"}])
    try:
        answers = answered(process, path, 4)
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=GONE_WITHIN)
    assert len(answers) == 4, answers
    assert len(answers[3]["processes"]) >= 2, "the server and its jedi should run"
    assert still_running(answers[3]["processes"], GONE_WITHIN) == []


# Completion


class Case(NamedTuple):
    """``typed`` at the ``$0`` of ``text`` and ``label`` accepted results in ``gives``, ``$0`` being the cursor.

    ``snippet`` is the result with yasnippet, if it differs.
    """

    name: str
    text: str
    typed: str
    label: str
    gives: str
    snippet: str = ""


FETCH = (
    "import asyncio\n\n\nclass Page:\n    number = 1\n\n\nasync def fetch(url: str) -> Page:\n    return Page()\n\n\n"
)


def main_with(*lines: str) -> str:
    return FETCH + "async def main():\n" + "".join(f"    {line}\n" for line in lines)


MAIN = main_with(MARK)
SHOP = "class Shop:\n    async def stock(self):\n        ...\n\n    async def run(self):\n        {}\n"
TIMEOUT = ("try:", "    async with asyncio.timeout({}):", "        result = await fetch(url)", "except TimeoutError:")
SLOW = '    print("too slow")'
CASES = [
    Case("a coroutine function", MAIN, "await fe", "fetch", main_with("await fetch()$0"), main_with("await fetch($0)")),
    Case(
        "await and a space",
        MAIN,
        "await ",
        "asyncio.sleep",
        main_with("await asyncio.sleep(1)$0"),
        main_with("await asyncio.sleep($01)"),
    ),
    Case(
        "a member of asyncio",
        MAIN,
        "await asyncio.gat",
        "gather",
        main_with("await asyncio.gather()$0"),
        main_with("await asyncio.gather($0)"),
    ),
    Case("a method of self", SHOP.format(MARK), "await st", "self.stock", SHOP.format("await self.stock()$0")),
    Case("a member through the await", MAIN, "print(fetch().nu", "number", main_with("print((await fetch()).number$0")),
    Case(
        "behind an emoji",
        MAIN,
        "'🦊é漢', fetch('🦊').nu",
        "number",
        main_with("'🦊é漢', (await fetch('🦊')).number$0"),
    ),
    Case(
        "a function of another module",
        "async def main():\n    $0\n",
        "await kne",
        "knead",
        "from pantry import knead\n\n\nasync def main():\n    await knead()$0\n",
        "from pantry import knead\n\n\nasync def main():\n    await knead($0)\n",
    ),
    Case(
        "an awaitable in a plain function",
        FETCH + "def main():\n    $0\n",
        "await fe",
        "fetch",
        main_with("await fetch()$0"),
        main_with("await fetch($0)"),
    ),
    Case(
        "a task",
        MAIN,
        "fetch('a').ta",
        ".task",
        main_with("task = asyncio.create_task(fetch('a'))$0"),
        main_with("$0task = asyncio.create_task(fetch('a'))"),
    ),
]
IDIOM = Case(
    "an idiom of several lines",
    MAIN,
    "timeo",
    "timeout",
    main_with(*(line.format("10") for line in TIMEOUT), f"{SLOW}$0"),
    main_with(*(line.format("$010") for line in TIMEOUT), SLOW),
)


def complete(emacs: Emacs, cases: list[Case]) -> dict[Case, str]:
    """Return the text, with its cursor marked, after each case in a file of its own."""
    steps: list[Answer] = []
    for number, case in enumerate(cases):
        text, at = cursor(case.text)
        path = emacs.write(f"case_{number}.py", text)
        typed = {"do": "type", "at": at, "text": case.typed}
        steps += [opening(path), typed, {"do": "complete", "label": case.label}]
    answers = emacs.run(emacs.write("empty.py", ""), *steps)[2::3]
    marked = (answer["text"][: answer["point"]] + MARK + answer["text"][answer["point"] :] for answer in answers)
    return dict(zip(cases, marked, strict=True))


@pytest.fixture(scope="module")
def accepted(emacs: Emacs) -> dict[Case, str]:
    return complete(emacs, [*CASES, IDIOM])


@pytest.fixture(scope="module")
def expanded(tmp_path_factory: pytest.TempPathFactory) -> dict[Case, str]:
    lines = block_of("README.md", "emacs") + YASNIPPET
    return complete(emacs_in(tmp_path_factory, "with_eglot.el", lines), [*CASES, IDIOM])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_an_item_is_accepted(case: Case, accepted: dict[Case, str]) -> None:
    assert accepted[case] == case.gives


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_an_item_is_accepted_with_yasnippet(case: Case, expanded: dict[Case, str]) -> None:
    assert expanded[case] == (case.snippet or case.gives)


def test_an_idiom_keeps_its_indentation(accepted: dict[Case, str]) -> None:
    assert accepted[IDIOM] == IDIOM.gives


def test_an_idiom_keeps_its_indentation_with_yasnippet(expanded: dict[Case, str]) -> None:
    assert expanded[IDIOM] == IDIOM.snippet
