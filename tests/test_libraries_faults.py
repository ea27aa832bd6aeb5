"""Faults around libraries: traps in an environment, a failing cache, processes that die, packages that are removed."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from loopwise.project import Workspace
from loopwise.semantics.libraries import Background, Batch, Libraries, Reader
from loopwise.semantics.libraries.background import answers
from loopwise.semantics.libraries.environment import find_environment, read_environment
from loopwise.semantics.libraries.keys import key_of
from loopwise.semantics.libraries.packages import Package
from loopwise.store import Store
from serving import COMMAND, eventually, serving

LIBRARY = "class Client:\n    async def fetch(self): ...\n"
USES = "from acme import Client\n\n\nasync def main():\n    Client().fetch()\n"
SPRUNG = "sprung"
TRAP = f"import pathlib, os\npathlib.Path(os.environ['LOOPWISE_TRAP'], '{SPRUNG}').touch()\n"


@pytest.fixture(autouse=True)
def somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty cache, and no active environment."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("LOOPWISE_TRAP", str(tmp_path))
    for name in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        monkeypatch.delenv(name, raising=False)


def project_in(folder: Path, library: str = LIBRARY) -> Path:
    """Write a project that uses an installed library."""
    site = folder / ".venv" / "lib" / "python3.12" / "site-packages"
    (site / "acme").mkdir(parents=True)
    (site / "acme" / "__init__.py").write_text(library)
    (folder / ".git").mkdir(exist_ok=True)
    (folder / "app.py").write_text(USES)
    return site


def checked(folder: Path, *arguments: str) -> str:
    """Run ``loopwise check`` in a process of its own; return its output."""
    command = [sys.executable, "-m", "loopwise", "check", *arguments, "."]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=60)
    assert "bug of Loopwise" not in done.stdout + done.stderr
    return done.stdout


def found(libraries: Libraries) -> bool:
    """Is the library known?"""
    file = libraries.load("acme")
    return file is not None and b"async def fetch" in file.source.data


# Traps


def set_traps(folder: Path, site: Path) -> None:
    """Write files that would run if somebody imported a module or started the environment's interpreter."""
    for place in (folder, site):
        for name in ("sitecustomize.py", "usercustomize.py", "jedi.py", "evil.py", "msgspec.py", "tree_sitter.py"):
            (place / name).write_text(TRAP)
    (site / "evil.pth").write_text("import evil\n")
    (site / "acme" / "trap.py").write_text(TRAP + LIBRARY)
    (site / "acme" / "__init__.py").write_text(TRAP + LIBRARY + "from acme.trap import Client as Other\n")
    for place in (folder / ".venv" / "bin", folder / ".venv" / "Scripts"):
        place.mkdir(parents=True, exist_ok=True)
        for name in ("python", "python3", "python.exe"):
            (place / name).write_text(f"#!/bin/sh\ntouch '{folder}/{SPRUNG}'\n")
            (place / name).chmod(0o755)
    (folder / ".venv" / "pyvenv.cfg").write_text(f"home = {folder}/.venv/bin\nversion = 3.12.1\n")


def test_nothing_is_run_by_the_shell(tmp_path: Path) -> None:
    set_traps(tmp_path, project_in(tmp_path))
    assert "Coroutine Client.fetch() is never awaited" in checked(tmp_path)
    command = [sys.executable, "-m", "loopwise", "hover", "app.py:5:15"]
    said = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60).stdout
    assert "coroutine method" in said
    assert not (tmp_path / SPRUNG).exists()


async def test_nothing_is_run_by_the_server(tmp_path: Path) -> None:
    set_traps(tmp_path, project_in(tmp_path))
    app = tmp_path / "app.py"
    unknown = "import nowhere\nnowhere.queue.get\n"
    async with serving(tmp_path, command=COMMAND) as client:
        client.open(app.as_uri(), USES)
        assert await eventually(lambda: client.lsp.diagnostics.get(app.as_uri()), 30.0)
        other = (tmp_path / "other.py").as_uri()
        client.open(other, unknown)
        await client.hover_at(other, unknown, unknown.index("get"))  # asks jedi
    assert not (tmp_path / SPRUNG).exists()


# The cache


def test_a_broken_cache_is_rebuilt(tmp_path: Path) -> None:
    project_in(tmp_path)
    store = tmp_path / "store.sqlite"
    for broken in (
        b"no database, and long enough to be read" * 50,
        b"SQLite format 3\x00" + b"\xff" * 4000,
    ):
        store.write_bytes(broken)
        reader = Reader(tmp_path / ".venv", Store(store))
        assert found(Libraries(tmp_path / ".venv", reader))
        reader.close()
        assert Store(store).get(key_of(b"nothing"), Package) is None


def test_cached_results_are_not_computed_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project_in(tmp_path)
    first = Reader(tmp_path / ".venv", Store(tmp_path / "store.sqlite"))
    made = first.summary("acme")
    first.close()
    monkeypatch.setattr("loopwise.semantics.libraries.reader.summarise", None)
    monkeypatch.setattr("loopwise.semantics.libraries.reader.package_of", None)
    assert made is not None
    assert Reader(tmp_path / ".venv", Store(tmp_path / "store.sqlite")).summary("acme") == made


def test_a_value_of_another_kind_is_computed_again(tmp_path: Path) -> None:
    store = Store(tmp_path / "store.sqlite")
    store.put(b"key", {"no": "package"})
    store.flush()
    assert store.get(b"key", Package) is None


@pytest.mark.parametrize("path", ["/dev/null/store.sqlite", "folder"])
def test_an_unusable_cache_is_ignored(tmp_path: Path, path: str) -> None:
    project_in(tmp_path)
    (tmp_path / "folder").mkdir()
    reader = Reader(tmp_path / ".venv", Store(tmp_path / path))
    assert found(Libraries(tmp_path / ".venv", reader))
    reader.close()


def test_the_cache_is_bounded(tmp_path: Path) -> None:
    store = Store(tmp_path / "store.sqlite", 20_000)
    for number in range(100):
        store.put(key_of(bytes([number])), Package(f"{number}" * 500))
    store.close()
    left = sum(Store(store.path).get(key_of(bytes([number])), Package) is not None for number in range(100))
    assert 0 < left < 50


def read_all(path: str, home: str) -> bool:
    """Read the library; run in several processes at once."""
    reader = Reader(Path(home), Store(Path(path)))
    made = [reader.summary(f"acme.part{number}") for number in range(60)]
    reader.close()
    return all(made)


def test_several_processes_share_a_cache(tmp_path: Path) -> None:
    site = project_in(tmp_path)
    for number in range(60):
        (site / "acme" / f"part{number}.py").write_text(LIBRARY * (number + 1))
    with ProcessPoolExecutor(3) as pool:
        jobs = [pool.submit(read_all, str(tmp_path / "store.sqlite"), str(tmp_path / ".venv")) for _ in range(3)]
        assert all(job.result(60) for job in jobs)


# The process that reads


async def answers_of(background: Background, home: Path) -> list[str]:
    batch = Batch(("acme",), ("acme",))
    return [name for answer in [one async for one in background.read(home, batch)] for name, _ in answer.summaries]


async def test_the_process_reads(tmp_path: Path) -> None:
    project_in(tmp_path)
    assert await answers_of(Background(), tmp_path / ".venv") == ["acme"]


@pytest.mark.parametrize("code", ["raise SystemExit(3)", "import os; os.kill(os.getpid(), 9)", "print('x' * 50)"])
async def test_a_process_that_fails_yields_no_results(tmp_path: Path, code: str) -> None:
    project_in(tmp_path)
    assert await answers_of(Background((sys.executable, "-c", code)), tmp_path / ".venv") == []


async def test_a_process_that_hangs_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loopwise.semantics.libraries.background._STUCK_AFTER", 0.5)
    stuck = Background((sys.executable, "-c", "import time; time.sleep(60)"))
    assert await asyncio.wait_for(answers_of(stuck, tmp_path), 20) == []


def test_each_package_is_a_frame_of_its_own(tmp_path: Path) -> None:
    """The packages of a large project may take longer than a process is waited for without a frame."""
    project_in(tmp_path)
    reader = Reader(tmp_path / ".venv", Store(tmp_path / "store.sqlite"))
    frames = answers(reader, Batch(("acme", "other", "third"), ()))
    assert [[package.name for package in next(frames).packages] for _ in range(3)] == [["acme"], ["other"], ["third"]]


def test_missing_answers_are_not_requested_again(tmp_path: Path) -> None:
    asked: list[Libraries] = []
    libraries = Libraries(tmp_path, ask=asked.append)
    assert libraries.load("acme") is None
    batch = libraries.wanted()
    assert batch == Batch(("acme",), ("acme",))
    libraries.give_up(batch.packages, batch.modules)
    asked.clear()
    assert libraries.load("acme") is None
    assert not asked
    assert libraries.wanted() is None


# The environment


def test_an_environment_that_is_removed_is_no_longer_used(tmp_path: Path) -> None:
    project_in(tmp_path)
    workspace = Workspace([tmp_path])
    libraries = workspace.root(tmp_path).libraries
    assert found(libraries)
    shutil.rmtree(tmp_path / ".venv")
    assert found(libraries)  # facts are kept until somebody looks
    workspace.refresh()
    assert workspace.root(tmp_path).libraries.load("acme") is None


def test_packages_installed_later_are_found(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    workspace = Workspace([tmp_path])
    assert workspace.root(tmp_path).libraries.load("acme") is None
    project_in(tmp_path)
    workspace.refresh()
    assert found(workspace.root(tmp_path).libraries)


def test_check_reads_installed_packages(tmp_path: Path) -> None:
    site = project_in(tmp_path)
    assert "never awaited" in checked(tmp_path)
    shutil.rmtree(site / "acme")
    assert "never awaited" not in checked(tmp_path)


@pytest.mark.parametrize("name", ["VIRTUAL_ENV", "CONDA_PREFIX"])
def test_environments_are_found_in_their_places(tmp_path: Path, name: str) -> None:
    project_in(tmp_path / "a")
    inner = tmp_path / "a" / "b"
    inner.mkdir()
    assert find_environment(tmp_path / "a", None, {}) == tmp_path / "a" / ".venv"
    assert find_environment(inner, None, {}) == tmp_path / "a" / ".venv"
    assert find_environment(tmp_path, None, {}) is None
    assert find_environment(tmp_path, None, {name: str(tmp_path / "a" / ".venv")}) == tmp_path / "a" / ".venv"
    assert find_environment(tmp_path, "a/.venv", {}) == tmp_path / "a" / ".venv"
    python = tmp_path / "a" / ".venv" / "bin" / "python"
    python.parent.mkdir()
    python.symlink_to(sys.executable)
    assert find_environment(tmp_path, str(python), {name: "/nowhere"}) == tmp_path / "a" / ".venv"


def test_an_environment_that_cannot_be_read(tmp_path: Path) -> None:
    site = project_in(tmp_path)
    (site / "long.pth").write_text("\x00\n" + "x" * 9000 + "\n/nowhere\n")
    (site / "__editable___broken_finder.py").write_text("MAPPING = {'a': [}\n")
    (site / "acme" / "round").symlink_to(site)  # a link to where it is
    assert read_environment(tmp_path / ".venv").folders == (site,)
    assert found(Libraries(tmp_path / ".venv", Reader(tmp_path / ".venv", Store(tmp_path / "store.sqlite"))))


async def test_the_server_notices_new_libraries(tmp_path: Path) -> None:
    """Findings appear once the library is read, and disappear with it."""
    site = project_in(tmp_path)
    uri = (tmp_path / "app.py").as_uri()
    async with serving(tmp_path) as client:
        client.open(uri, USES)
        assert await eventually(lambda: client.lsp.diagnostics.get(uri), 30.0)
        shutil.rmtree(site / "acme")
        client.changed_on_disk(tmp_path / "app.py")
        assert await eventually(lambda: not client.lsp.diagnostics.get(uri), 30.0)
