"""All access to files goes through this module: reads, writes, and queries that never raise.

A workspace contains files of others: a Python file may be a link to ``/dev/zero``, a pipe without a writer, or 4 GB
long.  So a file is opened without blocking, is read only if it is a regular file, and only up to a limit.

``Path.is_dir`` and the like raise for a name that is too long, a folder without permission and a mount that is gone.
Editors send such paths: those of dev containers are URIs of 700 bytes.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from loopwise.problem import Problem, tell

KIB = 1024
MIB = 1024 * KIB
SETTINGS = 1 * MIB
"""Limit for hand-written files, in bytes: a configuration, patterns, a page.  1 MiB of TOML takes 0.3 s to read."""
LOCK = 4 * MIB
"""Limit for lock files, which are generated, in bytes: the largest seen has 2.5 MB."""
MODULE = 4 * MIB
"""Limit for Python files that are only imported from, in bytes; larger ones are data with the suffix .py."""
SOURCE = 8 * MIB
"""Limit for Python files that are checked, in bytes.  The tree of 1 MB takes 40 MB of memory."""
NOTEBOOK = 64 * MIB
"""Limit for notebooks, in bytes: pictures in their outputs are included."""
DATA = 256 * MIB
"""Limit for files that Loopwise has written or ships, in bytes: the cache of 100,000 files has 60 MB."""
LOG = 64 * MIB
"""Limit for a log or traceback to be explained, in bytes."""

UNREADABLE = "unreadable"
# Without O_NONBLOCK, opening a pipe waits for a writer; without O_NOCTTY, a terminal device may become ours.
_FLAGS = os.O_RDONLY | sum(getattr(os, name, 0) for name in ("O_NONBLOCK", "O_NOCTTY", "O_CLOEXEC", "O_BINARY"))
_CHUNK = 4 * MIB
_TEMPORARY = ".tmp"
_MOST_NAME = 50  # characters: a name has 255 bytes at most
_LEFT = 60  # seconds after which a file that is being written is taken for one that was left
_ABSENT = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG, errno.EINVAL})
_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


class OddError(OSError):
    """A path that is deliberately not read; the text says why, and what to do."""


def read(path: str | Path, most: int) -> bytes:
    """Read a regular file of at most ``most`` bytes; raises :class:`OddError` for any other, ``OSError`` like ``open``.

    It never blocks, neither on a pipe nor on a device.
    """
    try:
        _checked(os.stat(path), most)
        handle = os.open(path, _FLAGS)
    except ValueError as error:  # a path with a zero byte
        raise FileNotFoundError(errno.ENOENT, str(error)) from None
    try:
        size = _checked(os.fstat(handle), most).st_size
        parts, left = [], most + 1
        while left > 0 and (part := os.read(handle, min(left, size + 1, _CHUNK))):
            parts.append(part)
            left -= len(part)
            size = max(size - len(part), 64 * KIB)
    finally:
        os.close(handle)
    if left <= 0:  # the system says 0 for the size of its own files
        raise OddError(_too_large(most + 1, most))
    return b"".join(parts)


def data(path: str | Path, most: int) -> bytes | None:
    """The bytes of a file; ``None`` if there is none.  A file that exists but cannot be read is reported."""
    try:
        return read(path, most)
    except OSError as error:
        if error.errno not in _ABSENT:
            tell(trouble(path, error))
        return None


def stamp(path: str | Path) -> tuple[int, int] | None:
    """A file's modification time (ns) and size (bytes); ``None`` if it does not exist."""
    try:
        state = os.stat(path)
    except (OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno not in _ABSENT:
            tell(trouble(path, error))
        return None
    return state.st_mtime_ns, state.st_size


def text(path: str | Path, most: int = SETTINGS, errors: str = "replace") -> str:
    """The text of a file without its byte order mark; empty if there is none.  Errors are reported as by :func:`data`.

    ``errors`` says how to handle bytes that are not UTF-8, as in ``bytes.decode``.
    """
    return (data(path, most) or b"").decode(errors=errors).removeprefix("\ufeff")


def reason(error: OSError) -> str:
    """The reason why a file cannot be read, and the remedy."""
    if isinstance(error, OddError):
        return str(error)
    return f"it cannot be read ({error.strerror or error}): check the path and who may read it"


def trouble(path: str | Path, error: OSError) -> Problem:
    return Problem(str(path), "", 0, reason(error), kind=UNREADABLE)


def write(path: str | Path, content: bytes) -> None:
    """Replace a file's content atomically; mode and owner are kept.  Raises ``OSError``."""
    target = Path(path)
    start = f".loopwise-{target.name[:_MOST_NAME]}-"
    _swept(target.parent, start)
    handle, fresh = tempfile.mkstemp(_TEMPORARY, start, target.parent)
    try:
        with open(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            shutil.copymode(target, fresh)
            _keep_owner(target, fresh)
        Path(fresh).replace(target)
    except BaseException:
        with suppress(OSError):
            Path(fresh).unlink()
        raise


def _swept(folder: Path, start: str) -> None:
    """Remove temporary files left by a process that was killed while writing."""
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(start) and entry.name.endswith(_TEMPORARY):
                if time.time() - entry.stat(follow_symlinks=False).st_mtime > _LEFT:
                    os.unlink(entry.path)


def is_file(path: Path) -> bool:
    return os.path.isfile(path)


def is_folder(path: Path) -> bool:
    return os.path.isdir(path)


def exists(path: Path) -> bool:
    return os.path.exists(path)


def is_named(path: Path) -> bool:
    """Does the path exist, even as a broken link?"""
    return os.path.lexists(path)


def real(path: Path) -> str:
    """The path with links resolved, the same for each name of one file."""
    try:
        return os.path.realpath(path)
    except (OSError, ValueError):
        return str(path)


def matching(folder: Path, pattern: str) -> list[Path]:
    """The paths below a folder that match a pattern of :meth:`pathlib.Path.glob`, sorted."""
    try:
        return sorted(folder.glob(pattern))
    except (OSError, ValueError):
        return []


def _checked(state: os.stat_result, most: int) -> os.stat_result:
    if not stat.S_ISREG(state.st_mode):
        kind = next((kind for is_kind, kind in _KINDS if is_kind(state.st_mode)), "something else")
        raise OddError(f"it is {kind}, not a file: put a regular file in its place, or remove it")
    if state.st_size > most:
        raise OddError(_too_large(state.st_size, most))
    return state


def _too_large(size: int, most: int) -> str:
    return f"it is too large ({_megabytes(size)}; at most {_megabytes(most)} are read): split it, or leave it out"


def _megabytes(size: int) -> str:
    return f"{size / MIB:.0f} MB" if size >= 10 * MIB else f"{size / MIB:.1f} MB"


def _keep_owner(target: Path, fresh: str) -> None:
    if hasattr(os, "chown"):
        state = os.stat(target)
        with suppress(OSError):  # only root may give files away
            os.chown(fresh, state.st_uid, state.st_gid)
