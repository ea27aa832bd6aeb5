"""The server as a client sees it: a real process, the real protocol."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from lsprotocol import types

from loopwise import __version__
from marked import Claim, claims, cursor, place
from serving import NEOVIM, Client, Servers, capabilities, eventually, first_line, serving, text_of

PLACES = Path(__file__).parent / "editors" / "neovim" / "workspace"
SLEEP = "import asyncio\nasyncio.sl$0eep(1)\n"
GATHER = "import asyncio\nasyncio.ga$0ther()\n"
TIMEOUT = "import asyncio\nasyncio.time$0out(1)\n"
QUIET = {"jedi.enable": False, "diagnostics.enable": False}
"""Settings without features whose messages come at any time."""


def written(folder: Path, text: str, name: str = "pyproject.toml") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def project(folder: Path, requires: str) -> Path:
    """Write a project for these Pythons."""
    return written(folder, f'[project]\nname = "x"\nversion = "1"\nrequires-python = "{requires}"\n').parent


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def neovim() -> AsyncIterator[Client]:
    """A server whose client has the capabilities of Neovim 0.11, for tests that change no settings."""
    async with serving(client=NEOVIM) as client:
        yield client


# initialize


async def test_the_server_says_what_it_is_and_can(neovim: Client) -> None:
    found = neovim.result.capabilities
    assert neovim.result.server_info == types.ServerInfo("loopwise", __version__)
    assert found.hover_provider
    sync = found.text_document_sync
    assert isinstance(sync, types.TextDocumentSyncOptions)
    assert (sync.open_close, sync.change) == (True, types.TextDocumentSyncKind.Incremental)
    assert sync.save
    assert found.workspace is not None
    folders = found.workspace.workspace_folders
    assert folders is not None
    assert folders.supported
    assert folders.change_notifications


async def test_it_registers_for_files_and_settings_with_clients_that_support_it() -> None:
    wanted = types.ClientCapabilities(
        workspace=types.WorkspaceClientCapabilities(
            did_change_watched_files=types.DidChangeWatchedFilesClientCapabilities(dynamic_registration=True),
            did_change_configuration=types.DidChangeConfigurationClientCapabilities(dynamic_registration=True),
        )
    )
    async with serving(client=wanted) as client:
        registered: list[types.Registration] = []

        def register(params: types.RegistrationParams) -> None:
            registered.extend(params.registrations)

        client.lsp.feature(types.CLIENT_REGISTER_CAPABILITY)(register)
        await eventually(lambda: len(registered) >= 2)
        options: dict[str, Any] = {registration.method: registration.register_options for registration in registered}
        globs = str(options["workspace/didChangeWatchedFiles"])
        watched = (
            "*.py",
            "*.md",
            "pyproject.toml",
            ".python-version",
            "ruff.toml",
            "setup.cfg",
            "mypy.ini",
            ".gitignore",
        )
        assert [name for name in watched if f"**/{name}" not in globs] == []
        assert "loopwise" in str(options["workspace/didChangeConfiguration"])


# Positions

EMOJI = [
    ("'🦊'; asyncio.sl$0eep(1)", "asyncio.sleep"),
    ("print('e\u0301 漢 🦊👩‍👩‍👧', asyncio.ga$0ther())", "asyncio.gather"),
    ("ключ = '𝔘'; asyncio.$0Queue()", "asyncio.Queue"),
    ("'🦊🦊'; asyncio.Queue$0", "asyncio.Queue"),
    ("𝔮 = asyncio.Queue(); 𝔮.ge$0t()", "asyncio.Queue.get"),
]
ENCODINGS = [
    (["utf-8"], "utf-8"),
    (["utf-16"], "utf-16"),
    (["utf-32"], "utf-32"),
    (["utf-32", "utf-16"], "utf-32"),
    (["utf-8", "utf-16", "utf-32"], "utf-8"),
    (None, "utf-16"),
]


@pytest.mark.parametrize(("offered", "chosen"), ENCODINGS, ids=lambda value: str(value))
async def test_columns_count_in_the_agreed_unit(servers: Servers, offered: list[str] | None, chosen: str) -> None:
    client = await servers.of(capabilities(encodings=offered), QUIET)
    agreed = client.result.capabilities.position_encoding
    assert agreed == chosen or (offered is None and agreed is None)
    for line, title in EMOJI:
        text, offset = cursor(f"import asyncio\n# 🦊\n{line}\n")
        hover = await client.hover(f"{text[:offset]}$0{text[offset:]}")
        assert first_line(hover) == title, line
        assert hover is not None
        start = text.rindex(title.rpartition(".")[2])
        assert hover.range == client.range(text, start, start + len(title.rpartition(".")[2])), line


def _marked_claims() -> tuple[str, list[Claim]]:
    return claims((PLACES / "places.py").read_text(encoding="utf-8"))


async def test_the_range_is_the_symbols(neovim: Client, tmp_path: Path) -> None:
    """Anywhere in the symbol, and right after its end, where the cursor is after typing."""
    text, found = _marked_claims()
    written(tmp_path, claims((PLACES / "pantry.py").read_text(encoding="utf-8"))[0], "pantry.py")
    uri = project(tmp_path, ">=3.11").joinpath("places.py").as_uri()
    neovim.open(uri, text)
    wrong = {}
    for claim in (claim for claim in found if claim.says != "-"):
        end = claim.offset + len(claim.symbol)
        hovers = [await neovim.hover_at(uri, text, offset) for offset in (claim.offset, end - 1, end)]
        expected = neovim.range(text, claim.offset, end)
        seen = [(hover.range, first_line(hover)) if hover else None for hover in hovers]
        if seen != [(expected, claim.says)] * 3:
            wrong[f"{claim}: {claim.says}"] = seen
    neovim.close(uri)
    assert wrong == {}


OUTSIDE = ["$0", "import asyncio\n\n$0\n", "x $0= 1", "# asyncio.sl$0eep", "'asyncio.sl$0eep'", "(1$0, 2)"]


@pytest.mark.parametrize("marked", OUTSIDE)
async def test_there_is_no_hover_without_content(neovim: Client, marked: str) -> None:
    assert await neovim.hover(marked) is None


async def test_positions_beyond_a_line_or_the_text_are_harmless(neovim: Client) -> None:
    uri, text = "untitled:short", "import asyncio"
    neovim.open(uri, text)
    for line, column in ((0, 999), (5, 0), (999, 999)):
        params = types.HoverParams(types.TextDocumentIdentifier(uri), types.Position(line, column))
        hover = await neovim.lsp.text_document_hover_async(params)
        assert first_line(hover) in {"-", "asyncio"}
    neovim.close(uri)


async def test_a_document_that_is_not_open_has_no_hover(neovim: Client) -> None:
    assert await neovim.hover_at("untitled:never", "x", 0) is None


# Edits

START = """\
import asyncio
from asyncio import sleep as snooze

# 🦊 fox
async def main(jobs: asyncio.Queue[int]):
    '🦊'; await asyncio.wait_for(jobs.get(), 1)
    await snooze(1)
"""
# What is found, and what is put in its place; one after another.
EDITS = [
    [("wait_for(jobs.get(), 1)", "gather(jobs.join())")],
    [("'🦊'; ", "'🦊👩‍👩‍👧'; 'é'; ")],
    [("fox\n", "fox 🐻\n\n\n")],
    [("import asyncio\n", "import asyncio as aio\n"), (": asyncio.", ": aio."), ("await asyncio", "await aio")],
    [("(jobs.join())", "(jobs.jo")],
    [("jobs.jo", "jobs.join(), aio.shield(jobs.get()))")],
    [("# 🦊 fox 🐻\n\n\n", "")],
    [("sleep as snooze", "timeout as snooze"), ("await snooze(1)", "async with snooze(1):\n        jobs.task_done()")],
    [("Queue[int]", "Future[int]"), ("jobs.join()", "jobs.result()"), ("jobs.get()", "jobs.done()")],
]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"], ids=["lf", "crlf", "cr"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
async def test_edits_have_the_same_result_as_opening_the_edited_text(
    servers: Servers, encoding: str, newline: str
) -> None:
    client = await servers.of(capabilities(encodings=[encoding]), QUIET)
    text = START.replace("\n", newline)
    edited = "untitled:edited"
    client.open(edited, text)
    for version, batch in enumerate(EDITS, 2):
        changes: list[types.TextDocumentContentChangeEvent] = []
        for old, new in batch:
            old, new = old.replace("\n", newline), new.replace("\n", newline)
            assert text.count(old) == 1, old
            start = text.index(old)
            changes.append(types.TextDocumentContentChangePartial(client.range(text, start, start + len(old)), new))
            text = text.replace(old, new)
        identifier = types.VersionedTextDocumentIdentifier(version, edited)
        client.lsp.text_document_did_change(types.DidChangeTextDocumentParams(identifier, changes))
        fresh = f"untitled:fresh-{version}"
        client.open(fresh, text)
        for match in re.finditer(r"[^\W\d]\w*", text):
            ours, other = [await client.hover_at(uri, text, match.start()) for uri in (edited, fresh)]
            assert ours == other, f"after edit {version - 1} at {place(text, match.start())}: {match[0]}"
        client.close(fresh)
    found = {await _title(client, edited, text, name) for name in ("jobs.result", "snooze(1)", "aio.shield")}
    assert found == {"asyncio.Future.result", "asyncio.timeout", "asyncio.shield"}
    client.close(edited)


async def _title(client: Client, uri: str, text: str, before: str) -> str:
    """Return the title at the last name of ``before``."""
    name = before.partition("(")[0].rpartition(".")[2]
    return first_line(await client.hover_at(uri, text, text.index(before) + before.index(name)))


async def test_a_change_of_the_whole_text(neovim: Client) -> None:
    uri, (text, offset) = "untitled:whole", cursor(SLEEP)
    neovim.open(uri, "nothing of this stays")
    identifier = types.VersionedTextDocumentIdentifier(2, uri)
    change = types.TextDocumentContentChangeWholeDocument(text)
    neovim.lsp.text_document_did_change(types.DidChangeTextDocumentParams(identifier, [change]))
    assert first_line(await neovim.hover_at(uri, text, offset)) == "asyncio.sleep"
    neovim.close(uri)


async def test_an_edit_of_one_file_is_seen_in_another(neovim: Client, tmp_path: Path) -> None:
    """Before it is saved; after its editor is closed, the text on disk counts again."""
    other = written(tmp_path, "import asyncio\ndef make():\n    return asyncio.Lock()\n", "other.py")
    use = "import other\nother.make().re$0lease()\n"
    assert await neovim.first_line(use, tmp_path) == "asyncio.Lock.release"
    neovim.open(other.as_uri(), "import asyncio\ndef make():\n    return asyncio.Semaphore()\n")
    assert await neovim.first_line(use, tmp_path) == "asyncio.Semaphore.release"
    neovim.close(other.as_uri())
    assert await neovim.first_line(use, tmp_path) == "asyncio.Lock.release"
    written(tmp_path, "import asyncio\ndef make():\n    return asyncio.Condition()\n", "other.py")
    neovim.changed_on_disk(other)
    assert await neovim.first_line(use, tmp_path) == "asyncio.Condition.release"


# Documents that are no files


async def test_a_document_that_was_never_saved(neovim: Client) -> None:
    assert await neovim.first_line(SLEEP, uri="untitled:Untitled-1") == "asyncio.sleep"
    assert await neovim.first_line(SLEEP, uri="untitled:c:\\new file.py") == "asyncio.sleep"
    assert await neovim.first_line(SLEEP, uri="inmemory://model/1") == "asyncio.sleep"
    assert await neovim.first_line(SLEEP, uri="vscode-notebook-cell:/x/n.ipynb#W0sZmlsZQ%3D%3D") == "asyncio.sleep"


async def test_a_file_whose_path_needs_quoting(neovim: Client, tmp_path: Path) -> None:
    folder = tmp_path / "mein Hof #1 é%20 🦊"
    folder.mkdir()
    written(folder, "import asyncio\ndoor = asyncio.Lock()\n", "hof.py")
    assert await neovim.first_line("import hof\nhof.do$0or\n", folder) == "door: asyncio.Lock"


# What the client can show


async def test_clients_without_markdown_get_plain_text() -> None:
    for formats in (["plaintext"], ["plaintext", "markdown"], None):
        async with serving(client=capabilities(formats=formats)) as client:
            hover = await client.hover(TIMEOUT)
            assert hover is not None
            assert isinstance(hover.contents, types.MarkupContent)
            assert hover.contents.kind == types.MarkupKind.PlainText
            assert hover.contents.value.lstrip().startswith("def asyncio.timeout(delay)")
            assert not re.search(r"\*\*|`|\]\(|^> ", hover.contents.value, re.MULTILINE), hover.contents.value


async def test_clients_that_prefer_markdown_get_it(servers: Servers) -> None:
    hover = await (await servers.of(capabilities(formats=["markdown", "plaintext"]))).hover(TIMEOUT)
    assert hover is not None
    assert isinstance(hover.contents, types.MarkupContent)
    assert hover.contents.kind == types.MarkupKind.Markdown


# Several roots

ROOTS = [
    (">=3.10", TIMEOUT, "asyncio.timeout is not in Python 3.10"),
    (">=3.11", TIMEOUT, "asyncio.timeout"),
    (">=3.10", "import asyncio\nasyncio.Runn$0er()\n", "asyncio.Runner is not in Python 3.10"),
    ("<3.13,>=3.12", "import asyncio\nasyncio.Queue().shut$0down()\n", "asyncio.Queue.shutdown is not in Python 3.12"),
    ("==3.13.*", "import asyncio\nasyncio.Queue().shut$0down()\n", "asyncio.Queue.shutdown"),
]


async def test_each_root_has_its_own_python(neovim: Client, tmp_path: Path) -> None:
    folders = [project(tmp_path / f"root{number}", requires) for number, (requires, _, _) in enumerate(ROOTS)]
    for _ in range(2):
        for folder, (requires, marked, start) in zip(folders, ROOTS, strict=True):
            line = await neovim.first_line(marked, folder)
            assert line == start or line.startswith(f"{start}:"), requires


async def test_workspace_folders_with_roots_inside(tmp_path: Path) -> None:
    old, new = project(tmp_path / "old", ">=3.10"), project(tmp_path / "old" / "packages" / "new", ">=3.12")
    late = project(tmp_path / "late", ">=3.10")
    (old / "src" / "deep").mkdir(parents=True)
    async with serving(old, new) as client:
        assert (await client.first_line(TIMEOUT, old / "src" / "deep")).startswith("asyncio.timeout is not in")
        assert await client.first_line(TIMEOUT, new) == "asyncio.timeout"
        added = types.WorkspaceFolder(late.as_uri(), "late")
        event = types.WorkspaceFoldersChangeEvent(added=[added], removed=[])
        client.lsp.workspace_did_change_workspace_folders(types.DidChangeWorkspaceFoldersParams(event))
        assert (await client.first_line(TIMEOUT, late)).startswith("asyncio.timeout is not in Python 3.10")


async def test_a_changed_pyproject_takes_effect_at_once(tmp_path: Path) -> None:
    project(tmp_path, ">=3.12")
    async with serving(tmp_path) as client:
        assert await client.first_line(TIMEOUT, tmp_path) == "asyncio.timeout"
        client.changed_on_disk(project(tmp_path, ">=3.10") / "pyproject.toml")
        assert (await client.first_line(TIMEOUT, tmp_path)).startswith("asyncio.timeout is not in Python 3.10")


async def test_a_saved_pyproject_takes_effect_without_file_watching(servers: Servers, tmp_path: Path) -> None:
    project(tmp_path, ">=3.12")
    client = await servers.of(capabilities())
    assert await client.first_line(TIMEOUT, tmp_path) == "asyncio.timeout"
    uri = (project(tmp_path, ">=3.10") / "pyproject.toml").as_uri()
    client.lsp.text_document_did_save(types.DidSaveTextDocumentParams(types.TextDocumentIdentifier(uri)))
    assert (await client.first_line(TIMEOUT, tmp_path)).startswith("asyncio.timeout is not in Python 3.10")


# Settings


def fences(hover: types.Hover | None) -> int:
    """Return the number of code blocks: the signature and the samples."""
    return text_of(hover).count("```") // 2


OFF: list[object] = [
    {"hover.enable": False},
    {"loopwise": {"hover": {"enable": False}}},
]


@pytest.mark.parametrize("options", OFF, ids=str)
async def test_settings_by_initialization_options(options: object) -> None:
    async with serving(options=options) as client:
        assert await client.hover(SLEEP) is None
        assert client.messages == []


async def test_settings_that_the_server_asks_for(tmp_path: Path) -> None:
    """For all folders and for one; then changed while the server runs."""
    quiet, loud = tmp_path / "quiet", tmp_path / "loud"
    quiet.mkdir()
    loud.mkdir()
    settings = {"": {"hover": {"samples": "none"}}, quiet.as_uri(): {"hover": {"enable": False}}}
    async with serving(quiet, loud, client=capabilities(pull=True), settings=settings) as client:

        async def blocks(folder: Path) -> int:
            return fences(await client.hover(SLEEP, folder))

        async def has(folder: Path, number: int) -> bool:
            return await blocks(folder) == number

        assert await eventually(lambda: has(quiet, 0))
        assert await eventually(lambda: has(loud, 1)), await blocks(loud)
        client.lsp.set_configuration({"hover": {"enable": True}}, section="loopwise", scope_uri=quiet.as_uri())
        client.push_settings(None)
        assert await eventually(lambda: has(quiet, 1)), await blocks(quiet)
        assert await blocks(loud) == 1


async def test_initialization_options_apply_if_the_client_has_no_settings() -> None:
    async with serving(client=capabilities(pull=True), options={"hover": {"enable": False}}) as client:
        await asyncio.sleep(0.3)
        assert await client.hover(SLEEP) is None


async def test_settings_that_the_client_sends() -> None:
    async with serving(options={"hover": {"enable": False}}) as client:
        assert await client.hover(SLEEP) is None
        assert client.messages == []
        client.push_settings({"loopwise": {"hover": {"enable": True}}})
        assert await client.first_line(SLEEP) == "asyncio.sleep"
        client.push_settings({"loopwise": {"targetVersion": "3.10"}})
        assert (await client.first_line(TIMEOUT)).startswith("asyncio.timeout is not in Python 3.10")
        client.push_settings({"loopwise": {}})
        assert await client.first_line(TIMEOUT) == "asyncio.timeout"


async def test_editor_settings_override_those_of_the_project(tmp_path: Path) -> None:
    path = written(tmp_path, '[tool.loopwise]\ntarget-version = "3.10"\nhover.samples = "none"\n')
    async with serving(tmp_path) as client:
        assert (await client.first_line(TIMEOUT, tmp_path)).startswith("asyncio.timeout is not in Python 3.10")
        assert fences(await client.hover(GATHER, tmp_path)) == 1
        client.push_settings({"loopwise": {"target-version": "3.12"}})
        assert await client.first_line(TIMEOUT, tmp_path) == "asyncio.timeout"
        assert fences(await client.hover(GATHER, tmp_path)) == 1
        written(tmp_path, "[tool.loopwise]\n")
        client.changed_on_disk(path)
        assert fences(await client.hover(GATHER, tmp_path)) == 2
        client.push_settings({"loopwise": {"hover": {"samples": "all"}}})
        assert fences(await client.hover(GATHER, tmp_path)) > 2


SLIPS: list[tuple[dict[str, Any], str]] = [
    ({"hover": {"sampels": "all"}}, "hover.sampels"),
    ({"hoover": {"enable": False}}, "hoover"),
    ({"jedi": {"deadline": "soon"}}, "jedi.deadline"),
    ({"jedi": {"deadline": -1}}, "jedi.deadline"),
    ({"hover": {"enable": "yes"}}, "hover.enable"),
    ({"hover": {"samples": "some"}}, "hover.samples"),
    ({"targetVersion": "soon"}, "target-version"),
    ({"knowledge": "cards"}, "knowledge"),
    ({"hover": True}, "hover"),
]


@pytest.mark.parametrize(
    ("slip", "key"), SLIPS[:1] + SLIPS[-1:], ids=lambda value: value if isinstance(value, str) else ""
)
async def test_a_typo_in_initialization_options_is_reported_once(slip: dict[str, Any], key: str) -> None:
    """The message has its key and its place, and the other settings take effect."""
    options = {"jedi": {"deadline": 0.3}, **slip}
    async with serving(options=options) as client:
        assert await client.first_line(SLEEP) == "asyncio.sleep"
        client.push_settings({"loopwise": options})
        assert await client.first_line(SLEEP) == "asyncio.sleep"
        message = await client.the_message()
        assert f"editor settings: {key}: " in message
        assert client.lsp.messages[0].type == types.MessageType.Warning


@pytest.mark.parametrize(("slip", "key"), SLIPS, ids=lambda value: value if isinstance(value, str) else "")
async def test_a_typo_in_the_editors_settings_is_reported_once(
    servers: Servers, slip: dict[str, Any], key: str
) -> None:
    """The message has its key and its place, and the other settings take effect."""
    client = await servers.of(capabilities())
    before = len(client.messages)
    try:
        for _ in range(2):
            client.push_settings({"loopwise": {"jedi": {"deadline": 0.3}, "target-version": "3.10", **slip}})
            assert (await client.first_line(TIMEOUT)).startswith("asyncio.timeout is not in") or key == "target-version"
        assert f"editor settings: {key}: " in await client.the_message(before)
        assert client.lsp.messages[before].type == types.MessageType.Warning
    finally:
        client.push_settings({"loopwise": {}})


async def test_a_typo_in_requested_settings_is_reported_once(tmp_path: Path) -> None:
    settings = {"": {"hover": {"sampels": "all", "enable": False}}}
    async with serving(tmp_path, client=capabilities(pull=True), settings=settings) as client:
        assert "editor settings: hover.sampels: " in await client.the_message()
        assert await client.hover(SLEEP, tmp_path) is None


TOML_SLIPS = [
    ('[tool.loopwise]\nhover.sampels = "all"\n', "hover.sampels: "),
    ('[tool.loopwise]\njedi.deadline = "soon"\n', "jedi.deadline: "),
    ("[tool]\nloopwise = 1\n", "tool.loopwise: "),
    ("[tool.loopwise\n", ""),
]


@pytest.mark.parametrize(("text", "key"), TOML_SLIPS)
async def test_a_typo_in_pyproject_is_reported_once(servers: Servers, tmp_path: Path, text: str, key: str) -> None:
    path = written(tmp_path, text)
    client = await servers.of(capabilities())
    before = len(client.messages)
    for _ in range(2):
        assert await client.first_line(SLEEP, tmp_path) == "asyncio.sleep"
        client.changed_on_disk(path)
    assert f"{path}: {key}" in await client.the_message(before)


# Cards of one's own

GOOD_CARD = "# Shop\n\n## shop.Client.fetch\n\nFetch one thing.\n"
USES_SHOP = "import shop\nshop.Client().fe$0tch()\n"
SHOP = "class Client:\n    def fetch(self):\n        return 1\n"


async def test_a_bad_card_is_reported_once_and_the_others_work(servers: Servers, tmp_path: Path) -> None:
    written(tmp_path, SHOP, "shop.py")
    written(tmp_path, '[tool.loopwise]\nknowledge = ["docs/cards"]\n')
    written(tmp_path, f"{GOOD_CARD}\n## shop.Client.bad\n\nBad.\n\n```python\nnever_closed()\n", "docs/cards/shop.md")
    client = await servers.of(capabilities())
    before = len(client.messages)
    for _ in range(2):
        hover = await client.hover(USES_SHOP, tmp_path)
        assert first_line(hover) == "shop.Client.fetch"
        assert "Fetch one thing." in text_of(hover)
        assert await client.first_line(SLEEP, tmp_path) == "asyncio.sleep"
    message = await client.the_message(before)
    assert "shop.md" in message
    assert "shop.Client.bad" in message


async def test_a_missing_page_is_reported_once(servers: Servers, tmp_path: Path) -> None:
    written(tmp_path, '[tool.loopwise]\nknowledge = ["nowhere"]\n')
    client = await servers.of(capabilities())
    before = len(client.messages)
    assert await client.first_line(SLEEP, tmp_path) == "asyncio.sleep"
    assert "nowhere" in await client.the_message(before)


async def test_a_changed_card_takes_effect_at_once(servers: Servers, tmp_path: Path) -> None:
    written(tmp_path, SHOP, "shop.py")
    written(tmp_path, '[tool.loopwise]\nknowledge = ["shop.md"]\n')
    page = written(tmp_path, GOOD_CARD, "shop.md")
    client = await servers.of(capabilities())
    assert "Fetch one thing." in text_of(await client.hover(USES_SHOP, tmp_path))
    written(tmp_path, GOOD_CARD.replace("one thing", "many things"), "shop.md")
    client.changed_on_disk(page)
    assert "Fetch many things." in text_of(await client.hover(USES_SHOP, tmp_path))


# jedi

HIVE = "import asyncio\ndef build():\n    return asyncio.Queue()\n"
USES_HIVE = "from beehive import build\nhive = build()\nprint(hi$0ve)\n"


def environment(folder: Path) -> Path:
    """Write a folder whose virtual environment contains a library that only jedi reads."""
    written(folder, HIVE, ".venv/lib/python3.12/site-packages/beehive.py")
    return folder


async def test_jedi_can_be_switched_off(tmp_path: Path) -> None:
    async with serving(environment(tmp_path), options={"jedi": {"enable": False}}) as client:
        assert await client.first_line(USES_HIVE, tmp_path) == "-"


async def test_a_hover_waits_for_jedi_only_until_the_deadline(tmp_path: Path) -> None:
    """A late answer of jedi is used for a later hover."""
    deadline = 0.02
    async with serving(environment(tmp_path), options={"jedi": {"deadline": deadline}}) as client:
        text, offset = cursor(USES_HIVE)
        uri = (tmp_path / "uses.py").as_uri()
        client.open(uri, text)
        await client.hover_at(uri, text, 0)  # what is read once has been read
        hover = await client.hover_at(uri, text, offset)
        assert hover is None, "jedi's process cannot have started in that time"

        async def answered() -> bool:
            return first_line(await client.hover_at(uri, text, offset)) == "hive: asyncio.Queue"

        assert await eventually(answered, 30)


async def test_other_requests_are_answered_while_jedi_reads_a_library(tmp_path: Path) -> None:
    async with serving(environment(tmp_path), options={"jedi": {"deadline": 30}}) as client:
        await client.hover(SLEEP, tmp_path)
        slow = asyncio.create_task(client.first_line(USES_HIVE, tmp_path))
        await asyncio.sleep(0.02)
        assert await client.first_line(SLEEP, tmp_path) == "asyncio.sleep"
        assert not slow.done()
        assert await slow == "hive: asyncio.Queue"
