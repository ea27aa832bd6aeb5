"""Runs the artefacts as users do, away from the checkout: installed in fresh environments, and from the ``.vsix``."""

from __future__ import annotations

import json
import os
import shutil
import sys
import zipfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from time import perf_counter

from artefacts.build import clean_copy
from artefacts.session import converse
from artefacts.shell import CLIENT, environment, program, pythons, run, tools, version

PIP_PYTHONS = ("3.10", "3.13")  # the oldest, and one of the newest
_number = count(1)


def check_installs(out: Path, work: Path) -> Iterator[str]:
    """Install, use and uninstall in each way; yields problems as sentences."""
    (sdist,), (wheel,) = out.glob("loopwise-*.tar.gz"), out.glob("loopwise-*.whl")
    here = pythons()
    for minor in PIP_PYTHONS:
        if minor not in here:
            print(f"no Python {minor} here: not installed with it")
    for python in [here[minor] for minor in PIP_PYTHONS if minor in here] or list(here.values())[:1]:
        for what in (wheel, sdist, None):
            yield from _with_pip(python, what, work)
    newest = list(here.values())[-1]
    yield from _with_pipx(newest, wheel, work)
    yield from _with_uv(newest, wheel, work)


def _with_pip(python: Path, what: Path | None, work: Path) -> Iterator[str]:
    """``what`` of ``None`` means ``pip install .`` in a copy of the checkout, which is deleted before use."""
    began, place = perf_counter(), _folder(work)
    run(python, "-m", "venv", place / "env")
    pip = (program(place / "env", "python"), "-m", "pip")
    copy = clean_copy(place / "copy") if what is None else None
    before = _files(copy) if copy else set()
    said = run(*pip, "install", what or ".", cwd=copy or place)
    if copy is not None:
        yield from (f"`pip install .` leaves {name} behind" for name in sorted(_files(copy) - before))
        shutil.rmtree(copy)
    yield from (f"pip says: {line}" for line in said.splitlines() if "loopwise" in line and _warns(line))
    yield from _used(program(place / "env", "loopwise"), place)
    told = run(program(place / "env", "python"), "-m", "loopwise", "--version", cwd=place).strip()
    if told != f"loopwise {version()}":
        yield f"`python -m loopwise --version` says {told!r}"
    run(*pip, "uninstall", "-y", "loopwise", cwd=place)
    yield from _left(place / "env")
    print(f"pip install {what.name if what else '.'} ({python}): {perf_counter() - began:.0f} s")


def _with_pipx(python: Path, wheel: Path, work: Path) -> Iterator[str]:
    place = _folder(work)
    env = {"PIPX_HOME": str(place / "home"), "PIPX_BIN_DIR": str(place / "bin"), "PIPX_MAN_DIR": str(place / "man")}
    command = program(tools(work, "pipx"), "pipx")

    def pipx(*words: str | Path) -> str:
        return run(command, *words, cwd=place, env=env)

    yield from _as_tool(pipx, ("install", "--python", python, wheel), place)


def _with_uv(python: Path, wheel: Path, work: Path) -> Iterator[str]:
    place = _folder(work)
    env = {"UV_TOOL_DIR": str(place / "home"), "UV_TOOL_BIN_DIR": str(place / "bin"), "UV_PYTHON_DOWNLOADS": "never"}
    command = program(tools(work, "uv"), "uv")

    def uv_tool(*words: str | Path) -> str:
        return run(command, "tool", *words, cwd=place, env=env)

    yield from _as_tool(uv_tool, ("install", "--python", python, wheel), place)


def _as_tool(call: Callable[..., str], install: tuple[str | Path, ...], place: Path) -> Iterator[str]:
    """Install it as a command of its own, on the user's path."""
    began, name = perf_counter(), call.__name__.replace("_", " ")
    call(*install)
    yield from _used(place / "bin" / program(place, "loopwise").name, place)
    call("uninstall", "loopwise")
    yield from _left(place)
    print(f"{name} install {Path(install[-1]).name} ({install[-2]}): {perf_counter() - began:.0f} s")


def _used(loopwise: Path, place: Path) -> Iterator[str]:
    """The problems that a newcomer would meet when using it."""
    folder, home = _project(place), place / "user"
    home.mkdir()
    env = {"HOME": str(home), "XDG_CACHE_HOME": str(home / ".cache")}
    told = run(loopwise, "--version", cwd=folder, env=env).strip()
    if told != f"loopwise {version()}":
        yield f"`loopwise --version` says {told!r}"
    explained = run(loopwise, "explain", "gather", cwd=folder, env=env)
    if "asyncio.gather" not in explained or "plain function that returns a Future" not in explained:
        yield "`loopwise explain gather` does not find the card"
    if "Next: configure your editor" not in run(loopwise, "demo", cwd=folder, env=env):
        yield "`loopwise demo` does not come to its end"
    yield from _session([loopwise, "serve"], folder, env)
    kept = {name for name in _files(home) if not name.startswith(".cache/")}  # jedi's, as of other programs
    yield from (f"using it leaves {name} in the user's folder" for name in sorted(kept))
    shutil.rmtree(home)
    shutil.rmtree(folder)


def _session(command: list[str | Path], folder: Path, env: dict[str, str]) -> Iterator[str]:
    session = converse(command, folder, environment(env))
    if session.version != version():
        yield f"the server says that it is {session.version}"
    if "asyncio.sleep" not in session.hover or "Queue" not in session.hive:
        yield f"its hovers say {session.hover[:80]!r} and {session.hive[:80]!r}"
    if "missing-await" not in session.rules:
        yield f"it finds {session.rules}"
    if not all(page is not None and page.is_file() for page in session.pages):
        yield f"its findings lead to pages that are not there: {session.pages}"
    if session.left:
        yield "processes of the server are left when it has ended"
    if session.exit_code:
        yield f"the server ended with {session.exit_code}"


def _left(place: Path) -> Iterator[str]:
    """The files that an uninstall leaves behind, except for pipx's lock, which it keeps for any package."""
    left = {name for name in _files(place) if "loopwise" in name} - {"home/venvs/.loopwise.lock"}
    yield from (f"uninstalling leaves {name}" for name in sorted(left))


def check_bundle(out: Path, work: Path) -> Iterator[str]:
    """Unpack the ``.vsix`` for this platform and start its server on each Python here, with nothing else installed."""
    script = "import bundle; print(bundle.this_target())"
    target = run(sys.executable, "-c", script, cwd=CLIENT / "scripts")
    place = work / "unpacked"
    with zipfile.ZipFile(out / f"loopwise-{version()}-{target.strip()}.vsix") as archive:
        archive.extractall(place)
    bundled = place / "extension" / "bundled"
    for minor, python in pythons().items():
        folder = _folder(work)
        run(python, "-m", "venv", "--without-pip", folder / "env")
        bare = program(folder / "env", "python")
        if json.loads(run(bare, bundled / "probe.py"))["fits"] is not True:
            yield f"the bundled libraries do not fit Python {minor}"
        env = {"PYTHONUTF8": "1", "PYTHONPATH": "", "LOOPWISE_IMPORTS": "useBundled", "PYTHONDONTWRITEBYTECODE": "1"}
        problems = list(_session([bare, bundled / "launch.py"], _project(folder), env))
        yield from (f"the bundled server on Python {minor}: {problem}" for problem in problems)
        print(f"the bundled server on Python {minor}: {'a session' if not problems else 'no'}")


def _folder(work: Path) -> Path:
    place = work / f"fresh{next(_number)}"
    place.mkdir()
    return place.resolve()


def _project(place: Path) -> Path:
    """An empty project folder."""
    folder = place / "project"
    folder.mkdir()
    return folder


def _files(place: Path) -> set[str]:
    """Files and links below a folder, with ``/``."""
    walked = ((Path(folder), name) for folder, _, names in os.walk(place) for name in names)
    return {(folder / name).relative_to(place).as_posix() for folder, name in walked}


def _warns(line: str) -> bool:
    return any(word in line.lower() for word in ("warning", "deprecat", "error"))
