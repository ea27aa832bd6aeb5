"""The command line: every command, its output, its exit codes and its error messages."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from loopwise.cards.catalogue import builtin
from loopwise.cli.cheatsheet import Entry, Page, Pages, WholePage
from loopwise.cli.demo import sample
from loopwise.cli.explain.answer import Explanation
from loopwise.cli.hover import Answer
from loopwise.cli.main import COMMANDS, main
from loopwise.cli.place import Place, parse_place
from loopwise.diagnosis.selection import known_rules
from loopwise.features.hover.plain import plain as plain_text
from loopwise.rules.rule_card import rules_page

Output = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder without settings; colors are off."""
    monkeypatch.chdir(tmp_path)
    for name in ("FORCE_COLOR", "NO_COLOR", "VIRTUAL_ENV"):
        monkeypatch.delenv(name, raising=False)


def said(output: Output, *arguments: str, code: int = 0) -> str:
    """Run a command in this process; return its standard output, or standard error if it fails."""
    assert main(arguments) == code
    captured = output.readouterr()
    return captured.out if code == 0 else captured.err


def answered(output: Output, *arguments: str, code: int = 0) -> dict[str, Any]:
    """Run a command with ``--format json``; return its result."""
    assert main([*arguments, "--format", "json"]) == code
    found: dict[str, Any] = json.loads(output.readouterr().out)
    return found


def run(*arguments: str, given: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command as a process of its own."""
    command = [sys.executable, "-m", "loopwise", *arguments]
    return subprocess.run(command, input=given, capture_output=True, encoding="utf-8", timeout=60, check=False)


def place_of(name: str, marked: str) -> str:
    """Write the file without its ``$0``; return the place of that as an argument."""
    before, _, after = marked.partition("$0")
    Path(name).write_bytes((before + after).encode())
    line = before.removeprefix("\ufeff").rpartition("\n")[2]
    return f"{name}:{before.count(chr(10)) + 1}:{len(line) + 1}"


# The command itself


def test_help_names_every_command(capsys: Output) -> None:
    text = said(capsys, "-h")
    assert all(name in text and line in text for name, line in COMMANDS.items())


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_has_a_help_text(name: str, capsys: Output) -> None:
    assert COMMANDS[name] in said(capsys, name, "-h")


def test_no_arguments_print_help_on_a_terminal(capsys: Output, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    assert main([]) == 2
    assert "explain" in capsys.readouterr().out


COMPLAINTS = {
    "explian": "did you mean `explain`",
    "frobnicate": "the commands are serve, explain",
    "--frobnicate": "Unknown option `--frobnicate`",
    "explain": "NAME|KEYWORD|MESSAGE|RULE",
    "explain gather --target-version 2.7": "'2.7' is not a Python 3 version: write one such as 3.12",
    "explain gather --fromat json": "Unknown option `--fromat`: did you mean `--format`?",
    "hover app.py:1:1 x": "Unexpected argument `x`",
    "explain gather --svg no/such/folder.svg": "no/such/folder.svg: ",
    "hover app.py": "`app.py` is not a position: write FILE:LINE:COLUMN",
    "hover app.py:0:1": "app.py:0:1: no line 0: lines are counted from 1, and the file has 2",
    "hover app.py:3:1": "app.py:3:1: no line 3",
    "hover app.py:1:9": "app.py:1:9: no column 9: columns are counted from 1, and line 1 has 7",
    "hover none.py:1:1": "none.py: no such file",
    "hover .:1:1": ".: is a folder",
    "hover bytes.py:1:1": "bytes.py:4: not utf-8: save it as UTF-8",
    "hover odd.py:1:1": "odd.py:1: unknown encoding: odd: ",
    "complete app.py": "`app.py` is not a position: write FILE:LINE:COLUMN",
    "complete app.py:1:9": "app.py:1:9: no column 9: columns are counted from 1, and line 1 has 7",
    "demo none.py": "none.py: no such file",
}


@pytest.mark.parametrize("arguments", COMPLAINTS)
def test_bad_input_is_reported_in_one_line(arguments: str, capsys: Output) -> None:
    Path("app.py").write_text("'😋é'; x\n", encoding="utf-8")
    Path("bytes.py").write_bytes(b"#\n#\n#\nx = '\xff'\n")
    Path("odd.py").write_bytes(b"# coding: odd\n")
    text = said(capsys, *arguments.split(), code=2)
    assert text.startswith("loopwise") and text.count("\n") == 1
    assert COMPLAINTS[arguments] in text


# explain


MEANT = {
    "gather": ("name", "asyncio.gather"),
    "asyncio.gather()": ("name", "asyncio.gather"),
    "queue.get": ("name", "asyncio.Queue.get"),
    "asyncio.tasks.Task": ("name", "asyncio.Task"),
    "cancel": ("name", "asyncio.Task.cancel"),
    "TimeoutError": ("name", "asyncio.TimeoutError"),
    "lock": ("name", "asyncio.Lock"),
    "async with": ("keyword", "async with"),
    "__aenter__": ("keyword", "__aenter__"),
    "coro": ("keyword", "coro"),
    "RuntimeWarning: coroutine 'f' was never awaited": ("message", "coroutine '…' was never awaited"),
    "Main entry point": ("pattern", "Main entry point"),
    "throttle": ("pattern", "Throttle with a semaphore"),
    "blocking-sleep": ("rule", "blocking-sleep"),
    "LW201": ("rule", "blocking-sleep"),
    "ASYNC251": ("rule", "blocking-sleep"),
    "RUF006": ("rule", "dangling-task"),
    "reportUnusedCoroutine": ("rule", "missing-await"),
    "LW001": ("rule", "unused-suppression"),
    "LW2": ("rule", "LW2"),
}


@pytest.mark.parametrize("query", MEANT)
def test_explain_finds_the_intended_page(query: str, capsys: Output) -> None:
    found = answered(capsys, "explain", query)
    assert (found["kind"], found["name"]) == MEANT[query]


def test_explain_prints_all_keys(capsys: Output) -> None:
    found = answered(capsys, "explain", "TaskGroup", "--target-version", "3.10-3.12")
    assert tuple(found) == Explanation.__struct_fields__
    assert found["target"] == "3.10-3.12"
    assert found["since"] == "3.11"
    assert found["page"] == "tasks"
    assert found["docs"].startswith("https://docs.python.org/3.12/library/asyncio-task.html")
    missed = answered(capsys, "explain", "gahter", code=1)
    assert tuple(missed) == tuple(found)
    assert (missed["found"], missed["near"]) == (False, ["asyncio.gather"])


def test_explain_shows_a_rule(capsys: Output) -> None:
    found = answered(capsys, "explain", "ASYNC251")
    assert found["summary"] == "A blocking sleep in async code stops every task, not only the current one."
    assert [part for part in ("LW201", "await asyncio.sleep(1)", "[S7488](") if part not in found["markdown"]] == []
    assert "await asyncio.sleep(1)" in said(capsys, "explain", "blocking-sleep")
    assert "blocking-http (LW202)" in said(capsys, "explain", "LW2")
    assert "did you mean `blocking-sleep`?" in said(capsys, "explain", "blocking-slep", code=1)


def test_explain_takes_words_without_quotes(capsys: Output) -> None:
    assert said(capsys, "explain", "async", "with") == said(capsys, "explain", "async with")


def test_explain_suggests_similar_names(capsys: Output) -> None:
    assert "did you mean `asyncio.gather`?" in said(capsys, "explain", "gahter", code=1)
    assert "`loopwise cheatsheet` lists" in said(capsys, "explain", "xyzzy", code=1)


def test_explain_answers_for_the_target(capsys: Output) -> None:
    assert "asyncio.TaskGroup is not in Python 3.10" in said(capsys, "explain", "TaskGroup", "--target-version", "3.10")
    assert "asyncio.TaskGroup\n" in said(capsys, "explain", "TaskGroup", "--target-version", "3.11")


def test_the_target_comes_from_the_folder(capsys: Output) -> None:
    Path("pyproject.toml").write_text('[project]\nrequires-python = ">=3.10,<3.12"\n[tool.loopwise]\nfoo = 1\n')
    assert main(["explain", "gather", "--format", "json"]) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out)["target"] == "3.10-3.11"
    assert re.fullmatch(r"loopwise: .*pyproject\.toml: foo: no such setting: .*\n", captured.err)


def test_explain_reads_a_traceback_from_a_pipe() -> None:
    log = "Traceback (most recent call last):\n  ...\nRuntimeError: no running event loop\n"
    done = run("explain", "-", given=log)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("no running event loop\n\n")
    assert "\x1b" not in done.stdout


# cheatsheet


def test_the_cheatsheet_lists_its_pages(capsys: Output) -> None:
    found = answered(capsys, "cheatsheet")
    assert tuple(found) == Pages.__struct_fields__
    assert [page["page"] for page in found["pages"]] == [page.removesuffix(".md") for page in builtin().pages()]
    text = said(capsys, "cheatsheet")
    for page in found["pages"]:
        assert tuple(page) == Page.__struct_fields__
        assert page["title"] and page["about"]
        assert re.search(rf"^{page['page']} ", text, re.MULTILINE)


@pytest.mark.parametrize("page", builtin().pages())
def test_a_page_is_shown_whole(page: str, capsys: Output) -> None:
    found = answered(capsys, "cheatsheet", page)
    assert tuple(found) == WholePage.__struct_fields__
    assert all(tuple(card) == Entry.__struct_fields__ for card in found["cards"])
    names = {card["name"] for card in found["cards"]} | set(found["absent"])
    assert names == {card.name for card in builtin().pages()[page]}


def test_a_page_is_shown_for_the_target(capsys: Output) -> None:
    old = answered(capsys, "cheatsheet", "tasks", "--target-version", "3.10")
    assert "asyncio.TaskGroup" in old["absent"]
    text = said(capsys, "cheatsheet", "TASKS", "--target-version", "3.10")
    assert "\nNot in Python 3.10: " in text and "asyncio.gather" in text


def test_an_unknown_page_gets_a_suggestion(capsys: Output) -> None:
    assert "did you mean `tasks`?" in said(capsys, "cheatsheet", "task", code=1)
    assert "`loopwise explain gather`" in said(capsys, "cheatsheet", "gather", code=1)


# hover


def test_hover_shows_the_line_and_the_card(capsys: Output) -> None:
    place = place_of("app.py", "import asyncio\n\n\tt = '😋é'; asyncio.ga$0ther()\n")
    text = said(capsys, "hover", place)
    assert text.startswith(
        "    3 |     t = '😋é'; asyncio.gather()\n"
        "      |                        ^^^^^^\n"
    )  # fmt: skip
    assert "def asyncio.gather(" in text


def test_hover_prints_all_keys(capsys: Output) -> None:
    place = place_of("app.py", "import asyncio\nx = 'é'; q$0 = asyncio.Queue()\n")
    found = answered(capsys, "hover", place, "--target-version", "3.12")
    assert tuple(found) == Answer.__struct_fields__
    assert (found["kind"], found["name"], found["target"]) == ("object", "asyncio.Queue", "3.12")
    assert (found["start"], found["end"]) == ({"line": 2, "column": 10}, {"line": 2, "column": 11})
    nothing = answered(capsys, "hover", "app.py:2:1", code=1)
    assert tuple(nothing) == tuple(found)
    assert nothing["found"] is False


KINDS = {
    "async def $0f():\n    await asyncio.sleep(1)\n": ("function", "f"),
    "async def f():\n    aw$0ait g()\n": ("keyword", "await"),
    "# coding: latin-1\nimport asyncio as aio; aio.run$0\n": ("name", "asyncio.run"),
    "\ufeffimport asyncio; asyncio.run$0\r\n": ("name", "asyncio.run"),
}


@pytest.mark.parametrize("marked", KINDS)
def test_hover_names_the_kind_of_a_symbol(marked: str, capsys: Output) -> None:
    found = answered(capsys, "hover", place_of("app.py", marked))
    assert (found["kind"], found["name"]) == KINDS[marked]


def test_hover_says_when_there_is_nothing(capsys: Output) -> None:
    text = said(capsys, "hover", place_of("app.py", "x$0 = 1\n"), code=1)
    assert text.startswith("loopwise: app.py:1:2: no asyncio symbol at this position")


def test_hover_asks_jedi_about_other_libraries(capsys: Output) -> None:
    packages = Path(".venv/lib/python3.12/site-packages")
    packages.mkdir(parents=True)
    (packages / "far.py").write_text("import asyncio\ndef make() -> asyncio.Queue: ...\n")
    found = answered(capsys, "hover", place_of("app.py", "import far\nqueue = far.make()\nqueue.ge$0t\n"))
    assert found["name"] == "asyncio.Queue.get"


PLACES = {
    "a.py:1:2": Place("a.py", 1, 2),
    "a.py:1:2:": Place("a.py", 1, 2),
    r"C:\x.py:3:4": Place(r"C:\x.py", 3, 4),
    "a:b.py:10:20": Place("a:b.py", 10, 20),
}


@pytest.mark.parametrize("text", PLACES)
def test_places_are_read(text: str) -> None:
    assert parse_place(text) == PLACES[text]


# demo


def test_demo_starts_the_server_and_shows_its_hovers() -> None:
    done = run("demo")
    assert (done.returncode, done.stderr) == (0, "")
    assert "\x1b" not in done.stdout
    assert done.stdout.startswith("sample.py, for Python 3.11\n")
    assert len(re.findall(r"^ +\| +\^+$", done.stdout, re.MULTILINE)) == 8 + 3
    assert "asyncio.Queue.shutdown is not in Python 3.11" in done.stdout
    last = " ".join(done.stdout.split("\n\n")[-2].split())
    told = r"8 hovers, 2 lists, 1 signature; server up in \d+\.\d\d s, median hover \d+\.\d ms, "
    assert re.match(rf"{told}median response to typing \d+\.\d ms\. Next: .*`?loopwise serve", last)


def test_demo_opens_a_file_of_yours(capsys: Output) -> None:
    place_of("app.py", "from asyncio import gather, sleep\n\nsleep(1)\n")
    text = said(capsys, "demo", "app.py", "--all", "--target-version", "3.12")
    assert text.startswith("app.py, for Python 3.12\n")
    assert "    3 | sleep(1)\n      | ^^^^^\n" in text
    assert "2 hovers, 1 signature; " in text


def test_demo_types_what_an_editor_would_complete(capsys: Output) -> None:
    line = "    await asyncio.wait_for(queue.get(), timeout=5)  # not long"
    place_of("app.py", f"import asyncio\n\nasync def main(queue: asyncio.Queue[int]):\n{line}\n")
    text = said(capsys, "demo", "app.py", "--target-version", "3.12").partition("While you type:\n\n")[2]
    seen = re.findall(r"^    4 \| (.+)\n +\| ( +)\^\n\n((?:.+\n)+)", text, re.MULTILINE)
    assert [code for code, _, _ in seen] == [line[: len(before)] for _, before, _ in seen]
    assert [code.strip() for code, _, _ in seen] == [
        "await",
        "await asyncio.",
        "await asyncio.wait_for(queue.get(), timeout=",
    ]
    labels = [[row.split()[0] for row in rows.splitlines()] for _, _, rows in seen]
    assert [len(found) for found in labels[:2]] == [5, 5]
    assert "queue.get" in labels[0] and "asyncio.sleep" in labels[0]
    assert "sleep" in labels[1] and "asyncio.sleep" not in labels[1]
    assert "async wait_for(fut: " in seen[2][2]
    assert "timeout: float | None\n" in text
    assert "2 lists, 1 signature; " in text


def test_demo_types_only_where_there_is_something_to_type(capsys: Output) -> None:
    place_of("app.py", "from asyncio import Queue\n\nqueue: Queue\nasync def f(x):\n    return [await (\n        x)]\n")
    text = said(capsys, "demo", "app.py")
    assert "While you type" not in text
    assert re.search(r"^\d hovers; server up", text, re.MULTILINE)


def test_demo_needs_something_to_show(capsys: Output) -> None:
    place_of("app.py", "x = 1\n")
    assert "app.py: the file does not use asyncio" in said(capsys, "demo", "app.py", code=1)


@pytest.mark.parametrize("python", ["/no/such/python", "ends"])
def test_demo_reports_a_failing_server_in_one_line(
    python: str, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    if python == "ends":
        script = Path("ends").absolute()
        script.write_text("#!/bin/sh\necho first >&2; echo no such module >&2; exit 3\n")
        script.chmod(0o755)
        python = str(script)
    monkeypatch.setattr(sys, "executable", python)
    text = said(capsys, "demo", code=2)
    assert re.fullmatch(r"loopwise: the server failed \(.*(No such file|no such module).*\): .*\n", text)


def test_the_sample_is_python() -> None:
    assert sample.HOSTS


# How it looks


def test_plain_text_keeps_code_as_it_is() -> None:
    text = "**`f`** and *this*: [docs](there)\n\n> **Mind `__init__`.** It is `f(*a, **b)`.\n\n"
    text += "```python\nf(**a, **b)  # `x`\n```"
    assert (
        plain_text(text) == "f and this: docs (there)\n\n! Mind __init__. It is f(*a, **b).\n\n    f(**a, **b)  # `x`"
    )


def test_colors_are_used_on_request(capsys: Output, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[" in said(capsys, "explain", "gather")
    monkeypatch.setenv("NO_COLOR", "1")
    assert not re.search(r"\x1b\[[\d;]*3\d", said(capsys, "explain", "gather"))


def test_pictures_name_no_machine_and_no_other_host() -> None:
    main(["explain", "gather", "--svg", "picture.svg"])
    picture = Path("picture.svg").read_text(encoding="utf-8")
    hosts = set(re.findall(r"https?://([\w.]+)", picture))
    assert hosts <= {"www.w3.org", "www.textualize.io", "docs.python.org"}


@pytest.mark.parametrize(
    ("name", "not_needed"),
    [
        ("serve", {"rich", "jedi", "loopwise.cli.explain", "loopwise.cli.demo.command"}),
        ("explain", {"rich", "jedi", "pygls", "lsprotocol"}),
        ("complete", {"rich", "jedi", "pygls", "lsprotocol"}),
    ],
)
def test_a_command_imports_only_what_it_needs(name: str, not_needed: set[str]) -> None:
    code = f"import sys; from loopwise.cli.main import _command; _command({name!r}); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not set(done.stdout.split()) & not_needed


PLAIN = [
    ("Await ``task.cancel()`` and `x`, or ``a `b` c``.", "Await task.cancel() and x, or a `b` c."),
    ("``one`` and ``two``", "one and two"),
    ("``*args`` is `**kwargs`", "*args is **kwargs"),
    ("an odd ` mark and **bold**", "an odd ` mark and bold"),
]


@pytest.mark.parametrize(("markdown", "text"), PLAIN)
def test_code_in_prose_is_shown_without_marks(markdown: str, text: str) -> None:
    assert plain_text(markdown) == text


def test_no_rule_page_has_marks_in_plain_text() -> None:
    pages = {rule.name: plain_text(rules_page(rule.name, [rule]), 80) for rule in known_rules()}
    prose = {name: re.sub(r"^    .*$", "", text, flags=re.MULTILINE) for name, text in pages.items()}
    assert {name for name, text in prose.items() if "`" in text} == set()
    assert {
        name for name, text in prose.items() if max(len(line) for line in text.splitlines() if " " in line.strip()) > 80
    } == set()


def test_a_paragraph_is_wrapped_as_one() -> None:
    text = "Some words that go\non in the next line.\n\n- a point\n  of two lines\n- another\n"
    assert plain_text(text, 80) == "Some words that go on in the next line.\n\n- a point\n  of two lines\n- another"
