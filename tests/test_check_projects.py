"""``loopwise check`` in users' projects: its output, its exit codes, and where it finds settings."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from checking import CLEAN, MENDED, SLEEPS, Output, found, places, put, said, settle, write
from loopwise.cli.check.cache.known import Known, Survey
from loopwise.cli.main import main
from loopwise.project import Workspace
from loopwise.semantics.index import MOST_BESIDE

SCHEMA = json.loads(Path(__file__).with_name("sarif-2.1.0.json").read_text("utf-8"))


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settle(tmp_path, monkeypatch)


# Settings that are wrong


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[tool.loopwise]\nselect = 3\n", ["select", "a list of rules"]),
        ('[tool.loopwise]\nselct = ["LW2"]\n', ["selct", "`select`"]),
        ('[tool.loopwise]\nignore = ["blocking-slep"]\n', ["blocking-slep", "`blocking-sleep`"]),
        ("[tool.loopwise\n", ["cannot be read"]),
        ("[tool]\nloopwise = 3\n", ["not a table"]),
    ],
)
def test_invalid_settings_exit_with_2_and_suggest_the_intended_ones(
    text: str, words: list[str], capsys: Output
) -> None:
    put("pyproject.toml", text)
    write(app=CLEAN)
    assert main(["check"]) == 2
    complaint = capsys.readouterr().err
    assert [word for word in words if word not in complaint] == []


def test_invalid_settings_of_another_project_are_ignored(capsys: Output) -> None:
    put("pyproject.toml", "[tool.ruff]\nselect = 3\n")
    write(app=CLEAN)
    said(capsys)


# Tests


def test_a_test_may_say_that_it_blocks_the_loop(capsys: Output) -> None:
    """Only there: elsewhere such a comment is a note on what is still to be done."""
    said = "import time\n\n\nasync def check(task):\n    # {}\n    time.sleep(0.1)\n    task.cancel()\n"
    meant, other = said.format("Hold the event\n    # loop meanwhile."), said.format("Let the worker start.")
    write(test_meant=meant, test_other=other, app=meant)
    assert places(capsys) == ["app.py:7 blocking-sleep", "test_other.py:6 blocking-sleep"]


def test_a_test_may_wait_for_a_thread(capsys: Output) -> None:
    """It delays nothing else; if the thread never ends, that is noticed when the test runs."""
    waits = (
        "import threading\n\n\nasync def check(work):\n    thread = threading.Thread(target=work)\n    thread.join()\n"
    )
    write(test_it=waits, app=waits)
    assert places(capsys) == ["app.py:6 blocking-method"]


# What is printed


def test_quiet_prints_only_findings(capsys: Output) -> None:
    write(app=CLEAN)
    assert said(capsys, "-q") == ""
    write(app=SLEEPS)
    assert said(capsys, "--quiet", code=1).startswith("app.py:4:5: ")
    assert "1 file" not in said(capsys, "-q", code=1)


def test_an_assumed_python_is_shown_in_the_last_line(capsys: Output) -> None:
    Path(".python-version").unlink()
    write(app=CLEAN)
    assert said(capsys).splitlines()[-1].endswith("assuming Python 3.15 (set target-version or requires-python)")
    put("pyproject.toml", '[project]\nrequires-python = ">=3.11"\n')
    assert "assumed" not in said(capsys)


def test_a_python_that_is_too_old_is_reported(capsys: Output) -> None:
    put("pyproject.toml", '[project]\nrequires-python = ">=3.8,<3.10"\n')
    write(app=CLEAN)
    assert main(["check"]) == 0
    assert "it counts as 3.10" in capsys.readouterr().err


@pytest.mark.parametrize(("typed", "shown"), [(".", "sub/app.py"), ("sub", "sub/app.py"), ("./sub/", "sub/app.py")])
def test_paths_are_shown_as_they_are_typed(typed: str, shown: str, capsys: Output) -> None:
    write(sub__app=SLEEPS)
    assert [one["path"] for one in found(capsys, typed)] == [shown]


def test_parent_and_absolute_paths_are_shown_as_given(capsys: Output, monkeypatch: pytest.MonkeyPatch) -> None:
    write(app=SLEEPS, sub__use=CLEAN)
    monkeypatch.chdir("sub")
    assert [one["path"] for one in found(capsys, "..")] == ["../app.py"]
    assert [one["path"] for one in found(capsys, "../app.py")] == ["../app.py"]
    whole = os.path.abspath("../app.py")
    assert [one["path"] for one in found(capsys, whole)] == [whole]


BROKEN = SLEEPS + "\ndef (:\n    pass\n"


def test_a_syntax_error_is_reported_and_nothing_is_fixed(capsys: Output) -> None:
    write(app=BROKEN)
    text = said(capsys, code=2)
    assert "app.py:6: error: syntax error" in text and "blocking-sleep" in text
    assert main(["check", "--fix"]) == 2
    assert Path("app.py").read_text("utf-8") == BROKEN


def test_valid_python_is_not_a_syntax_error(capsys: Output) -> None:
    write(app="def main():\n    await main()\n\nasync def other():\n    yield from main()\n")
    assert {one["name"] for one in found(capsys, "--select", "LW4")} == {"await-outside-async", "yield-from-in-async"}


# Reports


def sarif(capsys: Output, *arguments: str, code: int = 1) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(said(capsys, "--output-format", "sarif", *arguments, code=code))
    Draft7Validator.check_schema(SCHEMA)
    assert [error.message for error in Draft7Validator(SCHEMA).iter_errors(report)] == []
    return report


def test_sarif_follows_the_standard(capsys: Output) -> None:
    put("süb dir/äpp.py", SLEEPS + "    go()\n    go()\n")
    put("broken.py", "def (:\n")
    report = sarif(capsys, code=2)
    assert "file:///" not in json.dumps(report["runs"][0]["tool"])
    prints = [one["partialFingerprints"]["loopwise/v1"] for one in report["runs"][0]["results"]]
    assert len(prints) == len(set(prints)) == 3


def test_a_fingerprint_is_stable_when_the_line_moves(capsys: Output) -> None:
    write(app=SLEEPS)
    before = sarif(capsys)["runs"][0]["results"]
    write(app="# one\n# two\n" + SLEEPS)
    after = sarif(capsys)["runs"][0]["results"]
    assert [one["partialFingerprints"] for one in before] == [one["partialFingerprints"] for one in after]


def test_the_file_system_root_has_a_uri(capsys: Output, monkeypatch: pytest.MonkeyPatch) -> None:
    path = put("app.py", SLEEPS).absolute()
    monkeypatch.chdir("/")
    base = sarif(capsys, str(path))["runs"][0]["originalUriBaseIds"]["SRCROOT"]["uri"]
    assert base == "file:///"


# Diffs


TEXTS = {
    "plain.py": SLEEPS.encode(),
    "bom.py": b"\xef\xbb\xbf" + SLEEPS.encode(),
    "latin.py": b"# -*- coding: latin-1 -*-\nNAME = '\xe9'\n" + SLEEPS.encode(),
    "crlf.py": SLEEPS.replace("\n", "\r\n").encode(),
    "no_end.py": SLEEPS.rstrip().encode(),
    "with blank.py": SLEEPS.encode(),
    "nämé.py": SLEEPS.encode(),
}


@pytest.mark.parametrize("folder", [".", "sub", "sub/in"])
def test_git_applies_a_diff_in_every_folder(folder: str, monkeypatch: pytest.MonkeyPatch, capsysbinary: Any) -> None:
    (Path(".git")).rmdir()
    subprocess.run(["git", "init", "-q", "."], check=True)
    for name, data in TEXTS.items():
        for place in ("", "sub/", "sub/in/"):
            put(f"{place}{name}", data)
    monkeypatch.chdir(folder)
    assert main(["check", "--diff", "."]) == 1
    diff = capsysbinary.readouterr().out
    subprocess.run(["git", "apply", "--whitespace=nowarn", "-"], input=diff, check=True)
    assert main(["check", "."]) == 0
    assert Path("latin.py").read_bytes().startswith(b"# -*- coding: latin-1 -*-\n")
    assert b"\xe9" in Path("latin.py").read_bytes()
    assert Path("bom.py").read_bytes() == b"\xef\xbb\xbf" + MENDED.encode()


# What is left out


def test_exclude_is_read_as_gitignore(capsys: Output) -> None:
    put("pyproject.toml", '[tool.loopwise]\nexclude = ["tests/*", "!tests/t.py", "gen/**", "!gen/keep.py", "/out/"]\n')
    write(app=SLEEPS, tests__t=SLEEPS, tests__other=SLEEPS, gen__a=SLEEPS, gen__keep=SLEEPS, out__b=SLEEPS)
    write(in__out__c=SLEEPS)
    names = [place.partition(":")[0] for place in places(capsys)]
    assert names == ["app.py", "gen/keep.py", "in/out/c.py", "tests/t.py"]


def test_files_excluded_by_default_can_be_included(capsys: Output) -> None:
    write(build__a=SLEEPS, dist__b=SLEEPS)
    put(".hidden/c.py", SLEEPS)
    assert places(capsys) == []
    put("pyproject.toml", '[tool.loopwise]\nexclude = ["!build", "!.hidden"]\n')
    assert [place.partition(":")[0] for place in places(capsys)] == [".hidden/c.py", "build/a.py"]


# Several projects in one repository

MEMBER = '[project]\nname = "{}"\nversion = "1"\nrequires-python = "{}"\n'
FETCH = "async def fetch() -> int:\n    return 1\n"
USE = "from a.api import fetch\n\nasync def main() -> None:\n    fetch()\n"
LATE = (
    "import asyncio\n\nasync def main() -> None:\n    async with asyncio.timeout(1):\n        await asyncio.sleep(1)\n"
)


def workspace(table: str) -> None:
    """Write a workspace of two packages, the second of which uses the first."""
    put("pyproject.toml", f'{table}\n[tool.loopwise]\nignore = ["LW2"]\nexclude = ["gen"]\n')
    put("packages/a/pyproject.toml", MEMBER.format("a", ">=3.12"))
    put("packages/a/src/a/__init__.py", "")
    put("packages/a/src/a/api.py", FETCH)
    put("packages/b/pyproject.toml", MEMBER.format("b", ">=3.10"))
    put("packages/b/src/b/__init__.py", "")
    put("packages/b/src/b/use.py", USE)


WORKSPACES = [
    '[tool.uv.workspace]\nmembers = ["packages/*"]\n',
    '[tool.hatch.workspace]\nmembers = ["packages/a", "packages/b"]\n',
    '[tool.hatch.envs.default]\nworkspace.members = ["packages/a", {path = "packages/b"}]\n',
]


@pytest.mark.parametrize("table", WORKSPACES, ids=["uv", "Hatch", "an environment of Hatch"])
def test_members_see_each_other(table: str, capsys: Output) -> None:
    workspace(table)
    assert places(capsys) == ["packages/b/src/b/use.py:4 missing-await"]
    assert places(capsys, "packages/b") == ["packages/b/src/b/use.py:4 missing-await"]


@pytest.mark.parametrize(
    "dependency",
    [
        '[tool.poetry.dependencies]\na = { path = "../a", develop = true }\n',
        '[tool.uv.sources]\na = { path = "../a" }\n',
        '[tool.pdm.dev-dependencies]\ndev = ["-e file:///${PROJECT_ROOT}/../a#egg=a"]\n',
    ],
    ids=["Poetry", "uv", "PDM"],
)
def test_a_package_from_a_path_is_seen(dependency: str, capsys: Output) -> None:
    workspace("")
    put("packages/b/pyproject.toml", MEMBER.format("b", ">=3.10") + dependency)
    assert places(capsys) == ["packages/b/src/b/use.py:4 missing-await"]


def test_editable_installations_are_found(capsys: Output) -> None:
    workspace("")
    put(".venv/lib/python3.12/site-packages/_a.pth", f"{Path('packages/a/src').absolute()}\n")
    assert places(capsys) == ["packages/b/src/b/use.py:4 missing-await"]


def test_top_level_settings_apply_to_members_with_their_own_targets(capsys: Output) -> None:
    workspace(WORKSPACES[0])
    for member in "ab":
        put(f"packages/{member}/gen/x.py", SLEEPS)
        put(
            f"packages/{member}/src/{member}/late.py",
            LATE + "\n\n" + SLEEPS.partition("\n\n")[2].replace("time.", "__import__('time')."),
        )
    shown = places(capsys)
    assert "packages/b/src/b/late.py:4 newer-than-floor" in shown
    assert not [place for place in shown if "/gen/" in place or "blocking" in place or place.startswith("packages/a")]


def test_a_member_with_its_own_table_inherits_nothing(capsys: Output) -> None:
    workspace(WORKSPACES[0])
    put("packages/b/pyproject.toml", MEMBER.format("b", ">=3.10") + "[tool.loopwise]\n")
    put("packages/b/src/b/slow.py", SLEEPS)
    put("packages/a/src/a/slow.py", SLEEPS)
    assert places(capsys) == [
        "packages/b/src/b/slow.py:4 blocking-sleep",
        "packages/b/src/b/use.py:4 missing-await",
    ]


# A script outside of any project


MANY = 600


def test_a_script_beside_thousands_of_files_is_checked_with_the_nearest_ones(
    capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A home folder may hold anything: the modules that a script imports are near it."""
    Path(".git").rmdir()
    write(script="import helper\n\n\nasync def main():\n    helper.fetch()\n", helper="async def fetch(): ...\n")
    for number in range(MANY):
        put(f"elsewhere/{number}.py", "")
    read = set[str]()
    look = Survey.look

    def watched(self: Survey, path: str, *rest: Any) -> Known | None:
        read.add(path)
        return look(self, path, *rest)

    monkeypatch.setattr(Survey, "look", watched)
    assert "LW101" in said(capsys, "script.py", code=1)
    assert sum("elsewhere" in path for path in read) == MOST_BESIDE - 2
    put("pyproject.toml", "")
    read.clear()
    assert "LW101" in said(capsys, "script.py", code=1)
    assert sum("elsewhere" in path for path in read) == MANY


async def test_a_script_opened_without_a_folder_is_in_no_project(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    assert Workspace().root(script).most_files == MOST_BESIDE
    assert Workspace([tmp_path]).root(script).most_files is None
    (tmp_path / ".git").mkdir()
    assert Workspace().root(script).most_files is None
