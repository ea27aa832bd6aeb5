"""Inspects each ``.vsix``: the server, its libraries for that platform and all Pythons, licences, and nothing else."""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path

from artefacts.bill import BILL, wrong_bill
from artefacts.python import machine_paths, read_zip
from artefacts.shell import CLIENT, MINORS, version

MOST = 10_000_000  # bytes, as in vscode-client/scripts/package.py
LIBS = "extension/bundled/libs/"
# By platform: how the name of a native module ends for a Python, and for which processor it must be.
PLATFORMS = {
    "linux-x64": (".cpython-3{}-x86_64-linux-gnu.so", "ELF x86-64"),
    "linux-arm64": (".cpython-3{}-aarch64-linux-gnu.so", "ELF arm64"),
    "darwin-x64": (".cpython-3{}-darwin.so", "Mach-O x86-64"),
    "darwin-arm64": (".cpython-3{}-darwin.so", "Mach-O arm64"),
    "win32-x64": (".cp3{}-win_amd64.pyd", "PE x86-64"),
}
_ABI3 = (".abi3.so", ".pyd")
_NOT_MEANT = re.compile(r"__pycache__|\.py[co]$|_cache/|/tests?/|\.map$|node_modules|\.ts$|\.[ch]$|RECORD$")
_OUTSIDE = re.compile(r"extension/(dist/\w+\.js|media/[\w/]+\.(png|svg|css|md)|bundled/(launch|probe)\.py|[\w.]+)")
_ELF = {0x3E: "ELF x86-64", 0xB7: "ELF arm64"}
_MACH_O = {0x01000007: "Mach-O x86-64", 0x0100000C: "Mach-O arm64"}
_PE = {0x8664: "PE x86-64"}


def check_extension(out: Path, work: Path) -> Iterator[str]:
    """The problems with them, as sentences."""
    found = {path.name for path in out.glob("*.vsix")}
    wanted = {f"loopwise-{version()}-{platform}.vsix": platform for platform in PLATFORMS}
    if found != set(wanted):
        yield f"there are {sorted(found)}, not {sorted(wanted)}"
    (wheel,) = out.glob("loopwise-*.whl")
    server = {name: data for name, data in read_zip(wheel).items() if name.startswith("loopwise/")}
    for name in sorted(found & set(wanted)):
        size = (out / name).stat().st_size
        if size > MOST:
            yield f"{name} has {size} bytes, more than {MOST}"
        files = read_zip(out / name)
        for problem in wrong(files, wanted[name], server):
            yield f"{name}: {problem}"
        yield from machine_paths(name, files, work)


def wrong(files: Mapping[str, bytes], platform: str, server: Mapping[str, bytes]) -> Iterator[str]:
    """The problems with one, given the files of the server's wheel."""
    yield from _manifests(files, platform)
    bundled = {name.removeprefix(LIBS): data for name, data in files.items() if name.startswith(LIBS)}
    if {name: data for name, data in bundled.items() if name.startswith("loopwise/")} != server:
        yield "the server in it is not the one in the wheel"
    yield from _natives(bundled, platform)
    yield from _libraries(bundled)
    yield from wrong_bill(files.get(f"extension/{BILL}", b"{}"), bundled)
    for name in files:
        inside = name.startswith(LIBS) or name in {"extension.vsixmanifest", "[Content_Types].xml"}
        if _NOT_MEANT.search(name) or not (inside or _OUTSIDE.fullmatch(name)):
            yield f"{name} is not meant"


def _manifests(files: Mapping[str, bytes], platform: str) -> Iterator[str]:
    said = files["extension.vsixmanifest"].decode()
    for wanted in (f'TargetPlatform="{platform}"', f'Version="{version()}"'):
        if wanted not in said:
            yield f"its manifest does not say {wanted}"
    manifest = files["extension/package.json"].decode()
    if json.loads(manifest)["version"] != version():
        yield f"package.json does not say {version()}"
    pictures = re.findall(r"\]\((media/[^)]+)\)", files["extension/readme.md"].decode())
    for name in [*re.findall(r'"(?:\./)?((?:media|dist)/[^"]+)"', manifest), *pictures]:
        if f"extension/{name}" not in files:
            yield f"it lacks {name}, which package.json or the README names"
    licences = files["extension/LICENSE.txt"].decode()
    for library in ("vscode-languageclient", "markdown-it", "semver", "minimatch"):
        if f"parts of {library}:" not in licences:
            yield f"it does not tell the licence of {library}"


def _natives(bundled: Mapping[str, bytes], platform: str) -> Iterator[str]:
    """Problems with native modules: one per Python, unless it has the stable ABI; all for this platform's processor."""
    suffix, machine = PLATFORMS[platform]
    natives = {name: data for name, data in bundled.items() if name.endswith((".so", ".pyd", ".dylib", ".dll"))}
    ends = [suffix.format(minor) for minor in MINORS]
    wanted = {f"{module}{end}" for module in ("tree_sitter/_binding", "msgspec/_core") for end in ends}
    stable = {f"tree_sitter_python/_binding{end}" for end in _ABI3} & set(natives)
    for name in sorted(wanted - set(natives)):
        yield f"it lacks {name}"
    if len(stable) != 1:
        yield "it lacks tree_sitter_python's module of the stable ABI"
    for name in sorted(set(natives) - wanted - stable):
        yield f"{name} is not for this platform's Pythons"
    for name, data in sorted(natives.items()):
        if machine_of(data) != machine:
            yield f"{name} is for {machine_of(data)}, not {machine}"


def machine_of(data: bytes) -> str:
    """The system and processor that a native module is built for, from its header."""
    if data.startswith(b"\x7fELF"):
        return _ELF.get(struct.unpack_from("<H", data, 18)[0], "another ELF machine")
    if data.startswith(b"\xcf\xfa\xed\xfe"):
        return _MACH_O.get(struct.unpack_from("<I", data, 4)[0], "another Mach-O machine")
    if data.startswith(b"MZ"):
        at = struct.unpack_from("<I", data, 0x3C)[0]
        return _PE.get(struct.unpack_from("<H", data, at + 4)[0], "another PE machine")
    return "something unknown"


def _libraries(bundled: Mapping[str, bytes]) -> Iterator[str]:
    """Problems with libraries: all those of the lock file, which is made for the oldest Python, with their licences."""
    lock = (CLIENT / "requirements.lock").read_text("utf-8")
    pins = dict(re.findall(r"^([a-z0-9-]+)==([\w.]+)", lock, re.MULTILINE))
    pins["loopwise"] = version()
    folders = {name.partition("/")[0] for name in bundled if ".dist-info/" in name}
    wanted = {f"{name.replace('-', '_')}-{pin}.dist-info" for name, pin in pins.items()}
    if folders != wanted:
        yield f"of the lock file's libraries and those in it, these have no counterpart: {sorted(folders ^ wanted)}"
    for folder in sorted(folders):
        inside = [name for name in bundled if name.startswith(f"{folder}/")]
        if not any(re.search(r"LICEN[SC]E|COPYING", name) for name in inside):
            yield f"{folder} has no licence"
    if "jedi/third_party/typeshed/LICENSE" not in bundled:
        yield "typeshed has no licence"
