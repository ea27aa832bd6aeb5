"""Connections, servers, datagrams, TLS."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import selectors
import socket
import ssl
import tempfile
from pathlib import Path
from typing import Any

from claims import claim, ended, logged, settled

aio: Any = asyncio
PAIR = Path(__file__).with_name("localhost.pem")  # self-signed for localhost, valid for a century, for tests only


def _contexts() -> tuple[ssl.SSLContext, ssl.SSLContext]:
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(PAIR)
    return server, ssl.create_default_context(cafile=str(PAIR))


async def _quiet(reader: Any, writer: Any) -> None:
    await reader.read()
    writer.close()


async def _serving(handler: Any = _quiet, **keywords: Any) -> tuple[Any, int]:
    server = await asyncio.start_server(handler, "127.0.0.1", 0, **keywords)
    return server, server.sockets[0].getsockname()[1]


@claim(
    "asyncio.StreamWriter.drain",
    "Over TLS it is 512 KiB",
    {"3.10": [16384, 65536], "3.11+": [131072, 524288]},
    "sockets",
)
async def marks_over_tls():
    ours, theirs = _contexts()
    server, port = await _serving(ssl=ours)
    _, writer = await asyncio.open_connection("localhost", port, ssl=theirs)
    found = list(writer.transport.get_write_buffer_limits())
    writer.close()
    server.close()
    await asyncio.sleep(0.05)
    return found


@claim("asyncio.StreamWriter.drain", "The high mark is 64 KiB by default", [16384, 65536], "sockets")
async def marks_of_a_socket():
    left, right = socket.socketpair()
    _, writer = await asyncio.open_connection(sock=left)
    found = list(writer.transport.get_write_buffer_limits())
    writer.close()
    right.close()
    return found


@claim(
    "asyncio.WriteTransport.set_write_buffer_limits",
    "Over TLS the default for `high` is 512 KiB",
    {"3.10": 65536, "3.11+": 524288},
    "sockets",
)
async def default_marks_over_tls():
    ours, theirs = _contexts()
    server, port = await _serving(ssl=ours)
    _, writer = await asyncio.open_connection("localhost", port, ssl=theirs)
    writer.transport.set_write_buffer_limits(high=10)
    writer.transport.set_write_buffer_limits()
    found = writer.transport.get_write_buffer_limits()[1]
    writer.close()
    server.close()
    await asyncio.sleep(0.05)
    return found


@claim("asyncio.StreamWriter.write_eof", "There it raises NotImplementedError", "raises NotImplementedError", "sockets")
async def half_closing_over_tls():
    ours, theirs = _contexts()
    server, port = await _serving(ssl=ours)
    _, writer = await asyncio.open_connection("localhost", port, ssl=theirs)
    try:
        writer.write_eof()
    finally:
        writer.close()
        server.close()
        await asyncio.sleep(0.05)


@claim(
    "asyncio.StreamWriter.start_tls",
    "The server must be first",
    {"3.11-3.13.12": "ConnectionAbortedError", "3.14-3.14.3": "ConnectionAbortedError", "3.13.13+": "hi"},
    "sockets",
)
async def a_server_that_starts_tls_late():
    ours, theirs = _contexts()

    async def greet(reader: Any, writer: Any) -> None:
        await asyncio.sleep(0.1)  # the client's hello is in the reader by then
        try:
            await writer.start_tls(ours)
            writer.write(b"hi\n")
            await writer.drain()
        except OSError:
            pass
        writer.close()

    server, port = await _serving(greet)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    starting = {"server_hostname": "localhost", "ssl_handshake_timeout": 0.5}
    try:
        with logged():
            await writer.start_tls(theirs, **starting)
        return (await reader.readline()).decode().strip()
    except ConnectionAbortedError as error:
        return ended(error)
    finally:
        writer.close()
        server.close()
        await asyncio.sleep(0.05)


@claim(
    "asyncio.StreamWriter.start_tls",
    "a longer handshake is a ConnectionAbortedError",
    "raises ConnectionAbortedError",
    "sockets",
)
async def a_handshake_that_takes_too_long():
    left, right = socket.socketpair()
    try:
        await asyncio.open_connection(
            sock=left, ssl=_contexts()[1], server_hostname="localhost", ssl_handshake_timeout=0.05
        )
    finally:
        right.close()


@claim("asyncio.loop.remove_reader", "`add_reader()` for the new one may watch nothing", ([], []), "loop")
def a_number_used_again_with_epoll():
    return _used_again(selectors.DefaultSelector())


@claim("asyncio.loop.remove_reader", "or the old callback is called for it (select)", True, "loop")
def a_number_used_again_with_select():
    old, _ = _used_again(selectors.SelectSelector(), watch=False)
    return bool(old)


def _used_again(selector: selectors.BaseSelector, *, watch: bool = True) -> tuple[list[str], list[str]]:
    old: list[str] = []
    new: list[str] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        one, two = socket.socketpair()
        number = one.fileno()
        loop.add_reader(one, old.append, "old")
        one.close()
        two.close()
        pair = socket.socketpair()
        reused = next(end for end in pair if end.fileno() == number)
        other = pair[1] if reused is pair[0] else pair[0]
        if watch:
            loop.add_reader(reused, lambda: new.append(str(reused.recv(9))))
        other.send(b"x")
        await asyncio.sleep(0.01)
        loop.remove_reader(reused)
        one.close()
        for end in pair:
            end.close()

    loop = asyncio.SelectorEventLoop(selector)
    loop.run_until_complete(main())
    loop.close()
    return old, new


@claim(
    "asyncio.Server.serve_forever",
    "It waits until every connection is closed",
    {"-3.11": True, "3.12-3.13.14": False, "3.14-3.14.6": False, "3.13.15+": True},
    "sockets",
)
async def cancelling_a_server():
    server, port = await _serving()
    task = asyncio.create_task(server.serve_forever())
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    await asyncio.sleep(0.02)
    task.cancel()
    done, _ = await asyncio.wait([task], timeout=0.2)
    writer.close()
    await asyncio.sleep(0.05)
    return bool(done)


@claim(
    "asyncio.Server.wait_closed",
    "It returns only when every connection is closed",
    {"-3.11": True, "3.12+": False},
    "sockets",
)
async def waiting_for_a_server_with_a_client():
    server, port = await _serving()
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    await asyncio.sleep(0.02)
    server.close()
    found = await settled(asyncio.ensure_future(server.wait_closed()), seconds=0.1)
    writer.close()
    await asyncio.sleep(0.02)
    return found


@claim("asyncio.StreamWriter.wait_closed", "the call may wait forever", False, "sockets")
async def waiting_without_closing():
    left, right = socket.socketpair()
    reader, writer = await asyncio.open_connection(sock=left)
    right.close()
    await reader.read()
    found = await settled(asyncio.ensure_future(writer.wait_closed()), seconds=0.05)
    writer.close()
    return found


@claim(
    "asyncio.start_server",
    "The connection is closed as well",
    {"-3.11.2": "open", "3.11.7+": "closed"},
    "sockets",
)
async def a_handler_that_fails():
    async def fail(reader: Any, writer: Any) -> None:
        raise ValueError

    with logged():
        server, port = await _serving(fail)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            await asyncio.wait_for(reader.read(), 0.2)
            found = "closed"
        except asyncio.TimeoutError:
            found = "open"
        writer.close()
        server.close()
        gc.collect()
        await asyncio.sleep(0.02)
    return found


@claim(
    "asyncio.start_server",
    "If the callback is a plain function, the connection stays open",
    {"-3.13": False, "3.14-3.14.7": False, "3.15-3.15.0": False, "3.14.8+": True},
    "sockets",
)
async def a_plain_callback_that_fails():
    def fail(reader: Any, writer: Any) -> None:
        raise ValueError

    with logged():
        server, port = await _serving(fail)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        is_closed = await settled(asyncio.ensure_future(reader.read()), seconds=0.2)
        writer.close()
        server.close()
    return is_closed


@claim(
    "asyncio.loop.create_server",
    "see a copy of the context variables as they were at this call",
    {"3.15+": ["at the call"]},
    "sockets",
)
async def the_context_of_a_connection():
    variable, seen = contextvars.ContextVar("variable", default="none"), []

    class Seeing(asyncio.Protocol):
        def connection_made(self, transport: Any) -> None:
            seen.append(variable.get())
            transport.close()

    variable.set("at the call")
    server = await asyncio.get_running_loop().create_server(Seeing, "127.0.0.1", 0)
    variable.set("later")
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    await reader.read()
    writer.close()
    server.close()
    return seen


@claim("asyncio.Server.start_serving", "A closed server cannot be started again", "raises TypeError", "sockets")
async def starting_a_closed_server():
    server, _ = await _serving()
    server.close()
    await server.start_serving()


@claim(
    "asyncio.StreamWriter.write",
    "`write()` drops the bytes without an exception",
    ("silent", "ConnectionResetError"),
    "sockets",
)
async def writing_after_the_end():
    left, right = socket.socketpair()
    _, writer = await asyncio.open_connection(sock=left)
    writer.close()
    writer.write(b"x")
    try:
        await writer.drain()
    except ConnectionResetError as error:
        return "silent", ended(error)
    finally:
        right.close()


@claim("asyncio.StreamWriter.drain", "It reports a broken connection", True, "sockets")
async def draining_a_broken_connection():
    left, right = socket.socketpair()
    _, writer = await asyncio.open_connection(sock=left)
    right.close()
    await asyncio.sleep(0.02)
    for _ in range(3):
        try:
            writer.write(b"x")
            await writer.drain()
        except ConnectionError:
            return True
    return False


@claim("asyncio.StreamReader.feed_data", "After `feed_eof()`, it raises AssertionError", "raises AssertionError")
async def feeding_after_the_end():
    reader = asyncio.StreamReader()
    reader.feed_eof()
    reader.feed_data(b"x")


@claim("asyncio.StreamReader.set_transport", "a second call is an AssertionError", "raises AssertionError")
async def a_second_transport():
    reader = asyncio.StreamReader()
    reader.set_transport(asyncio.Transport())
    reader.set_transport(asyncio.Transport())


@claim("asyncio.StreamReader.read", "Only one task may read at a time", "raises RuntimeError")
async def two_tasks_that_read():
    reader = asyncio.StreamReader()
    first = asyncio.create_task(reader.read(1))
    await asyncio.sleep(0)
    try:
        await reader.read(1)
    finally:
        first.cancel()


@claim("asyncio.StreamReader.readline", "and the rest is returned as the next line", ("ValueError", b"tail\n"))
async def a_line_that_is_too_long():
    reader = asyncio.StreamReader(limit=10)
    reader.feed_data(b"a" * 30)
    try:
        await reader.readline()
    except ValueError as error:
        reader.feed_data(b"tail\n")
        return ended(error), await reader.readline()


@claim("asyncio.StreamReader.readuntil", "and the buffer is empty", (b"ab", b""))
async def an_end_before_the_separator():
    reader = asyncio.StreamReader()
    reader.feed_data(b"ab")
    reader.feed_eof()
    try:
        await reader.readuntil(b"\n")
    except asyncio.IncompleteReadError as error:
        return error.partial, await reader.read()


@claim(
    "asyncio.StreamReader.readuntil",
    "A tuple of separators is accepted",
    {"-3.12": "raises TypeError", "3.13+": b"aX"},
)
async def several_separators():
    reader = asyncio.StreamReader()
    reader.feed_data(b"aXXbY")
    return await reader.readuntil((b"Y", b"XX", b"X"))


@claim("asyncio.StreamReader.readexactly", "IncompleteReadError carries the received bytes in `.partial`", (b"ab", 5))
async def too_few_bytes():
    reader = asyncio.StreamReader()
    reader.feed_data(b"ab")
    reader.feed_eof()
    try:
        await reader.readexactly(5)
    except asyncio.IncompleteReadError as error:
        return error.partial, error.expected


@claim("asyncio.DatagramTransport.sendto", "It sends an empty datagram", {"-3.12": [], "3.13+": [b""]}, "sockets")
async def an_empty_datagram():
    got = []

    class Receiver(asyncio.DatagramProtocol):
        def datagram_received(self, data: bytes, addr: Any) -> None:
            got.append(data)

    loop = asyncio.get_running_loop()
    server, _ = await loop.create_datagram_endpoint(Receiver, local_addr=("127.0.0.1", 0))
    address = server.get_extra_info("sockname")
    client, _ = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, remote_addr=address)
    client.sendto(b"")
    await asyncio.sleep(0.03)
    client.close()
    server.close()
    return got


@claim("asyncio.DatagramTransport.sendto", "forgetting `addr` is logged and closes the endpoint", True, "sockets")
async def a_datagram_without_an_address():
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, local_addr=("127.0.0.1", 0))
    with logged() as lines:
        transport.sendto(b"x")
        await asyncio.sleep(0.02)
    found = transport.is_closing() and bool(lines)
    transport.close()
    return found


@claim(
    "asyncio.DatagramTransport.sendto",
    "Above about 64 KB the protocol's `error_received()` receives an OSError",
    ["OSError"],
    "sockets",
)
async def a_datagram_that_is_too_large():
    errors = []

    class Sender(asyncio.DatagramProtocol):
        def error_received(self, exc: Exception) -> None:
            errors.append(ended(exc))

    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(Sender, remote_addr=("127.0.0.1", 9))
    transport.sendto(b"x" * 70_000)
    await asyncio.sleep(0.02)
    transport.close()
    return errors


@claim(
    "asyncio.BaseTransport.get_extra_info",
    "For a name that is unknown, or does not apply, it returns `default`",
    "missing",
    "sockets",
)
async def what_a_transport_does_not_know():
    left, right = socket.socketpair()
    _, writer = await asyncio.open_connection(sock=left)
    found = writer.get_extra_info("sslcontext", "missing")
    writer.close()
    right.close()
    return found


@claim(
    "asyncio.ReadTransport.pause_reading", "A paused transport may not notice the end", ([], ["end", "lost"]), "sockets"
)
async def the_end_while_reading_is_paused():
    seen = []

    class Paused(asyncio.Protocol):
        def eof_received(self) -> None:
            seen.append("end")

        def connection_lost(self, exc: Any) -> None:
            seen.append("lost")

    left, right = socket.socketpair()
    transport, _ = await asyncio.get_running_loop().create_connection(Paused, sock=left)
    transport.pause_reading()
    right.close()
    await asyncio.sleep(0.03)
    before = list(seen)
    transport.resume_reading()
    await asyncio.sleep(0.03)
    return before, seen


@claim("asyncio.WriteTransport.abort", "The protocol's `connection_lost()` follows, with None", ["None"], "sockets")
async def aborting_a_connection():
    seen = []

    class Lost(asyncio.Protocol):
        def connection_lost(self, exc: Any) -> None:
            seen.append(repr(exc))

    left, right = socket.socketpair()
    transport, _ = await asyncio.get_running_loop().create_connection(Lost, sock=left)
    transport.abort()
    await asyncio.sleep(0.02)
    right.close()
    return seen


@claim("asyncio.start_unix_server", "Closing the server does not delete it", {"-3.12": True, "3.13+": False}, "sockets")
async def the_path_of_a_closed_server():
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "socket")
        server = await asyncio.start_unix_server(_quiet, str(path))
        server.close()
        return path.exists()


@claim("asyncio.loop.connect_accepted_socket", "True is a ValueError", "raises ValueError", "sockets")
async def a_server_without_its_certificate():
    left, right = socket.socketpair()
    try:
        await asyncio.get_running_loop().connect_accepted_socket(asyncio.Protocol, left, ssl=True)
    finally:
        left.close()
        right.close()


@claim(
    "asyncio.loop.create_datagram_endpoint",
    "which is otherwise a PermissionError",
    "raises PermissionError",
    "sockets",
)
async def broadcasting_without_leave():
    await asyncio.get_running_loop().create_datagram_endpoint(
        asyncio.DatagramProtocol, remote_addr=("255.255.255.255", 9)
    )


@claim(
    "asyncio.trsock.TransportSocket.setsockopt",
    "asyncio sets `TCP_NODELAY` on its TCP connections itself",
    True,
    "sockets",
)
async def the_delay_of_a_connection():
    server, port = await _serving()
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    found = writer.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0
    writer.close()
    server.close()
    await asyncio.sleep(0.02)
    return found
