"""The server and the shell go on when the cache or what works for them fails: each fault is real, in a real process."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from serving import eventually, serving
from test_libraries_faults import USES, project_in

pytestmark = pytest.mark.skipif(os.name != "posix", reason="limits and signals of POSIX")

TEXT = USES + "\n\nasync def own(): ...\n\n\nasync def other():\n    own()\n"
OWN, LIBRARYS = "Coroutine own() is never awaited", "Coroutine Client.fetch() is never awaited"
HERE = "import sys\nfrom loopwise.cli.main import main\n{}\nsys.exit(main())\n"
FULL = """import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, ({0}, {0}))"""
"""No file can grow beyond a size: as on a full disk, a write fails, in this process and those that it starts."""
KILLED = """import loopwise.semantics.libraries.background as background
background.Background.__init__.__defaults__ = ((sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"),)"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a library, an empty cache, and no active environment."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for name in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "project"
    project_in(folder)
    (folder / "app.py").write_text(TEXT)
    return folder


def prepared(code: str, *arguments: str) -> tuple[str, ...]:
    """The command that runs Loopwise in a process in which ``code`` has run before."""
    return (sys.executable, "-c", HERE.format(code), *arguments)


async def shown(folder: Path, wanted: Sequence[str]) -> None:
    """Open the project's file in a new server: the findings appear, and it answers before and after an edit."""
    uri = (folder / "app.py").as_uri()
    async with serving(folder) as client:

        def messages() -> list[str]:
            return sorted(str(one.message).partition(",")[0] for one in client.lsp.diagnostics.get(uri, ()))

        client.open(uri, TEXT)
        assert await eventually(lambda: messages() == sorted(wanted)), messages()
        assert await client.hover_at(uri, TEXT, TEXT.rindex("own")) is not None
        client.change(uri, 2, "\n" + TEXT)
        assert await client.hover_at(uri, "\n" + TEXT, TEXT.rindex("own") + 1) is not None


@pytest.mark.parametrize("size", [0, 4096])
async def test_the_server_works_on_a_full_disk(project: Path, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr("serving.COMMAND", prepared(FULL.format(size), "serve"))
    await shown(project, [OWN, LIBRARYS])
    await shown(project, [OWN, LIBRARYS])


async def test_the_server_works_without_the_process_that_reads(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("serving.COMMAND", prepared(KILLED, "serve"))
    await shown(project, [OWN])


async def test_several_servers_work_with_one_cache(project: Path) -> None:
    await asyncio.gather(*(shown(project, [OWN, LIBRARYS]) for _ in range(3)))


async def test_a_cache_that_is_overwritten_while_servers_run(project: Path, tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(serving(project))
        uri = (project / "app.py").as_uri()
        client.open(uri, TEXT)
        assert await eventually(lambda: len(client.lsp.diagnostics.get(uri, ())) == 2)
        caches = list((tmp_path / "cache").rglob("*.sqlite"))
        assert caches
        for cache in caches:
            cache.write_bytes(b"no database, and long enough to be read" * 500)
        client.close(uri)
        client.open(uri, TEXT + "\n\nasync def third():\n    own()\n")
        assert await eventually(lambda: len(client.lsp.diagnostics.get(uri, ())) == 3)
        await shown(project, [OWN, LIBRARYS])


async def test_an_environment_that_is_removed_while_the_server_runs(project: Path) -> None:
    uri = (project / "app.py").as_uri()
    async with serving(project) as client:
        client.open(uri, TEXT)
        assert await eventually(lambda: len(client.lsp.diagnostics.get(uri, ())) == 2)
        shutil.rmtree(project / ".venv")
        client.changed_on_disk(project / "app.py")
        assert await eventually(lambda: len(client.lsp.diagnostics[uri]) == 1)


def run(folder: Path, code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = prepared(code, *arguments)
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=60)
    assert "bug of Loopwise" not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done


@pytest.mark.parametrize("size", [0, 4096])
def test_check_works_on_a_full_disk(project: Path, size: int) -> None:
    for _ in range(2):
        done = run(project, FULL.format(size), "check", ".")
        assert done.returncode == 1
        assert OWN in done.stdout
        assert LIBRARYS in done.stdout


def test_a_fix_that_cannot_be_written_leaves_the_file_alone(project: Path) -> None:
    done = run(project, FULL.format(0), "check", "--fix", ".")
    assert done.returncode == 2
    assert (project / "app.py").read_text() == TEXT
    assert "app.py" in done.stdout
    assert not [path for path in project.iterdir() if path.suffix == ".tmp"]


@pytest.mark.parametrize("output", ["concise", "json", "sarif", "junit"])
def test_output_that_cannot_be_written_is_an_error(project: Path, output: str) -> None:
    with open("/dev/full", "w") as full:
        command = prepared("", "check", ".", "--output-format", output)
        done = subprocess.run(command, cwd=project, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "The output cannot be written (No space left on device)" in done.stderr
