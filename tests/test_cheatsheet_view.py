"""The server's answers to a client's cheatsheet view: a real process and our own requests."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from marked import cursor
from serving import Client, eventually, serving

ROOT = Path(__file__).parents[1]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def client() -> AsyncIterator[Client]:
    async with serving() as client:
        yield client


async def ask(client: Client, method: str, **params: Any) -> Any:
    return await client.lsp.protocol.send_request_async(method, params)


async def test_a_snippet_uses_the_imports_of_the_file(client: Client) -> None:
    """Its imports are added in the style of the file, above the place."""
    async with client.opened("import asyncio as aio\n\nasync def main():\n    $0\n") as (uri, text, offset):
        at = client.position(text, offset)
        sheet = await ask(client, "loopwise/cheatsheet", uri=uri)
        snippets = [one for page in sheet.pages for card in page.cards for one in card.snippets]
        assert snippets
        for snippet in snippets:
            found = await ask(
                client, "loopwise/snippet", uri=uri, line=at.line, character=at.character, snippet=snippet.name
            )
            assert found.body.count("aio.") >= snippet.body.count("asyncio.")
            for edit in found.edits:
                assert edit.newText.startswith(("import ", "from "))
                assert edit.range.end.line <= at.line


SAMPLES = [
    ("$0", "await asyncio.sleep(1)", "import asyncio\n\n", "await asyncio.sleep(1)"),
    ("$0", "import os, signal\n\nasyncio.run(f(os.name))", "import asyncio\nimport os\nimport signal\n\n", None),
    ("import os\nimport sys\n\n$0", "import signal\n\nasyncio.run()", "import asyncio\nimport signal\n", None),
    ("import asyncio as aio\n\n$0", "print(asyncio.Lock(), my.asyncio)", "", "print(aio.Lock(), my.asyncio)"),
    ("from signal import SIGINT\n$0", "from asyncio.subprocess import PIPE\n\nf(PIPE)",
     "from asyncio.subprocess import PIPE\n", "f(PIPE)"),
    ("$0", 'print({a: "$"})', "", 'print({a: "\\$"\\})'),
]  # fmt: skip


@pytest.mark.parametrize(("before", "sample", "imports", "body"), SAMPLES)
async def test_a_sample_brings_its_imports(client: Client, before: str, sample: str, imports: str, body: str) -> None:
    """They are added in the style of the file, above the place and in order."""
    async with client.opened(before) as (uri, text, offset):
        at = client.position(text, offset)
        found = await ask(client, "loopwise/snippet", uri=uri, line=at.line, character=at.character, text=sample)
        assert "".join(edit.newText for edit in found.edits) == imports
        assert found.body == (body or sample.partition("\n\n")[2])


async def test_a_snippet_is_for_the_oldest_python(tmp_path: Path) -> None:
    for floor, says in (("3.10", "asyncio.wait_for("), ("3.11", "asyncio.timeout(")):
        folder = tmp_path / floor
        folder.mkdir()
        (folder / "pyproject.toml").write_text(f'[project]\nname = "x"\nrequires-python = ">={floor}"\n', "utf-8")
        async with serving(folder) as client, client.opened("async def main():\n    $0\n", folder) as (uri, _, _):
            found = await ask(client, "loopwise/snippet", uri=uri, line=1, character=4, snippet="timeout")
            assert says in found.body


async def test_an_unknown_snippet_is_refused(client: Client) -> None:
    """A snippet for a document that is not open is refused as well."""
    async with client.opened("$0") as (uri, _, _):
        assert await ask(client, "loopwise/snippet", uri=uri, line=0, character=0, snippet="nonsense") is None
        found = await ask(client, "loopwise/snippet", uri=uri, line=0, character=0, snippet="timeout")
        assert [edit.newText for edit in found.edits] == ["import asyncio\n\n"]
    assert await ask(client, "loopwise/snippet", uri="untitled:gone", line=0, character=0, snippet="timeout") is None


async def test_the_cheatsheet_contains_every_page(client: Client) -> None:
    """Each card comes with its names, in the order in which one learns them."""
    sheet = await ask(client, "loopwise/cheatsheet")
    pages = {page.page: page for page in sheet.pages}
    assert list(pages)[:2] == ["patterns", "tasks"]
    assert {path.stem for path in (ROOT / "knowledge").glob("*.md")} - {"README"} == set(pages)
    ids = [card.id for page in sheet.pages for card in page.cards]
    assert len(ids) == len(set(ids)) > 400
    gather = next(card for card in pages["tasks"].cards if card.names[0] == "asyncio.gather")
    assert gather.markdown.startswith("**`asyncio.gather`**")
    assert [snippet.name for card in pages["patterns"].cards for snippet in card.snippets]


async def test_texts_are_explained(client: Client) -> None:
    """Names, ends of names, rules, messages; and what comes near what is not known."""
    for text, name in [
        ("gather", "asyncio.gather"),
        ("Queue.get()", "asyncio.Queue.get"),
        ("LW201", "blocking-sleep"),
        ("Task was destroyed but it is pending!", "Task was destroyed but it is pending!"),
        ("xyzzy", ""),
    ]:
        assert (await ask(client, "loopwise/explain", text=text)).name == name
    assert "blocking-sleep" in (await ask(client, "loopwise/explain", text="blocking-slep")).near


async def test_a_traceback_is_explained_with_the_line_that_causes_it(client: Client, tmp_path: Path) -> None:
    """The line is a link that every client can follow, and data for a client's own button."""
    path = tmp_path / "app.py"
    path.write_text("import asyncio\n\nasync def save(): ...\n\nasync def main():\n    save()\n", encoding="utf-8")
    text = f"{path}:6: RuntimeWarning: coroutine 'save' was never awaited\n  save()"
    found = await ask(client, "loopwise/explain", text=text)
    (spot,) = found.spots
    assert (spot.uri, spot.line, spot.label) == (path.as_uri(), 5, "app.py:6")
    assert spot.finding.startswith("Coroutine save() is never awaited")
    assert found.markdown.startswith(
        f"**Your line:** [app.py:6]({path.as_uri()}#L6): Coroutine save() is never awaited"
    )


async def test_places_are_explained(client: Client) -> None:
    """A variable is explained by the card of its class, a finding by its rule."""
    body = "    q = asyncio.Queue()\n    await $0q.get()\n    time.sleep(1)\n"
    marked = f"import asyncio, time\n\nasync def main():\n{body}"
    async with client.opened(marked) as (uri, text, offset):
        at = client.position(text, offset)
        found = await ask(client, "loopwise/explain", uri=uri, line=at.line, character=at.character)
        assert found.card == "queues/asyncio.Queue"

        async def name() -> str:
            at = client.position(text, cursor(text.replace("sleep", "sl$0eep"))[1])
            explained = await ask(client, "loopwise/explain", uri=uri, line=at.line, character=at.character)
            return str(explained.name)

        async def is_found() -> bool:
            return await name() == "blocking-sleep"

        assert await eventually(is_found)


async def test_a_place_with_nothing_to_show(client: Client) -> None:
    """A document that is not open has nothing to show either."""
    async with client.opened("pri$0nt()\n") as (uri, _, _):
        assert not (await ask(client, "loopwise/explain", uri=uri, line=0, character=3)).markdown
    assert not (await ask(client, "loopwise/explain", uri="untitled:nowhere", line=0, character=3)).markdown


async def test_the_status_says_which_python_is_assumed(tmp_path: Path) -> None:
    """The Python comes from the project's settings, or is assumed."""
    (tmp_path / "told").mkdir()
    (tmp_path / "told" / "pyproject.toml").write_text('[project]\nname = "x"\nrequires-python = ">=3.11"\n', "utf-8")
    async with serving(tmp_path) as client:
        free = await ask(client, "loopwise/target", uri=(tmp_path / "a.py").as_uri())
        told = await ask(client, "loopwise/target", uri=(tmp_path / "told" / "a.py").as_uri())
        assert (free.assumed, told.assumed) == (True, False)
        assert told.pythons.startswith("3.11")
        assert (await ask(client, "loopwise/target")).assumed
