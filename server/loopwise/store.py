"""Stores values in the user's cache folder, by keys that identify the content they were made from.

Several processes may use a store at once.  If it cannot be read or written, everything continues without it.
"""

from __future__ import annotations

import logging
import sqlite3
import time
import weakref
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import msgspec
import platformdirs

from loopwise import disk

_log = logging.getLogger(__name__)
_T = TypeVar("_T")
# Writing the time of use with each read would turn every read into a write.
_DAY = 24 * 60 * 60
_PATIENCE = 2.0  # seconds that one process waits for another to write
_BATCH = 100  # values that are written at once
_TABLE = "CREATE TABLE IF NOT EXISTS made (key BLOB PRIMARY KEY, value BLOB NOT NULL, used INTEGER NOT NULL)"
_ENOUGH = (
    "DELETE FROM made WHERE key IN (SELECT key FROM (SELECT key, SUM(LENGTH(value)) OVER (ORDER BY used DESC, key)"
    " AS total FROM made) WHERE total > ?)"
)


class Store:
    """One file of values by key, with at most ``most`` bytes of values; used by one thread at a time."""

    def __init__(self, path: Path, most: int = 64 * disk.MIB) -> None:
        self._base: sqlite3.Connection | None = None
        self._closing: weakref.finalize[..., Store] | None = None
        """Closes the database when the store is collected, at the latest: Python 3.13 warns about open ones."""
        self.path = path
        self._most = most
        self._fresh: dict[bytes, bytes] = {}
        self._opened = False

    def get(self, key: bytes, kind: type[_T]) -> _T | None:
        """The value of a key; ``None`` if there is none or it is corrupt."""
        rows = self._try(lambda base: base.execute("SELECT value, used FROM made WHERE key = ?", (key,)).fetchall())
        for value, used in rows or ():
            with suppress(msgspec.DecodeError, TypeError):
                found = msgspec.msgpack.decode(value, type=kind)
                if used < time.time() - _DAY:
                    self._fresh[key] = value
                return found
        return None

    def put(self, key: bytes, value: object) -> None:
        """Store a value; it is on disk after the next ``flush``."""
        self._fresh[key] = msgspec.msgpack.encode(value)
        if len(self._fresh) >= _BATCH:
            self.flush()

    def flush(self) -> None:
        """Write new values, and delete the least recently used ones if the file is too large."""
        if not self._fresh:
            return
        now = int(time.time())
        rows = [(key, value, now) for key, value in self._fresh.items()]
        self._fresh = {}

        def write(base: sqlite3.Connection) -> bool:
            with base:
                base.executemany("INSERT OR REPLACE INTO made VALUES (?, ?, ?)", rows)
                base.execute(_ENOUGH, (self._most,))
            return True

        self._try(write)

    def close(self) -> None:
        """Write new values and close the file."""
        self.flush()
        self._disconnect()

    def _disconnect(self) -> None:
        if self._closing is not None:
            self._closing()
        self._base, self._closing, self._opened = None, None, False

    def _try(self, ask: Callable[[sqlite3.Connection], _T]) -> _T | None:
        """The result of a query; a corrupt database is deleted and recreated once."""
        for _ in range(2):
            base = self._connected()
            if base is None:
                return None
            try:
                return ask(base)
            except sqlite3.OperationalError as error:  # locked, full, read-only
                _log.info("%s cannot be used now: %s", self.path, error)
                return None
            except sqlite3.DatabaseError as error:
                _log.info("%s is broken, and made anew: %s", self.path, error)
                self._discard()
        return None

    def _connected(self) -> sqlite3.Connection | None:
        if not self._opened:
            self._opened = True
            try:
                self._base = self._connect()
            except sqlite3.OperationalError as error:
                _log.info("%s cannot be used: %s", self.path, error)
            except sqlite3.DatabaseError as error:
                _log.info("%s is broken, and made anew: %s", self.path, error)
                self._discard()
                with suppress(sqlite3.Error, OSError):
                    self._opened, self._base = True, self._connect()
            except OSError as error:
                _log.info("%s cannot be used: %s", self.path, error)
        return self._base

    def _connect(self) -> sqlite3.Connection:
        if disk.exists(self.path) and not disk.is_file(self.path):
            raise OSError("it is not a file")
        self.path.parent.mkdir(parents=True, exist_ok=True)
        # The garbage collector may close it from another thread, once it is no longer used.
        base = sqlite3.connect(self.path, timeout=_PATIENCE, check_same_thread=False)
        try:
            _prepare(base)
        except sqlite3.Error:
            base.close()
            raise
        self._closing = weakref.finalize(self, _close, base)
        return base

    def _discard(self) -> None:
        self._disconnect()
        with suppress(OSError):
            self.path.unlink(missing_ok=True)


def _close(base: sqlite3.Connection) -> None:
    with suppress(sqlite3.Error):
        base.close()


def _prepare(base: sqlite3.Connection) -> None:
    try:
        base.execute(_TABLE)
    except sqlite3.OperationalError:  # read-only: what is there can be read
        base.execute("SELECT 1 FROM made LIMIT 1")


def cache_folder() -> Path:
    """The folder for this user's caches; environment variables such as ``XDG_CACHE_HOME`` are respected."""
    return Path(platformdirs.user_cache_dir("loopwise", appauthor=False))
