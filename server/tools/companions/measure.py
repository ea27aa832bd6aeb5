"""Write knowledge/companions.toml: which findings of ours the rules of other tools report too.

    python measure.py TOOLS [--ruffs FOLDER] [--kept FILE]

TOOLS is a virtual environment with ruff, flake8-async, pylint, basedpyright, mypy, ty and pyrefly, in the versions
that the file will name; FOLDER holds commands of older versions of ruff, called ``ruff-0.12.12`` and so on.
FILE keeps what the tools said, which takes minutes, for as long as the programs stay the same.
The tools run over the examples of all rules and over programs that say the same in many ways.  Of each finding the
shape is noted (``loopwise.diagnosis.companions``), and whether a peer of its rule reports the same lines; a shape of
which a peer reports some findings and not others is not written down.
The same tools give the same file.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib.metadata import distributions
from pathlib import Path
from typing import NamedTuple

import msgspec
import peers
from programs import programs

from loopwise.analysis.rule import Rule
from loopwise.diagnosis.companions.call_shapes import UNKNOWN
from loopwise.diagnosis.companions.reach import is_checked
from loopwise.diagnosis.companions.shapes import shape_of
from loopwise.diagnosis.run import findings
from loopwise.project import Document, Workspace
from loopwise.rules.registry import all_rules
from loopwise.semantics.index import ProjectNames
from loopwise.text import Source

TARGET = Path(__file__).resolve().parents[3] / "knowledge" / "companions.toml"
PACKAGES = {"pyright": "basedpyright"}
HEAD = """\
# What other tools report of what ours find. Measured by server/tools/companions/measure.py; do not edit.
# A shape says what decides whether a tool reports a finding; one that is not here is reported by nobody.
"""
CHECKERS = frozenset({"pyright", "mypy", "ty", "pyrefly"})
# Who has a rule that is called so: the codes of the linters look alike.
_OWNERS = (
    (("ASYNC",), ("ruff", "flake8-async")),
    (("RUF", "PL", "UP", "PT", "F8"), ("ruff",)),
    (("E1", "W0"), ("pylint",)),
    (("report",), ("pyright",)),
)

Said = Mapping[str, Mapping[str, list[peers.Said]]]
"""Messages by tool and file."""


class Ours(NamedTuple):
    """A finding of ours."""

    file: str
    first: int
    last: int
    rule: Rule
    shape: str
    checked: bool
    """Does a type checker check the place?"""


class Agreement(NamedTuple):
    tool: str
    code: str
    rule: str


def ours(folder: Path) -> Iterator[Ours]:
    """The findings in all programs."""
    rules = list(all_rules().values())
    for path in sorted(folder.glob("*.py")):
        document = Document(path.as_uri(), 1, path, Source.of(path.read_bytes()), module=(path.stem, folder))
        for one in findings(Workspace([folder]).view(document), rules, ProjectNames()):
            span, source = one.finding.span, document.source
            lines = source.line_at(span.start) + 1, source.line_at(max(span.start, span.end - 1)) + 1
            shape = shape_of(document.file, one.rule.name, span)
            if one.rule.peers and UNKNOWN not in shape:
                yield Ours(path.name, *lines, one.rule, shape, is_checked(document.file, span, untyped=True))


def agreements(found: Iterable[Ours], said: Said) -> Mapping[Agreement, list[str]]:
    """The shapes that each peer always reports when one of our rules finds them."""
    counts: dict[tuple[Agreement, str], list[int]] = defaultdict(lambda: [0, 0])
    for one in found:
        for code in one.rule.peers:
            for tool in _owners(code):
                if tool in CHECKERS and not one.checked:
                    continue
                same = (each for each in said[tool].get(one.file, ()) if each.code == code)
                agrees = any(each.first <= one.last and one.first <= each.last for each in same)
                counts[Agreement(tool, code, one.rule.name), one.shape][agrees] += 1
    result: dict[Agreement, list[str]] = defaultdict(list)
    for (agreement, shape), (no, yes) in sorted(counts.items()):
        if yes and not no:
            result[agreement].append(shape)
    return result


def _owners(code: str) -> tuple[str, ...]:
    return next((tools for starts, tools in _OWNERS if code.startswith(starts)), ("mypy", "ty", "pyrefly"))


# What holds for a tool as a whole


def since(commands: Path, folder: Path, codes: Iterable[str], newest: list[peers.Said]) -> Iterator[tuple[str, str]]:
    """For each code of ruff, the first available version from which on all report the same as the newest."""
    wanted = sorted(commands.glob("ruff-*"), key=lambda path: _numbers(path.name), reverse=True)
    reported = {path: list(peers.ruff(path.resolve(), folder)) for path in wanted}
    for code in codes:
        right = _places(newest, code)
        first = next((i for i, path in enumerate(wanted) if _places(reported[path], code) != right), len(wanted))
        if first:
            yield code, wanted[first - 1].name.removeprefix("ruff-")
        else:
            yield code, ""


def unasked(folder: Path, flake8: Path, said: Iterable[peers.Said]) -> set[str]:
    """The codes of flake8-async reported if nothing is selected; for each code, one file is tried."""
    one_each = {one.code: one.file for one in said}
    with tempfile.TemporaryDirectory() as name:
        for file in set(one_each.values()):
            shutil.copy(folder / file, name)
        return {one.code for one in peers.flake8(flake8, Path(name), ())}


def _places(said: Iterable[peers.Said], code: str) -> set[tuple[str, int]]:
    return {(one.file, one.first) for one in said if one.code == code}


def _numbers(name: str) -> tuple[int, ...]:
    return tuple(int(part) for part in name.removeprefix("ruff-").split("."))


def default_since(commands: Path, folder: Path, default: Iterable[str], newest: str) -> str:
    """The first version of ruff with the same default selection as the newest."""
    wanted = sorted(commands.glob("ruff-*"), key=lambda path: _numbers(path.name), reverse=True)
    found = newest
    for path in wanted:
        if not set(default) <= {one.code for one in peers.ruff(path.resolve(), folder, ())}:
            break
        found = path.name.removeprefix("ruff-")
    return found


def versions(tools: Path) -> Mapping[str, str]:
    site = [str(path) for path in tools.glob("[Ll]ib*/**/site-packages")]
    installed = {each.metadata["Name"].lower(): each.version for each in distributions(path=site)}
    return {tool: installed[PACKAGES.get(tool, tool)] for tool in peers.TOOLS}


# The file


def written(head: str, key: str, values: Iterable[str]) -> str:
    lines = "".join(f'    "{_escaped(value)}",\n' for value in sorted(values))
    return f"{head}{key} = [\n{lines}]\n" if lines else ""


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tools", type=Path, help="a virtual environment with the tools")
    parser.add_argument("--ruffs", type=Path, help="a folder with older versions of ruff")
    parser.add_argument("--kept", type=Path, help="a file that keeps what the tools said")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        for title, text in programs():
            (folder / f"{title}.py").write_text(text, "utf-8")
        said = _kept(options.kept, lambda: _all_said(folder, options.tools.resolve()))
        TARGET.write_text(measured(folder, options.tools.resolve(), options.ruffs, said), "utf-8")


def _all_said(folder: Path, tools: Path) -> dict[str, list[peers.Said]]:
    return {tool: list(run(tools / "bin" / command, folder)) for tool, (command, run) in peers.TOOLS.items()}


def _kept(file: Path | None, ask: Callable[[], dict[str, list[peers.Said]]]) -> dict[str, list[peers.Said]]:
    if file is not None and file.exists():
        return msgspec.json.decode(file.read_bytes(), type=dict[str, list[peers.Said]])
    said = ask()
    if file is not None:
        file.write_bytes(msgspec.json.encode(said))
    return said


def measured(folder: Path, tools: Path, ruffs: Path | None, said: Mapping[str, list[peers.Said]]) -> str:
    """The contents of the file."""
    stable = list(peers.ruff(tools / "bin" / "ruff", folder, ("--select=ALL",)))
    said = {**said, "ruff": _as_stable(said["ruff"], stable)}
    found = agreements(ours(folder), {tool: _by_file(each) for tool, each in said.items()})
    codes = {tool: sorted({each.code for each in found if each.tool == tool}) for tool in said}
    plain_ruff = {one.code for one in peers.ruff(tools / "bin" / "ruff", folder, ())}
    stable_ruff = {one.code for one in stable}
    plain_flake8 = unasked(folder, tools / "bin" / "flake8", said["flake8-async"])
    asked = {"ruff": set(codes["ruff"]) - stable_ruff, "flake8-async": set(codes["flake8-async"]) - plain_flake8}
    parts = [HEAD]
    for tool, version in versions(tools).items():
        parts.append(f'\n[{tool}]\nversion = "{version}"\n')
        if tool == "ruff":
            default = sorted(plain_ruff & set(codes[tool]))
            parts.append(written("", "default", default))
            if ruffs is not None:
                parts.append(f'default-since = "{default_since(ruffs, folder, default, version)}"\n')
        parts.append(written("", "preview", asked.get(tool, ())))
        if tool == "ruff" and ruffs is not None:
            first = since(ruffs, folder, codes[tool], said[tool])
            parts.append("[ruff.since]\n" + "".join(f'{code} = "{text or version}"\n' for code, text in first))
        for each in sorted(found):
            if each.tool == tool:
                parts.append(f'\n[[{tool}.agreements]]\ncode = "{each.code}"\nrule = "{each.rule}"\n')
                parts.append(written("", "shapes", found[each]))
    return "".join(parts)


def _as_stable(said: Iterable[peers.Said], stable: Iterable[peers.Said]) -> list[peers.Said]:
    """The messages of ruff in preview, without those that a stable rule has in preview alone."""
    held = set(stable)
    codes = {one.code for one in held}
    return [one for one in said if one in held or one.code not in codes]


def _by_file(said: Iterable[peers.Said]) -> Mapping[str, list[peers.Said]]:
    found: dict[str, list[peers.Said]] = defaultdict(list)
    for one in said:
        found[one.file].append(one)
    return found


if __name__ == "__main__":
    main()
