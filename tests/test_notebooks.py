"""Notebooks: a real server process, and a client that sends cells as the protocol specifies."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Sequence
from itertools import count
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types

from loopwise.project.notebook import Cell
from loopwise.text import Source
from marked import cursor, place
from serving import Client, eventually, first_line, item_options, serving, text_of
from test_findings_protocol import after, client_that, shown

SECTION = "# ---\n"
_numbers = count(1)


def client_of_notebooks(*, pulls: bool = False) -> types.ClientCapabilities:
    made = client_that(pulls=pulls)
    made.notebook_document = types.NotebookDocumentClientCapabilities(types.NotebookDocumentSyncClientCapabilities())
    assert made.text_document is not None
    made.text_document.completion = types.CompletionClientCapabilities(completion_item=item_options())
    return made


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def client() -> AsyncIterator[Client]:
    async with serving(client=client_of_notebooks()) as client:
        yield client


class Opened(msgspec.Struct):
    """A notebook open in the server; ``texts`` and ``uris`` are those of its cells."""

    client: Client
    uri: str
    uris: list[str]
    texts: list[str]
    offset: int = 0
    at: int = 0
    """The cell with ``$0``, which is at ``offset``."""
    version: int = 1

    def found(self, index: int) -> list[str]:
        """Return the findings of a cell, as code and underlined text."""
        found = self.client.lsp.diagnostics.get(self.uris[index], ())
        try:
            return shown(self.texts[index], list(found), self.client.encoding)
        except KeyError as place:
            return [f"of another text, at {place}"]

    async def finds(self, *wanted: Sequence[str]) -> None:
        """Wait until the cells have these findings, in order."""
        expected = [list(each) for each in wanted]
        await eventually(lambda: [self.found(index) for index in range(len(self.uris))] == expected)
        assert [self.found(index) for index in range(len(self.uris))] == expected

    def _change(self, cells: types.NotebookDocumentCellChanges) -> None:
        self.version += 1
        change = types.NotebookDocumentChangeEvent(cells=cells)
        notebook = types.VersionedNotebookDocumentIdentifier(self.version, self.uri)
        self.client.lsp.notebook_document_did_change(types.DidChangeNotebookDocumentParams(notebook, change))

    def type(self, index: int, start: int, end: int, new: str) -> None:
        """Replace a part of a cell (offsets in code points)."""
        change = types.TextDocumentContentChangePartial(self.client.range(self.texts[index], start, end), new)
        self.texts[index] = self.texts[index][:start] + new + self.texts[index][end:]
        document = types.VersionedTextDocumentIdentifier(self.version + 1, self.uris[index])
        contents = types.NotebookDocumentCellContentChanges(document, [change])
        self._change(types.NotebookDocumentCellChanges(text_content=[contents]))

    def insert(self, index: int, text: str) -> None:
        uri = f"{self.uri}#cell{next(_numbers)}"
        cell = types.NotebookCell(types.NotebookCellKind.Code, uri)
        array = types.NotebookCellArrayChange(index, 0, [cell])
        document = types.TextDocumentItem(uri, "python", 1, text)
        self.uris.insert(index, uri)
        self.texts.insert(index, text)
        structure = types.NotebookDocumentCellChangeStructure(array, did_open=[document])
        self._change(types.NotebookDocumentCellChanges(structure=structure))

    def delete(self, index: int) -> str:
        uri = self.uris.pop(index)
        self.texts.pop(index)
        array = types.NotebookCellArrayChange(index, 1)
        structure = types.NotebookDocumentCellChangeStructure(array, did_close=[types.TextDocumentIdentifier(uri)])
        self._change(types.NotebookDocumentCellChanges(structure=structure))
        return uri

    def swap(self, first: int) -> None:
        """Swap a cell with the one below it; no text is opened or closed."""
        for pair in (self.uris, self.texts):
            pair[first : first + 2] = pair[first : first + 2][::-1]
        cells = [types.NotebookCell(types.NotebookCellKind.Code, uri) for uri in self.uris[first : first + 2]]
        array = types.NotebookCellArrayChange(first, 2, cells)
        structure = types.NotebookDocumentCellChangeStructure(array)
        self._change(types.NotebookDocumentCellChanges(structure=structure))

    async def hover(self) -> types.Hover | None:
        return await self.client.hover_at(self.uris[self.at], self.texts[self.at], self.offset)

    async def completions(self) -> list[types.CompletionItem]:
        found = await self.client.completion_at(self.uris[self.at], self.texts[self.at], self.offset)
        return list(found.items) if found is not None else []

    async def actions(self, index: int, at: str, only: Sequence[str] | None = None) -> list[types.CodeAction]:
        uri, text = self.uris[index], self.texts[index]
        place_ = self.client.range(text, text.index(at), text.index(at))
        context = types.CodeActionContext(list(self.client.lsp.diagnostics.get(uri, ())), only)
        params = types.CodeActionParams(types.TextDocumentIdentifier(uri), place_, context)
        found = await self.client.lsp.text_document_code_action_async(params) or ()
        return [each for each in found if isinstance(each, types.CodeAction)]

    async def fixed(self, index: int, at: str, title: str, only: Sequence[str] | None = None) -> str:
        """Return the cell after an action, which changes no other cell."""
        (action,) = [each for each in await self.actions(index, at, only) if each.title == title]
        action = action if action.edit is not None else await self.client.lsp.code_action_resolve_async(action)
        assert action.edit is not None
        assert action.edit.document_changes is not None
        (change,) = action.edit.document_changes
        assert isinstance(change, types.TextDocumentEdit)
        assert change.text_document.uri == self.uris[index]
        return after(self.texts[index], action.edit, self.client.encoding)


@contextlib.asynccontextmanager
async def opened(client: Client, marked: str, folder: Path | None = None) -> AsyncIterator[Opened]:
    """Open a notebook of cells that are separated by lines of three dashes."""
    number = next(_numbers)
    uri = f"untitled:notebook{number}.ipynb" if folder is None else (folder / f"notebook{number}.ipynb").as_uri()
    notebook = Opened(client, uri, [], [])
    for index, part in enumerate(marked.split(SECTION)):
        text = part.removesuffix("\n")
        if "$0" in text:
            text, notebook.offset = cursor(text)
            notebook.at = index
        notebook.texts.append(text)
        notebook.uris.append(f"vscode-notebook-cell:/notebook{number}.ipynb#cell{index}")
    cells = [types.NotebookCell(types.NotebookCellKind.Code, uri) for uri in notebook.uris]
    documents = [
        types.TextDocumentItem(uri, "python", 1, text) for uri, text in zip(notebook.uris, notebook.texts, strict=True)
    ]
    client.lsp.notebook_document_did_open(
        types.DidOpenNotebookDocumentParams(types.NotebookDocument(uri, "jupyter-notebook", 1, cells), documents)
    )
    try:
        yield notebook
    finally:
        client.lsp.notebook_document_did_close(
            types.DidCloseNotebookDocumentParams(
                types.NotebookDocumentIdentifier(uri), [types.TextDocumentIdentifier(uri) for uri in notebook.uris]
            )
        )


async def test_cells_know_the_names_of_earlier_ones(client: Client) -> None:
    async with opened(
        client, "import asyncio\njobs = asyncio.Queue()\n# ---\n'🦊'; job$0s.put_nowait(1)\n"
    ) as notebook:
        hover = await notebook.hover()
        assert first_line(hover).startswith("jobs: asyncio.Queue")
        assert hover is not None
        text = notebook.texts[1]
        assert hover.range == client.range(text, text.index("jobs"), text.index("jobs") + 4)
    async with opened(client, "import asyncio\n# ---\nimport time\n# ---\nasyncio.sle$0ep\n") as notebook:
        assert "asyncio.sleep" in text_of(await notebook.hover())


async def test_a_cell_is_sent_to_each_feature(client: Client) -> None:
    cells = "import asyncio\nasync def fetch(url: str, deadline: int): ...\n# ---\nawait fetch($0)\n"
    async with opened(client, cells) as notebook:
        text, uri = notebook.texts[1], notebook.uris[1]
        help_ = await client.signature_at(uri, text, notebook.offset)
        assert help_ is not None
        assert "deadline: int" in help_.signatures[0].label


async def test_top_level_await_completes_names_from_other_cells(client: Client) -> None:
    async with opened(client, "async def fetch(): ...\n# ---\nx = 1\nawait $0\n") as notebook:
        items = await notebook.completions()
        first = next(item for item in items if item.label.startswith("fetch"))
        assert first.additional_text_edits is None, "nothing to make async"
        assert isinstance(first.text_edit, types.TextEdit)
        assert first.text_edit.range.start == types.Position(1, 6)


async def test_imports_go_into_the_cell_that_needs_them(client: Client) -> None:
    cells = "import time\n# ---\n%%time\nx = 1\n# ---\n%%time\nimport json\nasyn$0\n"
    async with opened(client, cells) as notebook:
        items = await notebook.completions()
        item = next(item for item in items if item.additional_text_edits)
        (edit,) = item.additional_text_edits or ()
        assert edit == types.TextEdit(types.Range(types.Position(1, 0), types.Position(1, 0)), "import asyncio\n")


async def test_top_level_await_is_allowed_in_cells_and_running_a_loop_is_not(client: Client) -> None:
    cells = "import asyncio\nasync def main(): ...\n# ---\nawait main()\n# ---\n'🦊'\nresult = asyncio.run(main())\n"
    async with opened(client, cells) as notebook:
        await notebook.finds([], [], ["run-in-running-loop: asyncio.run(main())"])
        titles = [action.title for action in await notebook.actions(2, "asyncio.run")]
        assert titles == ["Await the coroutine", "Suppress run-in-running-loop here"]
        assert await notebook.fixed(2, "asyncio.run", titles[0]) == "'🦊'\nresult = await main()"


async def test_a_coroutine_that_is_never_awaited_gets_a_plain_await(client: Client) -> None:
    async with opened(client, "async def main(): ...\n# ---\nx = 1\nmain()\n") as notebook:
        await notebook.finds([], ["missing-await: main()"])
        title = (await notebook.actions(1, "main()"))[0].title
        assert await notebook.fixed(1, "main()", title) == "x = 1\nawait main()"


async def test_fix_all_is_about_one_cell(client: Client) -> None:
    cells = "import asyncio\nasync def main(): ...\nmain()\n# ---\nmain()\nmain()\n"
    async with opened(client, cells) as notebook:
        await notebook.finds(["missing-await: main()"], ["missing-await: main()"] * 2)
        all_ = "Fix all safely fixable problems"
        assert await notebook.fixed(1, "main()", all_, ["source.fixAll"]) == "await main()\nawait main()"
        kind = "Fix all missing-await in this cell"
        assert await notebook.fixed(1, "main()", kind) == "await main()\nawait main()"
        titles = [action.title for action in await notebook.actions(0, "main()\n"[:-1])]
        assert kind not in titles


async def test_findings_move_with_their_cells(client: Client) -> None:
    defines, wrong = "import asyncio\nasync def main(): ...", "'🦊'; main()"
    async with opened(client, f"{defines}\n# ---\n{wrong}\n# ---\nx = 1\n") as notebook:
        await notebook.finds([], ["missing-await: main()"], [])
        notebook.insert(1, "y = '🦊'\nz = 3")
        await notebook.finds([], [], ["missing-await: main()"], [])
        notebook.swap(2)
        await notebook.finds([], [], [], ["missing-await: main()"])
        notebook.type(3, 0, 0, "\n\n")
        await notebook.finds([], [], [], ["missing-await: main()"])
        notebook.type(3, notebook.texts[3].index("main"), notebook.texts[3].index("main"), "await ")
        await notebook.finds([], [], [], [])
        notebook.type(3, notebook.texts[3].index("await "), notebook.texts[3].index("await ") + 6, "")
        await notebook.finds([], [], [], ["missing-await: main()"])
        gone = notebook.delete(3)
        await notebook.finds([], [], [])
        await eventually(lambda: not client.lsp.diagnostics[gone])
        assert not client.lsp.diagnostics[gone]
        notebook.delete(0)
        notebook.delete(0)
        notebook.delete(0)
        notebook.insert(0, "async def f(): ...\nf()")
        await notebook.finds(["missing-await: f()"])
    await eventually(lambda: not client.lsp.diagnostics[notebook.uris[0]])
    assert not client.lsp.diagnostics[notebook.uris[0]], "closing clears"


@pytest.mark.parametrize(
    "half",
    [
        "x = (",
        "foo(1",
        "print('a",
        "x = '''",
        "x = f'{",
        "x =",
        "x = 1 + \\\n",
        "assert",
        "del \\",
        "global",
        "while True",
        "with x(",
        "for i in",
        "def f",
        "x = lambda:",
        "foo(]",
        "from x import (",
        "from . import (\n",
        "from x import (  # y",
    ],
)
async def test_a_half_typed_cell_hides_nothing_in_the_others(client: Client, half: str) -> None:
    other = "asyncio.sleep(1)\nasyncio.sleep(2)"
    found = ["missing-await: asyncio.sleep(1)", "missing-await: asyncio.sleep(2)"]
    async with opened(client, f"import asyncio\n{other}\n# ---\n{half}\n# ---\n{other}\n") as notebook:
        await notebook.finds(found, [], found)
        end = len(notebook.texts[1])
        notebook.type(1, 0, end, "asyncio.sleep(3)")
        await notebook.finds(found, ["missing-await: asyncio.sleep(3)"], found)


async def test_other_languages_are_left_alone(client: Client) -> None:
    cells = """\
%load_ext autoreload
!pip install \\
    aiohttp
files = !ls
import asyncio
# ---
%%bash
await asyncio.sleep(
# ---
async def main(): ...
main()
"""
    async with opened(client, cells) as notebook:
        await notebook.finds([], [], ["missing-await: main()"])
        for at in ("asyncio.sle", "await "):
            notebook.at, notebook.offset = 1, notebook.texts[1].index(at) + len(at)
            assert await notebook.hover() is None
            assert await notebook.completions() == []


async def test_cells_can_be_asked_for_their_diagnostics() -> None:
    async with serving(client=client_of_notebooks(pulls=True)) as client:
        cells = "async def main(): ...\nmain()\n# ---\nx = 1\nmain()\n"
        async with opened(client, cells) as notebook:
            for uri, text in zip(notebook.uris, notebook.texts, strict=True):
                params = types.DocumentDiagnosticParams(types.TextDocumentIdentifier(uri))
                report = await client.lsp.text_document_diagnostic_async(params)
                assert isinstance(report, types.RelatedFullDocumentDiagnosticReport)
                assert shown(text, report.items, client.encoding) == ["missing-await: main()"]


async def test_a_notebook_has_the_settings_and_modules_of_its_folder(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "x"\nrequires-python = ">=3.10"\n', "utf-8")
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "app.py").write_text("async def fetch(): ...\n", "utf-8")
    async with serving(tmp_path, client=client_of_notebooks()) as client:
        cells = "import app, asyncio\napp.fetch()\n# ---\nasyncio.time$0out(1)\n"
        async with opened(client, cells, tmp_path / "notes") as notebook:
            await notebook.finds(
                ["missing-await: app.fetch()"], ["timeout-not-entered: asyncio.timeout(1)", "newer-than-floor: timeout"]
            )
            assert "3.11" in text_of(await notebook.hover())


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("%time await asyncio.sle$0ep(1)", "asyncio.sleep"),
        ("%timeit -n1 -r 3 asyncio.ru$0n(f())", "asyncio.run"),
        ("x = %time asyncio.gat$0her()", "asyncio.gather"),
        ("if x:\n    %prun asyncio.Lo$0ck()", "asyncio.Lock"),
        ("%%time\nawait asyncio.wa$0it([])", "asyncio.wait"),
        ("!pip install x\nasyncio.Eve$0nt()", "asyncio.Event"),
        ("%cd asyncio.Ev$0ent", None),
    ],
)
async def test_code_in_a_magic_has_hovers_in_place(client: Client, line: str, name: str | None) -> None:
    async with opened(client, f"import asyncio, f\n# ---\n{line}\n") as notebook:
        found = await notebook.hover()
        assert (found is not None) == (name is not None)
        if name is not None:
            assert found is not None and found.range is not None
            assert f"{name}(" in first_line(found)
            text = notebook.texts[1]
            start = text.rindex(name.rpartition(".")[2])
            assert found.range.start == client.range(text, start, start).start


# The text of cells


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("x = 1", "x = 1"),
        ("%time x = 1\ny = 2", "_#ime x = 1\ny = 2"),
        ("if x:\n    !ls", "if x:\n    _#s"),
        ("?print\nprint??", "_#rint\nprint #??"),
        ("files = !ls\nt = %time 1", "files = _#s\nt = _#ime 1"),
        ("!a \\\n  b \\\n  c\nd", "_# \\\n# b \\\n# c\nd"),
        ("!\nx = !ä", "_\nx = _#ä"),
        ("x = (1\n    % 2)", "x = (1\n    % 2)"),
        ("'''\n%s\n'''", "'''\n%s\n'''"),
        ("%%time\nx = 1", "#!%%time\nx = 1"),
        ("\n%%capture out\n%cd x", "\n#!%%capture out\n_#d x"),
        ("%%bash\nls", None),
        ("%%writefile x.py\nimport x", None),
    ],
)
def test_magics_become_comments(cell: str, code: str | None) -> None:
    found = Cell("cell:", 1, Source.of(cell)).code
    assert (found.decode() if found is not None else None) == code


@given(st.text(alphabet="%!?\n\r =x(\\'\"ä🦊", max_size=30))
def test_code_lines_match_the_lines_of_the_cell(text: str) -> None:
    cell = Cell("cell:", 1, Source.of(text))
    code = cell.code
    if code is not None:
        made = Source.of(code)
        assert len(made.starts) == len(cell.source.starts)
        assert place(text, len(text))[0] == len(made.starts) - 1
