"""knowledge/api.json describes asyncio: each Python, asked again, returns the same answer."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import api
import interpreters
import notes
import pytest
import stand_ins

API: dict[str, Any] = json.loads(api.API.read_text(encoding="utf-8"))
SYMBOLS: dict[str, dict[str, Any]] = API["symbols"]
VERSIONS: list[str] = API["versions"]
TOOLS = Path(api.__file__).parent


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(version, marks=[pytest.mark.slow] if version in stand_ins.RELEASES else []) for version in VERSIONS
    ],
)
def probe(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Ask an interpreter anew, or Pyodide if api.json's answer came from it."""
    version: str = request.param
    if API["measured"][version].endswith("emscripten"):
        if missing := stand_ins.lacking():
            pytest.skip(missing)
        return api.ask(["node", str(TOOLS / "run_in_pyodide.mjs"), str(stand_ins.pyodide_folder(version))])
    python = interpreters.find(version)
    if python is None:
        pytest.skip(f"there is no Python {version} here")
    return api.ask([python, "-I"])


def test_the_names_are_those_that_python_has(probe: dict[str, Any]) -> None:
    """No public name or member is missing, and none is invented."""
    version = version_of(probe)
    described = {
        symbol for symbol in SYMBOLS if exists(symbol, version) and SYMBOLS[symbol].get("platforms") != ["windows"]
    }
    assert described == set(probe["symbols"])


def test_signatures_and_kinds_are_those_that_python_tells(probe: dict[str, Any]) -> None:
    """If the same release was measured, the results are equal."""
    version = version_of(probe)
    if probe["python"] != API["measured"][version]:
        pytest.skip(f"api.json was measured on {API['measured'][version]}, this is {probe['python']}")
    expected = {symbol: described(symbol, version) for symbol in probe["symbols"]}
    assert {symbol: told(symbol, version, entry) for symbol, entry in probe["symbols"].items()} == expected


def test_names_that_warn_are_marked_as_deprecated(probe: dict[str, Any]) -> None:
    """A name that causes a DeprecationWarning is deprecated from that version or an older one on."""
    version = version_of(probe)
    warning = {symbol for symbol, entry in probe["symbols"].items() if entry.get("deprecated")}
    assert {symbol for symbol in warning if not reached(SYMBOLS[symbol].get("deprecated"), version)} == set()


def test_the_names_that_a_star_import_forgets_are_known(probe: dict[str, Any]) -> None:
    """``missing_from_all`` contains the versions on which ``__all__`` is not complete."""
    version = version_of(probe)
    public = {
        symbol for symbol, entry in probe["symbols"].items() if symbol.count(".") == 1 and entry["kind"] != "module"
    }
    forgotten = {symbol for symbol in public if symbol.removeprefix("asyncio.") not in probe["all"]}
    assert forgotten == {symbol for symbol in SYMBOLS if version in SYMBOLS[symbol].get("missing_from_all", ())}


def test_the_file_is_as_the_tool_writes_it() -> None:
    """It has not been edited by hand."""
    assert api.API.read_text(encoding="utf-8") == api.written(API)
    assert list(SYMBOLS) == sorted(SYMBOLS)


def test_every_note_is_about_an_existing_name() -> None:
    """Notes go stale when asyncio changes."""
    tables = (
        notes.INSTEAD,
        notes.DEPRECATED_WITHOUT_WARNING,
        notes.KEYWORD_NAMES,
        notes.CHANGED,
        notes.PAGE_OF,
        notes.DESCRIBED_LATER,
        notes.DOCUMENTED_SIGNATURES,
    )
    noted = {symbol for table in tables for symbol in table}
    noted |= {symbol for symbol, _ in notes.CORRECTED_TYPES}
    assert noted - set(SYMBOLS) - {"asyncio.trsock.TransportSocket"} == set()


def test_every_error_says_what_to_write_instead() -> None:
    """A deprecated or removed name comes with a replacement."""
    bare = [
        symbol
        for symbol, entry in SYMBOLS.items()
        if (entry.get("deprecated") or entry.get("removed")) and "instead" not in entry
    ]
    assert bare == []


def test_real_keywords_are_in_the_signature_and_documented_ones_are_not() -> None:
    """``wait_for(aw=…)`` is a TypeError; ``wait_for(fut=…)`` is not."""
    for symbol, names in notes.KEYWORD_NAMES.items():
        for _, signature in SYMBOLS[symbol]["signatures"]:
            words = re.findall(r"\w+", signature)
            assert [name for name in names if name in words] == []
            assert [name for name in names.values() if name not in words] == []


def test_every_name_has_a_page() -> None:
    """A link leads to one of asyncio's pages, and its anchor is a name of asyncio."""
    links = {symbol: entry["docs"] for symbol, entry in SYMBOLS.items()}
    pattern = re.compile(r"library/asyncio(-\w+)*\.html(#(module-)?asyncio[\w.]*)?")
    assert {symbol: link for symbol, link in links.items() if not pattern.fullmatch(link)} == {}


def version_of(probe: dict[str, Any]) -> str:
    """Return a probe's version as api.json writes it."""
    return "{}.{}".format(*probe["version"])


def reached(since: str | None, version: str) -> bool:
    """Is a version this one or a later one? Without ``since``, never."""
    return since is not None and number(since) <= number(version)


def number(version: str) -> tuple[int, int]:
    """Make a version comparable."""
    major, minor = version.split(".")
    return int(major), int(minor)


def exists(symbol: str, version: str) -> bool:
    """Does a version have a name? From its own and its class's first version to the last."""
    entry = SYMBOLS.get(symbol, {})
    came = reached(entry.get("since", version), version)
    gone = reached(entry.get("removed"), version)
    parent = symbol.rpartition(".")[0]
    return came and not gone and (not parent or exists(parent, version))


def described(symbol: str, version: str) -> tuple[Any, ...]:
    """Return api.json's kind and signature of a name on a version."""
    signatures = [signature for since, signature in SYMBOLS[symbol].get("signatures", ()) if reached(since, version)]
    newest = version == last_version(symbol)
    return SYMBOLS[symbol]["kind"] if newest else None, signatures[-1] if signatures else None


def told(symbol: str, version: str, entry: dict[str, Any]) -> tuple[Any, ...]:
    """Return a probe's kind and signature; api.json has the kind only for the newest version."""
    newest = version == last_version(symbol)
    return entry["kind"] if newest else None, api.signature(symbol, number(version), entry)


def last_version(symbol: str) -> str:
    """Return the newest version that has a name."""
    return [version for version in VERSIONS if exists(symbol, version)][-1]
