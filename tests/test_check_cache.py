"""The cache of ``loopwise check``: nothing is checked twice, and no change is missed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from checking import CLEAN, SLEEPS, Output, places, put, said, settle, write
from loopwise.cli.check import checker as check_one
from loopwise.diagnosis.analyse import Analysis

HERE = ["app.py:3 missing-await"]
CALLS = "from lib import fetch\nasync def go():\n    fetch()\n"
PLAIN, ASYNC = "def fetch(): ...\n", "async def fetch(): ...\n"


@pytest.fixture(autouse=True)
def somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty repository."""
    settle(tmp_path, monkeypatch)


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that are analyzed, in order."""
    seen: list[str] = []
    analyse = check_one.analyse

    def noted(view: object, *rest: object) -> Analysis:
        seen.append(Path(view.file.key).name)  # type: ignore[attr-defined]
        return analyse(view, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(check_one, "analyse", noted)
    return seen


def caches(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "cache").rglob("*.*"))


def test_unchanged_files_are_not_read_again(capsys: Output, looked: list[str]) -> None:
    write(app=CALLS, lib=ASYNC, other=CLEAN)
    assert places(capsys) == HERE
    assert sorted(looked) == ["app.py", "lib.py", "other.py"]
    text = said(capsys, code=1)
    looked.clear()
    assert places(capsys) == HERE
    assert said(capsys, code=1) == text
    os.utime("app.py", ns=(1, 1))  # another time, the same text
    assert places(capsys) == HERE
    assert looked == []


def test_a_change_in_an_imported_module_is_noticed(capsys: Output, looked: list[str]) -> None:
    write(app=CALLS, lib=PLAIN, other=CLEAN)
    assert places(capsys) == []
    looked.clear()
    write(lib=ASYNC)
    assert places(capsys) == HERE
    assert looked == ["app.py", "lib.py"]
    Path("lib.py").unlink()
    assert places(capsys) == []


def test_a_change_in_an_indirectly_imported_module_is_noticed(capsys: Output) -> None:
    write(app=CALLS, lib="from net import fetch\n", net=PLAIN, first="import lib\nlib.fetch\n")
    assert places(capsys) == []
    write(net=ASYNC)
    assert places(capsys) == HERE


def test_a_new_module_is_noticed(capsys: Output) -> None:
    write(app=CALLS)
    assert places(capsys) == []
    write(src__lib=ASYNC)
    assert places(capsys) == HERE
    write(lib__init="")
    put("lib/__init__.py", PLAIN)
    assert places(capsys) == []


def test_settings_and_options_matter(capsys: Output) -> None:
    write(app=SLEEPS)
    assert len(places(capsys)) == 1
    assert places(capsys, "--ignore", "LW201") == []
    put("pyproject.toml", '[tool.loopwise]\nignore = ["LW201"]\n')
    assert places(capsys) == []
    put("pyproject.toml", '[tool.loopwise.per-file-ignores]\n"app.py" = ["LW201"]\n')
    assert places(capsys) == []


def test_paths_are_relative_to_the_working_directory(capsys: Output, monkeypatch: pytest.MonkeyPatch) -> None:
    write(pack__app=SLEEPS)
    assert places(capsys) == ["pack/app.py:4 blocking-sleep"]
    monkeypatch.chdir("pack")
    assert places(capsys) == ["app.py:4 blocking-sleep"]


def test_checking_some_files_keeps_the_results_of_the_others(capsys: Output, looked: list[str]) -> None:
    write(app=CALLS, lib=ASYNC, other=CLEAN)
    places(capsys)
    write(other=CLEAN + "\n")
    assert places(capsys, "other.py") == []
    looked.clear()
    assert places(capsys) == HERE
    assert looked == []


@pytest.mark.parametrize("data", [b"", b"\xff", b"\x94\x80\x90\x80", b"{}"])
def test_a_broken_cache_is_rebuilt(data: bytes, capsys: Output, tmp_path: Path) -> None:
    write(app=CALLS, lib=ASYNC)
    assert places(capsys) == HERE
    (cache,) = caches(tmp_path)
    whole = cache.read_bytes()
    cache.write_bytes(data)
    assert places(capsys) == HERE
    assert len(cache.read_bytes()) >= len(whole) - 100
    cache.write_bytes(whole[:-10])
    assert places(capsys) == HERE


def test_no_cache_stores_nothing(capsys: Output, tmp_path: Path) -> None:
    write(app=SLEEPS)
    assert len(places(capsys, "--no-cache")) == 1
    assert caches(tmp_path) == []


def test_an_unwritable_folder_only_makes_it_slower(
    capsys: Output, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    put(str(tmp_path / "taken"), "")
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda *_, **__: str(tmp_path / "taken"))
    write(app=SLEEPS)
    assert len(places(capsys)) == len(places(capsys)) == 1


def test_unused_entries_are_deleted(capsys: Output, tmp_path: Path) -> None:
    write(app=SLEEPS)
    places(capsys)
    (old,) = caches(tmp_path)
    os.utime(old, (1, 1))
    places(capsys, "--select", "ALL")
    assert old not in caches(tmp_path)
