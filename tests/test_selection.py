"""The rules that apply to a file: the more specific selector wins, and a typo is explained."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from loopwise.analysis.rule import Severity
from loopwise.diagnosis.selection import Selection, known_rules, meant, selection, unknown_rules
from loopwise.diagnosis.suppression.suppress import UNUSED
from loopwise.globs import Exclude, matches
from loopwise.rules.registry import all_rules
from loopwise.settings.fields import Settings
from loopwise.settings.layers import from_editor, merge

ROOT = Path("project").absolute()
DEFAULT = {rule.name for rule in all_rules().values() if rule.default_on}
OFF = {rule.name for rule in all_rules().values() if not rule.default_on}
BLOCKING = {rule.name for rule in all_rules().values() if rule.code.startswith("LW2")}


def chosen(path: str | None = "app/main.py", **said: Any) -> Selection:
    """Return the selection for a file of the project."""
    layer, problems = from_editor(said)
    assert problems == ()
    return selection(merge(layer), ROOT, ROOT / path if path is not None else None)


def names(found: Selection) -> set[str]:
    return {rule.name for rule in found.rules}


def test_without_settings_the_defaults_run() -> None:
    assert names(chosen()) == DEFAULT
    assert selection(Settings(), ROOT, None).off == OFF


def test_unused_suppressions_can_be_switched_off_like_a_rule() -> None:
    assert UNUSED.name not in names(chosen(select=["ALL"]))
    assert UNUSED.name not in chosen().off
    assert UNUSED.name in chosen(ignore=["LW001"]).off
    assert UNUSED.name in chosen(select=["LW2"]).off


SELECTIONS: list[tuple[dict[str, Any], set[str]]] = [
    ({"select": ["ALL"]}, DEFAULT | OFF),
    ({"select": ["LW201"]}, {"blocking-sleep"}),
    ({"select": ["blocking-sleep"]}, {"blocking-sleep"}),
    ({"select": ["LW2"]}, BLOCKING),
    ({"select": ["LW2"], "ignore": ["blocking-sleep"]}, BLOCKING - {"blocking-sleep"}),
    ({"select": ["LW201"], "ignore": ["LW2"]}, {"blocking-sleep"}),
    ({"select": ["LW201"], "ignore": ["LW201"]}, set()),
    ({"ignore": ["ALL"]}, set()),
    ({"ignore": ["ALL"], "extend-select": ["LW2"]}, BLOCKING),
    ({"ignore": ["LW2"]}, DEFAULT - BLOCKING),
    ({"ignore": ["LW2"], "extend-select": ["LW201"]}, DEFAULT - BLOCKING | {"blocking-sleep"}),
    ({"extend-select": ["unused-async"]}, DEFAULT | {"unused-async"}),
    ({"extendSelect": ["unused-async"]}, DEFAULT | {"unused-async"}),
    ({"select": ["LW201"], "extend-select": ["LW202"]}, {"blocking-sleep", "blocking-http"}),
    ({"severity": {"unused-async": "hint"}}, DEFAULT | {"unused-async"}),
    ({"severity": {"blocking-sleep": "off"}}, DEFAULT - {"blocking-sleep"}),
    ({"severity": {"LW2": "off", "LW201": "error"}}, DEFAULT - BLOCKING | {"blocking-sleep"}),
    ({"severity": {"ALL": "off"}}, set()),
    ({"select": ["nonsense"]}, set()),
]


@pytest.mark.parametrize(("said", "expected"), SELECTIONS)
def test_the_more_exact_word_wins(said: dict[str, Any], expected: set[str]) -> None:
    assert names(chosen(**said)) == expected


def test_the_severity_comes_from_the_settings() -> None:
    found = chosen(severity={"LW2": "hint", "blocking-http": "error"})
    rules = all_rules()
    assert found.severity(rules["blocking-sleep"]) is Severity.HINT
    assert found.severity(rules["blocking-http"]) is Severity.ERROR
    assert found.severity(rules["missing-await"]) is rules["missing-await"].severity


def test_rules_are_ignored_for_some_files() -> None:
    said: dict[str, Any] = {"per-file-ignores": {"tests/**": ["LW2"], "/conftest.py": ["missing-await"]}}
    assert names(chosen("tests/test_it.py", **said)) == DEFAULT - BLOCKING
    assert names(chosen("conftest.py", **said)) == DEFAULT - {"missing-await"}
    assert names(chosen("app/conftest.py", **said)) == DEFAULT
    assert names(chosen(None, **said)) == DEFAULT


def test_a_rule_that_is_selected_by_name_is_shown_even_if_another_tool_reports_it() -> None:
    assert chosen().named == frozenset()
    assert chosen(**{"extend-select": ["LW201", "LW1"]}).named == {"blocking-sleep"}
    assert chosen(severity={"blocking-sleep": "error", "LW2": "hint"}).named == {"blocking-sleep"}
    assert chosen(select=["ALL", "blocking-http"]).named == {"blocking-http"}


# Slips

SLIPS: list[tuple[dict[str, Any], str, list[str]]] = [
    ({"select": ["blocking-slep"]}, "select", ["`blocking-slep`", "`blocking-sleep`"]),
    ({"ignore": ["blocking_sleep"]}, "ignore", ["`blocking-sleep`"]),
    ({"extend-select": ["LW291"]}, "extend-select", ["`LW291`", "`LW2"]),
    ({"severity": {"missing-wait": "error"}}, "severity", ["`missing-await`"]),
    ({"per-file-ignores": {"tests/**": ["lw201"]}}, "per-file-ignores.tests/**", ["`LW201`"]),
    ({"select": ["xyzzy"]}, "select", ["`xyzzy`", "loopwise explain LW"]),
]


@pytest.mark.parametrize(("said", "key", "words"), SLIPS)
def test_an_unknown_rule_is_reported_with_its_key_and_the_nearest_name(
    said: dict[str, Any], key: str, words: list[str]
) -> None:
    layer, _ = from_editor(said)
    (problem,) = unknown_rules(layer, "pyproject.toml")
    assert (problem.file, problem.section) == ("pyproject.toml", key)
    assert [word for word in words if word not in problem.message] == []


def test_words_that_name_rules_are_not_typos() -> None:
    layer, _ = from_editor({"select": ["ALL", "LW", "LW2", "LW201", "blocking-sleep"], "ignore": ["LW001"]})
    assert unknown_rules(layer, "pyproject.toml") == ()


MEANT: list[tuple[str, set[str]]] = [
    ("blocking-sleep", {"blocking-sleep"}),
    ("Blocking_Sleep", {"blocking-sleep"}),
    ("LW201", {"blocking-sleep"}),
    ("lw201", {"blocking-sleep"}),
    ("LW2", BLOCKING),
    ("ASYNC251", {"blocking-sleep"}),
    ("RUF006", {"dangling-task"}),
    ("LW001", {"unused-suppression"}),
    ("ASYNC", set()),
    ("nonsense", set()),
]


@pytest.mark.parametrize(("word", "expected"), MEANT)
def test_a_question_may_be_worded_in_several_ways(word: str, expected: set[str]) -> None:
    assert {rule.name for rule in meant(word)} == expected


def test_codes_are_known_once() -> None:
    codes = [rule.code for rule in known_rules()]
    assert len(set(codes)) == len(codes)


# Patterns

PATTERNS: list[tuple[str, str, bool]] = [
    ("tests", "a/tests/x.py", True),
    ("tests", "tests.py", False),
    ("/tests", "a/tests/x.py", False),
    ("./tests", "tests/x.py", True),
    ("tests/", "a/tests/x.py", True),
    ("x.py/", "a/x.py", False),
    ("tests/**", "tests/a/b.py", True),
    ("tests/**", "a/tests/b.py", False),
    ("**/tests/*.py", "a/tests/b.py", True),
    ("**/tests/*.py", "tests/b.py", True),
    ("a/**/c.py", "a/c.py", True),
    ("a/**/c.py", "a/x/y/c.py", True),
    ("*.py", "a/b.py", True),
    ("a/*.py", "a/b/c.py", False),
    ("test_?.py", "test_1.py", True),
    ("[ab].py", "b.py", True),
    ("[!ab].py", "b.py", False),
    ("[ab.py", "[ab.py", True),
    ("a+b.py", "a+b.py", True),
    ("", "a.py", False),
    ("!tests", "tests/x.py", False),
    ("!tests", "a.py", True),
]


@pytest.mark.parametrize(("pattern", "path", "expected"), PATTERNS)
def test_patterns_are_those_of_gitignore(pattern: str, path: str, expected: bool) -> None:
    assert matches(pattern, ROOT / path, ROOT) is expected


def test_a_file_elsewhere_matches_nothing() -> None:
    assert not matches("*", ROOT.parent / "x.py", ROOT)


def test_the_last_pattern_decides_what_is_excluded() -> None:
    exclude = Exclude(("gen/*", "!gen/keep.py", "/out/"), str(ROOT))
    assert exclude.says(str(ROOT / "gen/a.py"), folder=False) is True
    assert exclude.says(str(ROOT / "gen/keep.py"), folder=False) is False
    assert exclude.says(str(ROOT / "gen"), folder=True) is None
    assert exclude.says(str(ROOT / "out"), folder=True) is True
    assert exclude.says(str(ROOT / "out"), folder=False) is None
    assert exclude.says(str(ROOT / "app.py"), folder=False) is None
    assert exclude.says(str(ROOT.parent / "gen/a.py"), folder=False) is None


def test_of_many_unknown_words_the_first_are_reported() -> None:
    """Each once; a file with tens of thousands of them is read in no time."""
    layer, _ = from_editor({"select": [f"no{number}" for number in range(30_000)] * 2, "ignore": ["no1"]})
    problems = unknown_rules(layer, "pyproject.toml")
    assert len(problems) == 21
    assert problems[0].section == "select"
    assert problems[-1].message == "29981 more words name no rule"
