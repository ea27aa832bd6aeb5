"""What a project has other tools report is left to them; what they are not set up for is not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from loopwise.analysis.rule import Rule
from loopwise.diagnosis.companions.configured import companions
from loopwise.diagnosis.selection import selection
from loopwise.rules.registry import all_rules
from loopwise.settings.fields import Settings

PEERS = frozenset(peer for rule in all_rules().values() for peer in rule.peers)
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
    ({"ruff.toml": 'lint.extend-select = ["RUF006"]'}, {"RUF006"}, {"ASYNC251"}),
    ({"ruff.toml": ""}, set(), {"ASYNC251", "F841"}),
    ({"ruff.toml": 'required-version = ">=0.15.2"'}, set(), {"ASYNC251"}),
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
    # flake8-async
    ({".flake8": "[flake8]\nselect = E,ASYNC"}, {"ASYNC251", "ASYNC300"}, {"RUF006", "ASYNC200"}),
    ({"setup.cfg": "[flake8]\nextend-select =\n  # all\n  ASYNC1\n  B\n"}, {"ASYNC110"}, set()),
    ({"tox.ini": "[flake8]\nselect = E\n"}, set(), {"ASYNC251"}),
    ({".flake8": "[flake8]\nmax-line-length = 100\n"}, set(), {"ASYNC251"}),
    ({"pyproject.toml": '[dependency-groups]\nlint = ["flake8-async>=25"]\n'}, {"ASYNC251"}, {"ASYNC913"}),
    (
        {"pyproject.toml": '[dependency-groups]\nlint = ["flake8-async"]\n', ".flake8": "[flake8]\nignore = ASYNC2\n"},
        {"ASYNC110"},
        {"ASYNC251"},
    ),
    ({".pre-commit-config.yaml": "additional_dependencies: [flake8-async==26.8.1]\n"}, {"ASYNC300"}, set()),
    ({".pre-commit-config.yaml": "# flake8-async is too slow\n"}, set(), {"ASYNC300"}),
    ({".flake8": "[flake8\nselect = ASYNC"}, set(), {"ASYNC251"}),
    # pylint
    ({"pyproject.toml": "[tool.pylint.main]\njobs = 2\n"}, {"E1142", "E1701"}, {"PLE1142"}),
    ({".pylintrc": "[MESSAGES CONTROL]\ndisable=await-outside-async,E1701\n"}, {"E1700"}, {"E1142", "E1701"}),
    ({"pylintrc": "[MAIN]\ndisable=all\nenable=await-outside-async\n"}, {"E1142"}, {"E1701"}),
    ({"setup.cfg": "[metadata]\nname = x\n"}, set(), {"E1142"}),
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
    # mypy
    ({"pyproject.toml": "[tool.mypy]\nstrict = true\n"}, {"unused-coroutine"}, {"unused-awaitable", "truthy-bool"}),
    ({"mypy.ini": "[mypy]\ncheck_untyped_defs = True\n"}, {"unused-coroutine"}, set()),
    ({"mypy.ini": "[mypy]\nwarn_unused_ignores = True\n"}, set(), {"unused-coroutine"}),
    ({"setup.cfg": "[mypy]\nstrict = True\ndisable_error_code = unused-coroutine\n"}, set(), {"unused-coroutine"}),
    (
        {"pyproject.toml": '[tool.mypy]\nstrict = true\nenable_error_code = ["unused-awaitable", "truthy-bool"]\n'},
        {"unused-coroutine", "unused-awaitable", "truthy-bool"},
        set(),
    ),
    ({"mypy.ini": "[mypy]\nstrict = True\nignore_errors = True\n"}, set(), {"unused-coroutine"}),
    # ty, pyrefly
    ({"ty.toml": ""}, {"unused-coroutine", "redundant-condition"}, {"unused-awaitable"}),
    (
        {"pyproject.toml": '[tool.ty.rules]\nunused-awaitable = "ignore"\n'},
        {"redundant-condition"},
        {"unused-coroutine"},
    ),
    (
        {"ty.toml": '[rules]\nall = "ignore"\nunused-awaitable = "warn"\n'},
        {"unused-coroutine"},
        {"redundant-condition"},
    ),
    ({"pyrefly.toml": ""}, {"unused-coroutine"}, set()),
    ({"pyproject.toml": "[tool.pyrefly.errors]\nunused-coroutine = false\n"}, set(), {"unused-coroutine"}),
    # nothing of theirs
    ({"pyproject.toml": "[project]\nname = 'x'\n"}, set(), {"ASYNC251", "unused-coroutine"}),
    ({"pyproject.toml": "tool = 3\n"}, set(), {"ASYNC251"}),
    ({"pyproject.toml": "[tool"}, set(), {"ASYNC251"}),
]


def written(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")


@pytest.mark.parametrize(("files", "reported", "not_reported"), CASES)
def test_a_tool_reports_what_it_is_set_up_for(
    files: dict[str, str], reported: set[str], not_reported: set[str], tmp_path: Path
) -> None:
    written(tmp_path, files)
    found = companions(tmp_path) & (PEERS | reported | not_reported)
    assert reported - found == set()
    assert not_reported & found == set()


def test_configurations_are_looked_for_up_to_the_repository(tmp_path: Path) -> None:
    written(tmp_path, {"ruff.toml": 'lint.select = ["ASYNC"]'})
    inner = tmp_path / "repository/package"
    inner.mkdir(parents=True)
    assert "ASYNC251" not in companions(inner)
    (tmp_path / ".git").mkdir()
    assert "ASYNC251" in companions(inner)
    (tmp_path / "repository/.git").mkdir()
    assert "ASYNC251" not in companions(inner)


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    written(tmp_path, {"pyproject.toml": '[tool.ruff.lint]\nselect = ["ASYNC"]'})
    assert "ASYNC251" in companions(tmp_path)
    written(tmp_path, {"pyproject.toml": '[tool.ruff.lint]\nselect = ["E", "F"]'})
    assert "ASYNC251" not in companions(tmp_path)


def test_a_general_rule_of_a_type_checker_silences_nothing(tmp_path: Path) -> None:
    written(
        tmp_path, {"pyproject.toml": '[tool.mypy]\nstrict = true\n[tool.pyright]\n[tool.ty.rules]\nall = "error"\n'}
    )
    silent = selection(Settings(), tmp_path, None, companions(tmp_path)).silent
    assert silent == {"missing-await", "coroutine-in-condition"}


@pytest.mark.parametrize("rule", all_rules().values(), ids=lambda rule: rule.name)
def test_peers_are_spelled_as_their_tools_spell_them(rule: Rule) -> None:
    for peer in rule.peers:
        assert re.fullmatch(r"[A-Z]+-?\d+|report[A-Z]\w+|[a-z]+(-[a-z]+)*", peer), peer
