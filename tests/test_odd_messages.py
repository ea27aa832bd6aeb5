"""Messages that no client should send but some do: each request is answered, and the server continues."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import forking
from serving import eventually
from talk import (
    CANCELLED,
    EXIT,
    INITIALIZED,
    INVALID_PARAMS,
    INVALID_REQUEST,
    SHUTDOWN,
    URI,
    Message,
    Server,
    initialize,
    notification,
    opened_and_hovered,
    request,
)

TEXT = "import asyncio\n\n\nasync def f():\n    asyncio.sleep(1)\n    await asyncio.\n"
SLEEP = {"start": {"line": 4, "character": 4}, "end": {"line": 4, "character": 20}}
HERE = {"textDocument": {"uri": URI}, "position": {"line": 4, "character": 14}}
AFTER_DOT = {"textDocument": {"uri": URI}, "position": {"line": 5, "character": 18}}
OTHERS = {"range": SLEEP, "message": "of another server"}


def opening(text: str = TEXT, uri: str = URI, **fields: object) -> Message:
    item = {"uri": uri, "languageId": "python", "version": 1, "text": text, **fields}
    return notification("textDocument/didOpen", {"textDocument": item})


def actions(diagnostic: dict[str, object] | None = None, **context: object) -> Message:
    diagnostics = [{**OTHERS, **diagnostic}] if diagnostic is not None else []
    params = {"textDocument": {"uri": URI}, "range": SLEEP, "context": {"diagnostics": diagnostics, **context}}
    return request(0, "textDocument/codeAction", params)


class Talker:
    """An initialized server, and numbers for requests."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.talk = server.talk
        self._number = 100

    def ask(self, message: Message) -> Message:
        """Send a request under a new number and return the response."""
        self._number += 1
        self.talk.send({**message, "id": self._number})
        return self.talk.answer(self._number)

    def hovers(self) -> bool:
        """Is a hover answered correctly?"""
        found = self.ask(request(0, "textDocument/hover", HERE))
        return "asyncio.sleep" in found["result"]["contents"]["value"]

    def shown(self) -> list[str]:
        """Return the messages shown to the user."""
        received = self.talk.received()
        return [one["params"]["message"] for one in received if one.get("method") == "window/showMessage"]


@pytest.fixture(scope="module")
def talker() -> Iterator[Talker]:
    server = Server(*forking.command())
    server.drain()
    server.talk.send(initialize(), INITIALIZED, opening())
    server.talk.answer(1)
    yield Talker(server)
    server.close()


@pytest.fixture
def server() -> Iterator[Server]:
    found = Server(*forking.command())
    found.drain()
    yield found
    found.close()


# What is odd and not ours to read

ODD_DIAGNOSTICS: list[dict[str, object]] = [
    {"severity": 0},
    {"severity": 5},
    {"severity": "error"},
    {"severity": None},
    {"tags": [3]},
    {"tags": [1, -1, 2]},
    {"tags": 1},
    {"codeDescription": {}},
    {"codeDescription": {"href": None}},
    {"codeDescription": "https://example.org"},
    {"relatedInformation": [{"message": "x"}]},
    {"relatedInformation": [{"message": "x", "location": {"uri": URI}}, {"severity": 0}]},
    {"range": None},
    {"range": {"start": {"line": -1, "character": 0}, "end": {"line": 0, "character": 0}}},
    {"message": None, "severity": 0, "tags": [9], "codeDescription": {}},
]


@pytest.mark.parametrize("odd", ODD_DIAGNOSTICS, ids=str)
def test_an_odd_diagnostic_does_not_prevent_our_action(talker: Talker, odd: dict[str, object]) -> None:
    found = talker.ask(actions(odd))
    assert any("Await the call" in action["title"] for action in found["result"]), found
    assert talker.shown() == []


CONTEXTS: list[dict[str, Any]] = [
    {"triggerKind": 3},
    {"only": None},
    {"only": "refactor"},
    {"diagnostics": None},
    {"odd": 1},
]


@pytest.mark.parametrize("context", CONTEXTS, ids=str)
def test_an_odd_context_does_not_prevent_the_action(talker: Talker, context: dict[str, object]) -> None:
    found = talker.ask(actions(**context))
    assert any("Await the call" in action["title"] for action in found["result"]), found


def test_a_request_for_actions_without_diagnostics_is_answered(talker: Talker) -> None:
    params = {"textDocument": {"uri": URI}, "range": SLEEP, "context": {}}
    assert talker.ask(request(0, "textDocument/codeAction", params))["result"]


ODD_CONTEXTS: list[tuple[str, dict[str, Any]]] = [
    ("textDocument/completion", {**AFTER_DOT, "context": {"triggerKind": 0}}),
    ("textDocument/completion", {**AFTER_DOT, "context": {}}),
    ("textDocument/completion", {**AFTER_DOT, "context": None}),
    ("textDocument/completion", {**AFTER_DOT, "context": 7}),
    ("textDocument/hover", {**HERE, "workDoneToken": {}}),
    ("textDocument/signatureHelp", {"context": {"triggerKind": 1}, **HERE, "position": {"line": 4, "character": 18}}),
    ("textDocument/signatureHelp", {"context": {"triggerKind": 9}, **HERE, "position": {"line": 4, "character": 18}}),
]


@pytest.mark.parametrize(("method", "params"), ODD_CONTEXTS, ids=str)
def test_an_odd_field_that_is_not_needed_is_ignored(talker: Talker, method: str, params: dict[str, Any]) -> None:
    assert talker.ask(request(0, method, params))["result"]


def test_items_of_another_server_are_returned_unchanged(talker: Talker) -> None:
    item = {"label": "x", "data": {"theirs": 1}}
    assert talker.ask(request(0, "completionItem/resolve", item))["result"] == item
    assert talker.ask(request(0, "completionItem/resolve", {**item, "insertTextFormat": 0}))["result"] == item
    action = {"title": "x", "kind": "quickfix", "data": {"theirs": 1}}
    assert talker.ask(request(0, "codeAction/resolve", action))["result"] == action


# What is needed

UNREADABLE: list[tuple[str, object, str]] = [
    ("textDocument/hover", {**HERE, "position": {"line": 0, "character": -1}}, "params.position"),
    ("textDocument/hover", {**HERE, "position": {"line": 0, "character": "here"}}, "params.position.character"),
    ("textDocument/hover", {**HERE, "position": None}, "params.position"),
    ("textDocument/hover", {"position": HERE["position"]}, "params.textDocument"),
    ("textDocument/hover", None, "params"),
    ("textDocument/hover", [], "params"),
    ("textDocument/hover", 5, "params"),
    ("textDocument/completion", {"textDocument": {}, "position": {}}, "params.textDocument.uri"),
    ("textDocument/codeAction", {"textDocument": {"uri": URI}, "context": {}}, "params.range"),
    ("loopwise/cheatsheet", {"uri": 1}, "uri"),
    ("loopwise/explain", {"uri": URI, "line": -1}, "line"),
    ("loopwise/explain", [], "params"),
    ("workspace/executeCommand", {"command": "loopwise.explain"}, "one argument"),
    ("workspace/executeCommand", {"command": "loopwise.explain", "arguments": []}, "one argument"),
    ("workspace/executeCommand", {"command": "loopwise.explain", "arguments": [1]}, "one argument"),
    ("workspace/executeCommand", {"command": "loopwise.explain", "arguments": ["LW101", 2]}, "one argument"),
    ("workspace/executeCommand", {"command": "loopwise.applyEdit", "arguments": [{"edits": [5]}]}, "a workspace edit"),
    ("workspace/executeCommand", {"command": "their.command"}, "their.command"),
    ("workspace/executeCommand", {}, "command"),
]


@pytest.mark.parametrize(("method", "params", "named"), UNREADABLE, ids=str)
def test_a_required_field_that_cannot_be_read_is_named(talker: Talker, method: str, params: object, named: str) -> None:
    error = talker.ask(request(0, method, params))["error"]
    assert error["code"] == INVALID_PARAMS
    assert named in error["message"]
    assert "Traceback" not in str(error)
    assert talker.shown() == []
    assert talker.hovers()


CLIENT_FAULTS: list[dict[str, Any]] = [
    {"command": "loopwise.explain"},
    {"command": "loopwise.explain", "arguments": [3]},
    {"command": "unknown"},
    {},
]


def test_a_fault_of_the_client_is_logged_in_one_line() -> None:
    server = Server(*forking.command())
    server.talk.send(initialize(), INITIALIZED)
    server.talk.answer(1)
    for number, params in enumerate(CLIENT_FAULTS, 10):
        server.talk.send(request(number, "workspace/executeCommand", params))
        assert server.talk.answer(number)["error"]["code"] == INVALID_PARAMS
    server.talk.send(SHUTDOWN, EXIT)
    code, log = server.end()
    server.close()
    assert code == 0
    assert [line.partition(" ")[0] for line in log.splitlines()] == ["WARNING"] * len(CLIENT_FAULTS), log


def test_an_invalid_message_is_answered_with_a_null_id(server: Server) -> None:
    server.talk.send(initialize(), INITIALIZED)
    server.talk.answer(1)
    server.send_bytes(b"Content-Length: 9\r\n\r\n{not json")
    server.send_bytes(b"Content-Length: 2\r\n\r\n[]")
    server.talk.send(*opened_and_hovered())
    assert server.talk.answer(2)["result"]
    codes = [one["error"]["code"] for one in server.talk.received() if "error" in one and one["id"] is None]
    assert codes == [-32700, INVALID_REQUEST]


@pytest.mark.parametrize("identifier", [[1], {}], ids=str)
def test_a_request_with_an_impossible_id_is_answered_with_a_null_id(talker: Talker, identifier: Any) -> None:
    before = len(talker.talk.received())
    talker.talk.send({**request(0, "textDocument/hover", HERE), "id": identifier})
    assert talker.hovers()
    talker.talk.send(notification("$/cancelRequest", {"id": identifier}))
    assert talker.hovers()
    codes = [one["error"]["code"] for one in talker.talk.received()[before:] if "error" in one]
    assert codes == [INVALID_REQUEST]


LONG = "x" * 200_000


@pytest.mark.parametrize("odd", [LONG, [LONG], [None] * 20_000, ["x"] * 20_000], ids=lambda odd: str(odd)[:9])
def test_a_long_value_of_another_type_holds_nothing_up(talker: Talker, odd: Any) -> None:
    """A string was read as a list of as many characters, for minutes."""
    notebook = {"uri": "file:///n.ipynb", "notebookType": "jupyter-notebook", "version": 1, "cells": odd}
    params = {"notebookDocument": notebook, "cellTextDocuments": odd}
    talker.talk.send(notification("notebookDocument/didOpen", params))
    talker.ask(actions({"tags": odd, "relatedInformation": odd}, only=odd))
    assert talker.hovers()


def test_an_item_of_another_server_that_is_nested_deeply_is_answered(talker: Talker) -> None:
    deep: list[Any] = []
    for _ in range(400):
        deep = [deep]
    assert talker.ask(request(0, "completionItem/resolve", {"label": "x", "data": deep}))["error"]
    assert talker.hovers()


def test_initialize_twice_is_refused(talker: Talker) -> None:
    assert talker.ask(initialize())["error"]["code"] == INVALID_REQUEST


# initialize


def capabilities(**fields: object) -> dict[str, Any]:
    return {"capabilities": fields}


STARTS: list[dict[str, Any]] = [
    {
        **capabilities(
            general={"positionEncodings": ["utf-7", "utf-16"]},
            textDocument={
                "hover": {"contentFormat": ["asciidoc", "markdown"]},
                "completion": {"completionItem": {"tagSupport": {"valueSet": [1, 99]}}},
                "publishDiagnostics": {"tagSupport": True},
            },
            workspace={"symbol": {"symbolKind": {"valueSet": [77]}}},
        ),
        "trace": "compact",
        "workspaceFolders": [{"uri": "file:///nowhere"}],
        "clientInfo": {"version": "1"},
    },
    {**capabilities(workspace=5, textDocument=[]), "trace": None, "processId": "many", "rootUri": 5},
    {"capabilities": None, "workspaceFolders": "file:///nowhere", "initializationOptions": [1, 2]},
]


@pytest.mark.parametrize("odd", [*STARTS, None])
def test_initialize_is_always_answered(server: Server, odd: Any) -> None:
    start = initialize()
    server.talk.send({**start, "params": {**start["params"], **odd} if odd else odd}, INITIALIZED)
    assert server.talk.answer(1)["result"]["serverInfo"]["name"] == "loopwise"
    server.talk.send(*opened_and_hovered())
    value = server.talk.answer(2)["result"]["contents"]
    assert "asyncio.sleep" in str(value)


# Texts


def changing(version: object = 2, **change: object) -> Message:
    identifier = {"uri": URI, "version": version}
    return notification("textDocument/didChange", {"textDocument": identifier, "contentChanges": [change]})


CHANGES: list[Message] = [
    changing(None, text=TEXT.replace("sleep", "gather")),
    changing(2, text=TEXT.replace("sleep", "gather"), range=None),
    changing("2", text=TEXT.replace("sleep", "gather")),
    changing(2, text="gather", range={"start": {"line": 4, "character": 12}, "end": {"line": 4, "character": 17}}),
    changing(
        None,
        text="gather",
        rangeLength=-1,
        range={"start": {"line": 4, "character": 12}, "end": {"line": 4, "character": 17}},
    ),
]


@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_a_change_without_a_version_or_range_is_applied(talker: Talker, change: Message) -> None:
    talker.talk.send(change)
    try:
        assert "asyncio.gather" in talker.ask(request(0, "textDocument/hover", HERE))["result"]["contents"]["value"]
    finally:
        talker.talk.send(notification("textDocument/didClose", {"textDocument": {"uri": URI}}), opening())


@pytest.mark.parametrize("given", [True, False], ids=["null", "missing"])
def test_a_text_that_was_opened_without_a_version_is_kept(talker: Talker, given: bool) -> None:
    uri = f"untitled:no-version-{given}"
    message = opening(uri=uri, version=None)
    if not given:
        del message["params"]["textDocument"]["version"]
    talker.talk.send(message)
    where = {**HERE, "textDocument": {"uri": uri}}
    assert "asyncio.sleep" in talker.ask(request(0, "textDocument/hover", where))["result"]["contents"]["value"]


@pytest.mark.parametrize("change", [{"range": {"start": None, "end": 5}, "text": "x"}, {"range": SLEEP}, 7], ids=str)
def test_nothing_wrong_is_reported_after_an_unreadable_change(talker: Talker, change: Any) -> None:
    """Until the text is opened again, because the server no longer has the client's text."""
    params = {"textDocument": {"uri": URI, "version": 2}, "contentChanges": [{"text": TEXT}, change]}
    talker.talk.send(notification("textDocument/didChange", params))
    assert talker.ask(request(0, "textDocument/hover", HERE))["result"] is None
    talker.talk.send(changing(3, text=TEXT))
    assert talker.ask(request(0, "textDocument/hover", HERE))["result"] is None
    talker.talk.send(notification("textDocument/didClose", {"textDocument": {"uri": URI}}), opening())
    assert talker.hovers()


# Many


REQUESTS: dict[str, dict[str, Any]] = {
    "textDocument/hover": HERE,
    "textDocument/completion": {**AFTER_DOT, "context": {"triggerKind": 2, "triggerCharacter": "."}},
    "textDocument/signatureHelp": {**HERE, "context": {"triggerKind": 1, "isRetrigger": False}},
    "textDocument/codeAction": {
        "textDocument": {"uri": URI},
        "range": SLEEP,
        "context": {"diagnostics": [{**OTHERS, "severity": 1, "tags": [1]}], "only": ["quickfix"], "triggerKind": 1},
    },
    "textDocument/diagnostic": {"textDocument": {"uri": URI}, "identifier": "x", "previousResultId": "y"},
    "completionItem/resolve": {"label": "sleep", "kind": 3, "data": {"symbol": "asyncio.sleep", "uri": URI}},
    "codeAction/resolve": {"title": "x", "kind": "quickfix", "data": {"uri": URI, "version": 1, "rule": "x"}},
    "workspace/executeCommand": {"command": "loopwise.explain", "arguments": ["LW101"]},
    "loopwise/explain": {"text": "gather", "uri": URI, "line": 0, "character": 0},
    "loopwise/snippet": {"uri": URI, "snippet": "gather", "line": 0, "character": 0},
    "textDocument/definition": HERE,
}
ODD_VALUES = [None, -1, 0, 99, 2**40, 1.5, "", "odd", True, [], {}, [None], {"a": 1}, [[]], "\ud800", "x" * 5000]
SEED = 20_261_130


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    if isinstance(value, (dict, list)):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _places(inner, (*path, key))


def odd(chance: random.Random, params: Any) -> Any:
    """Return the parameters with one to three fields missing, of another type, or out of range."""
    made = copy.deepcopy(params)
    for _ in range(chance.choice((1, 1, 2, 3))):
        *around, last = chance.choice([path for path in _places(made) if path] or [(None,)])
        if last is None:
            return chance.choice(ODD_VALUES)
        holder = made
        for key in around:
            holder = holder[key]
        if chance.random() < 0.3 and isinstance(holder, dict):
            del holder[last]
        else:
            holder[last] = chance.choice(ODD_VALUES)
    return made if chance.random() < 0.97 else chance.choice(ODD_VALUES)


def test_all_of_300_odd_requests_are_answered(server: Server) -> None:
    """Each gets exactly one answer; nothing is shown to the user for an unreadable message."""
    chance = random.Random(SEED)
    methods = list(REQUESTS)
    sent = []
    for number in range(1_000, 1_300):
        method = methods[number % len(methods)]
        sent.append(request(number, method, odd(chance, REQUESTS[method])))
    server.talk.send(initialize(), INITIALIZED, opening())
    server.talk.answer(1)
    for message in sent:
        server.talk.send(message)
    server.talk.send(request(2, "textDocument/hover", HERE))
    assert server.talk.answer(2)["result"]
    numbers = [message["id"] for message in sent]
    for number in numbers:
        server.talk.answer(number)
    received = server.talk.received()
    answered = [one["id"] for one in received if one.get("id", 0) in set(numbers)]
    assert sorted(answered) == numbers
    internal = {one["id"] for one in received if one.get("error", {}).get("code") == -32603}
    assert [message for message in sent if message["id"] in internal] == []


def test_odd_notifications_are_harmless(server: Server) -> None:
    chance = random.Random(SEED)
    notifications: dict[str, dict[str, Any]] = {
        "textDocument/didOpen": opening()["params"],
        "textDocument/didSave": {"textDocument": {"uri": URI}},
        "workspace/didChangeWatchedFiles": {"changes": [{"uri": "file:///x/y.py", "type": 2}]},
        "workspace/didChangeConfiguration": {"settings": {"loopwise": {"hover": {"enable": True}}}},
        "workspace/didChangeWorkspaceFolders": {"event": {"added": [{"uri": "file:///x", "name": "x"}], "removed": []}},
        "$/setTrace": {"value": "off"},
        "$/cancelRequest": {"id": 5},
        "initialized": {},
    }
    server.talk.send(initialize(), INITIALIZED)
    for _ in range(20):
        for method, params in notifications.items():
            server.talk.send(notification(method, odd(chance, params)))
    server.talk.send(notification("workspace/didChangeConfiguration", {"settings": {"loopwise": {}}}))
    server.talk.send(*opened_and_hovered())
    assert server.talk.answer(2)["result"]
    shown = [one["params"]["message"] for one in server.talk.received() if one.get("method") == "window/showMessage"]
    assert not [text for text in shown if "editor settings" not in text]


# Cancelling


@pytest.mark.parametrize("typing", [True, False], ids=["with edits", "without edits"])
@pytest.mark.parametrize("method", ["textDocument/completion", "textDocument/codeAction", "textDocument/hover"])
def test_requests_cancelled_while_waiting_do_no_work(talker: Talker, method: str, typing: bool) -> None:
    params = actions()["params"] if method.endswith("codeAction") else AFTER_DOT
    messages = []
    for number in range(20_000, 20_200):
        messages += [changing(number, text=TEXT + "# x\n")] if typing else []
        messages.append(request(number, method, params))
        messages.append(notification("$/cancelRequest", {"id": number}))
    talker.talk.send(*messages)
    answers = [talker.talk.answer(number) for number in range(20_000, 20_200)]
    cancelled = [one for one in answers if one.get("error", {}).get("code") == CANCELLED]
    assert len(cancelled) >= 195
    talker.talk.send(notification("textDocument/didClose", {"textDocument": {"uri": URI}}), opening())


# Paths


IMPOSSIBLE = [
    "file:///" + "x" * 300 + ".py",
    "file:///tmp/" + "d" * 300 + "/m.py",
    "file:///a%00b.py",
    "file:///etc/passwd/inside.py",
    "file:" + "/y" * 3000 + ".py",
    "file:" + "/y" * 300 + ".py",
    "file://",
    "file:///",
    "file://host/share/m.py",
    "no uri at all",
    "",
    ":",
]


@pytest.mark.parametrize("uri", IMPOSSIBLE, ids=lambda uri: f"{uri[:20]}-{len(uri)}")
async def test_an_impossible_path_is_treated_as_missing(talker: Talker, uri: str) -> None:
    talker.talk.send(opening(uri=uri))
    where = {**HERE, "textDocument": {"uri": uri}}
    assert "asyncio.sleep" in talker.ask(request(0, "textDocument/hover", where))["result"]["contents"]["value"]
    dotted = {**AFTER_DOT, "textDocument": {"uri": uri}}
    assert talker.ask(request(0, "textDocument/completion", dotted))["result"]["items"]
    asked = actions()["params"] | {"textDocument": {"uri": uri}}
    assert talker.ask(request(0, "textDocument/codeAction", asked))["result"]

    def found() -> list[Message]:
        received = talker.talk.received()
        sent = [one["params"] for one in received if one.get("method") == "textDocument/publishDiagnostics"]
        return [one for one in sent if one["uri"] == uri and one["diagnostics"]]

    assert await eventually(found)
    talker.talk.send(notification("textDocument/didClose", {"textDocument": {"uri": uri}}))


def test_a_workspace_with_an_impossible_folder_still_works(server: Server, tmp_path: Path) -> None:
    start = initialize()
    folder = {"uri": (tmp_path / ("f" * 300)).as_uri(), "name": "f"}
    server.talk.send({**start, "params": {**start["params"], "workspaceFolders": [folder]}}, INITIALIZED)
    server.talk.send(*opened_and_hovered())
    assert server.talk.answer(2)["result"]
