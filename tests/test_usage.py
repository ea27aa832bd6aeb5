"""The most used names: the file of measured weights, its loader, and the counting of uses."""

from __future__ import annotations

import importlib.util
import json
import math
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest

from loopwise.cards.api import knowledge_folder, load_api
from loopwise.cards.usage import Usage, decoded, load_usage, read_usage
from marked import claims

TOOL = Path(__file__).parents[1] / "server" / "tools" / "measure" / "usage.py"
LIMIT = 40_000  # bytes: it goes into every wheel

# Each claim is one use: the name and, after it, its place. What has no claim is not counted.
MODULES = {
    "app.py": """\
import asyncio
import asyncio.subprocess
#              ^^^^^^^^^^ asyncio.subprocess import
from asyncio import Queue, sleep as pause
#                   ^^^^^ asyncio.Queue import
#                          ^^^^^ asyncio.sleep import

from jobs import queue

class Server(asyncio.Protocol):
#                    ^^^^^^^^ asyncio.Protocol sync
    def close(self): ...

def close(server: Server, sleep=asyncio.sleep):
#                                       ^^^^^ asyncio.sleep sync
    server.close()

def later(loop: "asyncio.AbstractEventLoop", done: asyncio.Event) -> asyncio.TimerHandle:
#                        ^^^^^^^^^^^^^^^^^ asyncio.AbstractEventLoop annotation
#                                                          ^^^^^ asyncio.Event annotation
#                                                                            ^^^^^^^^^^^ asyncio.TimerHandle annotation
    return loop.call_later(3, done.set)
#               ^^^^^^^^^^ asyncio.loop.call_later sync
#                                  ^^^ asyncio.Event.set argument

async def main(headers: dict[str, str]):
    headers.get("x")
    done: asyncio.Event = asyncio.Event()
#                 ^^^^^ asyncio.Event annotation
#                                 ^^^^^ asyncio.Event statement
    done.set()
#        ^^^ asyncio.Event.set statement
    async with asyncio.timeout(3) as limit, asyncio.TaskGroup() as tasks:
#                      ^^^^^^^ asyncio.timeout async_with
#                                                   ^^^^^^^^^ asyncio.TaskGroup async_with
        tasks.create_task(done.wait(), name=f"{limit.when()}")
#             ^^^^^^^^^^^ asyncio.TaskGroup.create_task statement
#                              ^^^^ asyncio.Event.wait argument
#                                                    ^^^^ asyncio.Timeout.when statement
    try:
        await (asyncio.sleep(1))
#                      ^^^^^ asyncio.sleep await
        with asyncio.Runner() as runner:
#                    ^^^^^^ asyncio.Runner statement
            await (None if headers else asyncio.wait(done.is_set() or [done.clear]))
#                                               ^^^^ asyncio.wait await
#                                                         ^^^^^^ asyncio.Event.is_set argument
#                                                                           ^^^^^ asyncio.Event.clear argument
        await asyncio.gather(*[queue.get(), pause(1)])
#                     ^^^^^^ asyncio.gather await
#                                    ^^^ asyncio.Queue.get argument
    except (asyncio.CancelledError, asyncio.TimeoutError):
#                   ^^^^^^^^^^^^^^ asyncio.CancelledError raise
#                                           ^^^^^^^^^^^^ asyncio.TimeoutError raise
        raise asyncio.InvalidStateError("no")
#                     ^^^^^^^^^^^^^^^^^ asyncio.InvalidStateError raise
    async for job in asyncio.as_completed([]):
#                            ^^^^^^^^^^^^ asyncio.as_completed async_for
        done.is_set()
#            ^^^^^^ asyncio.Event.is_set statement
    found = [x async for x in asyncio.as_completed([])]
#                                     ^^^^^^^^^^^^ asyncio.as_completed async_for
    for job in asyncio.as_completed([]):
#                      ^^^^^^^^^^^^ asyncio.as_completed statement
        lambda: done.clear()
#                    ^^^^^ asyncio.Event.clear sync
    await asyncio.create_subprocess_exec("ls", stdout=asyncio.subprocess.PIPE)
#                 ^^^^^^^^^^^^^^^^^^^^^^ asyncio.create_subprocess_exec await
#                                                             ^^^^^^^^^^ asyncio.subprocess argument
#                                                                        ^^^^ asyncio.subprocess.PIPE argument

asyncio.run(main({}))
#       ^^^ asyncio.run sync
""",
    "jobs.py": """\
import asyncio

queue = asyncio.PriorityQueue()
#               ^^^^^^^^^^^^^ asyncio.PriorityQueue sync
""",
    "shadows.py": """\
from asyncio import Event, Lock as Semaphore, Task, sleep, timeout
#                   ^^^^^ asyncio.Event import
#                          ^^^^ asyncio.Lock import
#                                             ^^^^ asyncio.Task import
#                                                   ^^^^^ asyncio.sleep import
#                                                          ^^^^^^^ asyncio.timeout import
from jobs import queue

get = queue.get
#           ^^^ asyncio.Queue.get sync
put, join = queue.put, queue.join
#                 ^^^ asyncio.Queue.put sync
#                            ^^^^ asyncio.Queue.join sync
(full, empty) = (queue.full, queue.empty)
#                      ^^^^ asyncio.Queue.full sync
#                                  ^^^^^ asyncio.Queue.empty sync
if (qsize := queue.qsize): ...
#                  ^^^^^ asyncio.Queue.qsize sync
for task_done in [queue.task_done]: ...
#                       ^^^^^^^^^ asyncio.Queue.task_done sync
[... for put_nowait in [queue.put_nowait]]
#                             ^^^^^^^^^^ asyncio.Queue.put_nowait sync
def swap():
    global get
def take(Event, /, Task: "type[Task]", sleep: "type[Task]" = None, *timeout): ...
#                              ^^^^ asyncio.Task annotation
#                                                   ^^^^ asyncio.Task annotation
def timeout(delay): ...
class sleep: ...
lambda Event: ...
""",
}


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    """The module ``usage.py``."""
    spec = importlib.util.spec_from_file_location(TOOL.stem, TOOL)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_ranked_names_are_public_names_in_known_places(tool: ModuleType) -> None:
    """Each name is listed once, in the spelling of api.json."""
    found = load_usage()
    assert found.places == tool.PLACES
    assert len(found.uses) > 150
    assert [name for name in found.uses if load_api().canonical(name) != name] == []
    assert {place for weights in found.uses.values() for place in weights} <= {*found.places, tool.TOTAL}


def test_weights_are_positive_and_a_total_is_at_least_its_largest_weight() -> None:
    for name, weights in load_usage().uses.items():
        assert min(weights.values()) > 0, name
        assert load_usage().total(name) == max(weights.values()), name
        assert len(weights) > 1, name


def test_every_kind_of_place_except_async_for_occurs_in_real_code() -> None:
    """No measured project uses an asyncio name after ``async for``: ``as_completed`` allows it from 3.13 on."""
    seen = {place for weights in load_usage().uses.values() for place in weights}
    assert set(load_usage().places) - seen == {"async_for"}


def test_well_known_names_have_the_highest_counts() -> None:
    """A mistake in the measurement would show here first."""
    found = load_usage()
    assert max(found.uses, key=lambda name: found.weight(name, "await")) == "asyncio.sleep"
    assert max(found.uses, key=lambda name: found.weight(name, "raise")) == "asyncio.CancelledError"
    assert max(found.uses, key=lambda name: found.weight(name, "async_with")) == "asyncio.timeout"
    assert found.weight("asyncio.Queue.get", "await") > found.weight("asyncio.Queue.join", "await") > 0


def test_the_file_is_small_sorted_and_has_a_line_for_each_name() -> None:
    path = knowledge_folder() / "usage.json"
    text = path.read_text("utf-8")
    names = [line.split('"')[1] for line in text.splitlines() if line.startswith('  "')]
    assert len(text) < LIMIT
    assert names == sorted(load_usage().uses)
    assert list(load_usage().measured) == sorted(load_usage().measured)


def test_unused_names_have_no_weight() -> None:
    found = load_usage()
    assert found.weight("asyncio.sleep", "elsewhere") == 0.0
    assert found.weight("shop.Counter", "await") == 0.0
    assert found.total("shop.Counter") == 0.0


@pytest.mark.parametrize(
    "content", [None, b"", b"[]", b'{"uses": {"asyncio.sleep": {"await": "much"}}}', b'{"uses": {"\xff": {}}}']
)
def test_without_a_readable_file_nothing_is_ranked_and_the_user_is_told(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "usage.json"
    if content is not None:
        path.write_bytes(content)
    found, problems = decoded(path)
    assert found == Usage()
    assert found.total("asyncio.sleep") == 0.0
    assert [problem.file for problem in problems] == [str(path)]
    assert "reinstalled" in problems[0].message


def test_the_shipped_file_is_valid() -> None:
    assert read_usage()[1] == ()


def test_each_use_is_counted_under_its_name_and_place(tool: ModuleType, tmp_path: Path) -> None:
    expected: Counter[tuple[str, str]] = Counter()
    for name, text in MODULES.items():
        code, found = claims(text)
        (tmp_path / name).write_text(code, "utf-8")
        expected.update((claim.says.split()[0], claim.says.split()[1]) for claim in found)
    assert {place for _, place in expected} == set(tool.PLACES)
    assert tool.count_uses(tmp_path) == expected


def test_large_files_are_left_out(tool: ModuleType, tmp_path: Path) -> None:
    code = "import asyncio\nasyncio.run(main())\n"
    (tmp_path / "large.py").write_text(code + "#" * tool.LARGEST, "utf-8")
    (tmp_path / "small.py").write_text(code, "utf-8")
    assert tool.count_uses(tmp_path) == {("asyncio.run", "sync"): 1}


def test_many_projects_outweigh_one_large_one(tool: ModuleType) -> None:
    """Each counts by the logarithm of its uses."""
    everywhere = [{("asyncio.run", "sync"): 3, ("asyncio.run", "argument"): 4}] * 5
    found = tool.weights([{("asyncio.wait", "await"): 1000}, *everywhere])
    assert found == {
        "asyncio.run": {"total": 15.0, "sync": 10.0, "argument": round(5 * math.log2(5), 1)},
        "asyncio.wait": {"total": 10.0, "await": 10.0},
    }


def test_the_loader_reads_the_written_file(tool: ModuleType, tmp_path: Path) -> None:
    weights = {"asyncio.run": {"total": 2.0, "sync": 2.0}}
    path = tmp_path / "usage.json"
    path.write_text(tool.written({"shop": "2.0", "app": "1.0"}, weights), "utf-8")
    assert decoded(path) == (Usage({"app": "1.0", "shop": "2.0"}, tool.PLACES, weights), ())
    assert list(json.loads(path.read_text("utf-8"))["measured"]) == ["app", "shop"]


def test_a_project_is_named_by_its_metadata_else_by_its_folder(tool: ModuleType, tmp_path: Path) -> None:
    folder = tmp_path / "discord_py-2.7.1"
    folder.mkdir()
    assert tool.named(folder) == ("discord_py", "2.7.1")
    (folder / "PKG-INFO").write_text("Metadata-Version: 2.4\nName: discord.py\nVersion: 2.7.1\n", "utf-8")
    assert tool.named(folder) == ("discord.py", "2.7.1")
