"""Reads the libraries of one environment: known ones from the store, new ones from their texts."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path

from loopwise.semantics.libraries.environment import read_environment
from loopwise.semantics.libraries.keys import key_of
from loopwise.semantics.libraries.packages import Package, files_of, package_of
from loopwise.semantics.libraries.places import Place, Places
from loopwise.semantics.libraries.shipped import shipped
from loopwise.semantics.libraries.summary import Summary, summarise
from loopwise.semantics.modules import read
from loopwise.store import Store, cache_folder
from loopwise.text import encode

_MOST = 400  # modules that are read ahead of time for one question
_LONGEST = 20.0  # seconds of reading ahead


class Reader:
    """``home`` is the environment's folder; without one only shipped libraries are available."""

    def __init__(self, home: Path | None, store: Store | None = None) -> None:
        self.home = home
        self._store = store if store is not None else Store(cache_folder() / "libraries.sqlite")
        self._places = Places(read_environment(home))
        self._packages: dict[str, Package] = {}

    def package(self, name: str) -> Package:
        """A top-level package; it has no names if it does not exist or has nothing to await."""
        found = self._packages.get(name)
        if found is None:
            found = self._packages[name] = self._package(name)
        return found

    def _package(self, name: str) -> Package:
        files = files_of(self._places.top(name))
        if not files.paths:
            pack = shipped(name)
            return Package(name, pack.coroutines, pack.version) if pack is not None else Package(name)
        version = self._places.version(name)
        key = key_of(b"package", encode(f"{name} {version}"), files.digest)
        found = self._store.get(key, Package)
        if found is None:
            found = package_of(name, files, version)
            self._store.put(key, found)
        return found

    def known(self) -> Iterable[Package]:
        """The packages read so far."""
        return self._packages.values()

    def summary(self, name: str) -> Summary | None:
        """A module's summary; ``None`` if it does not exist or its package has nothing to await."""
        root = name.partition(".")[0]
        if not self.package(root).coroutines:
            return None
        place = self._places.find(name)
        if place is None:
            pack = shipped(root) if not self._places.top(root) else None
            return pack.summaries.get(name) if pack is not None else None
        return self._summary(place)

    def _summary(self, place: Place) -> Summary | None:
        if place.path is None:
            return Summary(place.name, package=True, stub=b"")
        source = read(place.path)
        if source is None:
            return None
        key = key_of(b"module", encode(f"{place.name} {place.package} {place.path}"), source.data)
        found = self._store.get(key, Summary)
        if found is None:
            found = summarise(place.name, source.data, package=place.package, path=str(place.path))
            self._store.put(key, found)
        return found

    def ahead(self, names: Iterable[str]) -> Iterator[tuple[str, Summary | None]]:
        """Summaries of modules and of those they need, nearest first; the named modules are always included."""
        waiting = deque(dict.fromkeys(names))
        named, seen, end = len(waiting), set(waiting), time.monotonic() + _LONGEST
        while waiting and (named > 0 or (len(seen) < _MOST and time.monotonic() < end)):
            name = waiting.popleft()
            named -= 1
            found = self.summary(name)
            yield name, found
            for need in found.needs if found is not None else ():
                if need not in seen:
                    seen.add(need)
                    waiting.append(need)

    def close(self) -> None:
        """Write new entries to the store."""
        self._store.close()
