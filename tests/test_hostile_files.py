"""A cloned repository holds what others wrote: pipes, devices, links to nowhere, files of gigabytes.

Each file that is read anywhere is tried as each of these, with the real commands: both go on, and say what is wrong.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from loopwise.settings.pyproject import read_toml
from serving import COMMAND, PATIENCE
from talk import EXIT, INITIALIZED, SHUTDOWN, Server, initialize, notification, request

pytestmark = pytest.mark.skipif(os.name != "posix", reason="pipes and devices have no place in the folders of Windows")
MAIN = """\
import asyncio
import time

import packed
from lib import fetch
from evils import evil0, evil1, evil2, evil3, evil4, evil5, evil6, evil7, evil8

async def main():
    time.sleep(1)
    await asyncio.sleep(1)
    fetch(packed.y, evil0.x, evil1.x, evil2.x, evil3.x, evil4.x, evil5.x, evil6.x, evil7.x, evil8.x)
"""
SITE = ".venv/lib/python3.12/site-packages"
# Each is read for each check, and for the first answers of a server.
READ = (
    "packed/__init__.py",
    "setup.cfg",
    "setup.py",
    "tox.ini",
    "uv.lock",
    "pdm.lock",
    "Pipfile",
    "pyrightconfig.json",
    ".pre-commit-config.yaml",
    "requirements.txt",
    ".gitignore",
    ".git/info/exclude",
    ".python-version",
    ".venv/pyvenv.cfg",
    f"{SITE}/lib/__init__.py",
    f"{SITE}/more.pth",
    "cards/page.md",
)


def _large(size: int) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        with path.open("wb") as file:
            file.truncate(size)

    return make


def _closed(path: Path) -> None:
    path.write_text("x = 1\n")
    path.chmod(0)


KINDS: Mapping[str, Callable[[Path], None]] = {
    "a pipe": os.mkfifo,
    "a link to zeros": lambda path: path.symlink_to("/dev/zero"),
    "a link to standard input": lambda path: path.symlink_to("/dev/stdin"),
    "a terminal": lambda path: path.symlink_to("/dev/tty"),
    "a link to itself": lambda path: path.symlink_to(path.name),
    "a folder": Path.mkdir,
    "4 GB of nothing": _large(4 * 1024**3),
    "30 MB": _large(30 * 1024**2),
    "unreadable": _closed,
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for folder in (".git/info", "cards", "packed", "evils", f"{SITE}/lib"):
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
    (tmp_path / "main.py").write_text(MAIN)
    (tmp_path / "pyproject.toml").write_text('[tool.loopwise]\nknowledge = ["cards"]\n')
    return tmp_path


def _put(kind: str, place: Path) -> None:
    if kind == "unreadable" and os.geteuid() == 0:
        pytest.skip("root may read everything")
    place.unlink(missing_ok=True)
    KINDS[kind](place)


def check(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run ``loopwise check`` in a folder; standard input is a pipe that is open but empty."""
    reading, writing = os.pipe()
    command = [sys.executable, "-m", "loopwise", "check", "--no-cache", "--output-format", "concise", *arguments]
    try:
        return subprocess.run(
            command, cwd=folder, stdin=reading, capture_output=True, encoding="utf-8", timeout=PATIENCE, check=False
        )
    finally:
        os.close(reading)
        os.close(writing)


@pytest.fixture
def pipes(project: Path) -> Path:
    """A project whose other files are all pipes; its settings are read first and name the cards."""
    for name in READ:
        _put("a pipe", project / name)
    return project


@pytest.fixture
def evils(project: Path) -> Mapping[str, str]:
    """Modules that are files of every kind, by name, with the kind."""
    (project / "evils" / "__init__.py").touch()
    made = {}
    for number, kind in enumerate(KINDS):
        name = f"evil{number}.py"
        if kind != "unreadable" or os.geteuid() != 0:  # root may read everything
            _put(kind, project / "evils" / name)
            made[name] = kind
    return made


def test_check_continues_and_reports_what_it_could_not_read(pipes: Path) -> None:
    """Pipes in each place: all other files are checked, and each pipe is named once with what to do."""
    done = check(pipes)
    assert "main.py:9:5: LW201" in done.stdout
    said = Counter(line.partition(": it is")[0] for line in done.stderr.splitlines())
    assert said == Counter({f"loopwise: {pipes / name}": 1 for name in READ})
    assert "it is a pipe, not a file: put a regular file in its place, or remove it" in done.stderr


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_check_survives_every_kind_of_file(project: Path, evils: Mapping[str, str], jobs: str) -> None:
    """As a checked file and as an imported one; each is named, in whichever process reads it."""
    for number in range(50):
        (project / f"other{number}.py").write_text(MAIN)
    done = check(project, "--jobs", jobs)
    assert "main.py:9:5: LW201" in done.stdout
    assert "Traceback" not in done.stderr
    said = done.stdout + done.stderr
    # What is too large is named twice: it cannot be checked, and not be imported from.
    assert all(1 <= said.count(name) <= 2 for name in evils), said


@pytest.mark.parametrize("place", ["uv.lock", "pyproject.toml"])
def test_settings_of_any_kind_do_not_stop_check(project: Path, place: str) -> None:
    """One kind after the other."""
    for kind, make in KINDS.items():
        (project / place).unlink(missing_ok=True)
        if kind not in {"a folder", "unreadable"}:
            make(project / place)
            done = check(project)
            assert "main.py:9:5: LW201" in done.stdout, kind
            assert done.stderr.count(place) == 1, kind


@pytest.mark.parametrize("kind", KINDS)
def test_a_named_file_of_any_kind_is_refused_in_a_line(project: Path, kind: str) -> None:
    _put(kind, project / "evil.py")
    done = check(project, "evil.py")
    assert (done.returncode, "Traceback" in done.stderr) in {(2, False), (0, False)}
    assert done.returncode == 2 or kind == "a folder"


def test_a_cache_that_is_not_a_file_is_ignored(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = project / "cache"
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    command = [sys.executable, "-m", "loopwise", "check", "--output-format", "concise", "main.py"]
    subprocess.run(command, cwd=project, capture_output=True, timeout=PATIENCE, check=False)
    for place in (cache / "loopwise").rglob("*.*"):
        if place.is_file():
            place.unlink()
            os.mkfifo(place)
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert "main.py:9:5: LW201" in done.stdout


def shown(folder: Path) -> list[str]:
    """Return the messages shown to the user while main.py is opened, checked and hovered over; both must work."""
    server = Server(*COMMAND)
    try:
        start = initialize()
        start["params"]["rootUri"] = folder.as_uri()
        server.talk.send(start, INITIALIZED)
        uri = (folder / "main.py").as_uri()
        item = {"uri": uri, "languageId": "python", "version": 1, "text": MAIN}
        where = {"textDocument": {"uri": uri}, "position": {"line": 9, "character": 20}}
        server.talk.send(notification("textDocument/didOpen", {"textDocument": item}))
        server.talk.send(request(2, "textDocument/hover", where))
        assert "asyncio.sleep" in json.dumps(server.talk.answer(2)["result"])
        findings = server.talk.told("textDocument/publishDiagnostics", lambda params: bool(params["diagnostics"]))
        assert [one["code"] for one in findings["diagnostics"]] == ["blocking-sleep"]
        server.talk.send(SHUTDOWN)
        server.talk.answer(3)
        server.talk.send(EXIT)
        server.end()
        told = [one for one in server.talk.rest() if one.get("method") == "window/showMessage"]
        return [one["params"]["message"] for one in told]
    finally:
        server.close()


def test_the_server_continues_and_reports_what_it_could_not_read(pipes: Path) -> None:
    """Except in libraries, which are read by a process that shows no messages."""
    said = Counter(text.partition(": it is")[0] for text in shown(pipes))
    assert said == Counter(
        {f"Loopwise: {pipes / name}": 1 for name in READ if "/lib/" not in name.removeprefix(".venv/lib")}
    )


def test_the_server_survives_every_kind_of_file(project: Path, evils: Mapping[str, str]) -> None:
    said = "\n".join(shown(project))
    assert {name: said.count(name) for name in evils} == dict.fromkeys(evils, 1)


@pytest.mark.parametrize("text", ["a{0} = 1", "[a{0}]", "[[a{0}]]", "x = {{a{0} = 1}}", '"a"{1} = 1'])
def test_a_key_of_many_parts_is_refused(tmp_path: Path, text: str) -> None:
    """TOML's parser takes the square of their number; dots in strings are not parts."""
    path = tmp_path / "pyproject.toml"
    path.write_text(text.format(".a" * 100_000, '."a"' * 100_000))
    document, problem = read_toml(path)
    assert document == {}
    assert problem is not None
    assert "a key has too many parts" in problem.message
    path.write_text('x = "' + "a." * 500 + '"\ny = """\n' + "." * 500 + '\n"""\n')
    assert list(read_toml(path)[0]) == ["x", "y"]
