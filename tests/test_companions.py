"""A finding that another tool reports in a project is left to it; all others are shown."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from checking import Output, found, put, settle
from loopwise.analysis.rule import Rule
from loopwise.diagnosis.companions import Companions
from loopwise.diagnosis.companions.agreements import read_agreements
from loopwise.rules.peers import same_as
from loopwise.rules.registry import all_rules
from loopwise.versions import Target, VersionRange
from rule_cases import without_carets
from sections import FENCE, raw_sections, title_of

PAGES = Path(__file__).with_name("companions")
HOOK = """\
repos:
  - repo: https://github.com/astral-sh/ruff-pre-commit
    rev: v0.17.6
    hooks:
      - id: ruff-check
"""
CASES: list[tuple[dict[str, str], set[str], set[str]]] = [
    # files, what is reported, what is not
    ({}, set(), {"ASYNC251", "unused-coroutine", "reportUnusedCoroutine"}),
    # ruff
    ({"pyproject.toml": '[tool.ruff.lint]\nselect = ["ASYNC"]'}, {"ASYNC251", "ASYNC210"}, {"ASYNC300", "RUF006"}),
    ({"pyproject.toml": '[tool.ruff]\nselect = ["ASYNC251"]'}, {"ASYNC251"}, {"ASYNC210"}),
    ({"ruff.toml": 'lint.select = ["ALL"]'}, {"ASYNC251", "RUF006", "PLE1142"}, {"RUF029", "ASYNC119"}),
    ({"ruff.toml": 'preview = true\nlint.select = ["RUF"]'}, {"RUF029", "RUF006"}, {"ASYNC251"}),
    (
        {"ruff.toml": 'lint.preview = true\nlint.explicit-preview-rules = true\nlint.select = ["RUF"]'},
        set(),
        {"RUF029"},
    ),
    (
        {"ruff.toml": 'lint.preview = true\nlint.explicit-preview-rules = true\nlint.select = ["RUF029"]'},
        {"RUF029"},
        set(),
    ),
    ({".ruff.toml": 'lint.select = ["ASYNC"]\nlint.ignore = ["ASYNC2"]'}, {"ASYNC110"}, {"ASYNC251"}),
    ({"ruff.toml": 'lint.select = ["ASYNC251"]\nlint.ignore = ["ASYNC2"]'}, {"ASYNC251"}, set()),
    ({"ruff.toml": 'lint.select = ["ASYNC"]\nlint.extend-ignore = ["ASYNC251"]'}, {"ASYNC210"}, {"ASYNC251"}),
    ({"ruff.toml": 'lint.extend-select = ["RUF006"]'}, {"RUF006", "ASYNC251"}, {"ASYNC110"}),
    ({"ruff.toml": ""}, {"ASYNC251", "F841"}, {"RUF006", "ASYNC110"}),  # an unknown version is the newest
    ({"ruff.toml": 'required-version = "==0.15.2"'}, set(), {"ASYNC251"}),
    ({"ruff.toml": 'required-version = ">=0.9"'}, {"ASYNC251"}, set()),
    ({"ruff.toml": "", "requirements-dev.txt": "ruff==0.15.2\n"}, set(), {"ASYNC251"}),
    ({"ruff.toml": "", "requirements-dev.txt": "ruff>=0.9\n"}, {"ASYNC251"}, set()),
    ({"pyproject.toml": '[dependency-groups]\ndev = ["ruff"]\n'}, {"ASYNC251"}, {"RUF006"}),
    ({"pyproject.toml": '[tool.poetry.group.dev.dependencies]\nruff = "^0.9"\n[tool.ruff]\n'}, set(), {"ASYNC251"}),
    ({"pyproject.toml": '[project]\ndescription = "faster with ruff"\n'}, set(), {"ASYNC251"}),
    ({"ruff.toml": 'lint.select = ["A", "P"]'}, set(), {"ASYNC251", "PLE1142", "PT024"}),
    ({"ruff.toml": 'lint.select = ["PL"]'}, {"PLE1142"}, {"ASYNC251"}),
    ({"ruff.toml": 'exclude = ["m*.py"]\nlint.select = ["ASYNC"]'}, set(), {"ASYNC251"}),
    ({"ruff.toml": 'include = ["src/**"]\nlint.select = ["ASYNC"]'}, set(), {"ASYNC251"}),
    (
        {"ruff.toml": 'lint.select = ["ASYNC"]\nlint.per-file-ignores = {"{main,b}.py" = ["ASYNC2"]}'},
        {"ASYNC100"},
        {"ASYNC251"},
    ),
    # ruff does not start where what it extends cannot be read
    ({"ruff.toml": 'extend = "base.toml"\nlint.select = ["ASYNC"]'}, set(), {"ASYNC251"}),
    ({"base.toml": "[", "ruff.toml": 'extend = "base.toml"\nlint.select = ["ASYNC"]'}, set(), {"ASYNC251"}),
    ({".pre-commit-config.yaml": HOOK}, {"ASYNC251"}, set()),
    ({".pre-commit-config.yaml": f"{HOOK}        args: [--fix]\n"}, {"ASYNC251"}, set()),
    ({".pre-commit-config.yaml": f"{HOOK}        args:\n          - --select=I\n"}, set(), {"ASYNC251"}),
    ({".pre-commit-config.yaml": f"{HOOK}        args: [--select, I]\n      - id: ruff-format\n"}, set(), {"ASYNC251"}),
    ({".pre-commit-config.yaml": f"{HOOK}        args: [--select, I]\n      - id: ruff\n"}, {"ASYNC251"}, set()),
    # Where nothing says a Python: 3.11 since ruff 0.17, and before it 3.10, on which the two errors differ.
    ({"ruff.toml": 'lint.select = ["UP"]'}, {"UP041"}, set()),
    ({"ruff.toml": 'required-version = "==0.16.2"\nlint.select = ["UP"]'}, set(), {"UP041"}),
    (
        {"ruff.toml": 'target-version = "py311"\nlint.select = ["UP"]\nper-file-target-version = {"m*.py" = "py310"}'},
        set(),
        {"UP041"},
    ),
    ({"ruff.toml": 'target-version = "py311"\nlint.select = ["UP"]'}, {"UP041"}, set()),
    (
        {"base.toml": 'lint.ignore = ["ASYNC251"]', "ruff.toml": 'extend = "base.toml"\nlint.select = ["ASYNC"]'},
        {"ASYNC251"},
        set(),
    ),
    ({"ruff.toml": 'required-version = ">=0.16"'}, {"ASYNC251", "PLE1142"}, {"ASYNC110", "RUF006"}),
    (
        {"ruff.toml": "", "uv.lock": '[[package]]\nname = "ruff"\nversion = "0.17.6"\n'},
        {"ASYNC251"},
        {"RUF006"},
    ),
    (
        {
            "pyproject.toml": "[tool.ruff]\nline-length = 100\n",
            ".pre-commit-config.yaml": "- repo: https://github.com/astral-sh/ruff-pre-commit\n  rev: v0.16.1\n",
        },
        {"ASYNC251"},
        set(),
    ),
    (
        {
            "ruff.toml": 'extend = "base/ruff.toml"\n[lint]\nextend-select = ["RUF006"]',
            "base/ruff.toml": '[lint]\nselect = ["ASYNC"]',
        },
        {"ASYNC251", "RUF006"},
        set(),
    ),
    (
        {".ruff.toml": 'lint.select = ["E"]', "pyproject.toml": '[tool.ruff.lint]\nselect = ["ASYNC"]'},
        set(),
        {"ASYNC251"},
    ),
    ({"ruff.toml": "select = ["}, set(), {"ASYNC251"}),
    ({"ruff.toml": 'lint.select = "ASYNC"\nlint.ignore = 3\n'}, set(), {"RUF006"}),
    ({"ruff.toml": 'lint.dummy-variable-rgx = "^result$"\nlint.select = ["F", "PL"]'}, {"PLE1142"}, {"F841"}),
    # flake8-async
    ({".flake8": "[flake8]\nselect = E,ASYNC"}, {"ASYNC251", "ASYNC300"}, {"RUF006", "ASYNC200"}),
    ({"setup.cfg": "[flake8]\nextend-select =\n  # all\n  ASYNC1\n  B\n"}, {"ASYNC100"}, set()),
    ({"tox.ini": "[flake8]\nselect = E\n"}, set(), {"ASYNC251"}),
    ({".flake8": "[flake8]\nmax-line-length = 100\n"}, set(), {"ASYNC251"}),
    ({".flake8": "[flake8]\nselect = ASYNC\n", "tox.ini": "[flake8]\nselect = E\n"}, set(), {"ASYNC251"}),
    ({".flake8": "[flake8]\nselect = E\n", "setup.cfg": "[flake8]\nselect = ASYNC\n"}, {"ASYNC251"}, set()),
    ({"pyproject.toml": '[dependency-groups]\nlint = ["flake8-async>=25"]\n'}, {"ASYNC251"}, {"ASYNC913"}),
    (
        {
            "pyproject.toml": '[dependency-groups]\nlint = ["flake8-async"]\n',
            ".flake8": "[flake8]\nper-file-ignores = *.py:ASYNC2\n",
        },
        {"ASYNC100"},
        {"ASYNC251"},
    ),
    (  # flake8 does not start: "does not match '^[A-Z]{1,3}[0-9]{0,3}$'"
        {"pyproject.toml": '[dependency-groups]\nlint = ["flake8-async"]\n', ".flake8": "[flake8]\nignore = ASYNC2\n"},
        set(),
        {"ASYNC251", "ASYNC100"},
    ),
    ({".pre-commit-config.yaml": "additional_dependencies: [flake8-async==26.8.1]\n"}, {"ASYNC300"}, set()),
    ({".pre-commit-config.yaml": "# flake8-async is too slow\n"}, set(), {"ASYNC300"}),
    ({".flake8": "[flake8\nselect = ASYNC"}, set(), {"ASYNC251"}),
    # pylint
    ({"pyproject.toml": "[tool.pylint.main]\njobs = 2\n"}, {"E1142", "E1700"}, {"PLE1142", "E1145"}),
    ({".pylintrc": "[MESSAGES CONTROL]\ndisable=await-outside-async,E1701\n"}, {"E1700"}, {"E1142", "E1701"}),
    ({"pylintrc": "[MAIN]\ndisable=all\nenable=await-outside-async\n"}, {"E1142"}, {"E1701"}),
    ({"setup.cfg": "[metadata]\nname = x\n"}, set(), {"E1142"}),
    ({"pyproject.toml": "[tool.pylint.main]\njobs = 2\n"}, {"W0612"}, set()),
    ({"pyproject.toml": '[tool.pylint.variables]\ndummy-variables-rgx = ""\n'}, {"E1142"}, {"W0612"}),
    # pyright
    (
        {"pyrightconfig.json": '{// strict\n"typeCheckingMode": "basic",}'},
        {"reportUnusedCoroutine"},
        {"reportUnnecessaryComparison"},
    ),
    ({"pyproject.toml": "[tool.pyright]\nstrict = []\n"}, {"reportUnusedCoroutine"}, {"reportUnnecessaryComparison"}),
    ({"pyproject.toml": '[tool.pyright]\ntypeCheckingMode = "strict"\n'}, {"reportUnnecessaryComparison"}, set()),
    ({"pyproject.toml": '[tool.pyright]\ntypeCheckingMode = "off"\n'}, set(), {"reportUnusedCoroutine"}),
    ({"pyproject.toml": "[tool.pyright]\nreportUnusedCoroutine = false\n"}, set(), {"reportUnusedCoroutine"}),
    (
        {"pyproject.toml": '[tool.pyright]\nreportUnnecessaryComparison = "warning"\n'},
        {"reportUnnecessaryComparison"},
        set(),
    ),
    ({"pyproject.toml": '[tool.basedpyright]\npythonVersion = "3.12"\n'}, {"reportUnnecessaryComparison"}, set()),
    ({"pyrightconfig.json": "{"}, set(), {"reportUnusedCoroutine"}),
    ({"pyrightconfig.json": '{"include": ["src"]}'}, set(), {"reportUnusedCoroutine"}),
    ({"pyrightconfig.json": '{"ignore": ["."]}'}, set(), {"reportUnusedCoroutine"}),
    ({"pyrightconfig.json": "{}", ".basedpyright/baseline.json": "{}"}, set(), {"reportUnusedCoroutine"}),
    (
        {"pyproject.toml": '[tool.pyright]\ntypeCheckingMode = "off"\nstrict = ["."]\n'},
        {"reportUnusedCoroutine", "reportUnnecessaryComparison"},
        set(),
    ),
    (
        {"pyproject.toml": '[tool.pyright]\ntypeCheckingMode = "off"\nstrict = ["src"]\n'},
        set(),
        {"reportUnusedCoroutine"},
    ),
    # mypy
    (
        {"mypy.ini": "[mypy]\nstrict = True\n[mypy-main]\ndisable_error_code = truthy-bool, attr-defined\n"},
        {"unused-coroutine"},
        {"attr-defined"},
    ),
    ({"pyproject.toml": "[tool.mypy]\nstrict = true\n"}, {"unused-coroutine"}, {"unused-awaitable", "truthy-bool"}),
    ({"mypy.ini": "[mypy]\ncheck_untyped_defs = True\n"}, {"unused-coroutine"}, set()),
    ({"mypy.ini": "[mypy]\nwarn_unused_ignores = True\n"}, {"unused-coroutine"}, set()),  # in annotated functions
    ({"mypy.ini": "[mypy]\nstrict = True\n[mypy-main]\nignore_errors = True\n"}, set(), {"unused-coroutine"}),
    ({"mypy.ini": "[mypy]\nstrict = True\nfiles = src\n"}, set(), {"unused-coroutine"}),
    ({"mypy.ini": "[mypy]\nstrict = True\nexclude = main\n"}, set(), {"unused-coroutine"}),
    ({"setup.cfg": "[mypy]\nstrict = True\ndisable_error_code = unused-coroutine\n"}, set(), {"unused-coroutine"}),
    (
        {"pyproject.toml": '[tool.mypy]\nstrict = true\nenable_error_code = ["unused-awaitable", "truthy-bool"]\n'},
        {"unused-coroutine", "unused-awaitable", "truthy-bool"},
        set(),
    ),
    ({"mypy.ini": "[mypy]\nstrict = True\nignore_errors = True\n"}, set(), {"unused-coroutine"}),
    # ty, pyrefly
    ({"ty.toml": ""}, {"unused-awaitable", "redundant-condition"}, {"unused-coroutine"}),
    (
        {"pyproject.toml": '[tool.ty.rules]\nunused-awaitable = "ignore"\n'},
        {"redundant-condition"},
        {"unused-awaitable"},
    ),
    (
        {"ty.toml": '[rules]\nall = "ignore"\nunused-awaitable = "warn"\n'},
        {"unused-awaitable"},
        {"redundant-condition"},
    ),
    ({"pyrefly.toml": ""}, {"unused-coroutine"}, set()),
    ({"pyproject.toml": "[tool.pyrefly.errors]\nunused-coroutine = false\n"}, set(), {"unused-coroutine"}),
    (
        {"ty.toml": '[[overrides]]\ninclude = ["tests/**"]\nrules = {unused-awaitable = "ignore"}\n'},
        {"unused-awaitable"},
        set(),
    ),
    (
        {"ty.toml": '[[overrides]]\ninclude = ["main.py"]\nrules = {unused-awaitable = "ignore"}\n'},
        set(),
        {"unused-awaitable"},
    ),
    ({"ty.toml": '[[overrides]]\nrules = {unused-awaitable = "ignore"}\n'}, set(), {"unused-awaitable"}),
    (
        {"pyrefly.toml": '[[sub-config]]\nmatches = "tests/**"\nerrors = {unused-coroutine = false}\n'},
        {"unused-coroutine"},
        set(),
    ),
    (
        {"pyrefly.toml": '[[sub-config]]\nmatches = "*.py"\nerrors = {unused-coroutine = false}\n'},
        set(),
        {"unused-coroutine"},
    ),
    # nothing of theirs
    ({"pyproject.toml": "[project]\nname = 'x'\n"}, set(), {"ASYNC251", "unused-coroutine"}),
    ({"pyproject.toml": "tool = 3\n"}, set(), {"ASYNC251"}),
    ({"pyproject.toml": "[tool"}, set(), {"ASYNC251"}),
]


def written(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")


def codes(path: Path) -> frozenset[str]:
    """Return the codes of other tools that apply to a file."""
    return frozenset(peer.code for peer in Companions().reporting(path).peers)


@pytest.mark.parametrize(("files", "reported", "not_reported"), CASES)
def test_a_tool_reports_only_what_its_configuration_enables(
    files: dict[str, str], reported: set[str], not_reported: set[str], tmp_path: Path
) -> None:
    written(tmp_path, files)
    said = codes(tmp_path / "main.py")
    assert reported - said == set()
    assert not_reported & said == set()


PYTHONS: list[tuple[dict[str, str], str, str]] = [
    # files, a type checker, the Pythons for which it may check: where nothing names one, those of the project
    ({"mypy.ini": "[mypy]\npython_version = 3.11\n"}, "mypy", "3.11"),
    ({"pyproject.toml": '[tool.mypy]\npython_version = "3.10"\n'}, "mypy", "3.10"),
    ({"pyproject.toml": "[tool.mypy]\npython_version = 3.12\n"}, "mypy", "3.12"),
    ({"mypy.ini": "[mypy]\nstrict = True\n"}, "mypy", "3.11+"),
    ({"mypy.ini": "[mypy]\npython_version = 3.9\n"}, "mypy", "3.11+"),  # mypy refuses it, and takes its own
    ({"pyproject.toml": '[tool.pyright]\npythonVersion = "3.12"\n'}, "pyright", "3.12"),
    ({"pyrightconfig.json": '{"pythonVersion": "3.8"}'}, "pyright", "3.10"),
    ({"pyrightconfig.json": "{}"}, "pyright", "3.11+"),
    ({"ty.toml": '[environment]\npython-version = "3.13"\n'}, "ty", "3.13"),
    ({"pyproject.toml": '[project]\nrequires-python = ">=3.12,<4"\n[tool.ty]\n'}, "ty", "3.12"),
    ({"pyproject.toml": '[project]\nrequires-python = "<3.14,>3.11"\n', "ty.toml": ""}, "ty", "3.11"),
    ({"pyproject.toml": '[project]\nrequires-python = ">=3.9"\n[tool.ty]\n'}, "ty", "3.11+"),
    ({"pyproject.toml": '[project]\nrequires-python = ">=3.12"\n[tool.pyrefly]\n'}, "pyrefly", "3.11+"),
    ({"pyrefly.toml": 'python-version = "3.12.4"\n'}, "pyrefly", "3.12"),
    ({"pyrefly.toml": 'python-version = "3.9"\n'}, "pyrefly", "3.10"),
]


@pytest.mark.parametrize(("files", "tool", "expected"), PYTHONS)
def test_a_type_checker_checks_for_the_python_of_its_configuration(
    files: dict[str, str], tool: str, expected: str, tmp_path: Path
) -> None:
    written(tmp_path, files)
    companions = Companions(target=Target((3, 11), (3, 14)))
    assert str(companions.reporting(tmp_path / "main.py").pythons[tool]) == expected


def test_two_configurations_of_mypy_are_both_possible(tmp_path: Path) -> None:
    written(tmp_path, {".git/x": "", "mypy.ini": "[mypy]\npython_version = 3.10\n"})
    written(tmp_path / "in", {"mypy.ini": "[mypy]\npython_version = 3.12\n"})
    assert str(Companions().reporting(tmp_path / "in" / "main.py").pythons["mypy"]) == "3.10-3.12"


def test_a_checker_may_check_for_any_python_of_a_project_that_names_none(tmp_path: Path) -> None:
    written(tmp_path, {"mypy.ini": "[mypy]\nstrict = True\n"})
    companions = Companions(target=Target((3, 14), (3, 14), assumed=True))
    assert companions.reporting(tmp_path / "main.py").pythons["mypy"] == VersionRange()


def test_configuration_is_searched_up_to_the_repository_root(tmp_path: Path) -> None:
    written(tmp_path, {"ruff.toml": 'lint.select = ["ASYNC"]'})
    inner = tmp_path / "repository/package/main.py"
    inner.parent.mkdir(parents=True)
    assert "ASYNC251" not in codes(inner)
    (tmp_path / ".git").mkdir()
    assert "ASYNC251" in codes(inner)
    (tmp_path / "repository/.git").mkdir()
    assert "ASYNC251" not in codes(inner)


def test_the_nearest_ruff_configuration_and_every_flake8_configuration_apply(tmp_path: Path) -> None:
    """ruff uses the configuration nearest to a file; flake8, mypy and pylint use that of their own directory."""
    written(tmp_path, {".git/x": "", "ruff.toml": 'lint.select = ["ASYNC"]', "in/ruff.toml": 'lint.select = ["E"]'})
    assert "ASYNC251" in codes(tmp_path / "main.py")
    assert "ASYNC251" not in codes(tmp_path / "in/main.py")
    written(tmp_path, {".flake8": "[flake8]\nselect = ASYNC\n", "in/.flake8": "[flake8]\nselect = E\n"})
    assert "ASYNC300" in codes(tmp_path / "main.py")
    assert "ASYNC300" not in codes(tmp_path / "in/main.py")


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    written(tmp_path, {"pyproject.toml": '[tool.ruff.lint]\nselect = ["ASYNC"]'})
    assert "ASYNC251" in codes(tmp_path / "main.py")
    written(tmp_path, {"pyproject.toml": '[tool.ruff.lint]\nselect = ["E", "F"]'})
    assert "ASYNC251" not in codes(tmp_path / "main.py")


def sections() -> list[str]:
    return [raw for page in sorted(PAGES.glob("*.md")) for raw in raw_sections(page.read_text("utf-8"))]


@pytest.mark.parametrize("raw", sections(), ids=title_of)
def test_findings_of_no_other_tool_are_shown(
    raw: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    settle(tmp_path, monkeypatch)
    code, places, broken = "", [], False
    for block in FENCE.finditer(raw):
        if block["language"] == "python":
            code, places = without_carets(block["text"])
            broken = block["name"] == "broken"
        else:
            put(block["name"], block["text"])
    put("main.py", code)
    lines = sorted(code.encode()[: place.start].count(b"\n") + 1 for place in places)
    shown = [one["line"] for one in found(capsys, "--no-cache", code=2 if broken else None) if one["code"]]
    assert shown == lines
    every = found(capsys, "--no-cache", "--select", "ALL", code=2 if broken else 1)
    assert len(every) >= len(shown)


def test_no_shape_is_undetermined() -> None:
    """A shape that was not measured is in no table, because it would be left to a tool that may not report it."""
    for measured in read_agreements().values():
        for agreement in measured.agreements:
            assert not [shape for shape in agreement.shapes if "?" in shape]
            assert agreement.code in {peer for rule in all_rules().values() for peer in rule.peers}


def test_a_lock_in_a_plain_with_is_left_to_no_tool() -> None:
    """pylint's rule for it finds one in ten."""
    assert not [each for each in read_agreements()["pylint"].agreements if each.code == "E1145"]


@pytest.mark.parametrize("rule", all_rules().values(), ids=lambda rule: rule.name)
def test_peers_are_spelled_as_their_tools_spell_them(rule: Rule) -> None:
    for peer in rule.peers:
        assert re.fullmatch(r"[A-Z]+-?\d+|report[A-Z]\w+|[a-z]+(-[a-z]+)*", peer), peer


def test_a_rule_names_the_checkers_that_were_measured() -> None:
    measured: dict[str, list[str]] = {}
    for tool, one in read_agreements().items():
        for code in {each.code for each in one.agreements}:
            measured.setdefault(code, []).append(tool)
    for rule in all_rules().values():
        for code in rule.peers:
            if code[0].islower() and not code.startswith("report") and code in measured:
                tools = " and ".join(measured[code])
                assert re.search(rf"(as|,) {tools} (`[^`]+`, )*`{code}`", same_as(rule)), (code, same_as(rule))
