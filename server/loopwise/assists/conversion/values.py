"""What making a function async changes, file by file, each edit with the reason for it."""

from __future__ import annotations

from typing import Literal

import msgspec

from loopwise.graph import Ref
from loopwise.text import Edit

Part = Literal["definition", "await", "boundary"]
"""Why an edit is made: a definition becomes async, a call of it is awaited, a plain caller runs it in an event loop."""


class Written(msgspec.Struct, frozen=True):
    """An edit and the reason for it."""

    edit: Edit
    part: Part


class FileChange(msgspec.Struct, frozen=True):
    """The edits of one file, which do not overlap, in source order."""

    path: str
    """The key of the file: a path or URI."""
    edits: tuple[Written, ...]


class Conversion(msgspec.Struct, frozen=True):
    """All of it, or why it cannot be done."""

    name: str
    changes: tuple[FileChange, ...] = ()
    functions: tuple[Ref, ...] = ()
    """The functions that become async."""
    boundaries: tuple[str, ...] = ()
    """Where a plain function runs what it called: ``cli.py:12 main()``, with the reason."""
    uncalled: tuple[str, ...] = ()
    """The callers that became async, of which nothing in the project is a caller: ``tool.py:3 exported()``."""
    unfollowed: tuple[tuple[str, int], ...] = ()
    """By the name of a method: how many calls of that name are on something of which nothing is known."""
    refused: str = ""
