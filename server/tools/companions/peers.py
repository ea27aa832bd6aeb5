"""Runs the other tools over a folder of programs, and parses their messages."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

PYTHON = "3.12"
_SYNTAX = {"syntax", None}  # the codes of mypy's errors that end its run


class Said(NamedTuple):
    """One message of a tool; lines count from 1."""

    code: str
    file: str
    first: int
    last: int


def _run(binary: Path, arguments: Iterable[str], folder: Path) -> subprocess.CompletedProcess[str]:
    here = {**os.environ, "PATH": f"{binary.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    return subprocess.run([str(binary), *arguments], cwd=folder, capture_output=True, text=True, env=here, check=False)


def ruff(binary: Path, folder: Path, arguments: Sequence[str] = ("--select=ALL", "--preview")) -> Iterator[Said]:
    options = ["--isolated", "--no-cache", "--target-version=py312", "--ignore-noqa", "--output-format=json"]
    done = _run(binary, ["check", *options, *arguments, "."], folder)
    for one in json.loads(done.stdout or "[]"):
        where = one["location"]["row"], one["end_location"]["row"]
        yield Said(str(one["code"]), os.path.relpath(one["filename"], folder), *where)


def flake8(binary: Path, folder: Path, arguments: Sequence[str] = ("--select=ASYNC",)) -> Iterator[Said]:
    options = ["--isolated", "--disable-noqa", "--format=%(path)s\t%(row)d\t%(code)s", *arguments]
    done = _run(binary, [*options, "."], folder)
    for line in done.stdout.splitlines():
        path, row, code = line.split("\t")
        yield Said(code, os.path.normpath(path), int(row), int(row))


def pylint(binary: Path, folder: Path) -> Iterator[Said]:
    options = [f"--rcfile={os.devnull}", "--disable=all", "--enable=E,unused-variable", "--output-format=json2"]
    done = _run(binary, [*options, *_files(folder)], folder)
    for one in json.loads(done.stdout)["messages"]:
        yield Said(one["messageId"], os.path.normpath(one["path"]), one["line"], one["endLine"] or one["line"])


def mypy(binary: Path, folder: Path) -> Iterator[Said]:
    """Run mypy; a file that stops it is left out, and mypy is run again."""
    options = [
        "--config-file=", "--strict", "--enable-error-code=unused-awaitable", "--enable-error-code=truthy-bool",
        f"--python-version={PYTHON}", "--output=json", f"--cache-dir={os.devnull}", "--ignore-missing-imports",
    ]  # fmt: skip
    files = [name for name in _files(folder) if _compiles(folder / name)]
    stopped = {""}
    while stopped:
        done = _run(binary, [*options, *files], folder)
        said = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        stopped = {one["file"] for one in said if one["code"] in _SYNTAX} if done.returncode > 1 else set()
        files = [name for name in files if name not in stopped]
    for one in said:
        if one["severity"] == "error":
            yield Said(one["code"], os.path.normpath(one["file"]), one["line"], one["end_line"] or one["line"])


def pyright(binary: Path, folder: Path) -> Iterator[Said]:
    config = folder / "pyrightconfig.json"
    config.write_text(json.dumps({"typeCheckingMode": "all", "pythonVersion": PYTHON}), "utf-8")
    done = _run(binary, ["--outputjson"], folder)
    config.unlink()
    for one in json.loads(done.stdout)["generalDiagnostics"]:
        where = one["range"]["start"]["line"] + 1, one["range"]["end"]["line"] + 1
        yield Said(one.get("rule", ""), os.path.relpath(one["file"], folder), *where)


def ty(binary: Path, folder: Path) -> Iterator[Said]:
    done = _run(binary, ["check", "--output-format=gitlab", f"--python-version={PYTHON}", "--error=all", "."], folder)
    for one in json.loads(done.stdout or "[]"):
        place = one["location"]["positions"]
        yield Said(one["check_name"], one["location"]["path"], place["begin"]["line"], place["end"]["line"])


def pyrefly(binary: Path, folder: Path) -> Iterator[Said]:
    config = folder / "pyrefly.toml"  # without one it says less
    config.write_text("", "utf-8")
    done = _run(binary, ["check", "--output-format=json", f"--python-version={PYTHON}", "."], folder)
    config.unlink()
    for one in json.loads(done.stdout)["errors"]:
        yield Said(one["name"], os.path.relpath(folder / one["path"], folder), one["line"], one["stop_line"])


TOOLS: Mapping[str, tuple[str, Callable[[Path, Path], Iterator[Said]]]] = {
    "ruff": ("ruff", ruff),
    "flake8-async": ("flake8", flake8),
    "pylint": ("pylint", pylint),
    "pyright": ("basedpyright", pyright),
    "mypy": ("mypy", mypy),
    "ty": ("ty", ty),
    "pyrefly": ("pyrefly", pyrefly),
}
"""The command and the function that runs it, by tool."""


def _files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*.py"))


def _compiles(path: Path) -> bool:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            compile(path.read_bytes(), path.name, "exec", dont_inherit=True)
        except (SyntaxError, ValueError):
            return False
    return True
