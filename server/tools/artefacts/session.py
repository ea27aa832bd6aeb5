"""One short session with a language server over standard input and output, from an editor's point of view."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

_TEXT = """\
import asyncio
from beehive import build

hive = build()
print(hive)


async def main() -> None:
    asyncio.sleep(1)
"""
_SLEEP, _HIVE = {"line": 8, "character": 14}, {"line": 4, "character": 8}
# A library that only jedi looks into: so jedi's process runs as well.
_LIBRARY = "import asyncio\n\n\ndef build():\n    return asyncio.Queue()\n"
_LIBRARY_PLACE = ".venv/lib/python3.12/site-packages/beehive.py"
_PATIENCE = 90.0  # seconds, for the whole session; jedi's first answer can take many on a loaded machine
_OPTIONS = {"jedi": {"deadline": 60}}


@dataclass(frozen=True)
class Session:
    """The server's answers."""

    version: str
    hover: str
    hive: str
    """The hover for a name that only jedi knows."""
    rules: tuple[str, ...]
    pages: tuple[Path | None, ...]
    """The pages that the findings link to; ``None`` for a finding without a link."""
    exit_code: int
    left: bool
    """Is a process of the server left after it has exited?"""


def converse(command: Sequence[str | Path], folder: Path, env: Mapping[str, str]) -> Session:
    """Start a server in an empty ``folder``, open a document, hover, receive its findings, shut it down."""
    library = folder / _LIBRARY_PLACE
    library.parent.mkdir(parents=True)
    library.write_text(_LIBRARY, "utf-8")
    return asyncio.run(_bounded([str(word) for word in command], folder, env))


async def _bounded(command: list[str], folder: Path, env: Mapping[str, str]) -> Session:
    server = await asyncio.create_subprocess_exec(
        *command, cwd=folder, env=env, start_new_session=True,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    words = asyncio.create_task(_read(server.stderr), name="standard error")
    try:
        return await asyncio.wait_for(_session(server, folder), _PATIENCE)
    except (asyncio.TimeoutError, asyncio.IncompleteReadError, OSError, LookupError) as error:
        failed = repr(error)
    _kill(server)
    await server.wait()
    said = (await asyncio.wait_for(words, _PATIENCE)).decode("utf-8", "replace")
    raise SystemExit(f"{' '.join(command)}: no session: {failed}\n{said}")


async def _session(server: asyncio.subprocess.Process, folder: Path) -> Session:
    uri = (folder / "app.py").as_uri()
    document = {"uri": uri, "languageId": "python", "version": 1, "text": _TEXT}
    capabilities = {"textDocument": {"publishDiagnostics": {"codeDescriptionSupport": True}}}
    hello = {"processId": os.getpid(), "rootUri": folder.as_uri(), "initializationOptions": _OPTIONS}
    _send(server, id=1, method="initialize", params={**hello, "capabilities": capabilities})
    welcome = await _heard(server, id=1)
    _send(server, method="initialized", params={})
    _send(server, method="textDocument/didOpen", params={"textDocument": document})
    found: list[Any] = []
    while not found:
        found = (await _heard(server, method="textDocument/publishDiagnostics"))["params"]["diagnostics"]
    hovers = []
    for number, place in ((2, _SLEEP), (3, _HIVE)):
        _send(server, id=number, method="textDocument/hover", params={"textDocument": {"uri": uri}, "position": place})
        hover = (await _heard(server, id=number))["result"]
        hovers.append(hover["contents"]["value"] if hover else "")
    _send(server, id=4, method="shutdown")
    await _heard(server, id=4)
    _send(server, method="exit")
    exit_code = await server.wait()
    return Session(
        left=not await _gone(server.pid),
        version=welcome["result"]["serverInfo"]["version"],
        hover=hovers[0],
        hive=hovers[1],
        rules=tuple(one["code"] for one in found),
        pages=tuple(_page(one) for one in found),
        exit_code=exit_code,
    )


def _page(found: Any) -> Path | None:
    link = found.get("codeDescription")
    return Path(unquote(urlsplit(link["href"]).path)) if link else None


def _send(server: asyncio.subprocess.Process, **message: Any) -> None:
    assert server.stdin is not None
    body = json.dumps({"jsonrpc": "2.0", **message}).encode()
    server.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))


async def _heard(server: asyncio.subprocess.Process, **wanted: Any) -> Any:
    """The next message that has these fields; others are skipped."""
    assert server.stdout is not None
    while True:
        head = await server.stdout.readuntil(b"\r\n\r\n")
        length = int(head.partition(b"Content-Length: ")[2].split()[0])
        message = json.loads(await server.stdout.readexactly(length))
        if all(message.get(key) == value for key, value in wanted.items()) and "error" not in message:
            return message


async def _read(stream: asyncio.StreamReader | None) -> bytes:
    assert stream is not None
    return await stream.read()


async def _gone(group: int) -> bool:
    """Do all of the server's processes end within ten seconds?  True on systems that cannot tell."""
    for _ in range(200):
        if os.name != "posix":
            return True
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        await asyncio.sleep(0.05)
    os.killpg(group, signal.SIGKILL)
    return False


def _kill(server: asyncio.subprocess.Process) -> None:
    """Kill all of its processes, on systems where that is possible."""
    with suppress(ProcessLookupError):
        if os.name == "posix":
            os.killpg(server.pid, signal.SIGKILL)
        else:
            server.kill()
