"""The fixes of a file, made as far as they do no harm."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable

import msgspec

from loopwise.cli.check.report import FileError
from loopwise.cli.check.source import Text
from loopwise.diagnosis.fix_all import fixed
from loopwise.diagnosis.run import Found
from loopwise.diagnosis.together import together
from loopwise.project import Document

_MOST = 20  # rounds of fixes: each may make room for the next one
_BUG = "please report this as a bug of Loopwise"


class FixedText(msgspec.Struct, frozen=True):
    """A file with fixes made; ``document`` is ``None`` and ``after`` empty where there are none."""

    document: Document | None = None
    count: int = 0
    after: bytes = b""
    error: FileError | None = None


def mended(
    text: Text, document: Document, find: Callable[[Document], Iterable[Found]], *, unsafe: bool = False
) -> FixedText:
    """The file with all fixes made that may be made unseen, and with ``unsafe`` the others too.

    A file that Python could read before is left alone if it could not read it after.
    """
    count, after = 0, document
    for _ in range(_MOST):
        after, repaired = fixed(after, find, unsafe=unsafe)
        count += len(repaired)
        if not repaired:
            break
    left, _ = together(find(after), unsafe=unsafe)
    trouble = FileError(f"some fixes break the code or come to no end, so they were not made: {_BUG}") if left else None
    if not count:
        return FixedText(error=trouble)
    data = text.encoded(after.source)
    if data is None:
        return FixedText(error=FileError(f"its fixes cannot be written in {text.encoding}, so it was left as it is"))
    if _compiles(text.data) and not _compiles(data):
        return FixedText(error=FileError(f"its fixes break the code, so it was left as it is: {_BUG}"))
    return FixedText(after, count, data, trouble)


def _compiles(data: bytes) -> bool:
    """Can the Python that runs this read it?  It is compiled, never run."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(data, "<file>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
