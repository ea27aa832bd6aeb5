"""Findings of an earlier session: shown at once if nothing has changed since, and not at all otherwise."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing, suppress
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest
from lsprotocol import types
from pytest_lsp import LanguageClient

from loopwise.analysis.rule import no_fixes
from loopwise.diagnosis import live
from loopwise.diagnosis.live import Checked
from loopwise.diagnosis.remembered import Remembered
from loopwise.diagnosis.run import Found
from loopwise.diagnosis.selection import selection_for
from loopwise.lsp.memory import Memory
from loopwise.project import Document, Workspace
from loopwise.text import Source
from rule_cases import Case, all_cases
from serving import PATIENCE, eventually, serving
from sharing import sharing_stubs

CALLS = "from lib import fetch\n\n\nasync def go():\n    fetch()\n"
ASYNC, PLAIN = "async def fetch(): ...\n", "def fetch(): ...\n"
MISSING = "missing-await"
CASES = {case.rule.name: case for case in reversed(all_cases()[0]) if case.places and case.rule.default_on}


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The cache of the servers that a test starts."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder))
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda *_, **__: str(folder / "loopwise"))
    return folder / "loopwise" / "open.sqlite"


def stored(cache: Path) -> int:
    """Return for how many files findings were stored since ``age``."""
    return ask(cache, "SELECT COUNT(*) FROM made WHERE used > 0")


def age(cache: Path) -> None:
    """Make all entries old."""
    ask(cache, "UPDATE made SET used = 0")


def ask(cache: Path, question: str) -> int:
    """Return the number that answers a query; 0 if there is none."""
    if not cache.exists():
        return 0
    with closing(sqlite3.connect(cache, timeout=PATIENCE)) as base, base, suppress(sqlite3.OperationalError):
        row = base.execute(question).fetchone()  # there is no table in a base that is being made
        return int(row[0]) if row else 0
    return 0


@pytest.fixture
def broken(cache: Path) -> Path:
    """A cache that is not a database."""
    cache.parent.mkdir(parents=True)
    cache.write_bytes(b"not a database" * 100)
    return cache


@pytest.fixture
def taken(cache: Path) -> Path:
    """A folder in place of the cache."""
    cache.mkdir(parents=True)
    return cache


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "app.py").write_text(CALLS)
    (folder / "lib.py").write_text(ASYNC)
    return folder


class Published:
    """The codes of each list of diagnostics that a server sends for a file's first version, in order."""

    def __init__(self, path: Path) -> None:
        self.uri = path.as_uri()
        self.lists: list[list[str]] = []

    def listen(self, client: LanguageClient) -> None:
        plain = client.protocol.fm.features[types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS]

        def note(*given: object) -> object:
            params = given[-1]
            assert isinstance(params, types.PublishDiagnosticsParams)
            if params.uri == self.uri and params.version == 1:
                self.lists.append([str(each.code) for each in params.diagnostics])
            return plain(*given)

        client.protocol.fm.features[types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS] = note


async def shown(project: Path, cache: Path) -> list[list[str]]:
    """Return the diagnostics that a session shows for ``app.py``, until it has the final ones and stored them."""
    published = Published(project / "app.py")
    age(cache)
    async with serving(project, before=published.listen) as client:
        client.open(published.uri, CALLS)
        assert await eventually(lambda: stored(cache))
    return published.lists


async def test_findings_are_shown_again(project: Path, cache: Path) -> None:
    first = await shown(project, cache)
    assert first[-1] == [MISSING]
    assert stored(cache) == 1
    assert await shown(project, cache) == [[MISSING]], "neither twice nor with a gap in between"


async def test_findings_of_a_changed_module_are_not_shown(project: Path, cache: Path) -> None:
    assert (await shown(project, cache))[-1] == [MISSING]
    (project / "lib.py").write_text(PLAIN)
    assert [MISSING] not in await shown(project, cache)


async def test_settings_count(project: Path, cache: Path) -> None:
    assert (await shown(project, cache))[-1] == [MISSING]
    (project / "pyproject.toml").write_text('[tool.loopwise]\nignore = ["missing-await"]\n')
    assert [MISSING] not in await shown(project, cache)


def checked(folder: Path, files: Mapping[str, str], text: str) -> tuple[Workspace, Document, Checked]:
    """Check ``main.py`` beside other modules."""
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    path = folder / "main.py"
    path.write_text(text)
    workspace = sharing_stubs(Workspace([folder]))
    document = Document(path.as_uri(), 1, path, Source.of(text))
    workspace.open(document)
    selection = selection_for(workspace.root(path), path)
    steps = live.whole(workspace.view(document), selection, None)
    while True:
        try:
            next(steps)
        except StopIteration as done:
            return workspace, document, done.value


def bare(found: Checked) -> list[object]:
    """Return the parts of findings that a client gets."""
    return [
        (one.rule.name, one.left, msgspec.structs.replace(one.finding, fixes=no_fixes, related=()), _places(one))
        for one in found.shown().found
    ]


@pytest.mark.parametrize("case", CASES.values(), ids=str)
def test_all_findings_outlive_a_session(case: Case, tmp_path: Path) -> None:
    """Tested with the first case of each enabled rule."""
    _, document, found = checked(tmp_path, case.files, case.code)
    assert found.shown().found or not case.places
    value = msgspec.msgpack.encode(Remembered.of(found, [str(document.path)]))
    again = msgspec.msgpack.decode(value, type=Remembered).checked(document.source.data)
    assert again is not None
    assert bare(again) == bare(found)


def _places(one: Found) -> list[object]:
    return [(each.span, each.message, each.file and each.file.key) for each in one.finding.related]


def memory_of(workspace: Workspace) -> Memory:
    return Memory(SimpleNamespace(state=workspace))  # type: ignore[arg-type] # of a session it uses the workspace alone


async def test_only_what_is_saved_is_kept(project: Path, cache: Path) -> None:
    workspace, document, found = checked(project, {}, CALLS)
    memory = memory_of(workspace)
    await memory.keep(document, found)
    assert stored(cache) == 1
    typed = document.replaced(2, CALLS + "\n")
    workspace.change(typed)
    await memory.keep(typed, found)
    assert stored(cache) == 1


async def test_results_that_depend_on_an_unsaved_module_are_not_stored(project: Path, cache: Path) -> None:
    workspace, document, found = checked(project, {}, CALLS)
    lib = project / "lib.py"
    workspace.open(Document(lib.as_uri(), 1, lib, Source.of(PLAIN)))
    view = workspace.view(document)
    assert view.evaluator.modules.load("lib") is not None
    await memory_of(workspace).keep(document, found)
    assert stored(cache) == 0


async def test_a_broken_cache_is_rebuilt(project: Path, broken: Path) -> None:
    workspace, document, found = checked(project, {}, CALLS)
    await memory_of(workspace).keep(document, found)
    assert await memory_of(workspace).recall(document) is not None
    assert stored(broken) == 1


async def test_a_cache_that_is_taken_is_done_without(project: Path, taken: Path) -> None:
    workspace, document, found = checked(project, {}, CALLS)
    await memory_of(workspace).keep(document, found)
    assert await memory_of(workspace).recall(document) is None
    assert stored(taken / "nothing") == 0
