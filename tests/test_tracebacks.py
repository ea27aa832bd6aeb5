"""The pages of ``tracebacks/``: programs, what real interpreters printed of them, and the line that causes it.

The line has the comment ``# cause`` (some outputs have two causes: where it went wrong, and who looked away).
The outputs name files of another machine; the program is found by the end of its path.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from loopwise.features.tracebacks import Cause, causes, grouped
from loopwise.project import Workspace

PAGES = Path(__file__).with_name("tracebacks")
SECTION = re.compile(
    r"^## (?P<title>[^\n]+)\n```python(?P<words>[^\n]*)\n(?P<code>.*?)^```\n", re.MULTILINE | re.DOTALL
)
OUTPUT = re.compile(r"```text (?P<version>\S+)\n(?P<text>.*?)^```\n", re.MULTILINE | re.DOTALL)


class Printed(NamedTuple):
    """What a program printed on one Python."""

    title: str
    version: str
    code: str
    text: str

    @property
    def lines(self) -> set[int]:
        """Of the causes, counted from 1."""
        return {number for number, line in enumerate(self.code.splitlines(), 1) if line.endswith("# cause")}

    def __str__(self) -> str:
        return f"{self.title} on {self.version}"


def outputs() -> Iterator[Printed]:
    """All outputs of all programs."""
    for page in sorted(PAGES.glob("*.md")):
        text = page.read_text("utf-8")
        sections = list(SECTION.finditer(text))
        ends = [*(section.start() for section in sections[1:]), len(text)]
        for section, end in zip(sections, ends, strict=True):
            for output in OUTPUT.finditer(text, section.end(), end):
                yield Printed(section["title"], output["version"], section["code"], output["text"])


OUTPUTS = list(outputs())


def explained(printed: Printed, folder: Path) -> list[Cause]:
    """What ``loopwise explain`` makes of an output, in a folder with the program."""
    (folder / "app.py").write_text(printed.code, encoding="utf-8")
    (folder / "pyproject.toml").write_text("", encoding="utf-8")
    found = grouped(causes(Workspace(), printed.text, folder))
    return [group[0] for group in found]


@pytest.mark.parametrize("printed", OUTPUTS, ids=str)
def test_the_line_that_causes_it_is_named(printed: Printed, tmp_path: Path) -> None:
    """First of all that is said."""
    found = explained(printed, tmp_path)
    assert found, "nothing is said"
    assert found[0].line in printed.lines, f"line {found[0].line}: {found[0].meaning.card.name}"


def test_there_are_programs_enough() -> None:
    """Of many kinds."""
    assert len({printed.title for printed in OUTPUTS}) >= 40
