"""Remembers the findings of files on disk from one session to the next."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

from loopwise import disk
from loopwise.diagnosis.live import Checked
from loopwise.diagnosis.remembered import Remembered
from loopwise.diagnosis.state import state_of
from loopwise.project import Document, Root
from loopwise.semantics.modules import read
from loopwise.store import Store, cache_folder
from loopwise.text import encode

if TYPE_CHECKING:
    from loopwise.lsp.session import Session

_log = logging.getLogger(__name__)
_MOST = 16 * disk.MIB  # of values; a file has 40 bytes, and 150 for each finding and each module it depends on
_MOST_MODULES = 2_000  # of files that depend on more, nothing is kept: to look at all of them takes 10 ms


class Memory:
    """Remembers findings for one session.  Disk and store are used in a thread, by one task at a time."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._turn = asyncio.Lock()
        self._store: Store | None = None
        self._kept: dict[bytes, Remembered] = {}
        """The findings this session has stored, by key, so that nothing is written twice."""

    async def recall(self, document: Document) -> Checked | None:
        """The findings stored for the same text under the same circumstances; ``None`` if there are none."""
        if document.path is None or document.module is None:
            return None
        root = self.session.state.root(document.path)
        async with self._turn:
            return await asyncio.to_thread(self._recalled, root, document)

    async def keep(self, document: Document, checked: Checked) -> None:
        """Store a document's findings, if it and its dependencies are unchanged from those on disk."""
        if document.path is None or document.module is None:
            return
        root = self.session.state.root(document.path)
        modules = tuple(root.project(document.folder or root.folder).loaded())
        if len(modules) > _MOST_MODULES:
            return
        opened = {str(each.path): each.source.data for each in self.session.state.documents.values()}
        texts = {path: opened.get(path) for path in modules} | {str(document.path): document.source.data}
        async with self._turn:
            await asyncio.to_thread(self._keep, root, document, checked, texts)

    def _recalled(self, root: Root, document: Document) -> Checked | None:
        try:
            found = self._base().get(_key(root, document), Remembered)
            return found.checked(document.source.data) if found is not None else None
        except OSError as error:
            _log.info("%s cannot be recalled: %s", document.uri, error)
            return None

    def _keep(self, root: Root, document: Document, checked: Checked, texts: Mapping[str, bytes | None]) -> None:
        """``texts``: the dependencies by path, with the editor's text of those that are open."""
        if not all(_is_saved(path, text) for path, text in texts.items() if text is not None):
            return
        try:
            key, value = _key(root, document), Remembered.of(checked, texts.keys() - {str(document.path)})
            if self._kept.get(key) != value:
                self._base().put(key, value)
                self._base().flush()
                self._kept[key] = value
        except OSError as error:
            _log.info("%s cannot be kept: %s", document.uri, error)

    def _base(self) -> Store:
        if self._store is None:
            self._store = Store(cache_folder() / "open.sqlite", _MOST)
        return self._store


def _key(root: Root, document: Document) -> bytes:
    """The key of a document: its text, its location, and everything else that its findings depend on."""
    assert document.path is not None
    made = blake2b(digest_size=20)
    around = state_of(root, (document.path.parent,))
    for part in (
        around,
        encode(str(document.path)),
        encode(f"{document.folder} {document.file.name}"),
        document.source.data,
    ):
        made.update(len(part).to_bytes(8, "little") + part)
    return made.digest()


def _is_saved(path: str, text: bytes) -> bool:
    source = read(Path(path))
    return source is not None and source.data == text
