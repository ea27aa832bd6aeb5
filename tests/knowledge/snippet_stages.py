"""Code around snippets that lets them run; the line with ``$snippet`` is where they are put.

asyncio, ``fetch``, ``urls`` and ``work`` are at hand, and ``#>`` lines say what is printed, as in samples of cards.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple


class Stage(NamedTuple):
    name: str
    place: str
    versions: str
    """In the snippet's notation; the stage also runs on all newer Pythons."""
    code: str
    fill: Mapping[int, str] = MappingProxyType({})
    """Text that a user types at a tab stop, by its number."""
    needs: str = ""


RESULTS = """\
$snippet
print(results)
#> ['<a>', '<b>', '<c>']
"""
ONE_TASK = """\
async def fetch(url):
    await asyncio.sleep(0)
    print("fetched", url)
    #> fetched x

url = "x"
{}$snippet
print("all done")
#> all done
"""
TOO_SLOW = """\
async def fetch(url):
    await asyncio.sleep(60)

url = "x"
$snippet
#> too slow
"""
TWO_AT_ONCE = """\
running = most = 0

async def fetch(url):
    global running, most
    running += 1
    most = max(most, running)
    await asyncio.sleep(0.01)
    running -= 1
    return f"<{url}>"

$snippet
print(results, most)
#> ['<a>', '<b>', '<c>'] 2
"""
PIPELINE = """\
done = []

async def fetch(url):
    done.append(url)

$snippet

asyncio.run(pipeline(urls))
print(sorted(done))
#> ['a', 'b', 'c']
"""
PIPELINE_FAILS = """\
async def fetch(url):
    raise KeyError(url)

$snippet

async def run():
    try:
        await pipeline(urls)
    except (KeyError, Exception):
        print("failed;", len(asyncio.all_tasks()), "task is left")
        #> failed; 1 task is left

asyncio.run(run())
"""
STAGES = [
    Stage("main", "module", "", "$snippet\n#> <x>\n", {0: 'print(await fetch("x"))'}),
    Stage("taskgroup", "body", "3.11+", ONE_TASK.format("")),
    Stage("taskgroup", "async-with", "3.11+", ONE_TASK.format("async with ")),
    Stage("taskgroup-results", "body", "3.11+", RESULTS),
    Stage("gather", "body", "-3.10", RESULTS),
    Stage(
        "gather-errors",
        "body",
        "",
        """\
async def fetch(url):
    if url == "b":
        raise ValueError(url)
    return f"<{url}>"

$snippet
#> <a>
#> b failed: ValueError('b')
#> <c>
""",
    ),
    Stage("timeout", "body", "3.11+", TOO_SLOW, {1: "0.01"}),
    Stage("timeout", "body", "-3.10", TOO_SLOW, {3: "0.01"}),
    Stage("timeout", "async-with", "3.11+", 'url = "x"\nasync with $snippet\nprint(result)\n#> <x>\n'),
    Stage("throttle", "body", "3.11+", TWO_AT_ONCE, {1: "2"}),
    Stage("throttle", "body", "-3.10", TWO_AT_ONCE, {1: "2"}),
    Stage(
        "worker",
        "module",
        "",
        """\
done = []

async def fetch(url):
    if url == "b":
        raise ValueError(url)
    done.append(url)

$snippet

asyncio.run(process(urls, workers=2))
print(sorted(done))
#> ['a', 'c']
""",
    ),
    Stage(
        "worker",
        "module",
        "",
        """\
async def fetch(url):
    started.set()
    try:
        await asyncio.sleep(60)
    finally:
        await asyncio.sleep(0.01)

$snippet

async def main():
    global started
    started = asyncio.Event()
    task = asyncio.create_task(process(urls * 100))
    await started.wait()
    task.cancel()
    await asyncio.wait([task])
    print(task.cancelled(), len(asyncio.all_tasks()), "task is left")
    #> True 1 task is left

asyncio.run(main())
""",
    ),
    Stage("producer-consumer", "module", "3.13+", PIPELINE),
    Stage("producer-consumer", "module", "3.13+", PIPELINE_FAILS, {6: "1"}),
    Stage("producer-consumer", "module", "-3.12", PIPELINE),
    Stage("producer-consumer", "module", "-3.12", PIPELINE_FAILS, {5: "1"}),
    Stage(
        "shutdown",
        "module",
        "",
        """\
import os

async def serve():
    asyncio.get_running_loop().call_soon(os.kill, os.getpid(), signal.SIGTERM)
    try:
        await asyncio.sleep(60)
    finally:
        await asyncio.sleep(0)
        print("closed")
        #> closed

$snippet
""",
        needs="signals posix",
    ),
    Stage(
        "shutdown",
        "module",
        "",
        """\
__name__ = "stage"

async def serve():
    raise ValueError("no port")

$snippet

try:
    asyncio.run(main())
except ValueError as error:
    print(error)
    #> no port
""",
        needs="signals posix",
    ),
    Stage(
        "keep-task",
        "module",
        "",
        """\
import gc

async def fetch(url):
    done = asyncio.Event()
    asyncio.get_running_loop().call_later(0.01, done.set)
    await done.wait()
    if url == "b":
        raise ValueError(url)
    print("fetched", url)
    #> fetched a

$snippet

async def main():
    start(fetch("a"))
    start(fetch("b"))
    await asyncio.sleep(0)
    gc.collect()
    await asyncio.wait(list(background))
    await asyncio.sleep(0)
    print(len(background))
    #> 0

asyncio.run(main())
""",
    ),
    Stage(
        "periodic",
        "module",
        "",
        """\
rounds = 0

async def refresh():
    global rounds
    rounds += 1
    if rounds == 1:
        raise OSError("once")
    if rounds == 3:
        enough.set()

$snippet

async def main():
    global enough
    enough = asyncio.Event()
    task = asyncio.create_task(every(0.001))
    await enough.wait()
    task.cancel()
    await asyncio.wait([task])
    print(task.cancelled())
    #> True

asyncio.run(main())
""",
    ),
    Stage(
        "periodic",
        "module",
        "",
        """\
rounds = 0

async def refresh():
    global rounds
    rounds += 1

$snippet

async def main():
    task = asyncio.create_task(every(3600))
    for _ in range(9):
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    print(rounds)
    #> 1

asyncio.run(main())
""",
    ),
    Stage("run-blocking", "body", "", "argument = 2\n$snippet\nprint(result)\n#> 4\n", needs="threads"),
    Stage(
        "stream-client",
        "module",
        "",
        """\
$snippet

async def answer(reader, writer):
    writer.write((await reader.readline()).upper())
    await writer.drain()
    writer.close()

async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
    await ask(*server.sockets[0].getsockname())
    #> HELLO
""",
        needs="sockets",
    ),
    Stage(
        "stream-server",
        "module",
        "",
        """\
import socket

__name__ = "stage"
with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]

$snippet

async def connected():
    while True:
        try:
            return await asyncio.open_connection("127.0.0.1", port)
        except ConnectionRefusedError:
            await asyncio.sleep(0)

async def talk():
    task = asyncio.create_task(main())
    reader, writer = await connected()
    writer.write(b"hello\\n")
    print(await reader.readline())
    #> b'HELLO\\n'
    writer.close()
    await writer.wait_closed()
    task.cancel()
    await asyncio.wait([task])
    print(task.cancelled())
    #> True

asyncio.run(talk())
""",
        fill={4: "port"},
        needs="sockets",
    ),
    Stage(
        "subprocess",
        "body",
        "",
        """\
import sys

$snippet
print(output.decode().strip())
#> 42
""",
        fill={2: 'sys.executable, "-c", "print(6 * 7)"'},
        needs="processes",
    ),
    Stage(
        "subprocess",
        "body",
        "",
        """\
import sys

try:
    $snippet
except asyncio.TimeoutError:
    print(proc.returncode is not None)
    #> True
""",
        fill={2: 'sys.executable, "-c", "import time; time.sleep(60)"', 4: "0.1"},
        needs="processes",
    ),
    Stage(
        "subprocess",
        "body",
        "",
        """\
import sys

try:
    $snippet
except OSError as error:
    print(error)
    #> git failed
""",
        fill={2: 'sys.executable, "-c", "raise SystemExit(3)"'},
        needs="processes",
    ),
    Stage(
        "retry",
        "module",
        "",
        """\
answers = iter([OSError(), OSError(), "fine", OSError(), OSError("gave up")])

async def flaky():
    answer = next(answers)
    if isinstance(answer, Exception):
        raise answer
    return answer

$snippet

async def main():
    print(await retry(flaky))
    #> fine
    try:
        await retry(flaky, tries=2)
    except OSError as error:
        print(error)
        #> gave up

asyncio.run(main())
""",
        fill={3: "0.001"},
    ),
    Stage(
        "first-wins",
        "body",
        "",
        """\
async def fetch(url):
    await asyncio.sleep(0 if url == "b" else 60)
    return url

$snippet
print(result, "won;", len(asyncio.all_tasks()), "task is left")
#> b won; 1 task is left
""",
    ),
    Stage(
        "cancel-task",
        "body",
        "",
        """\
async def stubborn():
    try:
        await asyncio.sleep(60)
    finally:
        await asyncio.sleep(0)
        print("cleaned up")
        #> cleaned up

task = asyncio.create_task(stubborn())
await asyncio.sleep(0)
$snippet
print(task.cancelled())
#> True
""",
    ),
    Stage(
        "context-manager",
        "module",
        "",
        """\
class Opened:
    async def close(self):
        print("closed")

async def connect(url):
    return Opened()

$snippet

async def main():
    async with connection("x") as opened:
        print(type(opened).__name__)
        raise KeyError

try:
    asyncio.run(main())
except KeyError:
    print("the error came through")
#> Opened
#> closed
#> the error came through
""",
    ),
]
