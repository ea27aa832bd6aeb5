"""Fills `bundled/libs` with the server and its libraries, for one platform and all of Python 3.10 to 3.14.

A native module's file name says which Python and platform it is for, so the wheels of one platform go into one folder,
and each Python picks what is its own.  Wheels come through pip, checked against the hashes of `requirements.lock`.
The server is what is in its wheel, so that nothing of a developer's caches comes along.
"""

from __future__ import annotations

import argparse
import platform
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

CLIENT = Path(__file__).resolve().parent.parent
ROOT = CLIENT.parent
LIBS = CLIENT / "bundled" / "libs"
WHEELS = CLIENT / "dist" / "wheels"
LOCK = CLIENT / "requirements.lock"

PYTHONS = ("3.10", "3.11", "3.12", "3.13", "3.14")
NATIVE = ("tree-sitter", "tree-sitter-python", "msgspec")
TARGETS = {
    "linux-x64": ("manylinux_2_28_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64"),
    "linux-arm64": ("manylinux_2_28_aarch64", "manylinux_2_17_aarch64", "manylinux2014_aarch64"),
    "darwin-x64": ("macosx_11_0_x86_64",),
    "darwin-arm64": ("macosx_11_0_arm64",),
    "win32-x64": ("win_amd64",),
}
# Types of libraries that are not there, for jedi: 27 MB, most of which it cannot find anyway.
_LEFT_OUT = ("jedi/third_party/typeshed/stubs/", "jedi/third_party/django-stubs/")
_KEPT_OF_INFO = re.compile(
    r"[^/]+\.dist-info/(METADATA|(licenses/.*|[^/]*)(LICEN[SC]E|COPYING|NOTICE)[^/]*)", re.IGNORECASE
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--target", choices=TARGETS, default=this_target())
    add_sources(parser)
    options = parser.parse_args()
    fill(options.target, options.server or server_wheel(options.wheels), options.wheels)


def add_sources(parser: argparse.ArgumentParser) -> None:
    """Where wheels are taken from."""
    parser.add_argument("--server", type=Path, metavar="WHEEL", help="the server's wheel (default: built anew)")
    parser.add_argument("--wheels", type=Path, metavar="DIR", default=WHEELS, help="where downloaded ones are kept")


def installed(command: str) -> str:
    """A command of the packages that `npm ci` installs: a script or a native program, as npm links it."""
    found = shutil.which(command, path=str(CLIENT / "node_modules" / ".bin"))
    if found is None:
        raise SystemExit(f"{command} is not in node_modules: run `npm ci` in vscode-client first")
    return found


def this_target() -> str:
    """The platform of this machine, as VS Code names it."""
    system = {"win32": "win32", "darwin": "darwin"}.get(sys.platform, "linux")
    return f"{system}-{'arm64' if platform.machine().lower() in {'arm64', 'aarch64'} else 'x64'}"


def server_wheel(kept: Path) -> Path:
    """The server's wheel, built from the checkout."""
    place = kept / "server"
    shutil.rmtree(place, ignore_errors=True)
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--disable-pip-version-check", "--no-deps"]
    subprocess.run([*command, "-w", str(place), str(ROOT)], check=True)
    (wheel,) = place.glob("loopwise-*.whl")
    return wheel


def fill(target: str, server: Path, kept: Path = WHEELS) -> list[Path]:
    """Make `bundled/libs` anew; returns the wheels of the server's libraries."""
    shutil.rmtree(LIBS, ignore_errors=True)
    LIBS.mkdir(parents=True)
    libraries = list(wheels(target, kept))
    for wheel in [*libraries, server]:
        unpack(wheel)
    print(f"bundled for {target}: {sum(path.is_file() for path in LIBS.rglob('*'))} files")
    return libraries


def wheels(target: str, kept: Path = WHEELS) -> Iterator[Path]:
    """The pure wheels, then the native ones of each Python."""
    pins = locked()
    yield from fetched([pin for name, pin in pins.items() if name not in NATIVE], kept / "pure", ("any",), "3.10", "py")
    native = [pins[name] for name in NATIVE]
    for python in PYTHONS:
        yield from fetched(native, kept / f"{target}-{python}", TARGETS[target], python, "cp")


def locked() -> dict[str, str]:
    """By name: the lines of the lock file; the lock is made for the oldest Python, which needs most."""
    blocks = re.finditer(r"^([a-z0-9-]+)==.*(?:\n    .*)*", LOCK.read_text("utf-8"), re.MULTILINE)
    return {block[1]: block[0] for block in blocks}


def fetched(pins: Sequence[str], place: Path, platforms: Sequence[str], python: str, implementation: str) -> list[Path]:
    """The wheels of these libraries in a folder, fetched unless they are there already."""
    place.mkdir(parents=True, exist_ok=True)
    wanted, stamp = "\n".join(pins), place / "requirements.txt"
    if not stamp.exists() or stamp.read_text("utf-8") != wanted:
        listed = place / "wanted.txt"
        listed.write_text(wanted, "utf-8")
        command = [sys.executable, "-m", "pip", "download", "-q", "--disable-pip-version-check", "--no-deps"]
        command += ["--only-binary=:all:", "--require-hashes", "-d", str(place), "-r", str(listed)]
        command += ["--python-version", python, "--implementation", implementation]
        command += [part for name in platforms for part in ("--platform", name)]
        for old in place.glob("*.whl"):
            old.unlink()
        subprocess.run(command, check=True)
        listed.replace(stamp)
    return sorted(place.glob("*.whl"))


def unpack(wheel: Path) -> None:
    """Into `bundled/libs`; what two wheels both have must be the same."""
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            if name.endswith("/") or not wanted(name):
                continue
            path, data = LIBS / PurePosixPath(name), archive.read(name)
            if path.exists() and path.read_bytes() != data and ".dist-info/" not in name:
                raise SystemExit(f"{wheel.name}: {name} differs from that of another Python's wheel")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)


def wanted(name: str) -> bool:
    if ".dist-info/" in name:
        return _KEPT_OF_INFO.fullmatch(name) is not None
    return not name.startswith(_LEFT_OUT) and not name.endswith((".c", ".h", ".pyc"))


if __name__ == "__main__":
    main()
