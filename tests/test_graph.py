"""The call graph: pages of ``graphs/``, whose files claim each edge below the call that it is of.

A claim is below the name that is called and says how the function there is reached::

    await client.fetch()
    #            ^^^^^ awaits net.Client.fetch

``(…)`` holds what is around the call, ``not stored`` marks a task that is lost, ``| name`` an override that the call
may reach too.  A ``text`` block after the files is the tree below the entry points.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from loopwise.graph import Branch, Builder, Edge, Graph, Ref, unfolded
from loopwise.project import Document, Workspace
from loopwise.text import Source
from marked import claims
from sections import FENCE, raw_sections, title_of

PAGES = Path(__file__).with_name("graphs")


class Section(NamedTuple):
    """A project, and the claims about it."""

    title: str
    files: dict[str, str]
    tree: str

    def __str__(self) -> str:
        return self.title


def sections() -> Iterator[Section]:
    for page in sorted(PAGES.glob("*.md")):
        for raw in raw_sections(page.read_text("utf-8")):
            found = list(FENCE.finditer(raw))
            files = {one["name"]: one["text"] for one in found if one["name"]}
            tree = next((one["text"] for one in found if one["language"] == "text"), "")
            yield Section(f"{page.stem}: {title_of(raw)}", files, tree)


SECTIONS = list(sections())


def laid_out(section: Section, folder: Path) -> Workspace:
    """Write the section's files, without their claims; return their workspace."""
    for name, text in section.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(claims(text)[0], "utf-8")
    return Workspace([folder])


def document(path: Path) -> Document:
    return Document(path.as_uri(), 1, path, Source.of(path.read_bytes()))


def graph_of(section: Section, folder: Path) -> Graph:
    workspace, builder = laid_out(section, folder), Builder()
    return Graph(builder.graph(workspace.view(document(folder / name))) for name in section.files)


def told(graph: Graph, edge: Edge) -> str:
    """Return an edge in the form of a claim."""
    what = edge.label if edge.target is None else " | ".join(map(graph.label, graph.reached(edge)))
    around = f" ({', '.join(edge.within)})" if edge.within else ""
    return f"{edge.kind} {what}{around}{' not stored' if edge.lost else ''}"


@pytest.mark.parametrize("section", SECTIONS, ids=str)
def test_edges(section: Section, tmp_path: Path) -> None:
    """Every claimed edge is in the graph, and no other."""
    graph = graph_of(section, tmp_path)
    for name, text in section.files.items():
        wanted = sorted((claim.line, claim.symbol, claim.says) for claim in claims(text)[1])
        functions = graph.modules[str(tmp_path / name)].functions.values()
        found = sorted(
            (edge.line, edge.label.rpartition(".")[2], told(graph, edge)) for one in functions for edge in one.edges
        )
        assert found == wanted, name


def drawn(branch: Branch, deep: int = 0) -> Iterator[str]:
    why = f" [{branch.why}]" if branch.why else ""
    yield f"{'  ' * deep}{branch.kind} {branch.label}{why}{' …' if branch.again else ''}"
    for one in branch.branches:
        yield from drawn(one, deep + 1)


@pytest.mark.parametrize("section", [one for one in SECTIONS if one.tree], ids=str)
def test_trees(section: Section, tmp_path: Path) -> None:
    """From the entry points down."""
    graph = graph_of(section, tmp_path)
    lines = [line for root in unfolded(graph, tuple(graph.entries())) for line in drawn(root)]
    assert "\n".join(lines) + "\n" == section.tree


def test_a_graph_is_kept_until_one_of_its_inputs_changes(tmp_path: Path) -> None:
    """Inputs are its own text and the modules it asked for; other modules are not."""
    app, net, other = tmp_path / "app.py", tmp_path / "net.py", tmp_path / "other.py"
    app.write_text("from net import fetch\n\nasync def main():\n    await fetch()\n", "utf-8")
    net.write_text("async def fetch():\n    pass\n", "utf-8")
    other.write_text("x = 1\n", "utf-8")
    workspace, builder = Workspace([tmp_path]), Builder()

    def known() -> bool:
        workspace.refresh()
        return builder.known(workspace.view(document(app))) is not None

    assert not known()
    before = builder.graph(workspace.view(document(app)))
    assert before.functions["main"].edges[0].target == Ref(str(net), "fetch")
    assert known()
    other.write_text("x = 22\n", "utf-8")
    assert known()
    net.write_text("def fetch2():\n    pass\n", "utf-8")
    assert not known()
    assert builder.graph(workspace.view(document(app))).functions["main"].edges == ()


def test_the_work_can_be_taken_in_steps(tmp_path: Path) -> None:
    """So that a large module does not hold up an editor."""
    path = tmp_path / "app.py"
    path.write_text("\n".join(f"async def f{n}():\n    await f{n + 1}()\n" for n in range(50)), "utf-8")
    builder, view = Builder(), Workspace([tmp_path]).view(document(path))
    assert sum(1 for _ in builder.steps(view)) >= 50
