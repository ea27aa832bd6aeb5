"""Child processes."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from asyncio.subprocess import DEVNULL, PIPE
from typing import Any

from claims import claim, ended


def _killed(process: Any) -> str:
    try:
        process.kill()
    except ProcessLookupError as error:
        return ended(error)
    return "nothing"


@claim("asyncio.subprocess.Process.kill", "It may raise ProcessLookupError", "nothing", "processes")
async def killing_a_child_whose_end_was_not_noticed():
    process = await asyncio.create_subprocess_exec("true")
    time.sleep(0.1)
    found = _killed(process)
    await process.wait()
    return found


@claim("asyncio.subprocess.Process.terminate", "It may raise ProcessLookupError", "ProcessLookupError", "processes")
async def killing_a_child_whose_end_was_noticed():
    process = await asyncio.create_subprocess_exec("true")
    await process.wait()
    await asyncio.sleep(0.05)  # 3.15 closes the transport a little later
    return _killed(process)


@claim(
    "asyncio.SubprocessTransport.kill",
    "it either raises ProcessLookupError or does nothing",
    ("nothing", 0),
    "processes",
)
async def killing_a_child_whose_pipe_is_open():
    process = await asyncio.create_subprocess_shell("sleep 0.5 & exit 0", stdout=PIPE)
    await asyncio.sleep(0.2)
    found = _killed(process), process.returncode
    await process.stdout.read()
    return found


@claim(
    "asyncio.subprocess.Process.wait",
    "It also waits for the pipes to close",
    {"3.10": False, "3.11-3.13.14": True, "3.14-3.14.6": True, "3.13.15+": False},
    "processes",
)
async def waiting_with_a_grandchild():
    # The shell ends when it has read a line: so it is waited for before it has ended, however slow the machine is.
    process = await asyncio.create_subprocess_shell("sleep 1 & read line", stdin=PIPE, stdout=PIPE)
    waiting = asyncio.create_task(process.wait())
    await asyncio.sleep(0)
    process.stdin.write(b"\n")
    process.stdin.close()
    await waiting
    found = process.stdout.at_eof()  # the grandchild has the pipe open while it lives
    await process.stdout.read()
    return found


@claim(
    "asyncio.subprocess.Process.communicate",
    "Without `input`, stdin stays open",
    {"-3.11": "waits", "3.12+": b""},
    "processes",
)
async def communicating_without_input():
    process = await asyncio.create_subprocess_exec("cat", stdin=PIPE, stdout=PIPE)
    try:
        return (await asyncio.wait_for(process.communicate(), 0.3))[0]
    except asyncio.TimeoutError:
        process.kill()
        await process.wait()
        return "waits"


@claim(
    "asyncio.subprocess.Process.communicate",
    "The input is silently discarded",
    {"-3.11": "AttributeError", "3.12+": "dropped"},
    "processes",
)
async def input_without_a_pipe():
    process = await asyncio.create_subprocess_exec("true", stdin=DEVNULL)
    try:
        await process.communicate(b"x")
    except AttributeError as error:
        await process.wait()
        return ended(error)
    return "dropped"


@claim("asyncio.subprocess.Process.communicate", "BrokenPipeError and ConnectionResetError are ignored", 0, "processes")
async def input_that_nobody_reads():
    process = await asyncio.create_subprocess_exec("true", stdin=PIPE)
    await process.communicate(b"x" * 1_000_000)
    return process.returncode


@claim("asyncio.subprocess.Process.returncode", "It does not query the system", None, "processes")
async def the_return_code_before_the_loop_looked():
    process = await asyncio.create_subprocess_exec("sleep", "0.05", stdin=DEVNULL)
    time.sleep(0.2)
    found = process.returncode
    await process.wait()
    return found


@claim("asyncio.subprocess.Process", "`async with` does not work on it", True, "processes")
async def a_process_with_async_with():
    process = await asyncio.create_subprocess_exec("true")
    try:
        async with process:
            return False
    except (AttributeError, TypeError):
        return True
    finally:
        await process.wait()


@claim("asyncio.SubprocessTransport", "`transport.close()` stops a process that is still running", -9, "processes")
async def closing_the_transport_of_a_child():
    loop = asyncio.get_running_loop()
    transport, _ = await loop.subprocess_exec(asyncio.SubprocessProtocol, "sleep", "30")
    transport.close()
    await asyncio.sleep(0.1)
    return transport.get_returncode()


@claim("asyncio.create_subprocess_exec", "a list raises TypeError", "raises TypeError", "processes")
async def a_list_for_a_program():
    await asyncio.create_subprocess_exec(["ls", "-l"])


@claim(
    "asyncio.create_subprocess_exec",
    "`text=True`, `encoding=` and `errors=` raise ValueError",
    "raises ValueError",
    "processes",
)
async def asking_a_child_for_text():
    await asyncio.create_subprocess_exec("ls", text=True)


@claim("asyncio.create_subprocess_exec", "FileNotFoundError", "raises FileNotFoundError", "processes")
async def a_program_that_is_not_there():
    await asyncio.create_subprocess_exec("no-such-program-anywhere")


@claim(
    "asyncio.MultiLoopChildWatcher",
    "Its SIGCHLD can arrive while the watcher reads its exit status",
    {"3.10-3.13": 255},
    "processes",
)
def a_child_that_ends_while_it_is_waited_for():
    def waitpid(pid: int, options: int) -> Any:
        found = (0, 0)
        while found[0] == 0:
            found = real(pid, options)
        signal.raise_signal(signal.SIGCHLD)  # as if it arrived just before the caller looks at the status
        return found

    async def run() -> Any:
        process = await asyncio.create_subprocess_exec("true")
        return await process.wait()

    real = os.waitpid
    watcher = asyncio.MultiLoopChildWatcher()
    asyncio.set_child_watcher(watcher)
    os.waitpid = waitpid
    try:
        return asyncio.run(run())
    finally:
        os.waitpid = real
        watcher.close()
        asyncio.set_child_watcher(None)
