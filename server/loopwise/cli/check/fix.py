"""Applies the fixes of a file that do no harm."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable

import msgspec

from loopwise.cli.check.report import FileError
from loopwise.cli.check.source import Text
from loopwise.diagnosis.fix_all import Rejected, fixed
from loopwise.diagnosis.run import Found
from loopwise.project import Document

_BUG = "please report this as a bug in Loopwise"


class FixedText(msgspec.Struct, frozen=True):
    """A file with its fixes applied; ``document`` is ``None`` and ``after`` empty if there are none."""

    document: Document | None = None
    count: int = 0
    after: bytes = b""
    error: FileError | None = None
    rejected: tuple[Rejected, ...] = ()


def mended(
    text: Text,
    document: Document,
    find: Callable[[Document], Iterable[Found]],
    *,
    unsafe: bool = False,
    wanted: Callable[[Document, Found], bool] = lambda _, __: True,
) -> FixedText:
    """Apply all fixes that are safe without review, and with ``unsafe`` the others too.

    A file that Python could parse before is left alone if it could not parse it afterwards.
    """
    done = fixed(document, find, unsafe=unsafe, wanted=wanted)
    if not done.count:
        return FixedText(rejected=done.rejected)
    data = text.encoded(done.document)
    if data is None and text.cells is not None:
        return FixedText(error=FileError("its fixes would change a notebook magic, so the file was not changed"))
    if data is None:
        return FixedText(
            error=FileError(f"its fixes cannot be encoded in {text.encoding}, so the file was not changed")
        )
    if _compiles(text.data) and not _compiles(data):
        return FixedText(error=FileError(f"its fixes break the code, so the file was not changed: {_BUG}"))
    return FixedText(done.document, done.count, data, None, done.rejected)


def _compiles(data: bytes) -> bool:
    """Can the running Python parse it?  It is compiled, never run."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(data, "<file>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
