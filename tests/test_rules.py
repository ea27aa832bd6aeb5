"""Every case of every rule: found at its carets and nowhere else, fixed as it says, no findings in good code."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from loopwise.analysis.rule import Rule
from loopwise.diagnosis.run import Found, findings
from loopwise.rules.registry import all_rules
from loopwise.syntax import parse
from loopwise.text import Edit, Source, decode, encode
from rule_cases import Case, all_cases
from scenario import Stages

_DEFINITION = re.compile(r"^([ \t]*)((?:async )?def )", re.MULTILINE)
RULES = list(all_rules().values())
CASES, PAGE_ERRORS = all_cases()
BAD = [case for case in CASES if case.places]
GOOD = [case for case in CASES if not case.places]
ONE_FINDING = [case for case in BAD if case.fixed]


def found_in(text: str, stages: Stages, case: Case, rules: list[Rule]) -> list[Found]:
    """Return the rules' findings in the text, as ``main.py`` of the case's project."""
    stage = stages.of(case.files)
    return findings(stage.workspace.view(stage.open("main.py", text)), rules)


def applied(text: str, edits: tuple[Edit, ...]) -> str:
    """Return the text after edits, which must not overlap."""
    data, end = encode(text), 0
    parts: list[bytes] = []
    for edit in sorted(edits, key=lambda edit: (edit.span.start, edit.span.end)):
        assert edit.span.start >= end, "edits overlap"
        parts += [data[end : edit.span.start], edit.text]
        end = edit.span.end
    return decode(b"".join([*parts, data[end:]]))


def shown(text: str, found: list[Found]) -> list[tuple[str, str]]:
    """Return findings as their rule's name and the code."""
    data = encode(text)
    return [(one.rule.name, decode(data[one.finding.span.start : one.finding.span.end])) for one in found]


def parses(text: str) -> None:
    """Assert that a text parses: by Python's parser, or by ours if this Python may be too old for its syntax."""
    if "except*" in text:
        assert not parse(Source.of(text)).root_node.has_error, text
    else:
        ast.parse(text)


def test_pages_and_examples_can_be_read() -> None:
    """Readable ones are run below; the messages say what to do about the rest."""
    assert not PAGE_ERRORS, "\n".join(map(str, PAGE_ERRORS))


def test_each_code_and_name_belongs_to_one_rule() -> None:
    """Names, titles and examples have the common form."""
    assert len({rule.code for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert re.fullmatch(r"LW[1-5]\d\d", rule.code), rule.code
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", rule.name), rule.name
        assert rule.title.endswith("."), rule.name
        assert BAD, rule.name


@pytest.mark.parametrize("case", BAD, ids=str)
def test_it_is_found_at_the_carets(case: Case, stages: Stages) -> None:
    """Nothing else is found in the example."""
    text, places = case.code, case.places
    found = found_in(text, stages, case, [case.rule])
    data = encode(text)
    is_ = [decode(data[one.finding.span.start : one.finding.span.end]) for one in found]
    assert is_ == [decode(data[place.start : place.end]) for place in places]
    assert [one.finding.span.start for one in found] == [place.start for place in places]


@pytest.mark.parametrize("head", ["while True", "while 1", "async with asyncio.timeout(1)", "while not done()"])
@pytest.mark.parametrize("call", ["asyncio.sleep(1)", "work()", "print(1)\n        work()"])
def test_a_coroutine_that_lacks_its_await_is_the_one_finding_around_it(head: str, call: str, stages: Stages) -> None:
    """The loop or the timeout around it is not reported too, because with the ``await`` both wait."""
    text = f"import asyncio\n\nasync def work(): ...\n\nasync def main(done):\n    {head}:\n        {call}\n"
    rules = [rule for rule in RULES if rule.default_on]
    assert [name for name, _ in shown(text, found_in(text, stages, Case(rules[0], "", text), rules))] == [
        "missing-await"
    ]


@pytest.mark.parametrize("case", GOOD, ids=str)
def test_good_code_has_no_findings(case: Case, stages: Stages) -> None:
    """Under every enabled rule, and under its own."""
    rules = [rule for rule in RULES if rule.default_on or rule is case.rule]
    parses(case.code)
    assert shown(case.code, found_in(case.code, stages, case, rules)) == []


@pytest.mark.parametrize("case", ONE_FINDING, ids=str)
def test_each_fix_has_the_result_of_the_example(case: Case, stages: Stages) -> None:
    """The result parses, and the rule has no finding in it."""
    (found,) = found_in(case.code, stages, case, [case.rule])
    results = [applied(case.code, fix.edits) for fix in found.finding.fixes()]
    assert results == list(case.fixed)
    for result in results:
        parses(result)
        assert shown(result, found_in(result, stages, case, [case.rule])) == []


def _moved(text: str) -> Iterator[tuple[str, str]]:
    """Yield the text in other places: after an emoji, in a class, in a function; with tabs; with CRLF."""
    lines = text.splitlines(keepends=True)
    top = [line for line in lines if line.startswith(("import ", "from "))]
    rest = [line for line in lines if line not in top]
    inner = "".join(f"    {line}" if line.strip() else line for line in rest)
    yield "emoji", "s = '🦊é'\n" + text
    yield "class", "".join(top) + "class Holder:\n" + inner
    yield "function", "".join(top) + "def holder():\n" + inner
    yield "tabs", re.sub(r"^( {4})+", lambda m: "\t" * (len(m[0]) // 4), text, flags=re.MULTILINE)
    yield "crlf", text.replace("\n", "\r\n")
    yield "decorated", "import typing\n" + _DEFINITION.sub(r"\1@typing.final\n\1\2", text)


@pytest.mark.parametrize("case", BAD, ids=str)
def test_it_is_found_anywhere(case: Case, stages: Stages) -> None:
    """With other code around it, other indentation, other line ends; the result of each fix parses."""
    text, places = case.code, case.places
    for how, moved in _moved(text):
        if how in {"class", "function", "decorated"} and ("await" in top_level(text) or "from __future__" in text):
            continue
        found = found_in(moved, stages, case, [case.rule])
        if how not in {"class", "function", "decorated"}:
            assert len(found) == len(places), how
        for one in found:
            for fix in one.finding.fixes():
                result = applied(moved, fix.edits)
                parses(result)
                if len(found) == 1 and fix.edits and case.fixed:
                    assert shown(result, found_in(result, stages, case, [case.rule])) == [], how


def top_level(text: str) -> str:
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith((" ", "\t")))
