"""Completion and signature help as a client sees them: a real process, the real protocol."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from lsprotocol import types

from marked import cursor, place
from serving import Client, Servers, capabilities, eventually, item_options, serving

WHOLE = capabilities(items=item_options())
MAIN = "import asyncio\n\nasync def main(url):\n    {}\n"
AWAIT = MAIN.format("await $0")
SLEEP = MAIN.format("await asyncio.sl$0")
HELP = MAIN.format("await asyncio.wait_for(main(url), $0)")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def client(servers: Servers) -> Client:
    """A server whose client supports all of completion, for tests that change no settings."""
    return await servers.of(WHOLE)


def items_of(found: types.CompletionList | None) -> list[types.CompletionItem]:
    return list(found.items) if found is not None else []


def labels(found: types.CompletionList | None) -> list[str]:
    return [item.label for item in items_of(found)]


def one(found: types.CompletionList | None, label: str) -> types.CompletionItem:
    (item,) = [item for item in items_of(found) if item.label == label]
    return item


def new_text(item: types.CompletionItem) -> str:
    assert item.text_edit is not None
    return item.text_edit.new_text


def documentation(item: types.CompletionItem) -> str:
    assert isinstance(item.documentation, types.MarkupContent)
    return item.documentation.value


def accepted(text: str, item: types.CompletionItem, encoding: str, *, replace: bool = False) -> str:
    """Return the text after an item, as an editor applies it that counts columns in ``encoding``."""
    main = item.text_edit
    assert main is not None
    if isinstance(main, types.InsertReplaceEdit):
        main = types.TextEdit(main.replace if replace else main.insert, main.new_text)
    offsets = {tuple(place(text, at, encoding)): at for at in range(len(text) + 1)}
    edits = sorted([*(item.additional_text_edits or ()), main], key=lambda edit: edit.range.start)
    for edit in reversed(edits):  # of two at one place the first in the list comes first in the text
        start, end = edit.range.start, edit.range.end
        first, last = offsets[start.line, start.character], offsets[end.line, end.character]
        text = text[:first] + edit.new_text + text[last:]
    return text


def written(folder: Path, text: str, name: str = "pyproject.toml") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


# initialize


async def test_the_server_says_what_it_completes(client: Client) -> None:
    found = client.result.capabilities.completion_provider
    assert found is not None
    assert tuple(found.trigger_characters or ()) == (".", " ", "=")
    assert found.resolve_provider
    assert not found.all_commit_characters
    assert found.completion_item is not None
    assert found.completion_item.label_details_support
    signatures = client.result.capabilities.signature_help_provider
    assert signatures is not None
    assert tuple(signatures.trigger_characters or ()) == ("(", ",")


# Items


async def test_snippets_only_for_clients_that_know_them(client: Client) -> None:
    item = one(await client.completion(SLEEP), "sleep")
    assert item.insert_text_format is types.InsertTextFormat.Snippet
    assert new_text(item) == "sleep(${1:1})"
    async with serving(client=capabilities(items=item_options(snippets=False))) as plain:
        for marked in (SLEEP, AWAIT, MAIN.format("$0"), MAIN.format("async with $0"), "import asyncio\n\n$0\n"):
            for item in items_of(await plain.completion(marked)):
                assert item.insert_text_format in {None, types.InsertTextFormat.PlainText}
                assert "$" not in new_text(item), item
        assert new_text(one(await plain.completion(SLEEP), "sleep")) == "sleep(1)"


async def test_a_client_without_completion_capabilities_gets_plain_items() -> None:
    async with serving(client=types.ClientCapabilities()) as silent:
        item = one(await silent.completion(SLEEP), "sleep")
        assert isinstance(item.text_edit, types.TextEdit)
        assert (new_text(item), item.label_details, item.tags) == ("sleep(1)", None, None)


async def test_the_result_of_an_item_is_where_the_client_can_show_it(client: Client) -> None:
    marked = MAIN.format("await asyncio.$0")
    item = one(await client.completion(marked), "start_server")
    assert item.detail is None
    assert item.label_details == types.CompletionItemLabelDetails(" → asyncio.Server", None)
    async with serving(client=capabilities(items=item_options(label_details=False))) as other:
        plain = one(await other.completion(marked), "start_server")
        assert plain.label_details is None
        assert plain.detail == "→ asyncio.Server"


# Sort texts of other servers, as they were seen: ty's begin with blanks, basedpyright's with digits.
OTHERS = ("   0", "     12", "01.9999.sleep", "11.0000", "__aenter__", "zip")


async def test_fitting_items_come_before_those_of_other_servers_and_are_marked(client: Client) -> None:
    found = items_of(await client.completion(MAIN.format("await asyncio.$0")))
    marked = [item for item in found if item.label_details and "★" in (item.label_details.description or "")]
    assert 5 <= len(marked) <= 8
    assert [item.label for item in marked[:2]] == ["sleep", "gather"]
    first, last = min(OTHERS), max(OTHERS)
    assert all((item.sort_text or "") < first for item in marked)
    assert all((item.sort_text or "") > last for item in found if item not in marked)


async def test_only_fitting_names_are_offered_beside_a_general_server() -> None:
    options = item_options()
    async with serving(client=capabilities(items=options, general_server=True)) as client:
        found = items_of(await client.completion(MAIN.format("await asyncio.$0")))
        assert 5 <= len(found) <= 8
        assert not labels(await client.completion(MAIN.format("x = asy$0")))
        assert "taskgroup" in labels(await client.completion("import asyncio\n\nasync def main():\n    $0\n"))


@pytest.mark.parametrize(
    ("typed", "sought"),
    [
        ("await asy", "asyncio.sleep"),
        ("await sl", "sleep"),
        ("await asyncio.sl", "sleep"),
        ("x = asy", "asyncio.Queue"),
        ("try: pass\n    except asy", "asyncio.TimeoutError"),
        ("async with asy", "asyncio.timeout"),
        ("await asyncio.wait_for(asy", "asyncio.sleep"),
        ("await asyncio.wait([], return_when=asy", "asyncio.FIRST_COMPLETED"),
    ],
)
async def test_a_name_is_found_by_its_typed_letters(client: Client, typed: str, sought: str) -> None:
    """Clients compare ``filterText`` with the text between the start of the edit and the cursor."""
    found = await client.completion(MAIN.format(f"{typed}$0"))
    assert found is not None
    assert sought in {item.filter_text for item in found.items}


MODULES = [("import asyncio as aio", "ai", "aio"), ("import os", "asy", "asyncio"), ("", "asyncio", "asyncio")]


@pytest.mark.parametrize(("module", "typed", "prefix"), MODULES)
async def test_a_qualified_name_is_found_whatever_the_import(
    client: Client, module: str, typed: str, prefix: str
) -> None:
    """With an alias, and where the import is added."""
    found = await client.completion(f"{module}\n\nasync def main():\n    await {typed}$0\n")
    assert {f"{prefix}.sleep", f"{prefix}.gather"} <= {item.filter_text for item in items_of(found)}


@pytest.mark.parametrize("module", ["from asyncio import queues", "from asyncio import sleep"])
async def test_an_imported_name_is_found_by_its_module_too(client: Client, module: str) -> None:
    found = await client.completion(f"{module}\n\nasync def main():\n    await asy$0\n")
    assert one(found, "sleep").filter_text == "asyncio.sleep"
    found = await client.completion(f"{module}\n\nasync def main():\n    await sl$0\n")
    assert one(found, "sleep").filter_text == "sleep"


async def test_a_value_is_found_by_the_module_that_it_is_in(client: Client) -> None:
    found = await client.completion(MAIN.format("await asyncio.wait([], return_when=as$0)"))
    assert found is not None
    assert found.items[0].filter_text == "asyncio.FIRST_COMPLETED"


async def test_names_that_the_oldest_python_lacks_show_their_version(client: Client, tmp_path: Path) -> None:
    written(tmp_path, '[project]\nname = "x"\nversion = "1"\nrequires-python = ">=3.10"\n')
    found = await client.completion(MAIN.format("async with asyncio.$0"), tmp_path)
    details = one(found, "TaskGroup").label_details
    assert details is not None
    assert details.description == "3.11+"


async def test_inside_a_word_the_client_can_insert_or_replace(client: Client) -> None:
    marked = MAIN.format("await asyncio.ga$0ther")
    text, _ = cursor(marked)
    item = one(await client.completion(marked), "gather")
    assert isinstance(item.text_edit, types.InsertReplaceEdit)
    start = text.index("gather")
    assert item.text_edit.insert == client.range(text, start, start + 2)
    assert item.text_edit.replace == client.range(text, start, start + 6)
    assert "asyncio.gather($1)\n" in accepted(text, item, client.encoding, replace=True)
    at_end = one(await client.completion(MAIN.format("await asyncio.gather$0")), "gather")
    assert isinstance(at_end.text_edit, types.TextEdit), "there is nothing to choose"
    async with serving(client=capabilities(items=item_options(insert_replace=False))) as other:
        item = one(await other.completion(marked), "gather")
        assert isinstance(item.text_edit, types.TextEdit)
        assert item.text_edit.range == client.range(text, start, start + 2)


async def test_the_order_is_kept_and_no_character_accepts(client: Client) -> None:
    for marked in (AWAIT, SLEEP, MAIN.format("$0"), "import asyncio\n\nasyncio.$0\n"):
        found = items_of(await client.completion(marked))
        keys = [item.sort_text or "" for item in found]
        assert len(found) > 1
        assert all(keys)
        assert keys == sorted(set(keys))
        assert not any(item.commit_characters for item in found)
        assert not any(item.preselect for item in found)


async def test_deprecated_names_come_last_and_are_marked(client: Client) -> None:
    found = items_of(await client.completion("import asyncio\n\nasyncio.$0\n"))
    flags = [types.CompletionItemTag.Deprecated in (item.tags or ()) for item in found]
    assert any(flags)
    assert flags == sorted(flags)
    async with serving(client=capabilities(items=item_options(tags=False))) as other:
        assert not any(item.tags for item in items_of(await other.completion("import asyncio\n\nasyncio.$0\n")))


# Positions

EMOJI = [
    (
        "'🦊'; from asyncio import wait  # 🐻\n# 🦊\nasync def main():\n    '🦊é👩‍👩‍👧'; await slee$0\n",
        "sleep",
        "'🦊'; from asyncio import sleep, wait  # 🐻\n# 🦊\nasync def main():\n    '🦊é👩‍👩‍👧'; await sleep(${1:1})\n",
    ),
    (
        "'''🦊'''\r\ndef main():\r\n    x = '🦊', aw$0\r\n",
        "await",
        "'''🦊'''\r\nasync def main():\r\n    x = '🦊', await \r\n",
    ),
    (
        "import asyncio\nasync def fetch(url): ...\nasync def main():\n    x = ['🦊', fetch('🦊').aw$0]\n",
        ".await",
        "import asyncio\nasync def fetch(url): ...\nasync def main():\n    x = ['🦊', await fetch('🦊')$0]\n",
    ),
]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
async def test_positions_are_counted_as_agreed(servers: Servers, encoding: str) -> None:
    """With characters of one, two and four units before the cursor and in the lines of the edits."""
    client = await servers.of(capabilities(encodings=[encoding], items=item_options()))
    assert client.encoding == encoding
    for marked, label, expected in EMOJI:
        text, _ = cursor(marked)
        item = one(await client.completion(marked), label)
        assert accepted(text, item, encoding) == expected
    help_ = await client.signature("import asyncio\nasyncio.run('🦊', debug='🦊👩‍👩‍👧', $0)\n")
    assert help_ is not None


# Resolve

CARDS = [
    (SLEEP, "sleep", "asyncio.sleep"),
    ("def main():\n    aw$0\n", "await", "await"),
    (MAIN.format("t$0"), "timeout", "Timeout"),
    ("import asyncio\n\nasync def main(q: asyncio.Queue):\n    await q.$0\n", "get", "asyncio.Queue.get"),
]


@pytest.mark.parametrize(("marked", "label", "title"), CARDS, ids=lambda value: value.splitlines()[-1])
async def test_an_item_brings_its_card(client: Client, marked: str, label: str, title: str) -> None:
    """For a public name, a keyword and an idiom; nothing else of the item changes."""
    item = one(await client.completion(marked), label)
    resolved = await client.resolve(item)
    assert title in next(line for line in documentation(resolved).splitlines() if not line.startswith("```"))
    assert len(documentation(resolved)) > 80
    resolved.documentation = item.documentation
    assert resolved == item


async def test_a_card_needs_no_client_state(client: Client) -> None:
    """Only the label and the data of the item are needed; the document may be changed or closed."""
    async with client.opened(SLEEP) as (uri, text, offset):
        item = one(await client.completion_at(uri, text, offset), "sleep")
        whole = documentation(await client.resolve(item))
        client.change(uri, 2, "nothing of this stays\n")
        assert documentation(await client.resolve(item)) == whole
    assert documentation(await client.resolve(item)) == whole
    bare = types.CompletionItem(item.label, data=item.data)
    assert documentation(await client.resolve(bare)) == whole


@pytest.mark.parametrize(
    "data", [None, 3, "x", [1], {}, {"symbol": "asyncio.nothing", "uri": "untitled:1"}, {"symbol": 1, "uri": None}]
)
async def test_an_item_of_another_server_is_returned_unchanged(client: Client, data: Any) -> None:
    item = types.CompletionItem("sleep", data=data)
    assert await client.resolve(item) == item


async def test_a_card_matches_the_python_of_the_document(client: Client, tmp_path: Path) -> None:
    """Two projects in one session: each resolves for its own target."""
    old, new = tmp_path / "old", tmp_path / "new"
    for folder, version in ((old, "3.10"), (new, "3.13")):
        written(folder, f'[tool.loopwise]\ntarget-version = "{version}"\n')
    found = [one(await client.completion(SLEEP, folder), "sleep") for folder in (old, new)]
    assert found[0].data != found[1].data
    marked = "import asyncio\n\nasync def main(q: asyncio.Queue):\n    q.$0\n"
    assert "shutdown" not in labels(await client.completion(marked, old))
    assert "shutdown" in labels(await client.completion(marked, new))


async def test_cards_have_the_format_that_the_client_prefers(client: Client, servers: Servers) -> None:
    markdown = await client.resolve(one(await client.completion(SLEEP), "sleep"))
    assert isinstance(markdown.documentation, types.MarkupContent)
    assert markdown.documentation.kind is types.MarkupKind.Markdown
    assert "```" in markdown.documentation.value
    for formats in (["plaintext", "markdown"], ["plaintext"]):
        other = await servers.of(capabilities(items=item_options(formats=formats)))
        for marked, label, _ in CARDS:
            item = await other.resolve(one(await other.completion(marked), label))
            assert isinstance(item.documentation, types.MarkupContent)
            assert item.documentation.kind is types.MarkupKind.PlainText
            assert not re.search(r"\*\*|`|\]\(", item.documentation.value), item.documentation.value


async def test_text_before_the_card_has_the_same_format(servers: Servers) -> None:
    """It says that accepting the item makes the function async."""
    plain = await servers.of(capabilities(items=item_options(formats=["plaintext"])))
    item = one(await plain.completion("def main():\n    aw$0\n"), "await")
    if item.documentation is not None:
        assert isinstance(item.documentation, types.MarkupContent)
        assert item.documentation.kind is types.MarkupKind.PlainText
        assert "`" not in item.documentation.value


# Triggers

QUIET = [
    (MAIN.format("x = 1 $0"), " "),
    (MAIN.format("x = $0"), " "),
    (MAIN.format("return $0"), " "),
    (MAIN.format("$0"), " "),
    (MAIN.format("url $0= 3"), " "),
    (MAIN.format("x =$0"), "="),
    (MAIN.format("print(end=$0)"), "="),
    (MAIN.format("if url =$0"), "="),
    (MAIN.format("if url ==$0"), "="),
    (MAIN.format("main(url=$0)"), "="),
    (MAIN.format("# await $0"), " "),
    (MAIN.format("'await $0'"), " "),
    (MAIN.format("'x'.$0"), "."),
    (MAIN.format('"x".$0'), "."),
    (MAIN.format("# asyncio.$0"), "."),
    (MAIN.format("1.$0"), "."),
    (MAIN.format("'asyncio.$0'"), "."),
    ("def $0", " "),
    ("import $0", " "),
]
LOUD = [
    (MAIN.format("await $0"), " ", "asyncio.sleep"),
    (MAIN.format("x = await $0"), " ", "asyncio.sleep"),
    (MAIN.format("async with $0"), " ", "asyncio.timeout"),
    ("from asyncio import $0", " ", "gather"),
    (MAIN.format("await asyncio.wait([], return_when=$0)"), "=", "asyncio.FIRST_COMPLETED"),
    (MAIN.format("await asyncio.$0"), ".", "sleep"),
]


@pytest.mark.parametrize(("marked", "typed"), QUIET, ids=repr)
async def test_ordinary_typing_opens_no_list(client: Client, marked: str, typed: str) -> None:
    found = await client.completion(marked, typed=typed)
    assert labels(found) == []
    assert found is None or not found.is_incomplete


@pytest.mark.parametrize(("marked", "typed", "label"), LOUD, ids=repr)
async def test_a_list_opens_where_an_expression_is_expected(
    client: Client, marked: str, typed: str, label: str
) -> None:
    assert label in labels(await client.completion(marked, typed=typed))


async def test_only_fitting_values_after_return_when(client: Client) -> None:
    found = await client.completion(MAIN.format("await asyncio.wait([], return_when=$0)"), typed="=")
    constants = ["asyncio.FIRST_COMPLETED", "asyncio.ALL_COMPLETED", "asyncio.FIRST_EXCEPTION"]
    assert labels(found)[:3] == constants


# Documents


async def test_a_document_that_is_not_open_has_no_results(client: Client) -> None:
    assert await client.completion_at("untitled:never", "x", 0) is None
    assert await client.signature_at("untitled:never", "x", 0) is None


async def test_a_list_is_for_the_current_text(client: Client) -> None:
    """The request comes right after a change, without a pause."""
    async with client.opened("x = 1\n$0") as (uri, _, _):
        for version, name in enumerate(("sleep", "gather", "wait_for"), 2):
            text, offset = cursor(MAIN.format(f"await asyncio.{name}$0"))
            client.change(uri, version, text)
            item = one(await client.completion_at(uri, text, offset), name)
            assert item.additional_text_edits is None
            help_text, at = cursor(MAIN.format(f"await asyncio.{name}($0"))
            client.change(uri, version, help_text)
            found = await client.signature_at(uri, help_text, at, "(")
            assert found is not None
            assert found.signatures[0].label.startswith(f"{name}(") or name in found.signatures[0].label


async def test_positions_beyond_a_line_or_the_text_are_harmless(client: Client) -> None:
    async with client.opened("import asyncio\nasyncio.$0") as (uri, _, _):
        for line, column in ((1, 999), (5, 0), (999, 999)):
            where = types.TextDocumentIdentifier(uri), types.Position(line, column)
            await client.lsp.text_document_completion_async(types.CompletionParams(*where))
            await client.lsp.text_document_signature_help_async(types.SignatureHelpParams(*where))
        text, offset = cursor("import asyncio\nasyncio.$0")
        assert "run" in labels(await client.completion_at(uri, text, offset))


# Settings

MEMBERS = "class Shop:\n    def open(self): ...\n    size = 3\n\nshop = Shop()\nshop.$0\n"
THROUGH = "class Page:\n    text = ''\n\nasync def fetch() -> Page: ...\n\nasync def main():\n    x = fetch().$0\n"
CHOICES: list[tuple[str, str, str, str]] = [
    # The setting, its value, where to look, a label that is there with the default or with the value only.
    ("completion.enable", "false", SLEEP, "sleep"),
    ("completion.mode", '"full"', MEMBERS, "open"),
    ("completion.through-await", '"off"', THROUGH, "text"),
]


def pushed(key: str, value: str) -> object:
    """Return a setting as an editor sends it."""
    section, _, name = key.partition(".")
    return {"loopwise": {section: {name: {"false": False}.get(value, value.strip('"'))}}}


@pytest.mark.parametrize(("key", "value", "marked", "label"), CHOICES, ids=[choice[0] for choice in CHOICES])
async def test_settings_of_completion(
    servers: Servers, tmp_path: Path, key: str, value: str, marked: str, label: str
) -> None:
    """By the editor and by the project."""
    client = await servers.of(WHOLE)
    try:
        usual = label in labels(await client.completion(marked, tmp_path))
        client.push_settings(pushed(key, value))
        assert (label in labels(await client.completion(marked, tmp_path))) is not usual
        client.push_settings({"loopwise": {}})
        assert (label in labels(await client.completion(marked, tmp_path))) is usual
        client.changed_on_disk(written(tmp_path, f"[tool.loopwise]\n{key} = {value}\n"))
        assert (label in labels(await client.completion(marked, tmp_path))) is not usual
        assert client.messages == []
    finally:
        client.push_settings({"loopwise": {}})


async def test_signature_help_can_be_switched_off(servers: Servers, tmp_path: Path) -> None:
    client = await servers.of(WHOLE)
    try:
        assert await client.signature(HELP, tmp_path) is not None
        client.push_settings({"loopwise": {"signature-help": {"enable": False}}})
        assert await client.signature(HELP, tmp_path) is None
        assert labels(await client.completion(SLEEP, tmp_path)) != []
        client.push_settings({"loopwise": {"signatureHelp": {"enable": True}}})
        assert await client.signature(HELP, tmp_path) is not None
        client.push_settings({"loopwise": {}})
        client.changed_on_disk(written(tmp_path, "[tool.loopwise]\nsignature-help.enable = false\n"))
        assert await client.signature(HELP, tmp_path) is None
        assert client.messages == []
    finally:
        client.push_settings({"loopwise": {}})


# The project's other modules


async def test_functions_of_other_modules_come_as_they_are_read(tmp_path: Path) -> None:
    """Until all have been read, the list is marked as incomplete."""
    for number in range(400):
        written(tmp_path, f"async def fetch_{number}(url): ...\n" * 20, f"shop/module_{number}.py")
    written(tmp_path, "async def bake(dish): ...\n", "zoo/oven.py")
    marked = MAIN.format("await bak$0")
    async with serving(tmp_path, client=WHOLE) as client, client.opened(marked, tmp_path) as (uri, text, offset):
        first = await client.completion_at(uri, text, offset)
        assert first is not None
        assert first.is_incomplete or "bake" in labels(first)

        async def last() -> types.CompletionList | None:
            found = await client.completion_at(uri, text, offset)
            return found if found is not None and not found.is_incomplete else None

        item = one(await eventually(last), "bake")
        assert item.label_details is not None
        assert item.label_details.description == "★ zoo.oven"
        after = accepted(text, item, client.encoding)
        assert "\nfrom zoo.oven import bake\n" in after
        assert "    await bake($1)\n" in after


async def test_a_list_that_is_too_long_is_incomplete(tmp_path: Path) -> None:
    """One more letter brings other items."""
    functions = "".join(f"async def fetch_{number}(url): ...\n" for number in range(60))
    written(tmp_path, functions + "async def zoom(): ...\n", "shop.py")
    async with serving(tmp_path, client=WHOLE) as client:
        assert await eventually(lambda: _has(client, tmp_path, "zoom", MAIN.format("await zoo$0")))
        few = await client.completion(MAIN.format("await zoo$0"), tmp_path)
        assert few is not None
        assert not few.is_incomplete
        many = await client.completion(AWAIT, tmp_path)
        assert many is not None
        assert many.is_incomplete


async def _has(client: Client, folder: Path, label: str, marked: str = AWAIT) -> bool:
    return label in labels(await client.completion(marked, folder))


async def test_a_module_that_is_saved_later_is_seen(tmp_path: Path) -> None:
    """As is a removed one, or an unsaved change in an open one."""
    written(tmp_path, "async def bake(dish): ...\n", "oven.py")
    async with serving(tmp_path, client=WHOLE) as client:
        assert await eventually(lambda: _has(client, tmp_path, "bake"))
        assert not await _has(client, tmp_path, "order")
        later = written(tmp_path, "async def order(name): ...\n", "menu.py")
        client.changed_on_disk(later)
        assert await eventually(lambda: _has(client, tmp_path, "order"))
        client.open(later.as_uri(), "async def serve(name): ...\n")
        assert await _has(client, tmp_path, "serve")
        assert not await _has(client, tmp_path, "order")
        client.close(later.as_uri())
        later.unlink()
        client.changed_on_disk(later)

        async def gone() -> bool:
            return not await _has(client, tmp_path, "order")

        assert await eventually(gone)
        assert await _has(client, tmp_path, "bake")


# Signature help


def active(help_: types.SignatureHelp | None) -> str:
    """Return the active parameter, cut out of the label by its offsets (UTF-16); ``-`` for none."""
    if help_ is None:
        return "-"
    signature = help_.signatures[help_.active_signature or 0]
    assert help_.active_parameter == signature.active_parameter
    parameters = signature.parameters or ()
    if help_.active_parameter is None or help_.active_parameter >= len(parameters):
        return "-"
    label = parameters[help_.active_parameter].label
    assert not isinstance(label, str)
    return signature.label.encode("utf-16-le")[2 * label[0] : 2 * label[1]].decode("utf-16-le")


CALLS = [
    ("await asyncio.wait_for($0", "(", "fut"),
    ("await asyncio.wait_for(main(url), $0", ",", "timeout"),
    ("await asyncio.wait_for(timeout=$0", "", "timeout"),
    ("await asyncio.wait_for(main(url), 1, 2, $0", ",", "-"),
    ("'🦊👩‍👩‍👧', await asyncio.wait_for('🦊', $0", ",", "timeout"),
    ("await main($0", "(", "url"),
    ("print($0", "(", "-"),
    ("x = ($0", "(", "-"),
]


@pytest.mark.parametrize(("line", "typed", "parameter"), CALLS, ids=repr)
async def test_the_parameter_at_the_cursor_is_active(client: Client, line: str, typed: str, parameter: str) -> None:
    assert active(await client.signature(MAIN.format(line), typed=typed)).partition(":")[0] == parameter


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
async def test_offsets_in_a_label_are_always_utf_16(servers: Servers, encoding: str) -> None:
    """As the protocol requires, whatever unit positions have."""
    client = await servers.of(capabilities(encodings=[encoding], items=item_options()))
    text = "async def fetch(url='🦊🦊', größe='👩‍👩‍👧', *, last=1): ...\n\n"
    text += "async def main():\n    '🦊'; await fetch({})\n"
    for arguments, parameter in (("$0", "url='🦊🦊'"), ("1, $0", "größe='👩‍👩‍👧'"), ("last=$0", "last=1")):
        assert active(await client.signature(text.format(arguments))) == parameter


async def test_signatures_in_the_format_that_the_client_likes_best() -> None:
    for formats, kind in ((["markdown"], types.MarkupKind.Markdown), (["plaintext"], types.MarkupKind.PlainText)):
        async with serving(client=capabilities(formats=formats)) as client:
            help_ = await client.signature(HELP)
            assert help_ is not None
            parameters = help_.signatures[0].parameters or ()
            said = [help_.signatures[0].documentation, *(parameter.documentation for parameter in parameters)]
            texts = [one for one in said if isinstance(one, types.MarkupContent)]
            assert len(texts) > 1
            assert {one.kind for one in texts} == {kind}
            assert any("`" in one.value for one in texts) is (kind is types.MarkupKind.Markdown)


async def test_a_client_that_announces_no_format_gets_strings() -> None:
    """The protocol had nothing else before it had markup."""
    client_ = capabilities(formats=None, offsets=False, items=item_options(formats=None))
    async with serving(client=client_) as client:
        for marked, label, _ in CARDS:
            item = await client.resolve(one(await client.completion(marked), label))
            assert isinstance(item.documentation, str)
            assert not re.search(r"\*\*|`|\]\(", item.documentation), item.documentation
        help_ = await client.signature(HELP)
        assert help_ is not None
        signature = help_.signatures[0]
        parameters = signature.parameters or ()
        assert isinstance(signature.documentation, str)
        assert {type(parameter.documentation) for parameter in parameters} <= {str, type(None)}
        names = [parameter.label for parameter in parameters]
        assert names and all(isinstance(name, str) and name in signature.label for name in names)
        assert names[help_.active_parameter or 0] == "timeout: float | None"
