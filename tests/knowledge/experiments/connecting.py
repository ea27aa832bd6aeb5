"""Owners of sockets, keywords of connections, the start and the end of TLS."""

from __future__ import annotations

import asyncio
import io
import os
import socket
import ssl
import tempfile
from pathlib import Path
from typing import Any

from claims import claim, ended, logged

aio: Any = asyncio
PAIR = Path(__file__).with_name("localhost.pem")


async def _listening(handler: Any, host: Any = "127.0.0.1", **keywords: Any) -> tuple[Any, int]:
    server = await asyncio.start_server(handler, host, 0, **keywords)
    return server, server.sockets[0].getsockname()[1]


def _closing(reader: Any, writer: Any) -> None:
    writer.close()


def _server_side() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(PAIR)
    return context


def _client_side() -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(PAIR))


@claim(
    "asyncio.start_server",
    "True lets the system probe idle connections",
    {"-3.12": "raises TypeError", "3.13+": 1},
    "sockets",
)
async def keeping_connections_alive():
    keywords: dict[str, Any] = {"keep_alive": True}
    server, _ = await _listening(_closing, **keywords)
    found = server.sockets[0].getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
    server.close()
    return int(bool(found))


@claim(
    "asyncio.open_connection",
    "Seconds to wait for the peer to end the TLS connection before it is aborted",
    {"3.10": "raises TypeError", "3.11+": "raises ValueError"},
    "sockets",
)
async def a_shutdown_timeout_without_tls():
    keywords: dict[str, Any] = {"ssl_shutdown_timeout": 1}
    await asyncio.open_connection("127.0.0.1", 1, **keywords)


@claim("asyncio.start_server", "It belongs to the server from then on", -1, "sockets")
async def the_socket_of_a_server_that_is_closed():
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    server = await asyncio.start_server(_closing, sock=listening)
    server.close()
    await asyncio.sleep(0.02)
    return listening.fileno()


@claim("asyncio.open_connection", "It belongs to the writer from then on", -1, "sockets")
async def the_socket_of_a_writer_that_is_closed():
    ours, theirs = socket.socketpair()
    _, writer = await asyncio.open_connection(sock=ours)
    writer.close()
    await asyncio.sleep(0.02)
    theirs.close()
    return ours.fileno()


@claim("asyncio.loop.create_datagram_endpoint", "It belongs to the transport from then on", -1, "sockets")
async def the_socket_of_an_endpoint_that_is_closed():
    ours = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    ours.bind(("127.0.0.1", 0))
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(asyncio.DatagramProtocol, sock=ours)
    transport.close()
    await asyncio.sleep(0.02)
    return ours.fileno()


@claim("asyncio.loop.connect_accepted_socket", "It belongs to the transport from then on", -1, "sockets")
async def an_accepted_socket_whose_transport_is_closed():
    ours, theirs = socket.socketpair()
    transport, _ = await asyncio.get_running_loop().connect_accepted_socket(asyncio.Protocol, ours)
    transport.close()
    await asyncio.sleep(0.02)
    theirs.close()
    return ours.fileno()


async def _refused_twice(**keywords: Any) -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    loop: Any = asyncio.get_running_loop()

    async def both(*_: Any, **__: Any) -> Any:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (f"127.0.0.{n}", port)) for n in (1, 2)]

    loop.getaddrinfo = both
    try:
        await loop.create_connection(asyncio.Protocol, "localhost", port, **keywords)
    except Exception as error:
        return f"{ended(error)}: {str(error).partition(':')[0]}"
    return "connected"


@claim(
    "asyncio.loop.create_connection",
    'otherwise one with "Multiple exceptions: …"',
    "OSError: Multiple exceptions",
    "sockets",
)
async def two_addresses_that_refuse():
    return await _refused_twice()


@claim(
    "asyncio.loop.create_connection",
    "raises an ExceptionGroup with the error of each address",
    {
        "3.12+": "ExceptionGroup(ConnectionRefusedError, ConnectionRefusedError)"
        ": create_connection failed (2 sub-exceptions)"
    },
    "sockets",
)
async def all_errors_of_two_addresses():
    return await _refused_twice(all_errors=True)


@claim("asyncio.start_server", "with several addresses, each gets a different one", True, "sockets")
async def free_ports_of_two_addresses():
    server, _ = await _listening(_closing, ["127.0.0.1", "127.0.0.2"])
    one, two = (found.getsockname()[1] for found in server.sockets)
    server.close()
    return one != two


@claim("asyncio.start_server", "True is a TypeError", "raises TypeError", "sockets")
async def a_server_with_tls_but_without_a_certificate():
    await _listening(_closing, ssl=True)


@claim(
    "asyncio.TimeoutError",
    "a TLS shutdown or a connection that takes too long adds one",
    {"3.11+": "SSL shutdown timed out"},
    "sockets",
)
async def a_peer_that_does_not_end_tls():
    async def deaf(_reader: Any, writer: Any) -> None:
        writer.transport.pause_reading()
        await asyncio.sleep(1)

    server, port = await _listening(deaf, ssl=_server_side())
    keywords: dict[str, Any] = {"ssl": _client_side(), "ssl_shutdown_timeout": 0.1}
    _, writer = await asyncio.open_connection("localhost", port, **keywords)
    await asyncio.sleep(0.05)
    writer.close()
    try:
        with logged():
            await writer.wait_closed()
    except asyncio.TimeoutError as error:
        return str(error)
    finally:
        server.close()


@claim(
    "asyncio.StreamWriter.start_tls",
    "Plain bytes already in the reader are later read as if they had arrived encrypted",
    {"3.11-3.13.12": b"early\n", "3.14-3.14.3": b"early\n", "3.13.13+": "SSLError"},
    "sockets",
)
async def plain_bytes_before_tls():
    found, seen = asyncio.get_running_loop().create_future(), asyncio.Event()

    async def switching(reader: Any, writer: Any) -> None:
        while not reader._buffer:
            await asyncio.sleep(0.01)
        seen.set()
        try:
            await writer.start_tls(_server_side(), ssl_handshake_timeout=0.5)
            found.set_result(await reader.readline())
        except OSError as error:
            found.set_result(ended(error))

    server, port = await _listening(switching)
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"early\n")
    await seen.wait()
    starting: dict[str, Any] = {"server_hostname": "localhost", "ssl_handshake_timeout": 0.5}
    try:
        with logged():
            await aio.StreamWriter.start_tls(writer, _client_side(), **starting)
    except OSError:
        pass
    try:
        return await asyncio.wait_for(found, 2)
    finally:
        writer.close()
        server.close()


@claim(
    "asyncio.StreamWriter.start_tls",
    "a context that checks names is a ValueError",
    {"3.11-3.13.15": "None", "3.14-3.14.7": "None", "3.13.16-3.14": "ValueError", "3.15.0+": "ValueError"},
    "sockets",
)
async def starting_tls_without_a_name():
    async def switching(_reader: Any, writer: Any) -> None:
        try:
            await writer.start_tls(_server_side())
        except OSError:
            pass
        writer.close()

    server, port = await _listening(switching)
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        with logged():
            await aio.StreamWriter.start_tls(writer, _client_side())
            return str(writer.get_extra_info("ssl_object").server_hostname)
    except ValueError as error:
        return type(error).__name__
    finally:
        writer.close()
        server.close()
        await asyncio.sleep(0.05)


@claim(
    "asyncio.loop.create_connection",
    'With `server_hostname=""`, a context that checks names is a ValueError',
    {"-3.13.15": b"", "3.14-3.14.7": b"", "3.13.16-3.14": "raises ValueError", "3.15.0+": "raises ValueError"},
    "sockets",
)
async def connecting_without_a_name_to_check():
    server, port = await _listening(_closing, ssl=_server_side())
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=_client_side(), server_hostname="")
        writer.close()
        return await reader.read()
    finally:
        server.close()


async def _position(offset: int, count: int) -> tuple[int, int]:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    with ours, theirs, tempfile.TemporaryFile() as file:
        file.write(b"x" * 100)
        file.flush()
        file.seek(7)
        sent = await asyncio.get_running_loop().sock_sendfile(ours, file, offset, count)
        return sent, file.tell()


@claim("asyncio.loop.sock_sendfile", "Afterwards the file's position is after the last byte sent", (20, 30), "sockets")
async def where_a_sent_file_is():
    return await _position(10, 20)


@claim(
    "asyncio.loop.sock_sendfile",
    "The position then stays where it was",
    {"-3.13.13": (0, 7), "3.14-3.14.5": (0, 7), "3.13.14+": (0, 200)},
    "sockets",
)
async def where_a_file_is_that_was_not_sent():
    return await _position(200, 20)


@claim(
    "asyncio.loop.sock_sendfile",
    "`offset=0` starts at the file's current position",
    {"-3.13.13": b"789", "3.14-3.14.5": b"789", "3.13.14+": b"01234"},
    "sockets",
)
async def sending_a_file_that_is_not_at_its_start():
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    with ours, theirs:
        file = io.BytesIO(b"0123456789")
        file.seek(7)
        await asyncio.get_running_loop().sock_sendfile(ours, file, 0, 5)
        return theirs.recv(100)


@claim("Event loop is closed", "reported by a TLS connection", {"3.10": ["Fatal error on SSL transport"]}, "sockets")
def closing_tls_after_its_loop():
    async def main() -> Any:
        server, port = await _listening(lambda reader, writer: None, ssl=_server_side())
        _, writer = await asyncio.open_connection("localhost", port, ssl=_client_side())
        server.close()
        return writer

    loop = asyncio.new_event_loop()
    writer = loop.run_until_complete(main())
    os.close(writer.get_extra_info("socket").fileno())
    loop.close()
    with logged() as lines:
        writer.close()
    return lines[:1]
