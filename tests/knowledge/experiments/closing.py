"""Servers and transports that end, and what is left of them."""

from __future__ import annotations

import asyncio
import concurrent.futures
import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from claims import claim, logged, settled

aio: Any = asyncio


@claim(
    "asyncio.Server.close",
    "ends only when the last one is closed",
    {
        "-3.11": (True, True),
        "3.12-3.13.14": (False, True),
        "3.14-3.14.6": (False, True),
        "3.13.15+": (True, True),
    },
    "sockets",
)
async def closing_a_server_that_serves_forever():
    async def read(reader: Any, writer: Any) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(read, "127.0.0.1", 0)
    serving = asyncio.ensure_future(server.serve_forever())
    await asyncio.sleep(0)
    _, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    await asyncio.sleep(0.05)
    server.close()
    done, _ = await asyncio.wait([serving], timeout=0.2)
    writer.close()
    return bool(done), await settled(serving)


@claim(
    "asyncio.Server.close",
    "A pending `serve_forever()` calls `close_clients()`",
    {"-3.13.14": "open", "3.14-3.14.6": "open", "3.13.15+": "closed"},
    "sockets",
)
async def a_connection_of_a_closed_server_that_serves_forever():
    async def read(reader: Any, writer: Any) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(read, "127.0.0.1", 0)
    serving = asyncio.ensure_future(server.serve_forever())
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    await asyncio.sleep(0.05)
    server.close()
    is_closed = await settled(asyncio.ensure_future(reader.read()))
    writer.close()
    await settled(serving)
    return "closed" if is_closed else "open"


@claim("asyncio.Server.sockets", "empty once it is closed", ("tuple", 1, ()), "sockets")
async def the_sockets_of_a_closed_server():
    server = await asyncio.start_server(print, "127.0.0.1", 0)
    before = server.sockets
    server.close()
    return type(before).__name__, len(before), server.sockets


@claim("asyncio.Server.abort_clients", "unsent data is lost", {"3.13+": True}, "sockets")
async def aborting_clients():
    def greet(reader: Any, writer: Any) -> None:
        writer.write(b"x" * 10_000_000)

    server: Any = await asyncio.start_server(greet, "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    await asyncio.sleep(0.05)
    server.abort_clients()
    try:
        return len(await reader.read()) < 10_000_000
    except ConnectionResetError:
        return True
    finally:
        writer.close()
        server.close()


@claim("asyncio.BaseProtocol.pause_writing", "if that lowers the mark", (0, 1), "sockets")
async def lowering_the_mark():
    class Counting(asyncio.Protocol):
        paused = 0

        def pause_writing(self) -> None:
            self.paused += 1

    ours, theirs = socket.socketpair()
    transport, protocol = await asyncio.get_running_loop().create_connection(Counting, sock=ours)
    transport.set_write_buffer_limits(high=1_000_000_000)
    transport.write(b"x" * 5_000_000)
    before = protocol.paused
    transport.set_write_buffer_limits(high=10)
    transport.abort()
    theirs.close()
    return before, protocol.paused


@claim(
    "asyncio.StreamWriter.writelines",
    "Before 3.12.9 and 3.13.2, the bytes it buffers do not count for flow control",
    {"-3.11": True, "3.12-3.12.8": False, "3.13-3.13.1": False, "3.12.9+": True},
    "sockets",
)
async def many_lines_at_once():
    ours, theirs = socket.socketpair()
    _, writer = await asyncio.open_connection(sock=ours)
    writer.writelines([b"x" * 1_000_000] * 8)
    transport: Any = writer.transport
    paused = transport.get_protocol()._paused
    transport.abort()
    theirs.close()
    return paused


@claim("asyncio.StreamReader.set_exception", "Make the waiting read and every later one raise", ["ValueError"] * 5)
async def reading_after_an_error():
    reader = asyncio.StreamReader()
    waiting = asyncio.ensure_future(reader.read(1))
    await asyncio.sleep(0)
    reader.set_exception(ValueError())
    later = (reader.read(1), reader.readline(), reader.readexactly(1), reader.readuntil())
    found = await asyncio.gather(waiting, *later, return_exceptions=True)
    return [type(one).__name__ for one in found]


@claim("asyncio.StreamReader.feed_data", "except under `python -O`", "b'x'", "processes")
def feeding_after_the_end_without_asserts():
    program = (
        "import asyncio\n"
        "async def main():\n"
        "    reader = asyncio.StreamReader()\n"
        "    reader.feed_eof()\n"
        "    reader.feed_data(b'x')\n"
        "    print(await reader.read())\n"
        "asyncio.run(main())\n"
    )
    return subprocess.run(
        [sys.executable, "-O", "-c", program], capture_output=True, text=True, check=False
    ).stdout.strip()


def _sleeper() -> int:
    return os.posix_spawnp("sleep", ["sleep", "0.1"], os.environ)


async def _two_callbacks(name: str) -> list[int]:
    codes: list[int] = []
    watcher = getattr(aio, name)()
    watcher.attach_loop(asyncio.get_running_loop())
    with watcher:
        child = _sleeper()
        for _ in range(2):
            watcher.add_child_handler(child, lambda pid, code: codes.append(code))
        await asyncio.sleep(0.3)
    watcher.close()
    return sorted(codes)


@claim("asyncio.AbstractChildWatcher.add_child_handler", "one of them gets 255", {"-3.13": [0, 255]}, "processes")
async def two_callbacks_with_threads():
    return await _two_callbacks("ThreadedChildWatcher")


@claim(
    "asyncio.AbstractChildWatcher.add_child_handler",
    "With PidfdChildWatcher, too",
    {"-3.11": [0], "3.12-3.13": [0, 255]},
    "processes",
)
async def two_callbacks_with_pidfds():
    return await _two_callbacks("PidfdChildWatcher")


@claim(
    "asyncio.AbstractChildWatcher.add_child_handler",
    "a second one replaces the first",
    {"-3.13": [0]},
    "processes",
)
async def two_callbacks_with_signals():
    return await _two_callbacks("SafeChildWatcher")


@claim("asyncio.trsock.TransportSocket.send", "on 3.10 only", {"3.10": True, "3.11+": False})
def what_a_transport_socket_can_send():
    return hasattr(aio.trsock.TransportSocket, "send")


@claim(
    "Fatal error: protocol.data_received() call failed.",
    "is only logged",
    (["protocol.pause_writing() failed"], False),
    "sockets",
)
async def a_pause_that_fails():
    class Broken(asyncio.Protocol):
        def pause_writing(self) -> None:
            raise ValueError

    ours, theirs = socket.socketpair()
    transport, _ = await asyncio.get_running_loop().create_connection(Broken, sock=ours)
    with logged() as lines:
        transport.write(b"x" * 10_000_000)
        await asyncio.sleep(0)
    found = list(lines), transport.is_closing()
    transport.abort()
    theirs.close()
    return found


@claim(
    "asyncio.WriteTransport.write",
    "if you change it, the change is sent",
    {"-3.11": True, "3.12+": False},
    "sockets",
)
async def a_bytearray_that_is_changed_after_it_was_written():
    ours, theirs = socket.socketpair()
    _, writer = await asyncio.open_connection(sock=ours)
    reader, other = await asyncio.open_connection(sock=theirs, limit=10_000_000)
    data = bytearray(b"a" * 5_000_000)
    writer.write(data)
    data[-1:] = b"b"
    found = await reader.readexactly(5_000_000)
    writer.close()
    other.close()
    return found.endswith(b"a")


@claim("asyncio.start_unix_server", "any other file there raises OSError", "raises OSError", "sockets")
async def a_server_at_the_path_of_a_file():
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "file")
        path.touch()
        await asyncio.start_unix_server(print, path)


@claim(
    "asyncio.start_unix_server",
    "new clients reach the second server, and the first waits in vain",
    ["second"],
    "sockets",
)
async def two_servers_at_one_path():
    seen: list[str] = []

    def named(name: str) -> Any:
        def handle(_reader: Any, writer: Any) -> None:
            seen.append(name)
            writer.close()

        return handle

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "socket")
        servers = [await asyncio.start_unix_server(named(name), path) for name in ("first", "second")]
        _, writer = await asyncio.open_unix_connection(path)
        await asyncio.sleep(0.02)
        writer.close()
        for server in servers:
            server.close()
    return seen


@claim(
    "asyncio.subprocess.STDOUT",
    "from 3.13 on a ValueError",
    {"-3.12": "raises OSError", "3.13+": "raises ValueError"},
    "processes",
)
async def output_to_the_output():
    await asyncio.create_subprocess_exec("true", stdout=asyncio.subprocess.STDOUT)


@claim("asyncio.CancelledError", "It is not `concurrent.futures.CancelledError`", False)
def two_classes_of_cancellation():
    return issubclass(asyncio.CancelledError, concurrent.futures.CancelledError)


@claim("Set of Tasks/Futures is empty.", "without arguments returns an empty list", [])
async def a_gather_without_arguments():
    return await asyncio.gather()
