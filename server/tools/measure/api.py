r"""Write knowledge/api.json: what asyncio's public names are on each Python.

    python api.py --pyodide FOLDER … --typeshed SITE-PACKAGES/mypy/typeshed/stdlib \
        --inventory OBJECTS.INV PYTHON ...

Every PYTHON is started once with probe.py; so is each Pyodide, for the Pythons that are not installed.
The versions from 3.10 on are described; older interpreters only date the names.
typeshed provides the annotated signatures and what only Windows has, the inventory of the
documentation provides the links, and notes.py the rest. The same input produces the same file.
(The inventory is ``objects.inv`` of the HTML documentation; Debian packages it as python3.11-doc. Without it names
keep the links that they have, and new ones get their page.)
``python.py`` calls this with all that is on the machine.
"""

from __future__ import annotations

import argparse
import json
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import docs
import notes
from stubs import Stubs, Target

Entry = dict[str, Any]
Version = tuple[int, int]

FIRST: Version = (3, 10)
HERE = Path(__file__).parent
API = HERE.parents[2] / "knowledge" / "api.json"
RESULTS = {  # flag of a class -> field for the type it returns, and the methods that show it
    "awaitable": ("awaits", ("__await__",)),
    "context_manager": ("enters", ("__enter__",)),
    "async_context_manager": ("aenters", ("__aenter__",)),
    "iterable": ("iterates", ("__iter__", "__next__")),
    "async_iterable": ("aiterates", ("__aiter__", "__anext__")),
}


class Measured:
    """The answers of the interpreters, by version."""

    def __init__(self, probes: Iterable[Entry]) -> None:
        found = {(probe["version"][0], probe["version"][1]): probe for probe in probes}
        self.probes: dict[Version, Entry] = dict(sorted(found.items()))
        self.described = [version for version in self.probes if version >= FIRST]

    def symbols(self) -> list[str]:
        """The names that exist on a described version."""
        return sorted({symbol for version in self.described for symbol in self.probes[version]["symbols"]})

    def of(self, symbol: str) -> dict[Version, Entry]:
        """The entries of a symbol, by version."""
        return {
            version: probe["symbols"][symbol] for version, probe in self.probes.items() if symbol in probe["symbols"]
        }

    def since(self, symbol: str) -> str | None:
        """The first version with a symbol; None if it is as old as its class, or older than all that were asked."""
        parent = symbol.rpartition(".")[0]
        elder = list(self.of(parent) or self.probes)
        first = next(iter(self.of(symbol)))
        return None if first == elder[0] else text(first)

    def removed(self, symbol: str) -> str | None:
        """The first version without a symbol."""
        last = list(self.of(symbol))[-1]
        return next((text(version) for version in self.described if version > last), None)

    def missing_from_all(self, symbol: str) -> list[str]:
        """The versions on which ``from asyncio import *`` leaves a name out."""
        package, _, name = symbol.rpartition(".")
        if package != "asyncio" or self.of(symbol)[list(self.of(symbol))[-1]]["kind"] == "module":
            return []
        return [
            text(version) for version in self.of(symbol) if version >= FIRST and name not in self.probes[version]["all"]
        ]


def main() -> None:
    """Measure and write."""
    options = parse_arguments()
    probes = [ask([python, "-I"]) for python in options.python]
    if options.pyodide:
        driver = [options.node, str(HERE / "run_in_pyodide.mjs")]
        probes += [ask([*driver, str(folder.resolve())]) for folder in options.pyodide]
    measured = Measured(probes)
    inventory = docs.read_inventory(options.inventory) if options.inventory else {}
    api = describe(measured, Stubs(options.typeshed), inventory)
    options.out.write_text(written(api), encoding="utf-8")


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("python", nargs="*", help="interpreters to ask, 3.6 or later")
    parser.add_argument(
        "--pyodide", metavar="FOLDER", action="append", default=[], type=Path, help="its node_modules has pyodide"
    )
    parser.add_argument("--node", default="node")
    parser.add_argument("--typeshed", metavar="FOLDER", type=Path, required=True, help="typeshed's stdlib folder")
    parser.add_argument("--inventory", metavar="FILE", type=Path, help="objects.inv of Python's documentation")
    parser.add_argument("--out", default=API, type=Path)
    return parser.parse_args()


def ask(command: list[str]) -> Entry:
    """Run the probe with an interpreter."""
    run = subprocess.run([*command, str(HERE / "probe.py")], stdout=subprocess.PIPE, check=True, text=True)
    answer: Entry = json.loads(run.stdout)
    return answer


def describe(measured: Measured, stubs: Stubs, inventory: dict[str, str]) -> Entry:
    """Combine everything that is known."""
    symbols = {symbol: describe_symbol(symbol, measured, stubs) for symbol in measured.symbols()}
    for symbol, entry in windows_symbols(measured, stubs).items():
        symbols.setdefault(symbol, entry)
    platforms(symbols, measured, stubs)
    links = known_links() if not inventory else {}
    for symbol, entry in symbols.items():
        add_notes(symbol, entry)
        entry["docs"] = links.get(symbol) or docs.link(symbol, entry, symbols, inventory)
    return {
        "versions": [text(version) for version in measured.described],
        "measured": {text(version): measured.probes[version]["python"] for version in measured.described},
        "symbols": {symbol: tidied(symbols[symbol]) for symbol in sorted(symbols)},
    }


def known_links() -> dict[str, str]:
    """The links in api.json, for use without an inventory: names keep their links."""
    if not API.exists():
        return {}
    return {symbol: entry["docs"] for symbol, entry in json.loads(API.read_text(encoding="utf-8"))["symbols"].items()}


def describe_symbol(symbol: str, measured: Measured, stubs: Stubs) -> Entry:
    """Describe one name from the interpreters' and typeshed's information."""
    versions = {version: entry for version, entry in measured.of(symbol).items() if version >= FIRST}
    newest = max(versions)
    last = versions[newest]
    entry: Entry = {
        "kind": last["kind"],
        "module": last["module"],
        "since": measured.since(symbol),
        "removed": measured.removed(symbol),
        "missing_from_all": measured.missing_from_all(symbol),
        "platforms": ["posix"] if last.get("unix") else None,
        "value": last.get("value"),
        "bases": last.get("bases"),
        "signatures": changes({version: signature(symbol, version, said) for version, said in versions.items()}),
        "types": changes({version: stubs.types(symbol, Target(version)) for version in versions}),
    }
    entry.update(deprecation(symbol, measured, stubs, newest))
    if last["kind"] in ("class", "exception"):
        entry.update(uses(symbol, last["flags"], stubs, Target(newest)))
    return entry


def signature(symbol: str, version: Version, said: Entry) -> str | None:
    """The documented signature, if the measured one hides what can be passed."""
    since, documented = notes.DOCUMENTED_SIGNATURES.get(symbol, ("", ""))
    measured: str | None = said.get("signature")
    return documented if documented and version >= docs.key(since) else measured


def changes(by_version: dict[Version, Any]) -> list[list[Any]]:
    """Reduce a value per version to the versions that changed it."""
    found: list[list[Any]] = []
    for version, value in by_version.items():
        if value and (not found or found[-1][1] != value):
            found.append([text(version), value])
    return found


def deprecation(symbol: str, measured: Measured, stubs: Stubs, newest: Version) -> Entry:
    """The version since which a name warns, and that of its removal."""
    warned = {version: entry for version, entry in measured.of(symbol).items() if entry.get("deprecated")}
    since, removal = notes.DEPRECATED_WITHOUT_WARNING.get(symbol, (None, None))
    if warned:
        since = text(min(warned))
        removal = warned[max(warned)]["removal"]
    return {"deprecated": stubs.deprecated_since(symbol, Target(newest)) or since, "removal": removal}


def uses(symbol: str, flags: list[str], stubs: Stubs, target: Target) -> Entry:
    """The possible uses of a class's instances, each with the type of the result."""
    name = symbol.rpartition(".")[2]
    entry: Entry = {"type_parameters": stubs.type_parameters(name, target)}
    for flag in flags:
        entry[flag] = True
        if flag in RESULTS:
            field, methods = RESULTS[flag]
            entry[field] = notes.CORRECTED_TYPES.get((symbol, field)) or stubs.result_of(name, methods, target)
    return entry


def windows_symbols(measured: Measured, stubs: Stubs) -> dict[str, Entry]:
    """Describe the classes that typeshed has on Windows only: no Windows interpreter is available."""
    targets = [Target(version, "win32") for version in measured.described]
    names = {target: stubs.public_names(target) - stubs.public_names(Target(target.version)) for target in targets}
    found: dict[str, Entry] = {}
    for name in sorted(set().union(*names.values())):
        having = [target for target in targets if name in names[target]]
        found[f"asyncio.{name}"] = windows_entry(f"asyncio.{name}", having, targets, stubs) | {
            "kind": "class",
            "bases": [
                f"asyncio.{base}" for base in stubs.bases(name, having[-1]) if f"asyncio.{base}" in measured.symbols()
            ],
            "type_parameters": stubs.type_parameters(name, having[-1]),
        }
        for member in sorted(set().union(*(stubs.members(name, target) for target in having))):
            owners = [target for target in having if member in stubs.members(name, target)]
            symbol = f"asyncio.{name}.{member}"
            kind = stubs.members(name, owners[-1])[member]
            found[symbol] = windows_entry(symbol, owners, having, stubs) | {"kind": kind}
    return found


def windows_entry(symbol: str, having: list[Target], among: list[Target], stubs: Stubs) -> Entry:
    """The fields that classes and members have in common."""
    later = [target for target in among if target.version > having[-1].version]
    deprecated, removal = notes.DEPRECATED_WITHOUT_WARNING.get(symbol, (None, None))
    return {
        "module": stubs.module(symbol.split(".")[1], having[-1]),
        "since": None if having[0] == among[0] else text(having[0].version),
        "removed": text(later[0].version) if later else None,
        "platforms": ["windows"],
        "deprecated": deprecated,
        "removal": removal,
        "types": changes({target.version: stubs.types(symbol, target) for target in having}),
    }


def platforms(symbols: dict[str, Entry], measured: Measured, stubs: Stubs) -> None:
    """Mark the names that typeshed does not have on Windows."""
    posix: set[str] = set()
    for version in measured.described:
        posix |= stubs.public_names(Target(version)) - stubs.public_names(Target(version, "win32"))
    for symbol, entry in symbols.items():
        if symbol.split(".")[1:2] and symbol.split(".")[1] in posix:
            entry["platforms"] = ["posix"]


def add_notes(symbol: str, entry: Entry) -> None:
    """Add the facts from notes.py."""
    entry["keyword_names"] = notes.KEYWORD_NAMES.get(symbol)
    entry["changed"] = [list(change) for change in notes.CHANGED.get(symbol, ())]
    if entry["deprecated"] or entry["removed"]:
        owner = symbol.rpartition(".")[0]
        entry["instead"] = notes.INSTEAD.get(symbol) or notes.INSTEAD.get(owner)


def tidied(entry: Entry) -> Entry:
    """Sort the fields and leave out the empty ones."""
    return {field: entry[field] for field in sorted(entry) if entry[field]}


def text(version: Version) -> str:
    """Format a version."""
    return f"{version[0]}.{version[1]}"


def dump(value: Any) -> str:
    """Write JSON on one line."""
    return json.dumps(value, ensure_ascii=False)


def written(api: Entry) -> str:
    """Write one line a symbol, so that a difference shows which symbols changed."""
    lines = [f"  {dump(symbol)}: {dump(entry)}" for symbol, entry in api["symbols"].items()]
    head = [f" {dump(field)}: {dump(api[field])}," for field in ("versions", "measured")]
    return "\n".join(["{", *head, ' "symbols": {', ",\n".join(lines), " }", "}"]) + "\n"


if __name__ == "__main__":
    main()
