"""The pages of ``tracebacks/``: programs, what real interpreters printed of them, and the line that causes it.

The line has the comment ``# cause`` (some outputs have two causes: where it went wrong, and who looked away).
The outputs name files of another machine; the program is found by the end of its path.
"""

from __future__ import annotations

import io
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from loopwise.cli.main import main
from loopwise.features.tracebacks import Cause, causes, grouped
from loopwise.project import Workspace

PAGES = Path(__file__).with_name("tracebacks")
SECTION = re.compile(
    r"^## (?P<title>[^\n]+)\n```python(?P<words>[^\n]*)\n(?P<code>.*?)^```\n", re.MULTILINE | re.DOTALL
)
OUTPUT = re.compile(r"```text (?P<version>\S+)\n(?P<text>.*?)^```\n", re.MULTILINE | re.DOTALL)


class Printed(NamedTuple):
    """The output of a program on one Python."""

    title: str
    version: str
    code: str
    text: str

    @property
    def lines(self) -> set[int]:
        """Return the lines of the causes, from 1."""
        return {number for number, line in enumerate(self.code.splitlines(), 1) if line.endswith("# cause")}

    def __str__(self) -> str:
        return f"{self.title} on {self.version}"


def outputs() -> Iterator[Printed]:
    """Yield all outputs of all programs."""
    for page in sorted(PAGES.glob("*.md")):
        text = page.read_text("utf-8")
        sections = list(SECTION.finditer(text))
        ends = [*(section.start() for section in sections[1:]), len(text)]
        for section, end in zip(sections, ends, strict=True):
            for output in OUTPUT.finditer(text, section.end(), end):
                yield Printed(section["title"], output["version"], section["code"], output["text"])


OUTPUTS = list(outputs())


def explained(printed: Printed, folder: Path) -> list[Cause]:
    """Run ``loopwise explain`` on an output, in a folder with the program."""
    (folder / "app.py").write_text(printed.code, encoding="utf-8")
    (folder / "pyproject.toml").write_text("", encoding="utf-8")
    found = grouped(causes(Workspace(), printed.text, folder))
    return [group[0] for group in found]


@pytest.mark.parametrize("printed", OUTPUTS, ids=str)
def test_the_line_that_causes_it_is_named(printed: Printed, tmp_path: Path) -> None:
    """It comes first."""
    found = explained(printed, tmp_path)
    assert found, "nothing is said"
    assert found[0].line in printed.lines, f"line {found[0].line}: {found[0].meaning.card.name}"


def test_there_are_programs_enough() -> None:
    """They are of many kinds."""
    assert len({printed.title for printed in OUTPUTS}) >= 40


# The command

CODE = """\
import asyncio


async def save(n):
    return n


async def main():
    save(1)
    await asyncio.sleep(0)


asyncio.run(main())
"""
LOG = """\
2026-03-01 10:00:00 - shop - INFO - started
/srv/shop/app.py:9: RuntimeWarning: coroutine 'save' was never awaited
  save(1)
RuntimeWarning: Enable tracemalloc to get the object allocation traceback
2026-03-01 10:00:01 - shop - INFO - a customer came
/srv/shop/app.py:9: RuntimeWarning: coroutine 'save' was never awaited
  save(1)
RuntimeWarning: Enable tracemalloc to get the object allocation traceback
2026-03-01 10:00:02 - asyncio - ERROR - Task was destroyed but it is pending!
task: <Task pending name='Task-2' coro=<listen() running at /srv/shop/other.py:5> wait_for=<Future pending>>
"""


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a program and its log, as the working directory."""
    (tmp_path / "app.py").write_text(CODE, encoding="utf-8")
    (tmp_path / "app.log").write_text(LOG, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_log_is_grouped_with_counts_and_lines(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "app.log", "--format", "json"]) == 0
    first, second = json.loads(capsys.readouterr().out)["reports"]
    assert (first["count"], first["lines"], first["file"], first["line"]) == (2, [2, 6], "app.py", 9)
    assert (first["rule"], first["fix"], first["code"]) == ("missing-await", "Await the call", "save(1)")
    assert (second["name"], second["count"], second["line"]) == ("Task was destroyed but it is pending!", 1, None)


def test_a_log_can_come_from_a_pipe(
    shop: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(LOG))
    assert main(["explain", "-"]) == 0
    said = capsys.readouterr().out
    assert "2 × " in said
    assert "Your line: app.py:9" in said
    assert "LW101 missing-await" in said


def test_a_traceback_is_taken_as_an_argument(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pasted = 'Traceback (most recent call last):\n  File "app.py", line 13, in <module>\n    asyncio.run(main())\n'
    assert main(["explain", pasted + "RuntimeError: Event loop is closed"]) == 0
    assert "Your line: app.py:13" in capsys.readouterr().out


FAILED = [
    "Traceback (most recent call last):",
    '  File "/srv/shop/app.py", line 9, in main',
    "    save(1)",
    "RuntimeError: Event loop is closed",
]


@pytest.mark.parametrize(
    "log",
    [
        "\n".join(f"web-1  | {line}" for line in FAILED),
        "\n".join(f"2026-03-01T10:00:00.123456789Z {line}" for line in FAILED),
        "\n".join(f"Mar  1 10:00:00 shop python[812]: {line}" for line in FAILED),
        json.dumps({"level": "error", "message": "failed", "exc_info": "\n".join(FAILED)}),
        "\n".join([*FAILED[:-1], "\x1b[1;35mRuntimeError\x1b[0m: \x1b[35mEvent loop is closed\x1b[0m"]),
    ],
    ids=["compose", "docker", "journal", "json", "colors"],
)
def test_what_a_service_adds_to_a_traceback_is_ignored(
    shop: Path, capsys: pytest.CaptureFixture[str], log: str
) -> None:
    (shop / "app.log").write_text(log, encoding="utf-8")
    assert main(["explain", "app.log", "--format", "json"]) == 0
    (report,) = json.loads(capsys.readouterr().out)["reports"]
    assert (report["name"], report["file"], report["line"], report["lines"]) == (
        "Event loop is closed",
        "app.py",
        9,
        [1],
    )


def test_fix_makes_the_fix_of_the_line(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "app.log", "--fix"]) == 0
    assert (shop / "app.py").read_text("utf-8") == CODE.replace("    save(1)", "    await save(1)")
    assert "app.py: fixed 1 of 1" in capsys.readouterr().err


def test_no_wrong_line_is_named_after_the_file_was_edited(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pasted = 'Traceback (most recent call last):\n  File "/srv/app.py", line 2, in main\n    await other()\n'
    assert main(["explain", pasted + "RuntimeError: Event loop is closed"]) == 0
    assert "Your line" not in capsys.readouterr().out


def test_a_long_log_is_read_in_time(shop: Path) -> None:
    """A day's log: lines of other loggers cost little."""
    lines = [f"2026-03-01 10:00:00 - shop - INFO - request {n} took {n % 90} ms" for n in range(20_000)]
    start = time.monotonic()
    found = grouped(causes(Workspace(), "\n".join([*lines, LOG]), shop))
    assert [len(group) for group in found] == [2, 1]
    assert time.monotonic() - start < 10
