"""Shared by the tests of ``loopwise check``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from loopwise.cli.main import main

Output = pytest.CaptureFixture[str]

SLEEPS = "import time\n\nasync def go():\n    time.sleep(1)\n"
"""Has one finding, in line 4, with a safe fix."""
MENDED = "import asyncio\n\nasync def go():\n    await asyncio.sleep(1)\n"
CLEAN = "import asyncio\n\nasync def go():\n    await asyncio.sleep(1)\n"


def settle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make an empty repository the working directory, with a fixed Python, a cache of its own and no colors."""
    here = tmp_path / "here"
    (here / ".git").mkdir(parents=True)
    (here / ".python-version").write_text("3.14\n", "utf-8")  # so that no Python is assumed
    monkeypatch.chdir(here)
    for name in ("FORCE_COLOR", "NO_COLOR", "VIRTUAL_ENV", "GITHUB_WORKSPACE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda *_, **__: str(tmp_path / "cache"))


def write(**files: str) -> None:
    """Write files by name: ``__`` is a slash, ``.py`` is added."""
    for name, text in files.items():
        put(f"{name.replace('__', '/')}.py", text)


def put(name: str, text: str | bytes) -> Path:
    """Write a file, and create its folders; bytes are written unchanged."""
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def said(output: Output, *arguments: str, code: int = 0) -> str:
    """Run ``loopwise check`` and return its standard output."""
    given = main(["check", *arguments])
    captured = output.readouterr()
    assert given == code, captured.out + captured.err
    return captured.out


def found(output: Output, *arguments: str, code: int | None = None) -> list[dict[str, Any]]:
    """Run ``loopwise check`` and return its findings, from JSON."""
    given = main(["check", "--output-format", "json", *arguments])
    captured = output.readouterr()
    objects: list[dict[str, Any]] = json.loads(captured.out)
    assert given == (bool(objects) if code is None else code), captured.out + captured.err
    return objects


def places(output: Output, *arguments: str) -> list[str]:
    """Return the findings as ``path:line name``."""
    return [f"{one['path']}:{one['line']} {one['name']}" for one in found(output, *arguments)]
