"""The memory for facts about other modules is bounded, whatever is opened and closed."""

from __future__ import annotations

from pathlib import Path

from loopwise.project import Document, Workspace
from loopwise.semantics.bindings import File
from loopwise.semantics.modules import Seen, trim
from loopwise.text import Source

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
