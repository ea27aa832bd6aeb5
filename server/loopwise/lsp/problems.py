"""Reports problems with settings, cards and files to the user, each once."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING

from lsprotocol import types

from loopwise import disk
from loopwise.problem import Problem, listen
from loopwise.project import Document

if TYPE_CHECKING:
    from loopwise.lsp.session import Session


class Problems:
    """The problems of one session; those in files, noticed on any thread, are shown as soon as the loop is free."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._loop = asyncio.get_running_loop()
        self._told: set[tuple[str, str, str]] = set()
        self._listening = ExitStack()
        self._listening.enter_context(listen(self._heard))

    def end(self) -> None:
        self._listening.close()

    def show(self) -> None:
        """Show the problems that the workspace has collected."""
        problems = self._session.state.problems
        for problem in problems:
            self._show(problem)
        problems.clear()

    def is_too_large(self, document: Document) -> bool:
        """Is a document too large to be checked?  The user is told once."""
        size, most = len(document.source.data), disk.SOURCE
        if size > most:
            message = f"it has {size >> 20} MB: of more than {most >> 20} MB there are no hovers and no findings"
            self._show(Problem(document.uri, "", 0, message, kind="large"))
        return size > most

    def _heard(self, problem: Problem) -> None:
        with suppress(RuntimeError):  # the loop is closed
            self._loop.call_soon_threadsafe(self._show, problem)

    def _show(self, problem: Problem) -> None:
        if problem.identity not in self._told:
            self._told.add(problem.identity)
            text = f"Loopwise: {problem}"
            self._session.server.window_show_message(types.ShowMessageParams(types.MessageType.Warning, text))
