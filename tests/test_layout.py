"""Comments and line breaks change no finding: each case of each rule, written in other ways."""

from __future__ import annotations

import ast
import io
import re
import token
import tokenize
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from loopwise.text import encode
from rule_cases import Case, all_cases
from scenario import Stages
from test_rules import found_in

SERVER = Path(__file__).parents[1] / "server" / "loopwise"
NOTE = "# note"
INNER = " " * 8  # the indentation of lines in brackets
_OPEN, _CLOSE = {"(", "[", "{"}, {")", "]", "}"}
_LAYOUT = re.compile(rf"{NOTE}|\s+|,(?=\s*[)\]}}])")


def _tokens(code: str) -> Iterator[tokenize.TokenInfo]:
    return tokenize.generate_tokens(io.StringIO(code).readline)


def with_comments(code: str) -> str:
    """A comment at the end of each line, and one above it."""
    lines = code.split("\n")
    ends = {one.start[0] for one in _tokens(code) if one.type in {token.NEWLINE, token.NL} and one.string}
    ends -= {one.start[0] for one in _tokens(code) if one.type == token.COMMENT}
    inside = {
        number
        for one in _tokens(code)
        if one.type == token.STRING
        for number in range(one.start[0] + 1, one.end[0] + 1)
    }
    inside |= {number + 1 for number, line in enumerate(lines, 1) if line.endswith("\\")}
    out: list[str] = []
    for number, line in enumerate(lines, 1):
        bare = line.lstrip()
        if bare and number not in inside and not bare.startswith("#"):
            out.append(line.removesuffix(bare) + NOTE)
        out.append(f"{line}  {NOTE}" if number in ends and bare else line)
    return "\n".join(out)


def over_lines(code: str) -> str:
    """Each argument and each item on a line of its own."""
    lines, depth = code.split("\n"), 0
    breaks: list[tuple[int, int]] = []
    for one in _tokens(code):
        depth += (one.string in _OPEN) - (one.string in _CLOSE) if one.type == token.OP else 0
        if one.type == token.OP and depth and one.string in {"(", "{", ","}:
            breaks.append(one.end)
    for row, column in reversed(breaks):
        line, rest = lines[row - 1][:column], lines[row - 1][column:].lstrip()
        if rest and rest[0] not in "#)]}":
            lines[row - 1] = f"{line}\n{INNER}{rest}"
    return "\n".join(lines)


def _is_code(case: Case) -> bool:
    try:
        ast.parse(case.code)
    except SyntaxError:
        return False
    return "{{" not in case.code  # a template


CASES = [case for case in all_cases()[0] if _is_code(case)]


def _in_one_form(parts: list[bytes]) -> list[str]:
    return sorted(_LAYOUT.sub("", part.decode()) for part in parts)


@pytest.mark.parametrize("written", [with_comments, over_lines])
def test_layout_changes_no_finding(written: Callable[[str], str], stages: Stages) -> None:
    wrong: list[str] = []
    for case in CASES:
        code = written(case.code)
        ast.parse(code)
        spans = [one.finding.span for one in found_in(code, stages, case, [case.rule])]
        found = _in_one_form([encode(code)[span.start : span.end] for span in spans])
        if found != _in_one_form([encode(case.code)[place.start : place.end] for place in case.places]):
            wrong.append(f"{case}: {found}\n{code}")
    assert not wrong, "\n".join(wrong)


LOOKING = ("rules", "analysis", "semantics/infer", "semantics/symbols", "features", "graph", "diagnosis")
EDITING = "fixes"  # its modules look at comments too, to keep them
_WITH_COMMENTS = re.compile(r"\.(?:named_child(?:ren|_count)|(?:prev|next)_named_sibling)\b")


def test_code_that_looks_for_something_skips_comments() -> None:
    """It asks for `parts_of`, `previous_of` and `next_of` a node: a comment is a named child anywhere."""
    files = [path for name in LOOKING for path in (SERVER / name).rglob("*.py") if EDITING not in path.parts]
    assert files
    assert [str(path) for path in files if _WITH_COMMENTS.search(path.read_text("utf-8"))] == []
