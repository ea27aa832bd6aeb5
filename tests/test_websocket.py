"""``loopwise serve --ws``: a real process and a real WebSocket client; each message is one JSON object."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from marked import cursor, place
from processes import below, running, still_running
from serving import COMMAND, PATIENCE
from test_server_process import (
    EXIT,
    INITIALIZED,
    SHUTDOWN,
    Message,
    Server,
    connected,
    initialize,
    notification,
    request,
)

URI = "untitled:1"
TEXT = """\
import asyncio


async def fetch() -> bytes:
    return b""


async def main() -> None:
    s = "🦊é"; asyncio.sleep(1)
    await $0
"""
PAGE = Origin("https://pages.example")
TRY_LATER = 1013  # the protocol's code


class Client:
    """Talks over a connection."""

    def __init__(self, link: ClientConnection) -> None:
        self.link = link

    def send(self, *messages: Message) -> None:
        for message in messages:
            self.link.send(json.dumps(message))

    def received(self, **wanted: object) -> Message:
        """Return the next message with these values; skip others before it."""
        while True:
            message: Message = json.loads(self.link.recv(PATIENCE))
            if all(message.get(key) == value for key, value in wanted.items()):
                return message

    def asked(self, number: int, method: str, params: object = None) -> Any:
        """Send a request; return its result."""
        self.send(request(number, method, params))
        return self.received(id=number, method=None)["result"]

    def start(self, text: str = "import asyncio\n") -> None:
        """Initialize the session and open a document."""
        self.send(initialize())
        assert self.received(id=1)["result"]["serverInfo"]["name"] == "loopwise"
        item = {"uri": URI, "languageId": "python", "version": 1, "text": text}
        self.send(INITIALIZED, notification("textDocument/didOpen", {"textDocument": item}))

    def finish(self) -> None:
        self.send(SHUTDOWN)
        assert self.received(id=3)["result"] is None
        self.send(EXIT)


def at(text: str, offset: int) -> Message:
    line, column = place(text, offset)
    return {"textDocument": {"uri": URI}, "position": {"line": line, "character": column}}


@pytest.fixture
def server(port: int) -> Iterator[Server]:
    found = Server(*COMMAND, "--ws", str(port))
    connected(port).close()  # it listens; a connection without messages is not a client
    yield found
    found.close()


@pytest.fixture
def url(port: int, server: Server) -> str:
    return f"ws://127.0.0.1:{port}"


def test_a_session(url: str, server: Server) -> None:
    text, offset = cursor(TEXT)
    with connect(url) as link:
        client = Client(link)
        client.start(text)
        shown = client.received(method="textDocument/publishDiagnostics")["params"]
        assert [one["code"] for one in shown["diagnostics"]] == ["missing-await"]
        sleep = at(text, text.index("sleep"))
        assert "asyncio.sleep" in client.asked(4, "textDocument/hover", sleep)["contents"]["value"]
        offered = client.asked(5, "textDocument/completion", at(text, offset))["items"]
        assert offered[0]["label"] == "fetch"
        span = shown["diagnostics"][0]["range"]
        context = {"range": span, "context": {"diagnostics": shown["diagnostics"]}}
        actions = client.asked(6, "textDocument/codeAction", {**sleep, **context})
        assert actions[0]["title"] == "Await the call"
        client.finish()
        assert server.end() == (0, "")


def test_a_session_leaves_nothing_behind(url: str, server: Server) -> None:
    """Not even of jedi, which is asked about another library."""
    text, offset = cursor("import asyncio\nimport elsewhere\n\nelsewhere.make().ac$0quire()\n")
    with connect(url) as link:
        client = Client(link)
        client.start(text)
        client.asked(4, "textDocument/hover", at(text, offset))
        processes = [server.process.pid, *below(server.process.pid)]
        client.finish()
        server.end()
    if sys.platform == "linux":
        assert len(processes) >= 2, "jedi should run"
    assert still_running(processes, PATIENCE) == []


def test_a_text_of_two_megabytes_is_accepted(url: str) -> None:
    """Clients send a file as one message."""
    text = f'import asyncio\n\nasyncio.sleep(1)\nDATA = "{"a" * 2_000_000}"\n'
    with connect(url) as link:
        client = Client(link)
        client.start(text)
        hover = client.asked(4, "textDocument/hover", at(text, text.index("sleep")))
        assert "asyncio.sleep" in hover["contents"]["value"]


def test_an_invalid_message_does_not_end_the_session(url: str) -> None:
    with connect(url) as link:
        client = Client(link)
        client.start()
        for text in ("no JSON", "{}", "[]", '"text"', '{"jsonrpc": "2.0"}'):
            link.send(text)
        assert "asyncio" in client.asked(4, "textDocument/hover", at("import asyncio\n", 8))["contents"]["value"]


# The end of the connection is the end of the server


def test_the_server_exits_when_its_client_disconnects_silently(url: str, server: Server) -> None:
    with connect(url) as link:
        Client(link).start()
    assert server.end()[0] == 1
    with pytest.raises(ConnectionRefusedError):
        connect(url, open_timeout=PATIENCE).__enter__()


CLIENT = "import sys; from websockets.sync.client import connect\nwith connect(sys.argv[1]): print(flush=True); input()"


def test_the_server_exits_when_its_client_is_killed(url: str, server: Server) -> None:
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", CLIENT, url], stdin=pipe, stdout=pipe) as client:
        assert client.stdout is not None
        assert client.stdout.readline()  # it is connected
        assert running(server.process.pid)
        client.kill()
    assert server.end()[0] == 1


# Who may connect


def test_a_second_client_is_rejected_and_the_first_continues(url: str) -> None:
    with connect(url) as link:
        first = Client(link)
        first.start()
        with connect(url) as other, pytest.raises(ConnectionClosed) as refused:
            other.recv(PATIENCE)
        assert refused.value.rcvd is not None
        assert (refused.value.rcvd.code, refused.value.rcvd.reason) == (TRY_LATER, "another client is connected")
        assert "asyncio" in first.asked(4, "textDocument/hover", at("import asyncio\n", 8))["contents"]["value"]


def test_a_web_page_is_rejected(url: str) -> None:
    """A browser lets every page connect to this machine, but names the page."""
    for origin in (PAGE, Origin("null"), Origin("http://localhost:3000")):
        with pytest.raises(InvalidStatus) as refused:
            connect(url, origin=origin).__enter__()
        assert refused.value.response.status_code == 403
    with connect(url) as link:
        Client(link).start()  # it goes on for others


def test_an_allowed_web_page_may_connect(port: int) -> None:
    server = Server(*COMMAND, "--ws", str(port), "--origin", PAGE)
    try:
        connected(port).close()
        with connect(f"ws://127.0.0.1:{port}", origin=PAGE) as link:
            client = Client(link)
            client.start()
            client.finish()
            assert server.end() == (0, "")
    finally:
        server.close()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has all of 127.0.0.0/8 on the loopback interface")
def test_it_listens_on_one_loopback_address_only(url: str, port: int) -> None:
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", port), timeout=PATIENCE)


def test_a_port_in_use_is_reported_in_one_line(port: int) -> None:
    with socket.create_server(("127.0.0.1", port)):
        ended = subprocess.run(
            [*COMMAND, "--ws", str(port)], capture_output=True, text=True, timeout=PATIENCE, check=False
        )
    assert (ended.returncode, ended.stdout, ended.stderr.count("\n")) == (2, "", 1)
    assert f"port {port}" in ended.stderr
    assert "try another port" in ended.stderr
