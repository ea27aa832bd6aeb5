"""Settings: those written take effect, and a typo affects one setting and is explained."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from loopwise.cards.api import load_api
from loopwise.project.workspace import Workspace
from loopwise.settings.fields import Hover, Jedi, Settings
from loopwise.settings.layers import EDITOR, fields, from_editor, from_pyproject, merge
from loopwise.settings.pyproject import nearest_pyproject, nearest_settings
from loopwise.settings.target_version import target
from loopwise.versions import Target


def written(folder: Path, text: str | bytes, name: str = "pyproject.toml") -> Path:
    """Write the file ``name`` in ``folder``."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_without_any_layer_the_defaults_apply() -> None:
    assert merge() == merge({}) == Settings()


def test_a_table_of_pyproject_is_read(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        '[tool.loopwise]\ntarget-version = "3.11-3.13"\nknowledge = ["docs/cards", "/far"]\nhover.samples = "all"\n'
        "[tool.loopwise.jedi]\nenable = false\ndeadline = 2\n",
    )
    layer, problems = from_pyproject(path)
    assert problems == ()
    assert merge(layer) == Settings(
        target_version="3.11-3.13",
        knowledge=(str(tmp_path / "docs/cards"), "/far"),
        hover=Hover(samples="all"),
        jedi=Jedi(enable=False, deadline=2.0),
    )
    assert merge(layer).pages == (tmp_path / "docs/cards", Path("/far"))


EDITORS: list[tuple[object, Settings]] = [
    (None, Settings()),
    ({}, Settings()),
    ({"hover": {"enable": False}}, Settings(hover=Hover(enable=False))),
    ({"hover.enable": False, "hover.samples": None}, Settings(hover=Hover(enable=False))),
    ({"targetVersion": ">=3.11", "knowledge": []}, Settings(target_version=">=3.11", knowledge=())),
    ({"target-version": " 3.12 "}, Settings(target_version=" 3.12 ")),
    ({"extendSelect": ["LW2"], "ignore": ["LW201"]}, Settings(extend_select=("LW2",), ignore=("LW201",))),
    ({"perFileIgnores": {"tests/**": ["LW2"]}}, Settings(per_file_ignores={"tests/**": ("LW2",)})),
    ({"severity": {"blocking-sleep": "off"}}, Settings(severity={"blocking-sleep": "off"})),
    ({"exclude": ["gen"], "companion": "off"}, Settings(exclude=("gen",), companion="off")),
]


@pytest.mark.parametrize(("said", "settings"), EDITORS)
def test_editor_keys_may_be_nested_or_dotted(said: object, settings: Settings) -> None:
    layer, problems = from_editor(said)
    assert problems == ()
    assert merge(layer) == settings


def test_the_editors_paths_start_at_the_workspace(tmp_path: Path) -> None:
    assert merge(from_editor({"knowledge": ["cards"]}, tmp_path)[0]).knowledge == (str(tmp_path / "cards"),)


def test_a_later_layer_wins_key_by_key() -> None:
    below, above = {"hover.samples": "all", "hover.enable": False}, {"hover.samples": "none"}
    assert merge(below, above).hover == Hover(enable=False, samples="none")


SLIPS: list[tuple[dict[str, Any], str, list[str]]] = [
    ({"hover": {"sampels": "all"}}, "hover.sampels", ["no such setting", "`hover.samples`"]),
    ({"frobnicate": 1}, "frobnicate", ["no such setting", "target-version", "jedi.deadline"]),
    ({"hover": True}, "hover", ["no such setting", "hover.enable"]),
    ({"hover": {"samples": "some"}}, "hover.samples", ["'some'", '`"first"`, `"all"` or `"none"`', '`"first"`']),
    ({"hover": {"enable": "yes"}}, "hover.enable", ["'yes'", "`true` or `false`", "the default `true`"]),
    ({"target-version": "3.x"}, "target-version", ["'3.x'", "`3.11-3.14`", "not set"]),
    ({"target-version": 312}, "target-version", ["312", "a version such as"]),
    ({"knowledge": "cards"}, "knowledge", ["'cards'", "a list of paths"]),
    ({"knowledge": [1]}, "knowledge", ["a list of paths"]),
    ({"jedi": {"deadline": 0}}, "jedi.deadline", ["a number of seconds, above 0"]),
    ({"select": "LW2"}, "select", ["'LW2'", "a list of rules", "`[]`"]),
    ({"ignore": [1]}, "ignore", ["a list of rules"]),
    ({"exclude": "gen"}, "exclude", ["a list of `.gitignore` patterns"]),
    ({"companion": "on"}, "companion", ["'on'", '`"auto"`, `"off"`']),
    ({"severity": "hint"}, "severity", ["a table of rules", "`hint`", "`{}`"]),
    ({"severity": {"LW201": "loud", "LW202": "hint"}}, "severity.LW201", ["'loud'", "`hint`", "this entry"]),
    ({"perFileIgnores": {"tests/**": "LW2"}}, "per-file-ignores.tests/**", ["'LW2'", "a table of patterns"]),
    ({"blocking": {"acme.db": 1}}, "blocking.acme.db", ["a table of strings"]),
    ({"jedi": {"deadline": True}}, "jedi.deadline", ["a number of seconds, above 0"]),
]


@pytest.mark.parametrize(("said", "key", "words"), SLIPS)
def test_a_typo_is_reported_with_key_values_and_default(said: dict[str, Any], key: str, words: list[str]) -> None:
    layer, (problem,) = from_editor({**said, "hover.samples": "all"})
    assert merge(layer).hover.samples == "all"
    assert (problem.file, problem.section) == (EDITOR, key)
    assert [word for word in words if word not in problem.message] == []


@pytest.mark.parametrize("said", ["text", 3, ["hover"]])
def test_editor_settings_that_are_not_an_object_are_one_problem(said: object) -> None:
    assert [problem.file for problem in from_editor(said)[1]] == [EDITOR]


UNREADABLE = [
    b"a = [",
    b"\xff\xfe",
    b"a=" + b"[" * 50_000,
    b"[tool]\nloopwise = 3\n",
    b"[tool.loopwise]\nx = 1\nx = 2\n",
]


@pytest.mark.parametrize("data", UNREADABLE)
def test_a_file_that_cannot_be_read_is_one_problem(data: bytes, tmp_path: Path) -> None:
    path = written(tmp_path, data)
    layer, (problem,) = from_pyproject(path)
    assert layer == {}
    assert problem.file == str(path)
    target(Settings(), tmp_path, stop=tmp_path, environ={})


@pytest.mark.parametrize("data", [b"", b"tool = 3\n", b"[tool.other]\nx = 1\n"])
def test_a_file_without_our_table_changes_no_settings(data: bytes, tmp_path: Path) -> None:
    assert from_pyproject(written(tmp_path, data)) == ({}, ())


def test_a_missing_file_changes_no_settings(tmp_path: Path) -> None:
    assert from_pyproject(tmp_path / "pyproject.toml") == ({}, ())
    assert from_pyproject(tmp_path)[1] != ()


def test_the_valid_entries_of_a_table_take_effect(tmp_path: Path) -> None:
    text = '[tool.loopwise.severity]\nLW201 = "loud"\nLW202 = "hint"\n[tool.loopwise.per-file-ignores]\n"a" = ["LW2"]\n'
    layer, (problem,) = from_pyproject(written(tmp_path, text))
    assert merge(layer) == Settings(severity={"LW202": "hint"}, per_file_ignores={"a": ("LW2",)})
    assert (problem.file, problem.section) == (str(tmp_path / "pyproject.toml"), "severity.LW201")


def test_the_nearest_pyproject_is_the_innermost_up_to_stop(tmp_path: Path) -> None:
    outer, inner = written(tmp_path, ""), written(tmp_path / "a/b", "")
    deep = tmp_path / "a/b/c/d.py"
    assert nearest_pyproject(deep, tmp_path) == inner
    assert nearest_pyproject(tmp_path / "a", tmp_path) == outer
    assert nearest_pyproject(tmp_path / "a", tmp_path / "a") is None


OLDEST, NEWEST = load_api().span.floor, load_api().span.ceiling
TARGETS: list[tuple[dict[str, str], str | None, Target]] = [
    ({}, None, Target(NEWEST, NEWEST, assumed=True)),
    ({}, "3.12", Target((3, 12), (3, 12))),
    ({}, "3.11-3.13", Target((3, 11), (3, 13))),
    ({}, ">=3.11", Target((3, 11), NEWEST)),
    ({}, "3.2-3.99", Target(OLDEST, NEWEST, older=(3, 2))),
    ({"pyproject.toml": '[project]\nrequires-python = ">=3.10"'}, None, Target((3, 10), NEWEST)),
    ({"pyproject.toml": '[project]\nrequires-python = ">=3.10"'}, "3.12", Target((3, 12), (3, 12))),
    ({"pyproject.toml": '[project]\nrequires-python = ">=3.8,<3.13"'}, None, Target(OLDEST, (3, 12), older=(3, 8))),
    ({"pyproject.toml": '[project]\nrequires-python = "~=3.11"'}, None, Target((3, 11), NEWEST)),
    ({"pyproject.toml": '[project]\nrequires-python = ">=3.11.4,!=3.12.*,<3.14"'}, None, Target((3, 11), (3, 13))),
    ({"pyproject.toml": '[project]\nrequires-python = "==3.12.3"'}, None, Target((3, 12), (3, 12))),
    (
        {"pyproject.toml": '[project]\nrequires-python = "nonsense"', ".python-version": "3.11"},
        None,
        Target((3, 11), (3, 11)),
    ),
    ({"pyproject.toml": "[project]\nrequires-python = 3", ".python-version": "3.11"}, None, Target((3, 11), (3, 11))),
    ({"pyproject.toml": "[project", ".python-version": "3.11"}, None, Target((3, 11), (3, 11))),
    ({".python-version": "# pinned\n3.12.1\n3.11\n"}, None, Target((3, 11), (3, 12))),
    ({".python-versions": "3.13\n3.11\n"}, None, Target((3, 11), (3, 13))),  # uv's list of several
    ({".python-version": "pypy3.10-7.3.12\n"}, None, Target((3, 10), (3, 10))),
    ({".python-version": "3.8.18\n"}, None, Target(OLDEST, OLDEST)),
    ({".python-version": "system\n", ".venv/pyvenv.cfg": "version = 3.11.7\n"}, None, Target((3, 11), (3, 11))),
    ({".venv/pyvenv.cfg": "home = /3.9\nversion_info = 3.12.1.final.0\n"}, None, Target((3, 12), (3, 12))),
    ({"env/pyvenv.cfg": "version = 3.13.0\n"}, None, Target((3, 13), (3, 13))),
    # as people write it
    ({}, "py311", Target((3, 11), (3, 11))),
    ({}, ">=3.11,<3.14", Target((3, 11), (3, 13))),
    ({}, "==3.12.*", Target((3, 12), (3, 12))),
    ({}, "~=3.11", Target((3, 11), NEWEST)),
    ({}, "^3.11", Target((3, 11), NEWEST)),
    ({}, "~3.11", Target((3, 11), (3, 11))),
    ({}, "3.11.4", Target((3, 11), (3, 11))),
    ({}, "3.11+", Target((3, 11), NEWEST)),
    # where projects say it
    ({"pyproject.toml": '[project]\nrequires-python = ">=3.8,<3.10"'}, None, Target(OLDEST, OLDEST)),
    ({"pyproject.toml": '[project]\nrequires-python = "^3.11"'}, None, Target((3, 11), NEWEST)),
    ({"pyproject.toml": '[project]\nrequires-python = "3.12"'}, None, Target((3, 12), (3, 12))),
    ({"pyproject.toml": '[project]\nrequires-python = "===3.12"'}, None, Target((3, 12), (3, 12))),
    ({"pyproject.toml": '[tool.poetry.dependencies]\npython = "^3.11"'}, None, Target((3, 11), NEWEST)),
    ({"pyproject.toml": '[tool.poetry.dependencies]\npython = ">=3.10,<3.13"'}, None, Target((3, 10), (3, 12))),
    ({"pyproject.toml": '[tool.poetry.dependencies]\npython = "~3.12"'}, None, Target((3, 12), (3, 12))),
    ({"poetry.lock": '[metadata]\npython-versions = "^3.11"\n'}, None, Target((3, 11), NEWEST)),
    ({"pdm.lock": '[[metadata.targets]]\nrequires_python = ">=3.10,<3.13"\n'}, None, Target((3, 10), (3, 12))),
    ({"environment.yml": "dependencies:\n  - python=3.11\n  - numpy\n"}, None, Target((3, 11), (3, 11))),
    ({"environment.yaml": 'dependencies:\n  - "python>=3.11,<3.13"\n'}, None, Target((3, 11), (3, 12))),
    ({"environment.yml": "dependencies:\n  - python-dateutil=3.10\n"}, None, Target(NEWEST, NEWEST, assumed=True)),
    ({"pixi.toml": '[dependencies]\npython = "3.11.*"\n'}, None, Target((3, 11), (3, 11))),
    ({"tox.ini": "[tox]\nenvlist = py{310,311}-dj{4,5}, lint\n"}, None, Target((3, 10), (3, 11))),
    ({"tox.ini": "[tox]\nenv_list =\n    lint\n    3.12\n    py313\n[testenv]\n"}, None, Target((3, 12), (3, 13))),
    ({"tox.ini": "[flake8]\nselect = E\n"}, None, Target(NEWEST, NEWEST, assumed=True)),
    ({"mypy.ini": "[mypy]\npython_version = 3.11\n"}, None, Target((3, 11), (3, 11))),
    ({"pyproject.toml": '[tool.pylint.main]\npy-version = "3.11"\n'}, None, Target((3, 11), (3, 11))),
    ({".pylintrc": "[MAIN]\npy-version=3.11\n"}, None, Target((3, 11), (3, 11))),
    ({"pyrightconfig.json": '{// ours\n"pythonVersion": "3.12"}'}, None, Target((3, 12), (3, 12))),
    ({"ty.toml": '[environment]\npython-version = "3.12"\n'}, None, Target((3, 12), (3, 12))),
    ({"pyproject.toml": '[tool.poetry.dependencies]\npython = { version = "3.12.*" }'}, None, Target((3, 12), (3, 12))),
    ({"setup.cfg": "[options]\npython_requires = >=3.11\n"}, None, Target((3, 11), NEWEST)),
    ({"setup.py": "setup(name='x', python_requires='>=3.12')\n"}, None, Target((3, 12), NEWEST)),
    ({"setup.py": "setup(python_requires=WANTED)\n", ".python-version": "3.13"}, None, Target((3, 13), (3, 13))),
    ({"uv.lock": 'version = 1\nrequires-python = ">=3.12"\n'}, None, Target((3, 12), NEWEST)),
    ({"pdm.lock": '[metadata]\nrequires-python = ">=3.12"\n'}, None, Target((3, 12), NEWEST)),
    ({"Pipfile": '[requires]\npython_version = "3.11"\n'}, None, Target((3, 11), (3, 11))),
    ({"Pipfile": '[requires]\npython_full_version = "3.11.4"\n'}, None, Target((3, 11), (3, 11))),
    ({"runtime.txt": "python-3.12.1\n"}, None, Target((3, 12), (3, 12))),
    ({".tool-versions": "nodejs 20.1\npython 3.12.1\n"}, None, Target((3, 12), (3, 12))),
    ({"mise.toml": '[tools]\npython = "3.11"\n'}, None, Target((3, 11), (3, 11))),
    ({"pyproject.toml": '[tool.hatch.envs.default]\npython = "3.12"\n'}, None, Target((3, 12), (3, 12))),
    (
        {"pyproject.toml": '[[tool.hatch.envs.test.matrix]]\npython = ["3.11", "3.13"]\n'},
        None,
        Target((3, 11), (3, 13)),
    ),
    (
        {"pyproject.toml": '[project]\nclassifiers = ["Programming Language :: Python :: 3.11"]\n'},
        None,
        Target((3, 11), (3, 11)),
    ),
    ({"ruff.toml": 'target-version = "py311"\n'}, None, Target((3, 11), (3, 11))),
    ({"pyproject.toml": '[tool.mypy]\npython_version = "3.12"\n'}, None, Target((3, 12), (3, 12))),
]


@pytest.mark.parametrize(("files", "said", "expected"), TARGETS)
def test_the_first_target_found_wins(files: dict[str, str], said: str | None, expected: Target, tmp_path: Path) -> None:
    for name, text in files.items():
        written(tmp_path, text, name)
    found = target(
        Settings(target_version=said), tmp_path, stop=tmp_path, environ={"VIRTUAL_ENV": str(tmp_path / "env")}
    )
    assert (found.floor, found.ceiling, found.assumed) == (expected.floor, expected.ceiling, expected.assumed)


@pytest.mark.parametrize(
    ("said", "expected"),
    [(3.11, "3.11"), (3.1, "3.10"), (["3.11", "3.13", "py312"], "3.11-3.13"), ("py311", "py311"), ("3.11+", "3.11+")],
)
def test_a_target_may_be_a_number_or_a_list(said: object, expected: str) -> None:
    layer, problems = from_editor({"target-version": said})
    assert (dict(layer), problems) == ({"target-version": expected}, ())


def test_a_member_has_its_own_target_and_the_settings_of_the_top_level(tmp_path: Path) -> None:
    written(tmp_path, '[tool.loopwise]\nignore = ["LW2"]\n[project]\nrequires-python = ">=3.12"\n', "pyproject.toml")
    written(tmp_path / "a", '[project]\nrequires-python = ">=3.11"\n', "pyproject.toml")
    written(tmp_path / "b", "[tool.black]\n", "pyproject.toml")
    assert nearest_settings(tmp_path / "a") == tmp_path / "pyproject.toml"
    assert target(Settings(), tmp_path / "a").floor == (3, 11)
    assert target(Settings(), tmp_path / "b").floor == (3, 12)


def test_an_active_environment_outside_the_project_is_ignored(tmp_path: Path) -> None:
    written(tmp_path / "other", "version = 3.11.7\n", "pyvenv.cfg")
    folder = tmp_path / "mine"
    folder.mkdir()
    environ = {"VIRTUAL_ENV": str(tmp_path / "other")}
    assert target(Settings(), folder, stop=folder, environ=environ) == Target(NEWEST, NEWEST, assumed=True)


def test_every_default_is_allowed_by_its_own_type() -> None:
    layer = {field.key: field.default for field in fields() if field.default is not None}
    assert from_editor(layer) == (layer, ())
    assert merge(layer) == Settings()


def test_paths_of_the_editor_start_at_its_folder_and_a_tilde_at_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    workspace = Workspace([tmp_path / "project"])
    workspace.configure({None: {"knowledge": ["cards", "~/cards"]}})
    found = workspace.root(tmp_path / "project" / "app.py").settings.knowledge
    assert found == (str(tmp_path / "project" / "cards"), str(tmp_path / "home" / "cards"))
