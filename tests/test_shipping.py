"""The shipped files, as far as they can be tested without a build; ``server/tools/ship.py`` does the rest.

Its checks are tried here on archives that are made up, each broken in one way.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
import struct
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import tree_sitter._binding
from pathspec import GitIgnoreSpec

from loopwise import __version__
from loopwise.cli.main import main
from loopwise.settings.pyproject import read_toml

ROOT = Path(__file__).parents[1]
sys.path.append(str(ROOT / "server" / "tools"))

from artefacts.python import NOT_IN_SDIST, differences, machine_paths  # noqa: E402 # after its folder is on the path
from artefacts.shell import tracked  # noqa: E402
from artefacts.vsix import LIBS, PLATFORMS, machine_of, wrong  # noqa: E402
from set_version import CHANGELOGS, COPIES, set_versions, versions  # noqa: E402

TARGETS = read_toml(ROOT / "pyproject.toml")[0]["tool"]["hatch"]["build"]["targets"]
Files = dict[str, bytes]


# Versions


def test_versions_are_equal() -> None:
    """The version is in one place, ``loopwise.__version__``; ``test_protocol.py`` tests that the server reports it."""
    assert set(versions(ROOT).values()) == {__version__}, versions(ROOT)


def test_the_command_says_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"loopwise {__version__}\n"


def copy_of_versions(folder: Path) -> Path:
    for name in (*COPIES, *CHANGELOGS):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, folder / name)
    return folder


def test_all_versions_are_set_together(tmp_path: Path) -> None:
    """Six places are changed, and nothing else in those files."""
    copy = copy_of_versions(tmp_path)
    set_versions(copy, "9.8.7rc1")
    assert list(versions(copy).values()) == ["9.8.7rc1"] * 6
    set_versions(copy, __version__)
    for name in COPIES:
        assert (copy / name).read_bytes() == (ROOT / name).read_bytes(), name


def test_a_released_section_of_the_changelog_is_unchanged(tmp_path: Path) -> None:
    """An unreleased section gets the new number."""
    copy = copy_of_versions(tmp_path)
    changelog = copy / CHANGELOGS[0]
    changelog.write_text("# Changelog\n\n## 0.1.0 (2027-01-31)\n\n- First.\n", "utf-8")
    for version in ("0.2.0", "0.3.0"):
        set_versions(copy, version)
    set_versions(copy, "0.3.0")
    headings = [line for line in changelog.read_text("utf-8").splitlines() if line.startswith("## ")]
    assert headings == ["## 0.3.0 (unreleased)", "## 0.1.0 (2027-01-31)"]


@pytest.mark.parametrize("wanted", ["1", "v1.0.0", "1.0.0.dev1", ""])
def test_an_invalid_version_is_refused(tmp_path: Path, wanted: str) -> None:
    """Before any file is written."""
    copy = copy_of_versions(tmp_path)
    with pytest.raises(SystemExit, match="is not a version"):
        set_versions(copy, wanted)
    assert set(versions(copy).values()) == {__version__}


# What goes into the sdist and the wheel


def test_files_copied_into_the_wheel_exist() -> None:
    for source in TARGETS["wheel"]["force-include"]:
        assert (ROOT / source).exists(), source


def test_the_sdist_contains_the_files_under_version_control() -> None:
    """It can be built from and tested as it is here; generated files are left out."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    taken = GitIgnoreSpec.from_lines(TARGETS["sdist"]["include"])
    left_out = GitIgnoreSpec.from_lines(TARGETS["sdist"]["exclude"])
    always = {"pyproject.toml", ".gitignore"}
    names = {name for name in tracked() if not name.startswith(NOT_IN_SDIST)} - always
    assert names == set(taken.match_files(names)) - set(left_out.match_files(names))
    assert left_out.match_file("vscode-client/bundled/libs/pygls/server.py")


def test_an_archive_is_compared_with_the_expected_hash() -> None:
    wanted = {"a.py": b"1", "b.py": b"2", "c.py": b"3"}
    found = list(differences("it", {"a.py": b"1", "b.py": b"?", "__pycache__/a.pyc": b"", "PKG-INFO": b""}, wanted))
    assert [problem.split()[1] for problem in found] == ["has", "b.py", "lacks"]


def test_paths_of_this_machine_are_found(tmp_path: Path) -> None:
    """Paths of other machines, in libraries of others, are not reported."""
    files = {"a": b"see %s/x.py" % str(ROOT).encode(), "b": b"/somebody/elses/x.py", "c": str(tmp_path).encode()}
    found = list(machine_paths("it", files, tmp_path))
    assert [problem.split()[1] for problem in found] == ["a", "c"]


# What goes into a .vsix

ELF_X64 = b"\x7fELF".ljust(18, b"\0") + struct.pack("<H", 0x3E)
SERVER = {"loopwise/__init__.py": b"", "loopwise/RULES.md": b""}
JAVASCRIPT = ("vscode-languageclient", "markdown-it", "semver", "minimatch")


def made_up_bill(bundled: Files) -> bytes:
    """Return a bill of materials made from the lock files."""
    lock = (ROOT / "vscode-client" / "requirements.lock").read_text("utf-8")
    pins = re.findall(r"^([a-z0-9-]+)==([\w.]+).*\n.*sha256:(\w+)", lock, re.MULTILINE)
    packages = json.loads((ROOT / "vscode-client" / "package-lock.json").read_text("utf-8"))["packages"]
    integrities = [(name, packages[f"node_modules/{name}"]["integrity"]) for name in JAVASCRIPT]
    hashes = {f"pkg:pypi/{name}@{version}": digest for name, version, digest in pins}
    hashes |= {f"pkg:npm/{name}@1": base64.b64decode(one.removeprefix("sha512-")).hex() for name, one in integrities}
    lines = "".join(f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in sorted(bundled.items()))
    bill = {
        "bomFormat": "CycloneDX",
        "metadata": {
            "component": {"name": "loopwise", "version": __version__},
            "properties": [{"value": hashlib.sha256(lines.encode()).hexdigest()}],
        },
        "components": [
            {"purl": purl, "externalReferences": [{"hashes": [{"content": digest}]}]} for purl, digest in hashes.items()
        ],
    }
    return json.dumps(bill).encode()


def made_up() -> Files:
    """Return the files of a correct ``.vsix`` for Linux."""
    files: Files = {
        "extension.vsixmanifest": b'<Identity Version="%s" TargetPlatform="linux-x64"/>' % __version__.encode(),
        "extension/package.json": b'{"version": "%s", "main": "./dist/extension.js"}' % __version__.encode(),
        "extension/readme.md": b"![A hover](media/screenshots/hover.png)",
        "extension/media/screenshots/hover.png": b"",
        "extension/dist/extension.js": b"",
        "extension/LICENSE.txt": "".join(f"parts of {name}:\n" for name in JAVASCRIPT).encode(),
    }
    bundled = {**SERVER, "jedi/third_party/typeshed/LICENSE": b"", "tree_sitter_python/_binding.abi3.so": ELF_X64}
    for minor in range(10, 15):
        for module in ("tree_sitter/_binding", "msgspec/_core"):
            bundled[f"{module}.cpython-3{minor}-x86_64-linux-gnu.so"] = ELF_X64
    lock = (ROOT / "vscode-client" / "requirements.lock").read_text("utf-8")
    pins = [line.split()[0].replace("-", "_").split("==") for line in lock.splitlines() if "==" in line]
    for name, version in [*pins, ["loopwise", __version__]]:
        bundled[f"{name}-{version}.dist-info/licenses/LICENSE"] = b""
    files["extension/sbom.cdx.json"] = made_up_bill(bundled)
    return {**files, **{LIBS + name: data for name, data in bundled.items()}}


def test_a_correct_package_has_no_problems() -> None:
    assert not list(wrong(made_up(), "linux-x64", SERVER))


def spoilt_bill(old: bytes, new: bytes) -> Callable[[Files], object]:
    def spoil(files: Files) -> None:
        said = files["extension/sbom.cdx.json"]
        assert old in said
        files["extension/sbom.cdx.json"] = said.replace(old, new)

    return spoil


def lacking(start: str) -> Callable[[Files], object]:
    """Return a change that removes the one file whose name starts so."""

    def spoil(files: Files) -> None:
        (name,) = (name for name in files if name.startswith(start))
        del files[name]

    return spoil


def holding(name: str, data: bytes = b"") -> Callable[[Files], object]:
    return lambda files: files.update({name: data})


BROKEN = [
    (lacking(f"{LIBS}msgspec/_core.cpython-314-x86_64-linux-gnu.so"), "lacks msgspec"),
    (lacking(f"{LIBS}tree_sitter_python/_binding.abi3.so"), "stable ABI"),
    (holding(f"{LIBS}msgspec/_core.cp310-win_amd64.pyd", ELF_X64), "not for this platform"),
    (holding(f"{LIBS}msgspec/_core.cpython-310-x86_64-linux-gnu.so", b"MZ".ljust(99, b"\0")), "another PE machine"),
    (lacking(f"{LIBS}exceptiongroup-"), "exceptiongroup"),
    (lacking(f"{LIBS}loopwise/RULES.md"), "not the one in the wheel"),
    (holding(f"{LIBS}loopwise/.mypy_cache/3.11/cache.db"), "is not meant"),
    (holding(f"{LIBS}pygls/__pycache__/server.cpython-311.pyc"), "is not meant"),
    (holding("extension/src/extension.ts"), "is not meant"),
    (lacking("extension/media/screenshots/hover.png"), "lacks media"),
    (lacking("extension/dist/extension.js"), "lacks dist"),
    (holding("extension/LICENSE.txt", b"ours"), "licence of semver"),
    (holding("extension/package.json", b'{"version": "0.0.1"}'), "package.json"),
    (holding("extension.vsixmanifest", b'TargetPlatform="win32-x64"'), "TargetPlatform"),
    (lacking("extension/sbom.cdx.json"), "sbom.cdx.json cannot be read"),
    (holding(f"{LIBS}pygls/more.py"), "not of the files in bundled/libs"),
    (spoilt_bill(b"pkg:pypi/pygls@", b"pkg:pypi/pigls@"), "requirements.lock differ in"),
    (spoilt_bill(b'"content": "', b'"content": "0'), "that is not locked"),
    (spoilt_bill(b'"content": "', b'"content": "0'), "not in package-lock.json"),
    (spoilt_bill(b"pkg:npm/markdown-it@", b"pkg:npm/markdown@"), "does not name markdown-it"),
]


@pytest.mark.parametrize(("spoil", "said"), BROKEN, ids=[said for _, said in BROKEN])
def test_mistakes_in_a_package_are_reported(spoil: Callable[[Files], object], said: str) -> None:
    files = made_up()
    spoil(files)
    assert any(said in problem for problem in wrong(files, "linux-x64", SERVER))


def test_the_processor_of_a_native_module_is_known() -> None:
    """That of the current machine is correct."""
    assert machine_of(Path(tree_sitter._binding.__file__).read_bytes()) in {
        machine for _, machine in PLATFORMS.values()
    }
