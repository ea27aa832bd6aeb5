"""Runs the other tools over a folder of programs, and parses their messages."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

_SYNTAX = {"syntax", None}  # the codes of mypy's errors that end its run
FLAKE8_FORMAT = "--format=%(path)s\t%(row)d\t%(code)s"


class Said(NamedTuple):
    """One message of a tool; lines count from 1."""

    code: str
    file: str
    first: int
    last: int


def run(binary: Path, arguments: Iterable[str], folder: Path) -> subprocess.CompletedProcess[str]:
    here = {**os.environ, "PATH": f"{binary.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    return subprocess.run([str(binary), *arguments], cwd=folder, capture_output=True, text=True, env=here, check=False)


def ruff(binary: Path, folder: Path, arguments: Sequence[str] = ("--select=ALL", "--preview")) -> Iterator[Said]:
    options = ["--isolated", "--no-cache", "--target-version=py312", "--ignore-noqa", "--output-format=json"]
    done = run(binary, ["check", *options, *arguments, "."], folder)
    yield from of_ruff(done.stdout, folder)


def of_ruff(output: str, folder: Path) -> Iterator[Said]:
    for one in json.loads(output or "[]"):
        where = one["location"]["row"], one["end_location"]["row"]
        yield Said(str(one["code"]), os.path.relpath(one["filename"], folder), *where)


def flake8(binary: Path, folder: Path, arguments: Sequence[str] = ("--select=ASYNC",)) -> Iterator[Said]:
    options = ["--isolated", "--disable-noqa", FLAKE8_FORMAT, *arguments]
    yield from of_flake8(run(binary, [*options, "."], folder).stdout, folder)


def of_flake8(output: str, folder: Path) -> Iterator[Said]:
    for line in output.splitlines():
        path, row, code = line.split("\t")
        yield Said(code, os.path.normpath(path), int(row), int(row))


def pylint(binary: Path, folder: Path) -> Iterator[Said]:
    options = [f"--rcfile={os.devnull}", "--disable=all", "--enable=E,unused-variable", "--output-format=json2"]
    yield from of_pylint(run(binary, [*options, *_files(folder)], folder).stdout, folder)


def of_pylint(output: str, folder: Path) -> Iterator[Said]:
    for one in json.loads(output)["messages"]:
        yield Said(one["messageId"], os.path.normpath(one["path"]), one["line"], one["endLine"] or one["line"])


def mypy(binary: Path, folder: Path, python: str) -> Iterator[Said]:
    options = [
        "--config-file=", "--strict", "--enable-error-code=unused-awaitable", "--enable-error-code=truthy-bool",
        f"--python-version={python}", "--output=json", f"--cache-dir={os.devnull}", "--ignore-missing-imports",
    ]  # fmt: skip
    yield from mypy_over(binary, folder, options, _files(folder))


def mypy_over(binary: Path, folder: Path, options: Iterable[str], names: Iterable[str]) -> Iterator[Said]:
    """Run mypy over some files; those that stop it are left out."""
    files = [name for name in names if compiles(folder / name)]
    stopped = {""}
    while stopped:
        done = run(binary, [*options, *files], folder)
        said = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        stopped = {one["file"] for one in said if one["code"] in _SYNTAX} if done.returncode > 1 else set()
        files = [name for name in files if name not in stopped]
    yield from of_mypy(done, folder)


def of_mypy(done: subprocess.CompletedProcess[str], folder: Path) -> Iterator[Said]:
    for one in (json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")):
        if one["severity"] == "error":
            lines = one["line"], one["end_line"] or one["line"]
            yield Said(one["code"], os.path.relpath(folder / one["file"], folder), *lines)


def pyright(binary: Path, folder: Path, python: str) -> Iterator[Said]:
    config = folder / "pyrightconfig.json"
    config.write_text(json.dumps({"typeCheckingMode": "all", "pythonVersion": python}), "utf-8")
    done = run(binary, ["--outputjson"], folder)
    config.unlink()
    yield from of_pyright(done.stdout, folder)


def of_pyright(output: str, folder: Path) -> Iterator[Said]:
    for one in json.loads(output)["generalDiagnostics"]:
        where = one["range"]["start"]["line"] + 1, one["range"]["end"]["line"] + 1
        yield Said(one.get("rule", ""), os.path.relpath(one["file"], folder), *where)


def ty(binary: Path, folder: Path, python: str) -> Iterator[Said]:
    done = run(binary, ["check", "--output-format=gitlab", f"--python-version={python}", "--error=all", "."], folder)
    yield from of_ty(done.stdout, folder)


def of_ty(output: str, folder: Path) -> Iterator[Said]:
    for one in json.loads(output or "[]"):
        place = one["location"]["positions"]
        yield Said(one["check_name"], one["location"]["path"], place["begin"]["line"], place["end"]["line"])


def pyrefly(binary: Path, folder: Path, python: str) -> Iterator[Said]:
    config = folder / "pyrefly.toml"  # without one it says less
    config.write_text("", "utf-8")
    done = run(binary, ["check", "--output-format=json", f"--python-version={python}", "."], folder)
    config.unlink()
    yield from of_pyrefly(done.stdout, folder)


def of_pyrefly(output: str, folder: Path) -> Iterator[Said]:
    for one in json.loads(output)["errors"]:
        yield Said(one["name"], os.path.relpath(folder / one["path"], folder), one["line"], one["stop_line"])


LINTERS: Mapping[str, tuple[str, Callable[[Path, Path], Iterator[Said]]]] = {
    "ruff": ("ruff", ruff),
    "flake8-async": ("flake8", flake8),
    "pylint": ("pylint", pylint),
}
"""The command and the function that runs it, by tool."""

CHECKERS: Mapping[str, tuple[str, Callable[[Path, Path, str], Iterator[Said]]]] = {
    "pyright": ("basedpyright", pyright),
    "mypy": ("mypy", mypy),
    "ty": ("ty", ty),
    "pyrefly": ("pyrefly", pyrefly),
}
"""The same for tools that check for a Python, which is the third argument of the function."""


def all_said(tool: str, commands: Path, folder: Path, pythons: Iterable[str]) -> dict[str, list[Said]]:
    """The reports of a tool on a folder, by Python; those of a linter are under ``""``."""
    if tool in LINTERS:
        command, lint = LINTERS[tool]
        return {"": list(lint(commands / command, folder))}
    command, check = CHECKERS[tool]
    return {python: list(check(commands / command, folder, python)) for python in pythons}


def _files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*.py"))


def compiles(path: Path) -> bool:
    """Is a file valid for the Python that runs this?"""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            compile(path.read_bytes(), path.name, "exec", dont_inherit=True)
        except (SyntaxError, ValueError):
            return False
    return True
