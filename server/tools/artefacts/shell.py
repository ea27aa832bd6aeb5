"""Shared by the steps of ``artefacts.py``: paths, processes with a time limit, Pythons, a tools environment."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
CLIENT = ROOT / "vscode-client"
PATIENCE = 600.0  # seconds, for one process
MINORS = range(10, 15)  # of Python 3, as pyproject.toml has them
PROGRAMS = "Scripts" if os.name == "nt" else "bin"


def run(*command: str | Path, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> str:
    """The output of a process; if it fails, the script exits with that output.

    ``env`` is added to the environment, without the variables that would lead Python back to a checkout.
    """
    words = [str(word) for word in command]
    try:
        done = subprocess.run(
            words, cwd=cwd, env=environment(env), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL, encoding="utf-8", errors="replace", timeout=PATIENCE, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired as late:
        raise SystemExit(f"{' '.join(words)}\nhas not ended after {PATIENCE:.0f} s; it said: {late.output}") from None
    except OSError as error:
        raise SystemExit(f"{words[0]}: {error.strerror}") from None
    if done.returncode:
        raise SystemExit(f"{done.stdout}\n{' '.join(words)}\nended with exit code {done.returncode}")
    return done.stdout


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of this process, without what would lead Python back to a checkout or another environment."""
    left_out = {"PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "SOURCE_DATE_EPOCH"}
    kept = {name: value for name, value in os.environ.items() if name not in left_out}
    return {**kept, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "NO_COLOR": "1", **(more or {})}


def program(environment: Path, name: str) -> Path:
    """A program of a virtual environment."""
    return environment / PROGRAMS / (f"{name}.exe" if os.name == "nt" else name)


def tools(work: Path, *needed: str) -> Path:
    """A virtual environment in ``work`` that has these packages; it is kept for the next steps."""
    place = work / "tools"
    if not place.exists():
        run(sys.executable, "-m", "venv", place)
    run(program(place, "python"), "-m", "pip", "install", "-q", *needed)
    return place


@cache
def pythons() -> Mapping[str, Path]:
    """The Pythons on this machine, by version (``3.12``): pyenv's, those on the path, or this one."""
    found = {f"{sys.version_info[0]}.{sys.version_info[1]}": Path(sys.executable)}
    for minor in MINORS:
        version = f"3.{minor}"
        places = [Path.home() / ".pyenv" / "versions"]
        named = [path for place in places for path in sorted(place.glob(f"{version}.*/bin/python"))]
        on_path = shutil.which(f"python{version}")
        for path in [*named, *([Path(on_path)] if on_path else [])]:
            if version not in found and _version(path) == version:
                found[version] = path
    return dict(sorted(found.items(), key=lambda item: int(item[0][2:])))


def _version(python: Path) -> str | None:
    """The version; ``None`` if it does not run: a shim of pyenv for a version that is not selected."""
    script = "import sys; print('%d.%d' % sys.version_info[:2])"
    done = subprocess.run([str(python), "-c", script], capture_output=True, text=True, timeout=60, check=False)
    return done.stdout.strip() if done.returncode == 0 else None


def tracked() -> list[str]:
    """The files of the checkout that are or could be under version control, with ``/``; ignored ones are left out."""
    listed = run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", cwd=ROOT)
    return sorted({name for name in listed.split("\0") if name and (ROOT / name).is_file()})


def version() -> str:
    """The version in ``server/loopwise/__init__.py``, the only place that defines it."""
    found = re.search(
        r'^__version__ = "(.+)"$', (ROOT / "server/loopwise/__init__.py").read_text("utf-8"), re.MULTILINE
    )
    assert found is not None, 'server/loopwise/__init__.py has no line `__version__ = "..."`'
    return found[1]
