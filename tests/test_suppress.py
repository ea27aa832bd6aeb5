"""Comments suppress the findings they name in their place; unused ones are found and can be removed."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from loopwise.analysis.rule import Rule
from loopwise.diagnosis.fix_all import applied
from loopwise.diagnosis.run import Found, findings
from loopwise.diagnosis.selection import selection
from loopwise.diagnosis.suppression.names import RUFF_CODES
from loopwise.diagnosis.suppression.suppress import UNUSED, Suppressed, suppressed, suppression
from loopwise.features.hover.findings import hover_found, hover_word
from loopwise.features.hover.kinds import PageHover
from loopwise.project.document import Document
from loopwise.project.workspace import Workspace
from loopwise.rules.registry import all_rules
from loopwise.settings.fields import Settings
from loopwise.text import Source, Span, decode
from sharing import sharing_stubs

RULES = [all_rules()[name] for name in ("blocking-sleep", "missing-await", "dangling-task")]
HEAD = "import asyncio, time\nasync def f():\n"
SLEEP = HEAD + "    time.sleep(1)"


def document_of(text: str) -> Document:
    path = Path("main.py").absolute()
    return Document(path.as_uri(), 1, path, Source.of(text))


def found_in(document: Document, rules: list[Rule] = RULES) -> tuple[list[Found], Suppressed]:
    """Return all findings of the rules, and the result of applying comments to them."""
    workspace = sharing_stubs(Workspace([Path.cwd()]))
    workspace.open(document)
    view = workspace.view(document)
    found = findings(view, rules)
    return found, suppressed(view.file, found, rules)


def kept_in(text: str, rules: list[Rule] = RULES) -> list[str]:
    """Return the names of the rules whose findings remain."""
    found, kept = found_in(document_of(text), rules)
    assert found, "there is nothing to silence"
    return [one.rule.name for one in kept.found]


SILENCES = [
    "# noqa",
    "#noqa",
    "# NOQA",
    "# noqa: LW201",
    "# noqa:LW201",
    "# noqa : LW201",
    "# noqa: lw201",
    "# noqa: E501,LW201",
    "# noqa: E501 LW201",
    "# noqa: LW201 because of the old driver",
    "# noqa: LW2",
    "# noqa: LW",
    "# noqa: blocking-sleep",
    "# noqa: because",  # as flake8 has it
    "# a word before  # noqa: LW201",
    "# noqa: LW201  # and one after",
    "# noqa: ASYNC251",
    "# noqa: async251",
    "# noqa: ASYNC2",
    "# noqa: ASYNC",
    "# noqa: S7488",
    "# NOSONAR",
    "# ruff: ignore[ASYNC251]",
    "# ruff: ignore[blocking-sleep-in-async-function]",
    "# loopwise: ignore",
    "#loopwise:ignore",
    "# Loopwise: Ignore",
    "# loopwise: ignore[blocking-sleep]",
    "# loopwise: ignore[Blocking-Sleep]",
    "# loopwise: ignore[LW201]",
    "# loopwise: ignore[LW2]",
    "# loopwise: ignore[missing-await, LW201]",
    "# loopwise: ignore [blocking-sleep]: the driver is old",
    "# loopwise: ignore-file[blocking-sleep]",
]


def test_the_names_of_ruffs_rules_are_those_of_ruff() -> None:
    command = [sys.executable, "-m", "ruff", "rule", "--all", "--output-format", "json"]
    told = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    peers = {peer for rule in all_rules().values() for peer in rule.peers}
    assert dict(RUFF_CODES) == {one["name"]: one["code"] for one in told if one["code"] in peers}


@pytest.mark.parametrize("comment", SILENCES)
def test_it_suppresses(comment: str) -> None:
    assert kept_in(f"{SLEEP}  {comment}\n") == []


DOES_NOT = [
    "# noqa: E501",
    "# noqa: LW202",
    "# noqa: missing-await",
    "# noqa: S7",  # bandit's, not Sonar's
    "# noqa: ASYNC2511",
    "# noqas",
    "# nothing",
    "# ruff: noqa",  # not on a line of its own
    "# flake8: noqa",
    "# loopwise: ignored",
    "# loopwise: ignore[missing-await]",
    "# loopwise: ignore[",
    "# loopwise: ignore[blocking-sleep",
    "# loopwise: ignore[]",
    "# type: ignore",
    "# type: ignore[unused-coroutine]",
    "# pylint: disable=await-outside-async",
]


@pytest.mark.parametrize("comment", DOES_NOT)
def test_it_does_not_suppress(comment: str) -> None:
    assert kept_in(f"{SLEEP}  {comment}\n") == ["blocking-sleep"]


AWAIT = [
    "# type: ignore[unused-coroutine]",
    "# type: ignore[misc, unused-coroutine]",
    "# pyright: ignore[reportUnusedCoroutine]",
    "# ty: ignore[unused-awaitable]",
    "# noqa: LW101",
]


@pytest.mark.parametrize("comment", AWAIT)
def test_a_comment_for_a_type_checker_suppresses_shared_findings(comment: str) -> None:
    assert kept_in(f"{HEAD}    f()  {comment}\n") == []
    assert kept_in(f"{HEAD}    f(); time.sleep(1)  {comment}\n") == ["blocking-sleep"]


def test_pylint_names_its_messages() -> None:
    rules = [all_rules()["await-outside-async"]]
    text = "async def g(): ...\ndef f():\n    await g()"
    assert kept_in(text, rules) == ["await-outside-async"]
    for code in ("await-outside-async", "E1142"):
        assert kept_in(f"{text}  # pylint: disable=unused-import, {code}\n", rules) == []
        assert kept_in(f"# pylint: disable={code}\n{text}\n", rules) == []


# How ruff and pylint read a comment on a line of its own; each case: the text, and the lines still reported.
RANGES = {
    "ruff: the next statement": (
        "async def f():\n    # ruff: ignore[ASYNC251]\n    x = (\n        time.sleep(1),\n    )\n    time.sleep(2)\n",
        [6],
    ),
    "ruff: from here to there": (
        (
            "async def f():\n    # ruff: disable[ASYNC251]\n    time.sleep(1)\n    if x:\n        time.sleep(2)\n"
            "    # ruff: enable[ASYNC251]\n    time.sleep(3)\n"
        ),
        [7],
    ),
    "pylint: the next line": (
        "# pylint: disable-next=await-outside-async\ndef f(): await g()\ndef h(): await g()\n",
        [3],
    ),
    "pylint: the rest of the block": (
        (
            "class C:\n    # pylint: disable=E1142\n    def f(self): await g()\n    def h(self):\n        await g()\n"
            "def i(): await g()\n"
        ),
        [6],
    ),
    "pylint: until it is enabled": (
        "# pylint: disable=E1142\ndef f(): await g()\n# pylint: enable=E1142\ndef h(): await g()\n",
        [4],
    ),
    "pylint: on a line with code": ("def f(): await g()  # pylint: disable=E1142\ndef h(): await g()\n", [2]),
}


@pytest.mark.parametrize("name", RANGES)
def test_a_comment_on_its_own_line_applies_as_far_as_in_its_tool(name: str) -> None:
    text, lines = RANGES[name]
    head = "import time\n\nasync def g(): ...\n"
    rules = [all_rules()["await-outside-async"], all_rules()["blocking-sleep"]]
    _, left = found_in(document_of(head + text), rules)
    assert [(head + text)[: one.finding.span.start].count("\n") - 2 for one in left.found] == lines


FILES = [
    "# flake8: noqa",
    "# ruff: noqa",
    "#FLAKE8: NOQA",
    "# flake8: noqa: LW201",
    "# ruff: noqa: ASYNC251, E501",
    "# ruff: file-ignore[ASYNC251]",
    "# loopwise: ignore-file",
    "# loopwise: ignore-file[blocking-sleep]",
]


@pytest.mark.parametrize("comment", FILES)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_it_suppresses_in_the_whole_file(comment: str, end: str) -> None:
    text = f"{SLEEP}\n    f()\n    {comment}\n".replace("\n", end)
    silences_all = not comment.endswith(("]", "1", "LW201", "E501"))
    assert kept_in(text) == ([] if silences_all else ["missing-await"])


@pytest.mark.parametrize("comment", ["# flake8: noqa because", "# ruff: noqa: E501", "x = '# ruff: noqa'"])
def test_it_does_not_suppress_in_the_whole_file(comment: str) -> None:
    assert kept_in(f"{comment}\n{SLEEP}\n") == ["blocking-sleep"]


PLACES = [
    "    time.sleep(  {}\n        1\n    )",
    "    time.sleep(\n        1\n    )  {}",
    "    x = [\n        time.sleep(1),  {}\n        2,\n    ]",
    "    x = [\n        time.sleep(1),\n        2,\n    ]  {}",
    '    x = f"""\n{{time.sleep(1)}}\n"""  {}',
    "    if time.sleep(1):  {}\n        pass",
    "    if (\n        time.sleep(1)\n        or 1\n    ):  {}\n        pass",
    "    if 1:\n        pass\n    elif time.sleep(1):  {}\n        pass",
    "    x = 1; time.sleep(1)  {}",
    "    x = 1 + \\\n        time.sleep(1) + \\\n        2  {}",
    "    return time.sleep(1)  {}",
    "    @time.sleep(1)  {}\n    def g(): ...",
    "    @time.sleep(1)\n    def g(): ...  {}",
    "    @time.sleep(1)\n    @property\n    def g(  {}\n        self,\n    ): ...",
    "    @time.sleep(1)\n    # why\n    def g(\n        self,\n    ):  {}\n        pass",
    "    @time.sleep(1)\n    class G:  {}\n        pass",
]


@pytest.mark.parametrize("place", PLACES)
def test_it_is_on_the_first_or_last_line_of_the_finding_or_its_statement(place: str) -> None:
    text = HEAD + place.replace("{}", "# noqa: LW201").replace("{{", "{").replace("}}", "}") + "\n"
    ast.parse(text)
    assert kept_in(text) == []


ELSEWHERE = [
    "    # noqa: LW201\n    time.sleep(1)",
    "    time.sleep(1)\n    # noqa: LW201",
    "    if time.sleep(1):\n        pass  # noqa: LW201",
    "    x = [\n        1,  # noqa: LW201\n        time.sleep(1),\n        2,\n    ]",
    "    @time.sleep(1)\n    def g():\n        pass  # noqa: LW201",
    "    @time.sleep(1)\n    @property  # noqa: LW201\n    def g(): ...",
    "    time.sleep(1); x = '# noqa: LW201'",
    '    time.sleep(1); x = """\n# noqa: LW201\n"""',
]


@pytest.mark.parametrize("place", ELSEWHERE)
def test_elsewhere_it_is_ignored(place: str) -> None:
    assert kept_in(f"{HEAD}{place}\n") == ["blocking-sleep"]


# Those that suppress nothing

UNUSED_ONES: list[tuple[str, list[str], str]] = [
    ("x = 1  # loopwise: ignore\n", ["# loopwise: ignore"], "x = 1\n"),
    ("x = 1  # loopwise: ignore[blocking-sleep]\n", ["blocking-sleep"], "x = 1\n"),
    ("x = 1  # noqa: LW201\n", ["LW201"], "x = 1\n"),
    ("x = 1  # noqa: LW201, LW110\n", ["LW201", "LW110"], "x = 1\n"),
    ("x = 1  # noqa: LW201, E501\n", ["LW201"], "x = 1  # noqa: E501\n"),
    ("x = 1  # noqa: E501, LW201\n", ["LW201"], "x = 1  # noqa: E501\n"),
    ("x = 1  # noqa: blocking-sleep\n", ["blocking-sleep"], "x = 1\n"),
    ("x = 1  # noqa: LW201 as it was\n", ["LW201"], "x = 1  # as it was\n"),
    ("x = 1  # noqa: LW201  # pragma: no cover\n", ["LW201"], "x = 1  # pragma: no cover\n"),
    ("x = 1  # type: ignore  # noqa: LW201\n", ["LW201"], "x = 1  # type: ignore\n"),
    ("x = 1  # noqa: LW201", ["LW201"], "x = 1"),
    ("# noqa: LW201\nx = 1\n", ["LW201"], "x = 1\n"),
    ("# noqa: LW201\r\nx = 1\r\n", ["LW201"], "x = 1\r\n"),
    ("# loopwise: ignore-file[blocking-sleep]\nx = 1\n", ["blocking-sleep"], "x = 1\n"),
    ("# ruff: noqa: LW201\nx = 1\n", ["LW201"], "x = 1\n"),
    ("x = 1  # loopwise: ignore[nonsense]\n", ["nonsense"], "x = 1\n"),
    ("x = 1  # noqa: LW999\n", ["LW999"], "x = 1\n"),
    (f"{SLEEP}  # noqa: LW201, LW110\n", ["LW110"], f"{SLEEP}  # noqa: LW201\n"),
    (f"{SLEEP}  # noqa\nx = 1  # noqa: LW2\n", ["LW2"], f"{SLEEP}  # noqa\nx = 1\n"),
    (f"{HEAD}    # loopwise: ignore\n    pass\n", ["# loopwise: ignore"], f"{HEAD}    pass\n"),
]


@pytest.mark.parametrize(("text", "unused", "mended"), UNUSED_ONES)
def test_unused_suppressions_are_found_and_removed(text: str, unused: list[str], mended: str) -> None:
    rules = list(all_rules().values())
    document = document_of(text)
    found = found_in(document, rules)[1].unused
    assert [decode(document.source.data[one.span.start : one.span.end]) for one in found] == unused
    while found:
        (fix,) = found[0].fixes()
        assert fix.safe
        document = applied(document, fix.edits)
        found = found_in(document, rules)[1].unused
    assert document.source.text == mended


STAYS = [
    "x = 1  # noqa\n",
    "# ruff: noqa\nx = 1\n",
    "x = 1  # noqa: E501, ASYNC251\n",
    "x = 1  # noqa: no-member\n",
    "x = 1  # type: ignore[unused-coroutine]\n",
    "x = '# noqa: LW201'\n",
    "x = 1  # noqa: LW201, LW001\n",
    "x = 1  # loopwise: ignore[unused-suppression, blocking-sleep]\n",
    "# loopwise: ignore-file[LW001]\nx = 1  # noqa: LW201\n",
    "x = 1  # loopwise: ignored[blocking-sleep]\n",
    f"{SLEEP}  # noqa  # loopwise: ignore\n",
    HEAD + "    # ruff: disable[LW201]\n    time.sleep(1)\n    # ruff: enable[LW201]\n",
    f"{SLEEP}  # loopwise: ignore[blocking-sleep]\n",
    "def f(:\n    x = 1  # noqa: LW201\n",
]


@pytest.mark.parametrize("text", STAYS)
def test_entries_that_may_be_needed_are_kept(text: str) -> None:
    assert found_in(document_of(text), list(all_rules().values()))[1].unused == ()


@pytest.mark.parametrize("comment", ["noqa: LW202", "loopwise: ignore", "noqa: LW2", "loopwise: ignore[LW118]"])
def test_only_rules_that_ran_count(comment: str) -> None:
    assert found_in(document_of(f"x = 1  # {comment}\n"))[1].unused == ()


def test_the_rule_shows_itself() -> None:
    (bad,) = (example for example in UNUSED.examples if example.bad)
    text = bad.bad[: bad.bad.rindex("#")]
    document = document_of(text)
    (found,) = found_in(document, list(all_rules().values()))[1].unused
    (fix,) = found.fixes()
    assert applied(document, fix.edits).source.text == bad.fixed[0]


# The fix that writes one

WRITTEN: list[tuple[str, str]] = [
    ("    time.sleep(1)\n", "    time.sleep(1)  # loopwise: ignore[blocking-sleep]\n"),
    ("    time.sleep(1)   \r\n", "    time.sleep(1)  # loopwise: ignore[blocking-sleep]\r\n"),
    ("    time.sleep(1)", "    time.sleep(1)  # loopwise: ignore[blocking-sleep]"),
    ("    time.sleep(1)  # slow\n", "    time.sleep(1)  # slow  # loopwise: ignore[blocking-sleep]\n"),
    ("    time.sleep(1)  # noqa: E501\n", "    time.sleep(1)  # noqa: E501  # loopwise: ignore[blocking-sleep]\n"),
    (
        "    time.sleep(1)  # loopwise: ignore[dangling-task]\n",
        "    time.sleep(1)  # loopwise: ignore[dangling-task, blocking-sleep]\n",
    ),
    ("    time.sleep(1)  # noqa: LW110\n", "    time.sleep(1)  # noqa: LW110, LW201\n"),
    ("    time.sleep(\n    1)\n", "    time.sleep(  # loopwise: ignore[blocking-sleep]\n    1)\n"),
    ("    time.sleep(1) + \\\n    1\n", "    time.sleep(1) + \\\n    1  # loopwise: ignore[blocking-sleep]\n"),
    ('    x = f"""{time.sleep(1)}\n"""\n', '    x = f"""{time.sleep(1)}\n"""  # loopwise: ignore[blocking-sleep]\n'),
    (
        '    x = f"""\n{time.sleep(1)}\n"""\n',
        '    x = f"""\n{time.sleep(1)}\n"""  # loopwise: ignore[blocking-sleep]\n',
    ),
]


@pytest.mark.parametrize(("before", "after"), WRITTEN)
def test_the_comment_is_put_where_it_works(before: str, after: str) -> None:
    document = document_of(HEAD + before)
    (one,) = found_in(document)[1].found
    fix = suppression(document.file, one.finding.span, one.rule)
    mended = applied(document, fix.edits)
    assert mended.source.text == HEAD + after
    ast.parse(mended.source.text)
    found, kept = found_in(mended)
    assert found
    assert kept.found == ()
    assert all("blocking-sleep" not in one.message for one in kept.unused)


def test_no_comment_is_put_inside_a_string() -> None:
    document = document_of(f'{HEAD}    time.sleep(1); x = """\n    """\n')
    (one,) = found_in(document)[1].found
    fix = suppression(document.file, one.finding.span, one.rule)
    assert not fix.edits
    assert fix.refused


# Hover

WORDS: list[tuple[str, str, str | None]] = [
    ("x = 1  # noqa: LW201\n", "LW201", "blocking-sleep"),
    ("x = 1  # noqa: E501, LW110\n", "LW110", "dangling-task"),
    ("x = 1  # noqa: ASYNC251\n", "ASYNC251", "blocking-sleep"),
    ("x = 1  # loopwise: ignore[blocking-sleep]\n", "blocking", "blocking-sleep"),
    ("x = 1  # pyright: ignore[reportUnusedCoroutine]\n", "reportUnused", "missing-await"),
    ("x = 1  # noqa: LW001\n", "LW001", "unused-suppression"),
    ("x = 1  # noqa: LW2\n", "LW2", "LW2"),
    ("x = 1  # noqa: E501\n", "E501", None),
    ("x = 1  # noqa: LW201\n", "noqa", None),
    ("x = '# noqa: LW201'\n", "LW201", None),
]


@pytest.mark.parametrize(("text", "at", "name"), WORDS)
def test_a_hover_over_a_word_shows_its_rule(text: str, at: str, name: str | None) -> None:
    document = document_of(text)
    workspace = sharing_stubs(Workspace([Path.cwd()]))
    workspace.open(document)
    shown = hover_word(workspace.view(document), text.index(at) + 1)
    assert (shown.name if shown is not None else None) == name


def test_a_hover_over_a_finding_shows_its_rule() -> None:
    document = document_of(SLEEP)
    found, _ = found_in(document)
    chosen = selection(Settings(severity={"blocking-sleep": "error"}), Path.cwd(), None)
    (shown,) = hover_found(found, SLEEP.index("sleep"), chosen)
    assert isinstance(shown, PageHover)
    assert "LW201 · error" in shown.text
    assert shown.text.splitlines()[0].endswith(".")
    assert shown.text.splitlines()[-1] == "Suppress: `# loopwise: ignore[blocking-sleep]`"
    assert "Fix: " in shown.text
    assert "Sonar [S7488](" in shown.text
    assert hover_found(found, 0, chosen) == []


def test_what_is_wrong_comes_before_the_card_and_the_rule_after_it() -> None:
    document = document_of(SLEEP)
    found, _ = found_in(document)
    card = PageHover(Span(0, 1), "sleep", "The card.")
    shown = hover_found(found, SLEEP.index("sleep"), selection(Settings(), Path.cwd(), None), card)
    wrong, about = shown[0], shown[2]
    assert isinstance(wrong, PageHover) and isinstance(about, PageHover)
    assert shown == [wrong, card, about]
    assert "Fix: " in wrong.text and "LW201" not in wrong.text
    assert about.text.startswith("LW201 · warning") and "Suppress: " in about.text


@pytest.mark.parametrize(("severity", "first"), [("warning", "Fix: "), ("hint", "A blocking sleep")])
def test_what_the_editor_shows_is_not_repeated(severity: str, first: str) -> None:
    """VS Code's hovers begin with the messages of findings, except for hints."""
    document = document_of(SLEEP)
    found, _ = found_in(document)
    chosen = selection(Settings(severity={"blocking-sleep": severity}), Path.cwd(), None)
    (shown,) = hover_found(found, SLEEP.index("sleep"), chosen, shown=True)
    assert isinstance(shown, PageHover)
    assert shown.text.startswith(first)
