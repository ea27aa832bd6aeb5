"""Server processes that are forks of one that has imported Loopwise already: most of a start is imports.

The suite starts hundreds of servers.  Each of these is ``loopwise serve`` in a process, a folder and an environment of
its own, on the pipes of its client; ``test_server_process.py``, ``test_websocket.py``, the README's demo and the
editors start it as users do.

As a script, this file is the process that forks (``--fork``, with the descriptor of its socket), or the one that a
client starts (the path of that socket), which hands over its descriptors and ends as the fork does.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from functools import cache
from typing import NoReturn

CAN_FORK = hasattr(os, "pidfd_open")
_FIRST, _LAST = 3, 1024  # descriptors besides the standard streams
_LONGEST = 1 << 20  # bytes of arguments and environment


@cache
def command() -> tuple[str, ...]:
    """The command of a server as started by a client; the process that forks it ends with this one."""
    if not CAN_FORK:
        return (sys.executable, "-m", "loopwise", "serve")
    # Its path is short, as those of sockets must be.  No `TemporaryDirectory`, which would be removed by the processes
    # of a pool: what they start with is this one's memory, without what is registered for its exit.
    folder = tempfile.mkdtemp()
    path = f"{folder}/servers"
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen(64)
    with listener:
        forking = subprocess.Popen(
            [sys.executable, __file__, "--fork", str(listener.fileno())],
            stdin=subprocess.PIPE,
            pass_fds=[listener.fileno()],
            cwd="/",
        )

    def end() -> None:
        assert forking.stdin is not None
        forking.stdin.close()
        forking.wait()
        shutil.rmtree(folder)

    atexit.register(end)
    # `-I -S`: without the user's and the site's packages it starts in a hundredth of a second.
    return (sys.executable, "-I", "-S", __file__, path)


def _hand_over(path: str) -> int:
    """Have a server forked that has this process's folder, environment and descriptors; return its exit code."""
    said = json.dumps({"folder": os.getcwd(), "environment": dict(os.environ)}).encode()
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(path)
        socket.send_fds(connection, [len(said).to_bytes(4, "big")], [0, 1, 2])
        connection.sendall(said)
        nothing = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(nothing, descriptor)
        code = connection.recv(1)
    return code[0] if code else 1


class _Servers:
    """The forks that are running, each with the connection to whoever asked for it, by descriptors to watch."""

    def __init__(self, listener: socket.socket) -> None:
        self.listener = listener
        self.poll = select.poll()
        self.running: dict[int, tuple[int, socket.socket]] = {}
        for descriptor in (0, listener.fileno()):
            self.poll.register(descriptor, select.POLLIN)

    def until_forked(self) -> bytes:
        """Fork servers until standard input ends; in a fork, return what was said of it."""
        while True:
            for descriptor, _ in self.poll.poll():
                if descriptor == 0:
                    self.end()
                elif descriptor in self.running:
                    self.forget(descriptor)
                elif descriptor == self.listener.fileno() and (said := self.fork()):
                    return said

    def fork(self) -> bytes:
        connection = self.listener.accept()[0]
        process, said = _forked(connection)
        if not process:
            return said
        for descriptor in (os.pidfd_open(process), connection.fileno()):
            self.running[descriptor] = process, connection
            self.poll.register(descriptor, select.POLLIN)
        return b""

    def forget(self, descriptor: int) -> None:
        """A fork has ended, or whoever asked for it, in which case it is killed."""
        process, connection = self.running[descriptor]
        if descriptor == connection.fileno():
            os.kill(process, signal.SIGKILL)
        code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
        for each in [each for each, (other, _) in self.running.items() if other == process]:
            del self.running[each]
            self.poll.unregister(each)
            if each != connection.fileno():
                os.close(each)
        with connection, contextlib.suppress(OSError):  # whoever asked may be gone
            connection.sendall(bytes([code % 256]))

    def end(self) -> NoReturn:
        for process, _ in self.running.values():
            os.kill(process, signal.SIGKILL)
        raise SystemExit


def _forked(connection: socket.socket) -> tuple[int, bytes]:
    """Fork; in the new process, which gets 0, take over the client's descriptors."""
    length, descriptors, _, _ = socket.recv_fds(connection, 4, 3)
    said = b""
    while len(said) < int.from_bytes(length, "big"):
        said += connection.recv(_LONGEST)
    process = os.fork()
    if not process:
        for number, descriptor in enumerate(descriptors):
            os.dup2(descriptor, number)
        os.closerange(_FIRST, _LAST)
    else:
        for descriptor in descriptors:
            os.close(descriptor)
    return process, said


def _serve(said: bytes) -> int:
    from loopwise.cli.main import main

    told = json.loads(said)
    os.chdir(told["folder"])
    os.environ.clear()
    os.environ.update(told["environment"])
    sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = os.fdopen(2, "w", encoding="utf-8", closefd=False)
    sys.argv = ["loopwise", "serve"]
    return main(["serve"])


def _import() -> None:
    """Import all that a server does, so that its forks share it."""
    for module in ("loopwise.cli.serve", "loopwise.lsp.session", "loopwise.lsp.transport.stdio"):
        importlib.import_module(module)
    importlib.import_module("loopwise.rules.registry").all_rules()
    gc.freeze()


def _main() -> int:
    if sys.argv[1] != "--fork":
        return _hand_over(sys.argv[1])
    _import()
    listener = socket.socket(fileno=int(sys.argv[2]))
    return _serve(_Servers(listener).until_forked())


if __name__ == "__main__":
    raise SystemExit(_main())
