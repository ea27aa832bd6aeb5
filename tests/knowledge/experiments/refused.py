"""Calls that a loop, a stream or a future refuses, and what it does with late ones."""

from __future__ import annotations

import asyncio
import concurrent.futures
import gc
import signal
import socket
import struct
import tempfile
import threading
import warnings
from typing import Any

from claims import claim, ended, logged, warned

aio: Any = asyncio


async def _job() -> str:
    return "ran"


@claim(
    "coroutines cannot be used with …()",
    "and the coroutine is dropped, with the warning",
    ["coroutine '_job' was never awaited"],
)
async def a_coroutine_function_as_a_callback():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        asyncio.get_running_loop().set_debug(False)
        asyncio.get_running_loop().call_soon(_job)
        await asyncio.sleep(0)
        gc.collect()
    return [str(item.message) for item in caught]


@claim("coroutines cannot be used with …()", "except `add_signal_handler()`", "raises TypeError", "signals")
async def a_coroutine_function_for_a_signal():
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, _job)


@claim(
    "coroutines cannot be used with …()", "An object that is not callable is logged", ["Exception in callback None()"]
)
async def a_callback_that_is_none():
    with logged() as lines:
        callback: Any = None
        asyncio.get_running_loop().set_debug(False)
        asyncio.get_running_loop().call_soon(callback)
        await asyncio.sleep(0)
    return lines


@claim(
    "asyncio.loop.run_in_executor",
    "the result is its coroutine or, in debug mode, a TypeError",
    ("coroutine", "TypeError"),
    "threads",
)
async def a_coroutine_function_in_an_executor():
    loop = asyncio.get_running_loop()
    loop.set_debug(False)
    found: Any = await loop.run_in_executor(None, _job)
    found.close()
    loop.set_debug(True)
    try:
        await loop.run_in_executor(None, _job)
    except TypeError as error:
        return type(found).__name__, ended(error)


@claim(
    "asyncio.loop.set_default_executor",
    "Only thread pools are accepted",
    {"3.10": ["DeprecationWarning"], "3.11+": "raises TypeError"},
    "processes",
)
async def a_process_pool_as_the_default():
    pool: Any = concurrent.futures.ProcessPoolExecutor(1)
    loop: Any = asyncio.get_running_loop()
    try:
        return warned(lambda: loop.set_default_executor(pool))
    finally:
        loop._default_executor = None
        pool.shutdown()


@claim("asyncio.loop.run_until_complete", "a Future of another loop is a ValueError", "raises ValueError", "loop")
def running_a_future_of_another_loop():
    one, other = asyncio.new_event_loop(), asyncio.new_event_loop()
    try:
        one.run_until_complete(other.create_future())
    finally:
        one.close()
        other.close()


@claim("asyncio.InvalidStateError", "It is a separate class from that of `concurrent.futures`", False)
def two_classes_of_wrong_states():
    theirs: Any = concurrent.futures
    return issubclass(asyncio.InvalidStateError, theirs.InvalidStateError)


@claim("asyncio.loop.add_reader", "A second callback for the same descriptor replaces the first", ["two"], "sockets")
async def two_readers_of_one_socket():
    ours, theirs = socket.socketpair()
    loop, seen = asyncio.get_running_loop(), []
    with ours, theirs:
        loop.add_reader(ours, lambda: seen.append("one"))
        loop.add_reader(ours, lambda: (seen.append("two"), loop.remove_reader(ours)))
        theirs.send(b"x")
        await asyncio.sleep(0.02)
    return seen


@claim("asyncio.loop.add_reader", "or rejected by the system with PermissionError", "raises PermissionError", "loop")
async def reading_a_regular_file_with_the_loop():
    with tempfile.TemporaryFile() as file:
        asyncio.get_running_loop().add_reader(file, print)


@claim("asyncio.loop.add_reader", "That is RuntimeError", "raises RuntimeError", "sockets")
async def reading_the_socket_of_a_transport():
    ours, theirs = socket.socketpair()
    _, writer = await asyncio.open_connection(sock=ours)
    try:
        asyncio.get_running_loop().add_reader(ours.fileno(), print)
    finally:
        writer.close()
        theirs.close()


@claim(
    "asyncio.loop.add_signal_handler",
    "A loop in another thread gets RuntimeError",
    ["RuntimeError"],
    "signals",
    "threads",
)
def a_signal_handler_in_another_thread():
    found: list[str] = []

    async def main() -> None:
        try:
            asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, print)
        except (RuntimeError, ValueError) as error:
            found.append(ended(error))

    thread = threading.Thread(target=lambda: asyncio.run(main()))
    thread.start()
    thread.join()
    return found


@claim(
    "asyncio.loop.sock_recvfrom_into", "and more than that is a ValueError", {"3.11+": "raises ValueError"}, "sockets"
)
async def more_bytes_than_the_buffer_holds():
    ours, theirs = socket.socketpair(type=socket.SOCK_DGRAM)
    ours.setblocking(False)
    loop: Any = asyncio.get_running_loop()
    with ours, theirs:
        theirs.send(b"xx")
        await loop.sock_recvfrom_into(ours, bytearray(1), 2)


@claim("asyncio.open_connection", "`port` without `host` means the local machine", b"hello", "sockets")
async def connecting_to_a_port_alone():
    def greet(reader: Any, writer: Any) -> None:
        writer.write(b"hello")
        writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(port=server.sockets[0].getsockname()[1])
    found = await reader.read()
    writer.close()
    server.close()
    return found


async def _reset() -> tuple[Any, Any]:
    """A connection that its peer has reset."""
    found: Any = asyncio.get_running_loop().create_future()
    server = await asyncio.start_server(lambda reader, writer: found.set_result((reader, writer)), "127.0.0.1", 0)
    client = socket.create_connection(server.sockets[0].getsockname())
    streams = await found
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()
    await asyncio.sleep(0.05)
    server.close()
    return streams


@claim(
    "asyncio.StreamWriter.wait_closed",
    "After a reset by the peer, this is ConnectionResetError",
    "raises ConnectionResetError",
    "sockets",
)
async def waiting_for_the_end_after_a_reset():
    _, writer = await _reset()
    writer.close()
    await writer.wait_closed()


@claim(
    "asyncio.StreamReader.exception",
    "Every later read and `drain()` raises it",
    ["ConnectionResetError", "ConnectionResetError", "ConnectionResetError"],
    "sockets",
)
async def using_streams_after_a_reset():
    reader, writer = await _reset()
    found = await asyncio.gather(reader.read(), writer.drain(), return_exceptions=True)
    writer.close()
    return [ended(reader.exception()), *(ended(one) for one in found)]


@claim("asyncio.StreamWriter.close", "The reader of the same connection ends as well", b"", "sockets")
async def reading_after_the_own_close():
    ours, theirs = socket.socketpair()
    reader, writer = await asyncio.open_connection(sock=ours)
    writer.close()
    await asyncio.sleep(0.02)
    theirs.close()
    return await reader.read()


@claim("asyncio.format_call_graph", "It is empty if there is no current task", {"3.14+": [""]})
async def the_graph_in_a_callback():
    found: list[str] = []
    asyncio.get_running_loop().call_soon(lambda: found.append(aio.format_call_graph()))
    await asyncio.sleep(0)
    return found


@claim("asyncio.Barrier.reset", "waiting tasks get BrokenBarrierError", {"3.11+": ("BrokenBarrierError", False)})
async def resetting_a_barrier():
    barrier = aio.Barrier(2)
    waiting = asyncio.ensure_future(barrier.wait())
    await asyncio.sleep(0)
    await barrier.reset()
    await asyncio.wait([waiting])
    return ended(waiting.exception()), barrier.broken


@claim("asyncio.TaskGroup.create_task", "an unknown keyword is a TypeError", {"3.14+": "TypeError"})
async def an_unknown_keyword_for_a_task():
    coro = _job()
    async with aio.TaskGroup() as tg:
        try:
            tg.create_task(coro, colour="red")
        except TypeError as error:
            return ended(error)
        finally:
            coro.close()


@claim(
    "asyncio.trsock.TransportSocket.getsockbyname", "Always raises AttributeError", "raises AttributeError", "sockets"
)
async def a_method_that_no_socket_has():
    ours, theirs = socket.socketpair()
    _, writer = await asyncio.open_connection(sock=ours)
    try:
        writer.get_extra_info("socket").getsockbyname()
    finally:
        writer.close()
        theirs.close()
