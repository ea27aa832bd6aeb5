"""Parameters: what a value of each does."""

from __future__ import annotations

import asyncio
import fcntl
import os
import ssl
from asyncio.subprocess import DEVNULL, PIPE, STDOUT
from typing import Any

from claims import claim, ended

aio: Any = asyncio


async def _connecting(**keywords: Any) -> str:
    try:
        await asyncio.open_connection("127.0.0.1", 9, **keywords)
    except (ValueError, TypeError, OSError) as error:
        return ended(error)
    return "connected"


@claim(
    "asyncio.open_connection",
    "60 by default, and more than 0. A ValueError without `ssl`",
    ["ValueError", "ValueError"],
    "sockets",
)
async def times_for_a_handshake():
    found = [await _connecting(ssl_handshake_timeout=1)]
    server = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0)
    address = server.sockets[0].getsockname()
    try:
        await asyncio.open_connection(*address, ssl=ssl.create_default_context(), ssl_handshake_timeout=0)
    except ValueError as error:
        found.append(ended(error))
    server.close()
    return found


@claim("asyncio.open_connection", "and a ValueError without `ssl`", "ValueError", "sockets")
async def a_host_name_without_tls():
    return await _connecting(server_hostname="localhost")


@claim(
    "asyncio.start_unix_server",
    "with False, call `await server.start_serving()` later",
    (False, True),
    "sockets",
)
async def a_server_that_starts_later():
    server = await asyncio.start_server(print, "127.0.0.1", 0, start_serving=False)
    before = server.is_serving()
    await server.start_serving()
    found = before, server.is_serving()
    server.close()
    return found


@claim("asyncio.open_unix_connection", "a longer path raises OSError", "raises OSError", "sockets")
async def a_path_that_is_too_long():
    await asyncio.open_unix_connection("/" + "x" * 200)


async def _output(*command: str, **keywords: Any) -> str:
    process = await asyncio.create_subprocess_exec(*command, stdout=PIPE, **keywords)
    out, _ = await process.communicate()
    return out.decode().strip()


@claim(
    "asyncio.loop.subprocess_exec", "The child's whole environment, as a mapping of strings", ("new", ""), "processes"
)
async def the_environment_of_a_child():
    os.environ["LOOPWISE_OLD"] = "old"
    show = "echo ${LOOPWISE_NEW}; echo ${LOOPWISE_OLD}"
    lines = (await _output("/bin/sh", "-c", show, env={"LOOPWISE_NEW": "new"})).splitlines()
    return lines[0], "".join(lines[1:])


@claim("asyncio.loop.subprocess_exec", "starts the child in its own session and process group", True, "processes")
async def a_session_of_its_own():
    process = await asyncio.create_subprocess_exec("sleep", "5", start_new_session=True, stdin=DEVNULL)
    found = os.getpgid(process.pid) == process.pid == os.getsid(process.pid)
    process.kill()
    await process.wait()
    return found


@claim(
    "asyncio.create_subprocess_exec",
    "Puts the child into this process group; 0 creates a new one",
    {"3.11+": True},
    "processes",
)
async def a_process_group_of_its_own():
    keywords: dict[str, Any] = {"process_group": 0}
    process = await asyncio.create_subprocess_exec("sleep", "5", stdin=DEVNULL, **keywords)
    found = os.getpgid(process.pid) == process.pid
    process.kill()
    await process.wait()
    return found


@claim("asyncio.create_subprocess_exec", "The child's file mode mask", "0077", "processes")
async def a_mask_for_a_child():
    return await _output("/bin/sh", "-c", "umask", umask=0o77)


@claim("asyncio.create_subprocess_exec", "The program that is actually started", "a shell", "processes")
async def a_program_with_another_name():
    return await _output("ls", "-c", "echo a shell", executable="/bin/sh")


@claim("asyncio.create_subprocess_exec", "The size of the pipes in bytes", {"3.10+": True}, "processes")
async def the_size_of_a_pipe():
    keywords: dict[str, Any] = {"pipesize": 4096}
    process = await asyncio.create_subprocess_exec("cat", stdin=PIPE, stdout=PIPE, **keywords)
    transport: Any = process._transport  # type: ignore[attr-defined]
    pipe = transport.get_pipe_transport(1).get_extra_info("pipe")
    found = fcntl.fcntl(pipe.fileno(), getattr(fcntl, "F_GETPIPE_SZ", 1032)) == 4096
    await process.communicate(b"")
    return found


@claim(
    "asyncio.subprocess.STDOUT",
    "`proc.stderr` is then None, and both are read from `proc.stdout`",
    (b"one", None),
    "processes",
)
async def errors_among_the_output():
    process = await asyncio.create_subprocess_exec("/bin/sh", "-c", "printf one >&2", stdout=PIPE, stderr=STDOUT)
    out, _ = await process.communicate()
    return out, process.stderr


@claim("asyncio.create_subprocess_shell", "with return code 127 on POSIX", 127, "processes")
async def a_command_that_the_shell_does_not_know():
    process = await asyncio.create_subprocess_shell("no-such-command-anywhere", stderr=DEVNULL)
    return await process.wait()


@claim(
    "asyncio.create_task",
    "`eager_start=True` runs the coroutine immediately, up to its first real wait",
    {"3.14+": ["started", "after the call", "ended"]},
)
async def a_task_that_starts_at_once():
    seen: list[str] = []

    async def job() -> None:
        seen.append("started")
        await asyncio.sleep(0)
        seen.append("ended")

    task = aio.create_task(job(), eager_start=True)
    seen.append("after the call")
    await task
    return seen


@claim("asyncio.loop.call_later", "zero or less means as soon as possible", [1])
async def a_callback_in_the_past():
    seen: list[int] = []
    asyncio.get_running_loop().call_later(-5, seen.append, 1)
    await asyncio.sleep(0.001)
    return list(seen)
