"""Hovers as a person gets them: a real Neovim with the configuration from the README.

The places and the titles expected there are in workspace/places.py; see ``marked.claims``.
"""

from __future__ import annotations

import difflib
import os
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from editor import Neovim, readme_block

from marked import Claim, claims, cursor, place, subject
from processes import still_running
from scripted import Answer, answered

pytestmark = pytest.mark.editor

HERE = Path(__file__).parent
WORKSPACE = HERE / "workspace"
GONE_WITHIN = 10  # seconds

PLACES, CLAIMS = claims((WORKSPACE / "places.py").read_text(encoding="utf-8"))


def title(text: str | None) -> str:
    """Return a hover in the form of claims: its subject; ``-`` for no hover."""
    return subject(text) if text else "-"


# Steps for drive.lua


def _at(text: str, offset: int) -> dict[str, int]:
    line, column = place(text, offset, "utf-8")
    return {"line": line, "column": column}


def hovering(text: str, claim: Claim) -> dict[str, Any]:
    """Return a step that hovers over the middle of the symbol, where people point."""
    return {"do": "hover", **_at(text, claim.offset + len(claim.symbol) // 2)}


@pytest.fixture(scope="module")
def neovim(tmp_path_factory: pytest.TempPathFactory) -> Neovim:
    texts = {path.name: path.read_text(encoding="utf-8") for path in WORKSPACE.glob("*.*")}
    files = {name: claims(text)[0] if name.endswith(".py") else text for name, text in texts.items()}
    return Neovim(tmp_path_factory.mktemp("neovim"), "drive.lua", files)


# The marked places


@pytest.fixture(scope="module")
def hovers(neovim: Neovim) -> dict[Claim, str | None]:
    """Return the float's text for each claim of places.py."""
    path = neovim.workspace / "places.py"
    answers = neovim.run(path, *(hovering(PLACES, claim) for claim in CLAIMS))
    return {claim: answer["text"] for claim, answer in zip(CLAIMS, answers, strict=True)}


def test_the_readmes_lines_are_for_this_server() -> None:
    assert '"loopwise", "serve"' in readme_block()


def test_there_are_places_enough() -> None:
    assert len(CLAIMS) >= 40
    assert len({claim.offset for claim in CLAIMS}) == len(CLAIMS), "two claims about one place"


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
def test_hover_in_neovim(claim: Claim, hovers: dict[Claim, str | None]) -> None:
    text = hovers[claim]
    if title(text) != claim.says:
        pytest.fail(_difference(claim, text), pytrace=False)


def _difference(claim: Claim, text: str | None) -> str:
    line = PLACES.splitlines()[claim.line]
    pointer = " " * claim.column + "^" * len(claim.symbol)
    lines = "\n".join(difflib.ndiff([claim.says], [title(text)]))
    return f"places.py without claims, line {claim.line + 1}:\n{line}\n{pointer}\n{lines}\n\nthe float:\n{text}"


def test_a_float_shows_a_whole_card(hovers: dict[Claim, str | None]) -> None:
    for claim, text in hovers.items():
        if claim.says == "asyncio.gather":
            assert text is not None
            assert "```python\ndef asyncio.gather(" in text
            assert (
                "[Python documentation](https://docs.python.org/3.15/library/asyncio-task.html#asyncio.gather)" in text
            )


WIDE = ["asyncio.gat$0her()", "asyncio.create_t$0ask(f())", "asyncio.time$0out(1)"]


@pytest.mark.parametrize("call", WIDE)
def test_the_users_key_opens_a_float_that_breaks_no_words(neovim: Neovim, call: str) -> None:
    text, at = cursor(f"import asyncio\n\n{call}\n")
    (float_,) = neovim.run(neovim.write("key.py", text), {"do": "K", **_at(text, at)})
    assert 40 < float_["width"] <= 80
    assert len(float_["rows"]) > 5
    broken = [row for row in float_["rows"] if row.endswith(("asyncio.", " **"))]
    assert broken == []


def test_the_users_key_shows_all_of_a_finding(neovim: Neovim) -> None:
    """Neovim wraps by the length that a line has with its links, which are hidden."""
    text, at = cursor("import time\n\nasync def f():\n    time.sl$0eep(1)\n")
    path = neovim.write("finding.py", text)
    _, float_ = neovim.run(path, {"do": "diagnostics", "count": 1}, {"do": "K", **_at(text, at)})
    assert float_["needed"] <= float_["height"], float_["rows"]
    assert any(row.startswith("· Sonar [S7488](") for row in float_["rows"]), float_["rows"]


def test_a_file_with_crlf_has_the_same_findings(neovim: Neovim, hovers: dict[Claim, str | None]) -> None:
    path = neovim.write("crlf.py", PLACES, newline="\r\n")
    assert b"\r\n" in path.read_bytes()
    opened, *answers = neovim.run(
        path, {"do": "open", "path": str(path)}, *(hovering(PLACES, claim) for claim in CLAIMS)
    )
    assert opened["format"] == "dos"
    seen = {str(claim): title(answer["text"]) for claim, answer in zip(CLAIMS, answers, strict=True)}
    assert seen == {str(claim): title(text) for claim, text in hovers.items()}


# While typing


class Typed(NamedTuple):
    """Insert ``typed`` at the ``$0`` of ``text``; the hover at the ``$0`` of ``typed`` contains ``says``."""

    name: str
    text: str
    typed: str
    says: str


IN_MAIN = "import asyncio\n\n\nasync def main(jobs: asyncio.Queue[int]):\n    $0\n\n\nasyncio.run(main())\n"
TYPED = [
    Typed("a whole call", IN_MAIN, "await asyncio.sl$0eep(1)", "asyncio.sleep"),
    Typed("no closing parenthesis", IN_MAIN, "async with asyncio.time$0out(", "asyncio.timeout"),
    Typed("a task half typed", IN_MAIN, "task = asyncio.create_$0task(main(", "asyncio.create_task"),
    Typed("a method half typed", IN_MAIN, "item = await jobs.g$0et(", "asyncio.Queue.get"),
    Typed("a name before a lone dot", IN_MAIN, "jo$0bs.", "jobs: asyncio.Queue[int]"),
    Typed("async with and no body", IN_MAIN, "asy$0nc with asyncio.TaskGroup() as group", "async with"),
    Typed("await and nothing more", IN_MAIN, "aw$0ait ", "await"),
    Typed("an open string after it", IN_MAIN, "await asyncio.ga$0ther(print('", "asyncio.gather"),
    Typed("an emoji before it", IN_MAIN, "print('🦊🦊', asyncio.current$0_task())", "asyncio.current_task"),
    Typed("a module half typed", IN_MAIN, "asyn$0cio", "asyncio"),
    Typed("half a name", IN_MAIN, "await asyncio.slee$0", "-"),
    Typed("an import half typed", "$0\n", "from asyncio import Task$0Group, ", "asyncio.TaskGroup"),
    Typed("inside a line", "import asyncio\nt = asyncio.$0()\n", "Que$0ue", "asyncio.Queue"),
    Typed(
        "behind emoji on the line",
        "import asyncio\n'🦊 é 漢'; q = asyncio.$0()\n",
        "Lo$0ck",
        "asyncio.Lock",
    ),
]
LOCK = "door = asyncio.Lock()\n    await door.acqui$0re()"
GROUP = "async with asyncio.TaskGroup() as group:\n        group.create$0_task("
SNOOZE = "$0\nasync def main():\n    await snooze(1)\n"
PASTED = [
    Typed("lines with their own names", IN_MAIN, LOCK, "asyncio.Lock.acquire"),
    Typed("an unfinished block", IN_MAIN, GROUP, "asyncio.TaskGroup.create_task"),
    Typed("an import above", SNOOZE, "from asyncio import sle$0ep as snooze\n", "asyncio.sleep"),
    Typed("emoji above and before", IN_MAIN, "print('🦊')\n    '🦊'; asyncio.ga$0ther()", "asyncio.gather"),
]
EDITS = TYPED + PASTED


def _edit(neovim: Neovim, cases: Sequence[Typed], do: str, newline: str = "\n") -> dict[Typed, str]:
    """Return the resulting title of each case, each in a file of its own."""
    steps: list[Answer] = []
    texts = []
    for number, case in enumerate(cases):
        text, start = cursor(case.text)
        typed, at = cursor(case.typed)
        after = text[:start] + typed + text[start:]
        texts.append(after)
        path = neovim.write(f"{do}{len(newline)}_{number}.py", text, newline)
        steps += [
            {"do": "open", "path": str(path)},
            {"do": "hover", "line": 0, "column": 0},  # the server has the text as it was
            {"do": do, "text": typed, **_at(text, start)},
            {"do": "hover", **_at(after, start + at - (at == len(typed)))},
        ]
    answers = neovim.run(neovim.write("empty.py", ""), *steps)
    seen = {}
    for case, after, opened, edited, answer in zip(
        cases, texts, answers[0::4], answers[2::4], answers[3::4], strict=True
    ):
        assert opened["format"] == ("dos" if newline == "\r\n" else "unix")
        assert "\n".join(edited["lines"]) + "\n" == after, case.name
        seen[case] = title(answer["text"])
    return seen


def _names(value: Typed) -> str:
    return value.name


@pytest.fixture(scope="module")
def typed(neovim: Neovim) -> dict[Typed, str]:
    return _edit(neovim, TYPED, "type")


@pytest.fixture(scope="module")
def pasted(neovim: Neovim) -> dict[Typed, str]:
    return _edit(neovim, PASTED, "insert")


@pytest.fixture(scope="module")
def pasted_with_crlf(neovim: Neovim) -> dict[Typed, str]:
    return _edit(neovim, EDITS, "insert", "\r\n")


@pytest.mark.parametrize("case", TYPED, ids=_names)
def test_hover_right_after_typing(case: Typed, typed: dict[Typed, str]) -> None:
    assert typed[case] == case.says, case.typed


@pytest.mark.parametrize("case", PASTED, ids=_names)
def test_hover_right_after_pasting(case: Typed, pasted: dict[Typed, str]) -> None:
    assert pasted[case] == case.says, case.typed


@pytest.mark.parametrize("case", EDITS, ids=_names)
def test_hover_right_after_pasting_into_crlf(case: Typed, pasted_with_crlf: dict[Typed, str]) -> None:
    assert pasted_with_crlf[case] == case.says, case.typed


def test_letter_by_letter(neovim: Neovim) -> None:
    """Each letter is an edit of its own; in between the code is broken in many ways, and hovers still work."""
    text, start = cursor(IN_MAIN)
    typed = "async with asyncio.timeout(1): await jobs.get()"
    steps: list[Answer] = []
    for count, letter in enumerate(typed):
        so_far = text[:start] + typed[:count]
        steps.append({"do": "insert", "text": letter, **_at(so_far, len(so_far))})
        steps.append({"do": "hover", **_at(text, text.index("main"))})
    after = text[:start] + typed + text[start:]
    steps.append({"do": "hover", **_at(after, after.index("jobs.get") + len("jobs."))})
    *answers, last = neovim.run(neovim.write("letters.py", text), *steps)
    own = {title(answer["text"]) for answer in answers if "text" in answer}
    assert own == {"main"}
    assert title(last["text"]) == "asyncio.Queue.get"


# The end


ASKS_JEDI = "import asyncio\nimport elsewhere\n\nelsewhere.make().ac$0quire()\n"


def test_the_server_is_gone_after_neovim_quits(neovim: Neovim) -> None:
    text, at = cursor(ASKS_JEDI)
    path = neovim.write("quits.py", text)
    _, answer = neovim.run(path, {"do": "hover", **_at(text, at)}, {"do": "processes"})
    assert len(answer["processes"]) >= 2, "the server and its jedi should run"
    assert still_running(answer["processes"], GONE_WITHIN) == []


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL is POSIX's")
def test_the_server_is_gone_after_neovim_is_killed(neovim: Neovim) -> None:
    text, at = cursor(ASKS_JEDI)
    path = neovim.write("killed.py", text)
    steps: list[Answer] = [{"do": "hover", **_at(text, at)}, {"do": "processes"}, {"do": "wait to be killed"}]
    process = neovim.start(path, steps)
    try:
        answers = answered(process, path, 2)
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=GONE_WITHIN)
    assert len(answers) == 2, answers
    processes = answers[1]["processes"]
    assert len(processes) >= 2, "the server and its jedi should run"
    assert still_running(processes, GONE_WITHIN) == []
