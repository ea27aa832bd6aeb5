"""Write knowledge/companions.toml: which findings of ours the rules of other tools report too.

    python measure.py TOOLS RUFFS [--kept FILE] [--only TOOL...]

TOOLS is a virtual environment with ruff, flake8-async, pylint, basedpyright, mypy, ty and pyrefly, in the versions
that the file will name; RUFFS is a folder with older versions of ruff, which ``ruffs.py`` fills.
FILE keeps what the tools said, which takes minutes, for as long as the programs stay the same.
With ``--only``, the rest of the file stays as it is.
The tools run over the examples of all rules and over programs that say the same in many ways; type checkers for each
Python that Loopwise knows, because what asyncio has depends on it.  Of each finding the shape is noted
(``loopwise.diagnosis.companions``), and whether a peer of its rule reports the same lines; a shape of which a peer
reports some findings and not others is not written down.
The same tools give the same file.
"""

from __future__ import annotations

import argparse
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib.metadata import distributions
from pathlib import Path

import msgspec
import peers
from compared import Agreement, Said, agreements
from ours import ours
from programs import programs
from ruffs import default_since, since

from loopwise.cards import load_api
from loopwise.versions import version_text

ALL = (*peers.LINTERS, *peers.CHECKERS)
TARGET = Path(__file__).resolve().parents[3] / "knowledge" / "companions.toml"
PACKAGES = {"pyright": "basedpyright"}
HEAD = """\
# What other tools report of what ours find. Measured by server/tools/companions/measure.py; do not edit.
# A shape says what decides whether a tool reports a finding; one that is not here is reported by nobody.
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tools", type=Path, help="a virtual environment with the tools")
    parser.add_argument("ruffs", type=Path, help="a folder with older versions of ruff")
    parser.add_argument("--kept", type=Path, help="a file that keeps what the tools said")
    parser.add_argument("--only", nargs="+", default=ALL, choices=ALL, metavar="TOOL", help="the tools to measure")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        for title, text in programs():
            (folder / f"{title}.py").write_text(text, "utf-8")
        commands = options.tools.resolve() / "bin"
        said = _kept(
            options.kept, lambda: {tool: peers.all_said(tool, commands, folder, pythons()) for tool in options.only}
        )
        new = measured(folder, options.tools.resolve(), options.ruffs.resolve(), said)
        TARGET.write_text(HEAD + "".join(({**_sections(), **new})[tool] for tool in ALL), "utf-8")


def pythons() -> list[str]:
    """The Pythons that Loopwise knows."""
    span = load_api().span
    return [version_text((3, minor)) for minor in range(span.floor[1], span.ceiling[1] + 1)]


def versions(tools: Path) -> Mapping[str, str]:
    """The version of each tool in a virtual environment."""
    site = [str(path) for path in tools.glob("[Ll]ib*/**/site-packages")]
    installed = {each.metadata["Name"].lower(): each.version for each in distributions(path=site)}
    return {tool: installed[PACKAGES.get(tool, tool)] for tool in ALL}


def _sections() -> Mapping[str, str]:
    """The parts of the present file, by tool."""
    parts = re.split(rf"(?m)^(?=\n\[(?:{'|'.join(ALL)})\]$)", TARGET.read_text("utf-8"))
    return {part.strip().partition("]")[0].removeprefix("["): part for part in parts[1:]}


def measured(folder: Path, tools: Path, ruffs: Path, said: Said) -> Mapping[str, str]:
    """The parts of the file for what the tools said, by tool."""
    ruff, flake8 = tools / "bin" / "ruff", tools / "bin" / "flake8"
    stable = list(peers.ruff(ruff, folder, ("--select=ALL",)))
    if "ruff" in said:
        said = {**said, "ruff": {"": _as_stable(said["ruff"][""], stable)}}
    found = agreements(ours(folder), said)
    result = {}
    for tool, version in versions(tools).items():
        if tool in said:
            codes = {each.code for each in found if each.tool == tool}
            facts: Iterable[str] = ()
            if tool == "ruff":
                facts = _facts_of_ruff(ruff, ruffs, folder, codes, {one.code for one in stable})
            elif tool == "flake8-async":
                facts = (_listed("preview", codes - unasked(folder, flake8, said[tool][""])),)
            result[tool] = "".join((f'\n[{tool}]\nversion = "{version}"\n', *facts, *_entries(tool, found)))
    return result


def _facts_of_ruff(ruff: Path, older: Path, folder: Path, codes: set[str], stable: set[str]) -> Iterator[str]:
    """Lists of the codes that are reported by default, with previews only, and since which versions."""
    default = {one.code for one in peers.ruff(ruff, folder, ())} & codes
    yield _listed("default", default)
    yield f'default-since = "{default_since(older, folder, default)}"\n'
    yield _listed("preview", codes - stable)
    yield "[ruff.since]\n"
    yield from (f'{code} = "{text}"\n' for code, text in since(older, folder, sorted(codes), codes - stable))


def unasked(folder: Path, flake8: Path, said: Iterable[peers.Said]) -> set[str]:
    """The codes of flake8-async reported if nothing is selected; for each code, one file is tried."""
    one_each = {one.code: one.file for one in said}
    with tempfile.TemporaryDirectory() as name:
        for file in set(one_each.values()):
            shutil.copy(folder / file, name)
        return {one.code for one in peers.flake8(flake8, Path(name), ())}


def _entries(tool: str, found: Mapping[Agreement, list[str]]) -> Iterator[str]:
    for each in sorted(found):
        if each.tool == tool:
            held = f'pythons = "{each.pythons}"\n' if each.pythons else ""
            yield f'\n[[{tool}.agreements]]\ncode = "{each.code}"\nrule = "{each.rule}"\n{held}'
            yield _listed("shapes", found[each])


def _listed(key: str, values: Iterable[str]) -> str:
    lines = "".join(f'    "{_escaped(value)}",\n' for value in sorted(values))
    return f"{key} = [\n{lines}]\n" if lines else ""


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _kept(file: Path | None, ask: Callable[[], Said]) -> Said:
    if file is not None and file.exists():
        return msgspec.json.decode(file.read_bytes(), type=Said)
    said = ask()
    if file is not None:
        file.write_bytes(msgspec.json.encode(said))
    return said


def _as_stable(said: Iterable[peers.Said], stable: Iterable[peers.Said]) -> list[peers.Said]:
    """The reports of ruff with its previews, without those that only a preview of a stable rule adds."""
    held = set(stable)
    codes = {one.code for one in held}
    return [one for one in said if one in held or one.code not in codes]


if __name__ == "__main__":
    main()
