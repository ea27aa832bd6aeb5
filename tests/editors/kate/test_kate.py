"""Kate as a person gets it: the lines of EDITORS.md, in a real Kate on an invisible screen.

What Kate asked and was answered is read from a copy of their talk, what it did with it from the file that it saved.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from needed import needed
from talk import Message, unframed

pytestmark = [pytest.mark.editor, pytest.mark.slow]

PAGE = Path(__file__).parents[3] / "server" / "EDITORS.md"
BLOCK = re.compile(r"^<!-- kate:begin -->$.*?^```json\n(.*?)^```$.*?^<!-- kate:end -->$", re.MULTILINE | re.DOTALL)
PROGRAMS = ("kate", "Xvfb", "xdotool", "dbus-run-session")
PATIENCE = 60.0  # seconds
BAD = """\
import asyncio
import time


async def main():
    time.sleep(1)
    asyncio.sleep(2)
    await asyncio.
"""
# Where Kate has the last `asyncio`, in pixels, in a window as it starts; over a finding it shows the finding.
NAME = (184, 236)


@pytest.fixture(scope="module", autouse=True)
def _there() -> None:
    needed("kate", all(map(shutil.which, PROGRAMS)), "tests/editors/kate/setup.sh installs it, Xvfb, xdotool and dbus")


def until(check: Callable[[], Any]) -> Any:
    """Return the first true value of ``check``, else its last one."""
    end = time.monotonic() + PATIENCE
    while not (found := check()) and time.monotonic() < end:
        time.sleep(0.2)
    return found


@contextmanager
def screen() -> Iterator[str]:
    """Start an invisible screen; yield its name."""
    read, write = os.pipe()
    process = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", "1280x900x24"], pass_fds=[write], stderr=subprocess.DEVNULL
    )
    os.close(write)
    try:
        with os.fdopen(read) as number:
            yield f":{number.readline().strip()}"
    finally:
        process.terminate()
        process.wait()


class Kate:
    """A Kate with a file open, and the keyboard."""

    def __init__(self, folder: Path, display: str) -> None:
        self.folder = folder
        self.path = folder / "work" / "app.py"
        self.environment = {**os.environ, "HOME": str(folder), "DISPLAY": display, "XDG_RUNTIME_DIR": str(folder)}
        self.environment["PATH"] = f"{folder / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
        command = ["dbus-run-session", "kate", "-n", self.path]
        with open(folder / "log", "wb") as log:
            self.process = subprocess.Popen(
                command, cwd=folder, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )

    def keys(self, *keys: str, to: str = "app.py") -> None:
        """Press keys in a window, which must be focused first because there is no window manager."""
        window = self.window(to).splitlines() if to else []
        if window:
            self._tool("windowfocus", window[-1])
        for key in keys:
            self._tool("key", key)
            time.sleep(0.3)

    def point(self, x: int, y: int) -> None:
        self._tool("mousemove", str(x), str(y))

    def window(self, name: str) -> str:
        found = subprocess.run(
            ["xdotool", "search", "--name", name], env=self.environment, capture_output=True, text=True, check=False
        )
        return found.stdout.strip()

    def talk(self, name: str) -> list[Message]:
        path = self.folder / name
        return unframed(path.read_bytes(), whole=False) if path.exists() else []

    def answer(self, method: str) -> Any:
        """Return the last answer to a request of Kate's."""
        asked = [one["id"] for one in self.talk("asked") if one.get("method") == method]
        answers = {one.get("id"): one.get("result") for one in self.talk("answered") if "method" not in one}
        return next((answers[number] for number in reversed(asked) if answers.get(number)), None)

    def close(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait(30)

    def _tool(self, *words: str) -> None:
        subprocess.run(["xdotool", *words], env=self.environment, check=False)


@pytest.fixture(scope="module")
def kate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kate]:
    folder = tmp_path_factory.mktemp("kate")
    folder.chmod(0o700)
    lines = BLOCK.search(PAGE.read_text("utf-8"))
    assert lines is not None, f"{PAGE.name} has no ```json block between `<!-- kate:begin -->` and its end"
    settings = folder / ".config" / "kate" / "lspclient" / "settings.json"
    settings.parent.mkdir(parents=True)
    settings.write_text(lines[1], encoding="utf-8")
    (folder / ".config" / "katerc").write_text("[Kate Plugins]\nlspclientplugin=true\n")
    for name in ("bin", "work"):
        (folder / name).mkdir()
    (folder / "work" / "app.py").write_text(BAD, encoding="utf-8")
    server = shlex.join([sys.executable, "-m", "loopwise"])
    asked, answered = (shlex.quote(str(folder / name)) for name in ("asked", "answered"))
    shim = folder / "bin" / "loopwise"
    shim.write_text(f'#!/bin/sh\ntee {asked} | {server} "$@" | tee {answered}\n', encoding="utf-8")
    shim.chmod(0o755)
    with screen() as display:
        found = Kate(folder, display)
        try:
            assert until(lambda: found.window("app.py")), (folder / "log").read_text("utf-8")
            time.sleep(3)
            found.keys("Return", to="")  # it asks whether the server may be started
            yield found
        finally:
            found.close()


def test_findings_are_sent(kate: Kate) -> None:
    def found() -> list[str]:
        sent = [
            one["params"] for one in kate.talk("answered") if one.get("method") == "textDocument/publishDiagnostics"
        ]
        return [one["code"] for one in sent[-1]["diagnostics"]] if sent else []

    assert until(lambda: len(found()) == 2), found()
    assert found() == ["blocking-sleep", "missing-await"]


def test_a_hover_shows_the_card(kate: Kate) -> None:
    x, y = NAME

    def hover() -> Any:
        kate.keys()
        for step in range(6):
            kate.point(x + step * 3, y)
            time.sleep(0.2)
        time.sleep(2)
        return kate.answer("textDocument/hover")

    found = until(hover)
    assert found, (kate.folder / "log").read_text("utf-8")[-2_000:]
    assert "asyncio" in str(found["contents"])


def test_a_completion_is_accepted(kate: Kate) -> None:
    kate.keys("ctrl+End", "BackSpace", "ctrl+space")
    assert until(lambda: kate.answer("textDocument/completion"))
    time.sleep(2)
    kate.keys("Return", "ctrl+s")
    assert until(lambda: "await asyncio.sleep" in kate.path.read_text("utf-8")), kate.path.read_text("utf-8")
