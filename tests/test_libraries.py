"""Libraries: a project and its environment on one page; each claim holds, and nothing else is found."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from loopwise.diagnosis.analyse import analyse
from loopwise.diagnosis.selection import selection_for
from loopwise.features.hover import hover, markdown, plain
from loopwise.project import Document, Workspace
from loopwise.semantics.index import ProjectNames, imported_modules, roots_of
from loopwise.semantics.modules import module_name
from loopwise.text import Encoding, Source
from marked import Claim, claims
from sections import FENCE

PAGE = Path(__file__).with_name("libraries.md").read_text("utf-8")
FILES = {fence["name"]: fence["text"] for fence in FENCE.finditer(PAGE) if fence["name"]}
NAMES = ProjectNames(frozenset({"helper", "cached", "opened"}))
APP = sorted(name for name in FILES if name.startswith("app/"))


def lay_out(folder: Path) -> None:
    """Write the page's files, without their claims."""
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        bare = claims(text)[0] if name.endswith(".py") else text
        path.write_text(bare.replace("@/", f"{folder}/"), "utf-8")
    (folder / ".git").mkdir(exist_ok=True)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The page's project on disk, with a cache folder of its own."""
    folder = tmp_path_factory.mktemp("libraries")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
        for name in ("VIRTUAL_ENV", "CONDA_PREFIX"):
            patch.delenv(name, raising=False)
        lay_out(folder)
        yield folder


@pytest.fixture(scope="module")
def workspace(project: Path) -> Workspace:
    """A workspace that knows the imports of the project, as a server's index does."""
    made = Workspace([project])
    texts = (claims(FILES[name])[0].encode() for name in APP)
    made.root(project).libraries.survey(root for text in texts for root in roots_of(imported_modules(text)))
    return made


def opened(workspace: Workspace, path: Path) -> Document:
    document = Document(path.as_uri(), 1, path, Source.of(path.read_bytes()), module=module_name(path))
    workspace.open(document)
    return document


def found_in(workspace: Workspace, document: Document) -> set[tuple[int, int, str]]:
    """Return line, column (code points, from 0) and code of each finding."""
    view = workspace.view(document)
    assert document.path is not None
    selection = selection_for(workspace.root(document.path), document.path)
    return {
        (*document.source.position(one.finding.span.start, Encoding.UTF32), one.rule.code)
        for one in analyse(view, selection, NAMES).found
    }


def is_code(claim: Claim) -> bool:
    return claim.says.startswith("LW")


def test_the_page_is_a_project_of_thirty_modules() -> None:
    assert sum(name.endswith((".py", ".pyi")) for name in FILES) >= 30


@pytest.mark.parametrize("name", APP)
def test_findings(workspace: Workspace, project: Path, name: str) -> None:
    """Every claim is found, and nothing else."""
    document = opened(workspace, project / name)
    wanted = {(claim.line, claim.column, claim.says) for claim in claims(FILES[name])[1] if is_code(claim)}
    assert found_in(workspace, document) == wanted
    workspace.close(document.uri)


HOVERS = [(name, claim) for name in APP for claim in claims(FILES[name])[1] if not is_code(claim)]


@pytest.mark.parametrize(("name", "claim"), HOVERS, ids=str)
def test_hovers(workspace: Workspace, project: Path, name: str, claim: Claim) -> None:
    """The hover is the claimed one."""
    document = opened(workspace, project / name)
    view = workspace.view(document)
    shown = hover(view, len(document.source.text[: claim.offset].encode()))
    assert shown is not None
    assert claim.says in markdown(shown, view.target)
    assert plain(markdown(shown, view.target))
    workspace.close(document.uri)
