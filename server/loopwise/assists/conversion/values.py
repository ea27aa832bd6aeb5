"""The result of making a function async: edits by file, each with its reason."""

from __future__ import annotations

from typing import Literal

import msgspec

from loopwise.graph import Ref
from loopwise.text import Edit

Part = Literal["definition", "await", "boundary", "plain", "unawaited"]
"""The reason for an edit: a definition becomes async, a call of it is awaited, a plain caller runs it in an event loop;

or the reverse: a definition becomes plain, a call of it is not awaited any more.
"""


class RefusedError(Exception):
    """Raised if the conversion cannot be done; the text is the reason."""


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
    """The edits of all files, or the reason why the conversion is not possible."""

    name: str
    changes: tuple[FileChange, ...] = ()
    functions: tuple[Ref, ...] = ()
    """The functions that become async."""
    boundaries: tuple[str, ...] = ()
    """The plain functions that run their calls in an event loop: ``cli.py:12 main()``, with the reason."""
    uncalled: tuple[str, ...] = ()
    """The callers that became async without having a caller in the project: ``tool.py:3 exported()``."""
    unfollowed: tuple[tuple[str, int], ...] = ()
    """By method name: the number of calls on receivers of unknown type."""
    refused: str = ""
