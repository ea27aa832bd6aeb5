"""The jedi process: its answers, its end, and that it never runs the user's code."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from loopwise.semantics.oracle import Answer, Oracle, Question
from marked import cursor, place
from serving import COMMAND, eventually
from talk import INITIALIZED, SHUTDOWN, Server, initialize, notification, request

LIBRARY = "import asyncio\n\ndef make_queue():\n    return asyncio.Queue()\n"
USER = "from hive import make_queue\n\njobs = make_queue()\njobs.g$0et\n"
SLOW = 60.0  # seconds; jedi's first answer on a loaded machine


def question(folder: Path, marked: str, **more: object) -> Question:
    text, offset = cursor(marked)
    before = text[:offset]
    line, column = before.count("\n") + 1, len(before.rpartition("\n")[2])
    return Question(text, str(folder / "app.py"), line, column, str(folder), **more)  # type: ignore[arg-type]


async def test_it_knows_the_results_of_library_functions(tmp_path: Path) -> None:
    """A library is found in the folders of the workspace's environment."""
    library = tmp_path / "site-packages"
    library.mkdir()
    (library / "hive.py").write_text(LIBRARY)
    oracle = Oracle()
    try:
        answers = await oracle.ask(question(tmp_path, USER, sys_path=(str(library),)), SLOW)
    finally:
        await oracle.close()
    assert answers == (Answer("function", "asyncio.queues.Queue.get"),)


async def test_no_user_code_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even a module of the user's with the name of one of ours, in the current directory."""
    trace = tmp_path / "was_run"
    for name in ("parso", "jedi", "hive", "msgspec", "json", "sitecustomize"):
        (tmp_path / f"{name}.py").write_text(f"open({str(trace)!r}, 'a').write({name!r})\n{LIBRARY}")
    monkeypatch.chdir(tmp_path)
    oracle = Oracle()
    try:
        answers = await oracle.ask(question(tmp_path, USER), SLOW)
    finally:
        await oracle.close()
    assert answers is not None
    ran = subprocess.run([sys.executable, "-m", "loopwise", "explain", "gather"], capture_output=True, check=False)
    assert (ran.returncode, trace.exists()) == (0, False)


@pytest.mark.parametrize("entries", [":{empty}", ".:{empty}", "{empty}:", "src:{empty}", "../{name}:{empty}", ":"])
def test_no_user_code_is_run_whatever_the_path_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, entries: str
) -> None:
    """A server, started in the user's folder with entries of PYTHONPATH that point to it; jedi is asked."""
    workspace, trace, empty = tmp_path / "workspace", tmp_path / "was_run", tmp_path / "empty"
    for folder in (workspace / "src", empty):
        folder.mkdir(parents=True)
    planted = "jedi parso hive msgspec argparse json platformdirs pathspec lsprotocol pygls tree_sitter".split()
    for name in planted:
        for folder in (workspace, workspace / "src"):
            (folder / f"{name}.py").write_text(f"open({str(trace)!r}, 'a').write({name!r})\n{LIBRARY}")
    monkeypatch.chdir(workspace)
    monkeypatch.setenv("PYTHONPATH", entries.format(empty=empty, name=workspace.name).replace(":", os.pathsep))
    server = Server(*COMMAND)
    try:
        start = initialize()
        start["params"] |= {"rootUri": workspace.as_uri()}
        text, offset = cursor(USER)
        line, column = place(text, offset)
        uri = (workspace / "app.py").as_uri()
        item = {"uri": uri, "languageId": "python", "version": 1, "text": text}
        where = {"textDocument": {"uri": uri}, "position": {"line": line, "character": column}}
        server.talk.send(start, INITIALIZED, notification("textDocument/didOpen", {"textDocument": item}))
        for number in range(100, 103):
            server.talk.send(request(number, "textDocument/hover", where))
            server.talk.answer(number)
        server.talk.send(SHUTDOWN)
        server.talk.answer(3)
    finally:
        server.close()
    assert not trace.exists(), trace.read_text()


async def test_a_process_that_does_not_answer_is_dropped_at_the_deadline(tmp_path: Path) -> None:
    """The request continues without it, and so does the next."""
    oracle = Oracle((sys.executable, "-c", "import time; time.sleep(600)"))
    start = time.monotonic()
    try:
        assert await oracle.ask(question(tmp_path, USER), 0.2) is None
        assert await oracle.ask(question(tmp_path, USER), 0.2) is None
    finally:
        await oracle.close()
    assert time.monotonic() - start < SLOW


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="the system does not tell how much memory is used")
async def test_a_process_that_has_grown_is_replaced(tmp_path: Path) -> None:
    grown = "import loopwise.semantics.oracle as oracle; oracle._MOST_MEMORY = 1; oracle.serve()"
    oracle = Oracle((sys.executable, "-c", grown))
    try:
        for number in range(8):  # more often than one that has died is started
            assert await oracle.ask(question(tmp_path, f"class C{number}: ...\nC{number}$0\n"), SLOW)
            assert await eventually(lambda: oracle._process is None)
    finally:
        await oracle.close()


async def test_a_process_that_dies_is_restarted_a_limited_number_of_times(tmp_path: Path) -> None:
    """No question is answered, and none waits for the deadline once the process is given up."""
    count = tmp_path / "starts"
    oracle = Oracle((sys.executable, "-c", f"open({str(count)!r}, 'a').write('x'); raise SystemExit(1)"))
    try:
        for number in range(8):
            await oracle.ask(question(tmp_path, f"x{number}$0 = 1"), SLOW)
    finally:
        await oracle.close()
    assert 1 < len(count.read_text()) < 8


async def test_no_process_is_left_after_closing(tmp_path: Path) -> None:
    """Also while a question is open."""
    oracle = Oracle()
    await oracle.ask(question(tmp_path, "import asyncio\nasyncio.sl$0eep"), SLOW)
    process = oracle._process
    assert process is not None
    await oracle.close()
    assert process.returncode is not None
