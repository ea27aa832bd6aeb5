"""``loopwise complete``: the server's list, in a terminal and as JSON."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import pytest_asyncio
from lsprotocol import types

from loopwise.cards.snippet_text import plain
from loopwise.cli.complete import Answer, Change, Offer
from marked import cursor
from serving import Client, eventually, serving
from test_cli import Output, answered, place_of, said

QUEUE = "import asyncio\n\nasync def main(queue: asyncio.Queue[int]):\n    "
PLACES = {
    "await": QUEUE + "x = await $0",
    "await, some of a name": QUEUE + "x = await que$0\n    return x\n",
    "in the middle of a name": QUEUE + "queue.get_$0nowait()\n",
    "async with": QUEUE + "async with $0\n",
    "async for": "async def numbers():\n    yield 1\n\nasync def main():\n    async for x in $0",
    "asyncio": "import asyncio\nasyncio.$0\n",
    "an import": "from asyncio import Ta$0\n",
    "a statement without an import": "def f():\n    sle$0",
    "another module": "import os\n\n\nasync def f():\n    await fet$0\n",
    "an argument": QUEUE + "await asyncio.wait_for(queue.get(), $0)\n",
    "a call with a dot": QUEUE + "asyncio.sleep(1).$0\n",
    "a function that is not async": "import asyncio\n\ndef f():\n    awai$0\n",
    "wide characters": QUEUE + "x = '🦊🦊'; y = await que$0\n",
    "lines that end as on Windows": (QUEUE + "x = await $0").replace("\n", "\r\n"),
    "a comment": "# await $0",
}


class Desk(NamedTuple):
    """A server over a folder with all the places."""

    client: Client
    folder: Path


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    folder = tmp_path_factory.mktemp("project")
    (folder / "pyproject.toml").write_text('[project]\nname = "x"\nversion = "1"\nrequires-python = ">=3.12,<3.13"\n')
    (folder / "other.py").write_text('async def fetch(url: str) -> bytes:\n    return b""\n')
    for number, marked in enumerate(PLACES.values()):
        place_of(str(folder / f"place_{number}.py"), marked)
    item = types.ClientCompletionItemOptions(
        snippet_support=True,
        label_details_support=True,
        insert_replace_support=True,
        documentation_format=[types.MarkupKind.Markdown],
    )
    wanted = types.ClientCapabilities(
        general=types.GeneralClientCapabilities(position_encodings=["utf-32"]),
        text_document=types.TextDocumentClientCapabilities(
            completion=types.CompletionClientCapabilities(completion_item=item)
        ),
    )
    async with serving(folder, client=wanted) as client:
        yield Desk(client, folder)


class Found(NamedTuple):
    """An item, and the file after it is accepted, however the server writes it."""

    label: str
    text: str
    detail: str
    origin: str
    filter: str
    symbol: str | None


async def from_server(desk: Desk, file: Path, marked: str) -> list[Found]:
    text, offset = cursor(marked)
    params = types.CompletionParams(types.TextDocumentIdentifier(file.as_uri()), desk.client.position(text, offset))
    desk.client.open(file.as_uri(), text)
    found = await desk.client.lsp.text_document_completion_async(params)
    desk.client.close(file.as_uri())
    assert isinstance(found, types.CompletionList)
    return [of_item(item, text) for item in found.items]


def of_item(item: types.CompletionItem, text: str) -> Found:
    edit, details = item.text_edit, item.label_details or types.CompletionItemLabelDetails()
    assert edit is not None
    span = edit.replace if isinstance(edit, types.InsertReplaceEdit) else edit.range
    snippet = item.insert_text_format is types.InsertTextFormat.Snippet
    changes = [(change.range, change.new_text) for change in item.additional_text_edits or ()]
    changes.append((span, plain(edit.new_text) if snippet else edit.new_text))
    places = [(at(text, r.start.line, r.start.character), at(text, r.end.line, r.end.character)) for r, _ in changes]
    accepted = changed(text, [(*place, new) for place, (_, new) in zip(places, changes, strict=True)])
    symbol = item.data["symbol"] if item.data else None
    detail = (details.detail or "").strip()
    return Found(
        item.label,
        accepted,
        detail,
        (details.description or "").removeprefix("★").strip(),
        item.filter_text or item.label,
        symbol,
    )


def of_offer(offer: dict[str, Any], text: str) -> Found:
    """Return an item from the command's JSON."""
    changes = [*offer["edits"], {**offer, "text": offer["plain"]}]
    made = [(*(at(text, c[e]["line"] - 1, c[e]["column"] - 1) for e in ("start", "end")), c["text"]) for c in changes]
    rest = (offer[key] for key in ("detail", "origin", "filter", "symbol"))
    return Found(offer["label"], changed(text, made), *rest)


def at(text: str, line: int, character: int) -> int:
    """Return the offset (code points) of a line and column, both from 0."""
    return sum(map(len, text.splitlines(keepends=True)[:line])) + character


def changed(text: str, changes: Sequence[tuple[Any, ...]]) -> str:
    """Apply changes whose places are those of the original text; at the same place, the last one comes last."""
    for start, end, new in sorted(changes, key=lambda change: change[:2])[::-1]:
        text = text[:start] + new + text[end:]
    return text.replace("\r\n", "\n").replace("\t", "    ")


@pytest.mark.parametrize("name", PLACES)
async def test_the_list_is_the_servers(name: str, desk: Desk, capsys: Output) -> None:
    """The same items in the same order, after the server has read the project's other modules."""
    file = desk.folder / f"place_{list(PLACES).index(name)}.py"
    place, (text, _) = place_of(str(file), PLACES[name]), cursor(PLACES[name])
    has_some = name != "a comment"
    found = await asyncio.to_thread(answered, capsys, "complete", place, code=0 if has_some else 1)
    expected = [of_offer(offer, text) for offer in found["items"]]
    assert bool(expected) is has_some

    async def is_same() -> bool:
        return await from_server(desk, file, PLACES[name]) == expected

    await eventually(is_same)
    assert await from_server(desk, file, PLACES[name]) == expected


@pytest.fixture(autouse=True)
def somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder without settings; colors are off."""
    monkeypatch.chdir(tmp_path)
    for name in ("FORCE_COLOR", "NO_COLOR", "VIRTUAL_ENV"):
        monkeypatch.delenv(name, raising=False)


def test_json_has_all_keys(capsys: Output) -> None:
    place = place_of("app.py", QUEUE + "x = '🦊'; queue.ge$0t\n")
    found = answered(capsys, "complete", place, "--target-version", "3.12")
    assert tuple(found) == Answer.__struct_fields__
    assert (found["file"], found["line"], found["column"]) == ("app.py", 4, 22)
    assert (found["target"], found["typed"]) == ("3.12", "ge")
    for offer in found["items"]:
        assert tuple(offer) == Offer.__struct_fields__
        assert (offer["start"], offer["end"]) == ({"line": 4, "column": 20}, {"line": 4, "column": 23})
    put = next(offer for offer in found["items"] if offer["label"] == "put_nowait")
    assert (put["kind"], put["insert"], put["snippet"]) == ("method", "put_nowait($1)", True)
    assert (put["plain"], put["symbol"]) == ("put_nowait()", "asyncio.Queue.put_nowait")
    nothing = answered(capsys, "complete", place_of("app.py", "# $0\n"), code=1)
    assert tuple(nothing) == Answer.__struct_fields__
    assert nothing["items"] == []


ACCEPTED = {
    "asyncio.sleep": (
        "import os\n\n\nasync def f():\n    await sle$0\n",
        "import asyncio\nimport os\n\n\nasync def f():\n    await asyncio.sleep(1)\n",
    ),
    "fetch": (
        "import os\n\n\nasync def f():\n    await fet$0\n",
        "import os\n\nfrom other import fetch\n\n\nasync def f():\n    await fetch()\n",
    ),
    ".await": (
        "import asyncio\n\n\nasync def f(é):\n    'é', asyncio.sleep(1).$0\n",
        "import asyncio\n\n\nasync def f(é):\n    'é', await asyncio.sleep(1)\n",
    ),
}


@pytest.mark.parametrize("label", ACCEPTED)
def test_the_text_can_be_made_from_the_json(label: str, capsys: Output) -> None:
    marked, expected = ACCEPTED[label]
    Path("other.py").write_text('async def fetch(url: str) -> bytes:\n    return b""\n')
    found = answered(capsys, "complete", place_of("app.py", marked))
    offer = next(offer for offer in found["items"] if offer["label"] == label)
    assert all(tuple(change) == Change.__struct_fields__ for change in offer["edits"])
    assert of_offer(offer, cursor(marked)[0]).text == expected


def test_text_shows_the_best_of_the_list(capsys: Output) -> None:
    place = place_of("app.py", "import asyncio\nx = asyncio.$0\n")
    whole = [offer["label"] for offer in answered(capsys, "complete", place)["items"]]
    text = said(capsys, "complete", place)
    assert text.startswith("    2 | x = asyncio.\n      |             ^\n\n")
    shown = re.findall(r"^  (\w+)", text, re.MULTILINE)
    assert shown == whole[:20]
    assert re.search(r"^  Queue +→ asyncio\.Queue *$", text, re.MULTILINE)
    assert f"\n\n… and {len(whole) - 20} more; use --all to show them.\n" in text
    everything = said(capsys, "complete", place, "--all")
    assert re.findall(r"^  (\w+)", everything, re.MULTILINE) == whole
    assert "more; " not in everything


def test_text_shows_items_with_the_typed_letters(capsys: Output) -> None:
    """Matching is an editor's; items that start with the letters come first."""
    text = said(capsys, "complete", place_of("app.py", QUEUE + "queue.GE$0\n"))
    assert re.findall(r"^  (\w+)", text, re.MULTILINE) == ["get", "get_nowait"]
    text = said(capsys, "complete", place_of("app.py", QUEUE + "queue.e$0\n"))
    assert re.findall(r"^  (\w+)", text, re.MULTILINE)[0] == "empty"
    assert "get_nowait" in text and "qsize" in text and "put_nowait" not in text


def test_text_reports_that_nothing_has_the_typed_letters(capsys: Output) -> None:
    text = said(capsys, "complete", place_of("app.py", QUEUE + "queue.xyz$0\n"))
    assert re.search(r"^None of \d+ items contains xyz\.$", text, re.MULTILINE)


def test_nothing_to_offer_is_reported(capsys: Output) -> None:
    text = said(capsys, "complete", place_of("app.py", "# $0\n"), code=1)
    assert text.startswith("loopwise: app.py:1:3: nothing is offered at this position")


def test_the_settings_apply(capsys: Output) -> None:
    place = place_of("app.py", "class Job:\n    def plain(self): ...\n\nJob().pl$0\n")
    assert "plain" not in str(answered(capsys, "complete", place, code=1)["items"])
    Path("pyproject.toml").write_text('[tool.loopwise.completion]\nmode = "full"\n')
    assert answered(capsys, "complete", place)["items"][0]["label"] == "plain"


def test_colors_are_used_on_request(capsys: Output, monkeypatch: pytest.MonkeyPatch) -> None:
    place = place_of("app.py", QUEUE + "queue.get$0\n")
    plain = said(capsys, "complete", place)
    monkeypatch.setenv("FORCE_COLOR", "1")
    coloured = said(capsys, "complete", place)
    assert "\x1b[" in coloured and "\x1b[" not in plain
    assert "get_nowait" in coloured


def test_long_names_are_cut_to_the_width(capsys: Output) -> None:
    name = "a_function_with_" + "very_" * 20 + "long_name"
    text = said(capsys, "complete", place_of("app.py", f"async def {name}(): ...\n\nasync def main():\n    await $0\n"))
    assert max(map(len, text.splitlines())) <= 88
    assert re.search(r"^  a_function_with_very_\w+…", text, re.MULTILINE)
