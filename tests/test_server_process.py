"""The server as a process: its output and its exit; driven in bytes, so that no client library hides a mistake."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from serving import COMMAND, PATIENCE
from talk import (
    EXIT,
    INITIALIZED,
    INVALID_REQUEST,
    METHOD_NOT_FOUND,
    NOT_INITIALIZED,
    SHUTDOWN,
    Message,
    Server,
    Talk,
    framed,
    initialize,
    notification,
    opened_and_hovered,
    request,
)


@pytest.fixture
def server() -> Iterator[Server]:
    found = Server(*COMMAND)
    yield found
    found.close()


def test_a_session_exits_with_0(server: Server) -> None:
    hover = server.talk.whole_session()
    assert "asyncio.sleep" in hover["result"]["contents"]["value"]
    assert server.end() == (0, "")


def test_the_installed_command_serves_too() -> None:
    found = Server(Path(sys.executable).with_name("loopwise.exe" if os.name == "nt" else "loopwise"), "serve")
    try:
        assert "asyncio.sleep" in found.talk.whole_session()["result"]["contents"]["value"]
        assert found.end() == (0, "")
    finally:
        found.close()


def test_without_a_terminal_no_subcommand_is_needed() -> None:
    found = Server(*COMMAND[:-1])
    try:
        assert "asyncio.sleep" in found.talk.whole_session()["result"]["contents"]["value"]
        assert found.end() == (0, "")
    finally:
        found.close()


def test_exit_without_shutdown_returns_1(server: Server) -> None:
    server.talk.send(initialize(), INITIALIZED, *opened_and_hovered())
    server.talk.answer(2)
    server.talk.send(EXIT)
    assert server.end()[0] == 1


def test_exit_before_anything_else_returns_1(server: Server) -> None:
    server.talk.send(EXIT)
    assert server.end()[0] == 1


def test_end_of_input_without_shutdown_returns_1(server: Server) -> None:
    server.talk.send(initialize(), INITIALIZED)
    server.talk.answer(1)
    assert server.process.stdin is not None
    server.process.stdin.close()
    assert server.end()[0] == 1


def test_only_protocol_messages_go_to_standard_output() -> None:
    """However much is logged, and the log goes to standard error."""
    found = Server(*COMMAND, "--log-level", "debug")
    stderr = found.process.stderr
    assert stderr is not None
    logged: list[bytes] = []
    reader = threading.Thread(target=lambda: logged.append(stderr.read()))  # a full pipe would stop the server
    reader.start()
    try:
        found.talk.whole_session()
        assert found.process.wait(PATIENCE) == 0
        messages = found.talk.rest()
        assert all(message["jsonrpc"] == "2.0" for message in messages)
        assert [message["id"] for message in messages if "method" not in message] == [1, 2, 3]
        reader.join(PATIENCE)
        assert logged[0]
    finally:
        found.close()


def test_an_unknown_request_gets_an_error_and_an_unknown_notification_nothing(server: Server) -> None:
    server.talk.send(initialize(), INITIALIZED)
    server.talk.send(request(9, "loopwise/strange", {}), notification("loopwise/strange", {}))
    server.talk.send(notification("$/strange", {}), *opened_and_hovered())
    assert server.talk.answer(9)["error"]["code"] == METHOD_NOT_FOUND
    assert "asyncio.sleep" in server.talk.answer(2)["result"]["contents"]["value"]


def test_a_request_before_initialize_gets_an_error(server: Server) -> None:
    _, early = opened_and_hovered()
    server.talk.send({**early, "id": 9})
    answer = server.talk.answer(9)
    assert "asyncio.sleep" in server.talk.whole_session()["result"]["contents"]["value"]
    assert answer.get("error", {}).get("code") == NOT_INITIALIZED, answer


def test_a_request_after_shutdown_gets_an_error(server: Server) -> None:
    _, late = opened_and_hovered()
    server.talk.send(initialize(), INITIALIZED, SHUTDOWN)
    server.talk.answer(3)
    server.talk.send({**late, "id": 9})
    answer = server.talk.answer(9)
    server.talk.send(EXIT)
    assert server.end()[0] == 0
    assert answer.get("error", {}).get("code") == INVALID_REQUEST, answer


@pytest.mark.skipif(os.name != "posix", reason="whether another process is there cannot be told on Windows")
def test_the_server_exits_after_its_client_died(server: Server) -> None:
    """Even if the pipes stay open, as when another process has inherited them."""
    client = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        server.talk.send(initialize(client.pid), INITIALIZED)
        server.talk.answer(1)
    finally:
        client.kill()
        client.communicate()
    assert server.end()[0] == 1


@pytest.mark.skipif(os.name != "posix", reason="signals are POSIX's")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_a_signal_stops_the_server(server: Server, name: str) -> None:
    """Also Ctrl-C in a terminal, where the input does not end."""
    server.talk.send(initialize(), INITIALIZED)
    server.talk.answer(1)
    server.process.send_signal(signal.Signals[name])
    assert server.end()[0] != 0


# TCP


@pytest.fixture
def on_tcp(port: int) -> Iterator[Server]:
    found = Server(*COMMAND, "--tcp", str(port))
    yield found
    found.close()


def connected(port: int) -> socket.socket:
    """Return a connection, as soon as the server listens."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        except ConnectionRefusedError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)


def test_a_session_over_tcp(port: int, on_tcp: Server) -> None:
    with connected(port) as link:
        hover = Talk(link.sendall, lambda: link.recv(65536)).whole_session()
        assert "asyncio.sleep" in hover["result"]["contents"]["value"]
        assert on_tcp.end() == (0, "")
    assert on_tcp.talk.rest() == []


def test_over_tcp_web_pages_and_idle_connections_are_not_clients(port: int, on_tcp: Server) -> None:
    """A browser lets a page post to this machine; and a second client is rejected."""
    post = b"POST / HTTP/1.1\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}"
    for sent in (b"", post):
        with connected(port) as other:
            other.sendall(sent)
            other.shutdown(socket.SHUT_WR)
            assert other.recv(1) == b""
    with connected(port) as client:
        talk = Talk(client.sendall, lambda: client.recv(65536))
        talk.send(initialize())
        talk.answer(1)
        with connected(port) as other:
            other.sendall(framed(EXIT))
            assert other.recv(1) == b""
        talk.send(INITIALIZED, *opened_and_hovered())
        assert "asyncio.sleep" in talk.answer(2)["result"]["contents"]["value"]


def test_exit_without_shutdown_over_tcp_returns_1(port: int, on_tcp: Server) -> None:
    with connected(port) as link:
        link.sendall(framed(initialize(), INITIALIZED, EXIT))
        assert on_tcp.end()[0] == 1


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has all of 127.0.0.0/8 on the loopback interface")
def test_tcp_listens_on_one_loopback_address_only(port: int, on_tcp: Server) -> None:
    with connected(port), pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", port), timeout=PATIENCE)


def test_a_port_in_use_is_reported_in_one_line(port: int) -> None:
    with socket.create_server(("127.0.0.1", port)):
        ended = subprocess.run(
            [*COMMAND, "--tcp", str(port)], capture_output=True, text=True, timeout=PATIENCE, check=False
        )
    assert (ended.returncode, ended.stderr.count("\n")) == (2, 1)
    assert f"port {port}" in ended.stderr


# WebSocket


def test_a_session_over_a_websocket(port: int) -> None:
    """One JSON object for each message, without headers."""
    from websockets.sync.client import connect

    server = Server(*COMMAND, "--ws", str(port))
    try:
        connected(port).close()
        with connect(f"ws://127.0.0.1:{port}") as link:

            def answer(number: int) -> Message:
                while True:
                    message: Message = json.loads(link.recv(PATIENCE))
                    if message.get("id") == number and "method" not in message:
                        return message

            def send(*messages: Message) -> None:
                for message in messages:
                    link.send(json.dumps(message))

            send(initialize())
            assert answer(1)["result"]["serverInfo"]["name"] == "loopwise"
            send(INITIALIZED, *opened_and_hovered())
            assert "asyncio.sleep" in answer(2)["result"]["contents"]["value"]
            send(SHUTDOWN)
            assert answer(3)["result"] is None
            send(EXIT)
            assert server.end()[0] == 0
    finally:
        server.close()
