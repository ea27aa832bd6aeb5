"""Programs that an assist must not change: Markdown pages in ``assists/``, one an assist, a section a program.

The pages in ``assists/fixes/`` are named after rules: there it is the first fix of the rule's first finding, or of
the one at the cursor if there is one.

A section has a title, a sentence where one is needed, a ``python`` block with a ``$0`` (or two, a selection), more
modules as ``python name.py``, and an ``expect`` block where anything else than the same behaviour is right::

    refused: awaits them itself      it is refused, with these words in the reason
    not offered:                     nothing is offered
    title: Make get() async          the offer of this title is meant
    rule: prefer-to-thread           the fix of this rule takes the assist's place
    target: 3.10-3.14                of the project; the default is 3.11-3.14
    order: why                       the lines of output come in another order
    output, result, exception, left, names, warnings: why
                                     this differs; ``before -> after`` is compared as well

The block ``python head`` of the page is put before each program without imports of its own.
"""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from loopwise.analysis.rule import Fix
from loopwise.assists.offers import all_assists, offered
from loopwise.diagnosis.fix_all import applied
from loopwise.diagnosis.run import FileContext, findings
from loopwise.project import Document
from loopwise.rules.registry import all_rules
from loopwise.text import Span, encode
from scenario import Stages

PAGES = Path(__file__).with_name("assists")
_RUNNER = PAGES / "run_programs.py"
LAB = (PAGES / "lab.py").read_text("utf-8")
_FENCE = re.compile(r"^```(?P<language>\w+)(?: +(?P<name>\S+))?\n(?P<text>.*?)^```\n", re.MULTILINE | re.DOTALL)
_SECTION = re.compile(r"^## (?P<title>.*)\n", re.MULTILINE)
_ASPECTS = ("output", "order", "result", "exception", "left", "names", "warnings")
_TARGET = "3.11-3.14"
PYTHONS = ("3.11", "3.12", "3.13", "3.14")


class Program(NamedTuple):
    """One section of a page."""

    assist: str
    title: str
    text: str
    """The code with its ``$0``."""
    files: Mapping[str, str]
    expect: Mapping[str, str]

    def __str__(self) -> str:
        return f"{self.assist}: {self.title}"

    @property
    def source(self) -> str:
        """The code as it is run, without its marks."""
        return self.text.replace("$0", "")

    @property
    def changes(self) -> dict[str, str]:
        """The expected differences, by aspect."""
        return {name: why for name, why in self.expect.items() if name in _ASPECTS}

    @property
    def is_rule(self) -> bool:
        """Does the section mean the fix of a rule?"""
        return "rule" in self.expect or self.assist in all_rules()

    @property
    def floor(self) -> tuple[int, int]:
        """The oldest Python on which the program is run."""
        major, minor = self.expect.get("target", _TARGET).partition("-")[0].split(".")
        return int(major), int(minor)


def programs(pages: Iterable[Path] | None = None) -> Iterator[Program]:
    """Yield all programs of all pages."""
    for page in sorted(pages if pages is not None else PAGES.rglob("*.md")):
        text = page.read_text("utf-8")
        starts = [*_SECTION.finditer(text)]
        heads = [fence["text"] for fence in _FENCE.finditer(text[: starts[0].start()]) if fence["name"] == "head"]
        for found, end in zip(starts, [*(one.start() for one in starts[1:]), len(text)], strict=True):
            yield _program(page.stem, found["title"], text[found.end() : end], "".join(heads))


def _program(assist: str, title: str, raw: str, head: str) -> Program:
    files: dict[str, str] = {}
    code, expect = "", {}
    for fence in _FENCE.finditer(raw):
        if fence["language"] == "expect":
            pairs = (line.partition(":") for line in fence["text"].splitlines())
            expect = {name.strip(): why.strip() for name, _, why in pairs}
        elif fence["name"]:
            files[fence["name"]] = fence["text"]
        else:
            code = fence["text"]
    unknown = expect.keys() - {"refused", "not offered", "title", "target", "rule", *_ASPECTS}
    assert code and not unknown, f"{assist}: {title}: {unknown or 'no code'}"
    is_whole = re.search(r"^(?:import|from) ", code.replace("$0", ""), re.MULTILINE)
    return Program(assist, title, code if is_whole else head + code, files, expect)


def offers(program: Program, stages: Stages) -> tuple[Document, list[Fix]]:
    """Return the document of the program and the offers at its cursor, refusals included."""
    target = program.expect.get("target", _TARGET)
    settings = f'[tool.loopwise]\ntarget-version = "{target}"\n'
    stage = stages.of({"lab.py": LAB, "pyproject.toml": settings, **program.files})
    document = stage.open("main.py", program.source)
    parts = [encode(part) for part in program.text.split("$0")]
    assert len(parts) in {2, 3} or program.is_rule, f"{program}: one cursor, or the two ends of a selection"
    start = len(parts[0]) if len(parts) > 1 else 0
    span = Span(start, start + (len(parts[1]) if len(parts) == 3 else 0 if len(parts) > 1 else len(parts[0])))
    view = stage.workspace.view(document)
    if view.index is not None and not view.index.complete:
        asyncio.run(view.index.refresh())
    rule = all_rules().get(program.expect.get("rule", program.assist))
    if rule is not None:
        here = (one.finding for one in findings(view, [rule]) if _touch(one.finding.span, span))
        found = [fix for finding in here for fix in finding.fixes()]
    else:
        found = [one.fix for one in offered(FileContext.of(view, None), span) if one.assist.name == program.assist]
    wanted = program.expect.get("title")
    return document, [fix for fix in found if wanted in {None, fix.title}]


def _touch(one: Span, other: Span) -> bool:
    return one.start <= other.end and other.start <= one.end


def after(document: Document, fix: Fix) -> str:
    """Return the text after the edits of a fix."""
    return applied(document, fix.edits).source.text


def records(python: str, texts: Sequence[tuple[str, Mapping[str, str]]]) -> list[dict[str, Any]]:
    """Run programs, each with its other modules, under a Python and return what they did."""
    asked = [
        {"text": text, "files": {"lab": LAB} | {name.removesuffix(".py"): code for name, code in files.items()}}
        for text, files in texts
    ]
    done = subprocess.run(
        [python, str(_RUNNER)], input=json.dumps(asked), capture_output=True, text=True, check=False, encoding="utf-8"
    )
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, str]:
    """Compare two runs; return ``before -> after`` by aspect, for each aspect that differs."""
    found = {
        name: f"{before[name]} -> {now[name]}"
        for name in ("result", "exception", "left", "warnings")
        if before[name] != now[name]
    }
    if before["output"] != now["output"]:
        is_order = sorted(before["output"]) == sorted(now["output"])
        found["order" if is_order else "output"] = f"{before['output']} -> {now['output']}"
    lost = {
        name: (value, now["names"].get(name, "unbound"))
        for name, value in before["names"].items()
        if not _is_same(value, now["names"].get(name, "unbound"))
    }
    if lost:
        found["names"] = ", ".join(f"{name} {old} -> {new}" for name, (old, new) in lost.items())
    return found


def _is_same(before: str, now: str) -> bool:
    """Is a name's value the same?  Of an awaitable (in ``<>``) only the result counts, if it is left."""
    if before.startswith("<") and (now.startswith("<") or now == "unbound"):
        return True
    blind = re.sub("<[^<>]*>", "<>", before), re.sub("<[^<>]*>", "<>", now)
    return re.sub("[<>]", "", now) == re.sub("[<>]", "", before) or (blind[0] == blind[1] and "<>" in blind[0])


def wrong(program: Program, found: Mapping[str, str]) -> str:
    """Compare the differences found with those that the program claims; return an empty string if they match."""
    claimed = program.changes
    said = [f"{name} differs: {what}" for name, what in found.items() if name not in claimed]
    said += [f"{name} does not differ" for name in claimed if name not in found]
    said += [
        f"{name} is {found[name]}"
        for name, what in claimed.items()
        if " -> " in what and name in found and what != found[name]
    ]
    return "\n".join(said)


def known() -> frozenset[str]:
    """Return the names that pages can have."""
    return frozenset(all_assists()) | frozenset(all_rules())


def python_of(version: str) -> str | None:
    """Return an interpreter of a version like ``3.12``: pyenv's, or the one on the path."""
    installed = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))
    return str(installed[-1]) if installed else shutil.which(f"python{version}")
