"""The memory for facts about other modules is bounded, whatever is opened and closed."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest

from loopwise.cli.check import checker
from loopwise.cli.check.checker import Checker
from loopwise.cli.check.options import CheckOptions
from loopwise.project import Document, Workspace
from loopwise.semantics.bindings import File
from loopwise.semantics.bindings.scan import Scan
from loopwise.semantics.bindings.table import _MOST_BINDINGS, _Tables
from loopwise.semantics.index import ProjectNames
from loopwise.semantics.infer import Unknown
from loopwise.semantics.modules import Seen, size_of, trim
from loopwise.text import Source

FILES = 3 * checker._SELDOM + 3
FILLER = "# " + "x" * 98 + "\n"


def test_the_least_recently_used_entry_is_dropped_first() -> None:
    def file(name: str) -> File:
        return File(name, name, Source.of("x" * 100))

    seen: Seen = {(Path(name), name): ((0, 0), file(name)) for name in "abcd"}
    seen[Path("no"), "no"] = ((0, 0), None)
    trim(seen, 250)
    assert [name for _, name in seen] == ["c", "d", "no"]
    trim(seen, 250)
    assert len(seen) == 3
    trim(seen, 0)
    assert [name for _, name in seen if name != "no"] == []


def test_files_that_are_opened_and_closed_leave_a_bounded_trace(tmp_path: Path) -> None:
    """Each imports a large module of its own; facts about the last one's import are still kept."""
    for number in range(40):
        (tmp_path / f"large{number}.py").write_text(f"async def f{number}(): ...\n" + FILLER * 1_500)
    workspace = Workspace([tmp_path])
    for number in range(40):
        path = tmp_path / f"app{number}.py"
        text = f"from large{number} import f{number}\nasync def main():\n    await f{number}()\n"
        document = Document(path.as_uri(), 1, path, Source.of(text))
        workspace.open(document)
        assert workspace.view(document).evaluator.modules.load(f"large{number}") is not None
        workspace.close(document.uri)
    seen = workspace.root(tmp_path)._seen
    kept = [name for (_, name), (_, file) in seen.items() if file is not None]
    assert "large39" in kept
    assert "large0" not in kept
    assert sum(len(file.source.data) for _, file in seen.values() if file is not None) <= 2 * 1024 * 1024


def test_folders_share_the_limit(tmp_path: Path) -> None:
    """Without a workspace each file's folder is a project; what all of them have read is bounded, not what each has."""
    workspace = Workspace()
    for number in range(40):
        folder = tmp_path / f"project{number}"
        folder.mkdir()
        (folder / "pyproject.toml").touch()
        (folder / "large.py").write_text(f"async def f{number}(): ...\n" + FILLER * 1_500)
        path = folder / "app.py"
        document = Document(path.as_uri(), 1, path, Source.of(f"from large import f{number}\n"))
        workspace.open(document)
        assert workspace.view(document).evaluator.modules.load("large") is not None
        workspace.close(document.uri)
    kept = {id(file): file for root in workspace._roots.values() for _, file in root._seen.values() if file is not None}
    assert len(workspace._roots) > 1
    assert sum(len(file.source.data) for file in kept.values()) <= 2 * 1024 * 1024


def test_a_star_import_parses_only_modules_that_may_bind_the_name(tmp_path: Path) -> None:
    """A package may star-import all of its modules; each of its names would otherwise have every one parsed."""
    modules = {f"part{number}": f"async def f{number}(): ...\n" for number in range(10)}
    modules["lists"] = "from part9 import f3\n__all__ = ['f9']\n"
    modules["passes"] = "from part4 import *  # f4\n"
    modules["wide"] = "\N{FULLWIDTH LATIN SMALL LETTER F}5 = 1\n"
    for name, text in modules.items():
        (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
    (tmp_path / "all.py").write_text("".join(f"from {name} import *\n" for name in reversed(modules)))
    workspace = Workspace([tmp_path])
    document = Document((tmp_path / "app.py").as_uri(), 1, tmp_path / "app.py", Source.of("import all\n"))
    workspace.open(document)
    evaluator = workspace.view(document).evaluator
    for name, home in {"f3": "part3", "f4": "part4", "f5": "wide"}.items():
        value = evaluator.module_member("all", name)
        assert not isinstance(value, Unknown) or home == "wide", name
        loaded = evaluator.modules.load(home)
        assert loaded is not None
        assert "tree" in loaded.__dict__, name
    unparsed = {f"part{number}" for number in (0, 1, 2, 5, 6, 7, 8)} | {"lists"}
    files = {name: evaluator.modules.load(name) for name in unparsed}
    assert {name for name, file in files.items() if file is None or "tree" in file.__dict__} == set()


def test_tables_that_are_cached_by_content_are_bounded() -> None:
    """Each keystroke leaves a table of the whole module."""
    tables = _Tables()
    for number in range(300):
        text = "".join(f"a{number}_{line} = 1\n" for line in range(1_000))
        unit = File("m", "m", Source.of(text)).root
        tables.put((unit.type, str(number).encode()), Scan(unit).table())
    kept = [number for number in range(300) if tables.get(("module", str(number).encode())) is not None]
    assert kept == list(range(kept[0], 300))
    assert 0 < len(kept) * 1_000 <= _MOST_BINDINGS


def test_folders_of_closed_files_are_forgotten(tmp_path: Path) -> None:
    """Each file outside of a workspace may be in a root of its own, which is refreshed whenever a file is opened."""
    workspace = Workspace()
    for number in range(60):
        path = tmp_path / f"project{number}" / "app.py"
        path.parent.mkdir()
        (path.parent / "pyproject.toml").touch()
        workspace.open(Document(path.as_uri(), 1, path, Source.of("")))
        if number != 3:
            workspace.close(path.as_uri())
    assert tmp_path / "project3" in workspace._roots
    assert len(workspace._roots) <= 22
    assert len(workspace.indexes()) <= 22


def test_check_forgets_the_modules_that_earlier_files_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each script is in a folder of its own, and imports a large module; the collector of cycles runs seldom."""
    monkeypatch.setattr(checker, "_MUCH", 1024 * 1024)
    (tmp_path / "pyproject.toml").touch()
    for number in range(FILES):
        folder = tmp_path / f"folder{number}"
        folder.mkdir()
        (folder / f"large{number}.py").write_text(f"async def f{number}(): ...\n" + FILLER * 1_500)
        text = f"from large{number} import f{number}\nasync def main():\n    f{number}()\n"
        (folder / "app.py").write_text(text)
    names = frozenset(f"f{number}" for number in range(FILES))
    one = Checker(CheckOptions(), tmp_path, ProjectNames(coroutines=names))
    gc.disable()
    try:
        for number in range(FILES):
            assert len(one.check(str(tmp_path / f"folder{number}" / "app.py")).reports) == 1
    finally:
        gc.enable()
    alive = [file for file in gc.get_objects() if type(file) is File and file.name.startswith("large")]
    assert 0 < len(alive) <= checker._SELDOM + 1
    assert size_of(one._seen) <= 3 * 1024 * 1024
