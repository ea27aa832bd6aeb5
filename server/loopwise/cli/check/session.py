"""One run of ``loopwise check`` after another: what is new since the last one is checked, the rest is known."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from time import monotonic

import msgspec

from loopwise.cli.check.cache import Cache, key_of
from loopwise.cli.check.checker import Checker
from loopwise.cli.check.files import Target, bases, is_left_out, targets
from loopwise.cli.check.options import CheckOptions
from loopwise.cli.check.pool import Job, checked
from loopwise.cli.check.report import FileResult, as_shown
from loopwise.cli.check.result import RunResult
from loopwise.cli.check.source import Text, write_bytes
from loopwise.cli.screen import warn
from loopwise.semantics.index import files_below

_LONG = 1.0  # seconds before there is a bar


class RunOptions(msgspec.Struct, frozen=True):
    """What holds for a whole run."""

    check_options: CheckOptions
    jobs: int
    on_disk: bool = True
    """Is what was found kept for the next time?"""
    diff: bool = False
    """Are fixes only shown?"""
    force_exclude: bool = False


class Session:
    """Checks the same paths, which are absolute, as often as is wanted."""

    def __init__(self, paths: Iterable[str], run_options: RunOptions) -> None:
        self.paths = list(paths)
        self.run_options = run_options
        self._caches: dict[str, Cache] = {}
        self._workspace = run_options.check_options.workspace(bases(self.paths))

    def run(self) -> RunResult:
        """What is found now; files are mended if that is wanted."""
        self._workspace = self.run_options.check_options.workspace(bases(self.paths))
        files = self._targets()
        caches = {root: self._cache(root) for root in dict.fromkeys(target.root for target in files)}
        warn(self._workspace.problems)
        known = {target: self._known(caches[target.root], target.path) for target in files}
        todo: dict[str, list[str]] = {}
        for target, one in known.items():
            if one is None:
                todo.setdefault(target.root, []).append(target.path)
        fresh = {one.path: self._kept(one) for one in self._check(caches, todo)}
        for target in files:
            if target.path in fresh:
                caches[target.root].add(fresh[target.path])
        for cache in caches.values():
            cache.save()
        cwd = os.getcwd()
        done = (one if one is not None else fresh[target.path] for target, one in known.items())
        return RunResult(tuple(as_shown(one, cwd) for one in done), self.run_options.diff)

    def text(self, text: Text, path: Path | None, name: str) -> FileResult:
        """What is found in a text that stands, or would, at ``path``."""
        folder = self._workspace.root(path if path is not None else Path.cwd()).folder
        cache = self._cache(str(folder))
        warn(self._workspace.problems)
        cache.save()
        one = Checker(self.run_options.check_options, folder, cache.project_coroutines).check_text(text, path, name)
        return as_shown(one, os.getcwd())

    def wants(self, path: Path | None) -> bool:
        """Is a file that is named not left out?"""
        return path is None or not self.run_options.force_exclude or not is_left_out(str(path), self._workspace)

    def stamps(self) -> dict[str, tuple[int, int]]:
        """When the files on which the result depends were changed (ns), and how large they are (bytes)."""
        files = self._targets()
        roots = {self._workspace.root(Path(target.path).parent).folder for target in files}
        roots |= set(bases(self.paths))
        found = {one.path: one.stamp for root in roots for one in files_below(root) if one is not None}
        others = [target.path for target in files] + [str(root / "pyproject.toml") for root in roots]
        return {**found, **{path: _stamp(path) for path in others if path not in found}}

    def _targets(self) -> list[Target]:
        return targets(self.paths, self._workspace, force_exclude=self.run_options.force_exclude)

    def _cache(self, folder: str) -> Cache:
        root = self.run_options.check_options.root(self._workspace, Path(folder))
        key = key_of(root, self.run_options.check_options)
        if key in self._caches:
            self._caches[key].look(root)
        else:
            self._caches[key] = Cache(root, key, on_disk=self.run_options.on_disk)
        return self._caches[key]

    def _known(self, cache: Cache, path: str) -> FileResult | None:
        """What was found in an earlier run; ``None`` where that holds no more, or there are fixes to be made."""
        one, wanted = cache.found(path), self.run_options.check_options
        if one is None or not wanted.fix:
            return one
        mends = [report.fix for report in one.reports]
        return None if any(mend is not None and (mend.safe or wanted.unsafe) for mend in mends) else one

    def _check(self, caches: dict[str, Cache], todo: dict[str, list[str]]) -> Iterator[FileResult]:
        job = Job(self.run_options.check_options, {root: cache.project_coroutines for root, cache in caches.items()})
        return _with_bar(checked(job, todo, self.run_options.jobs), sum(map(len, todo.values())))

    def _kept(self, one: FileResult) -> FileResult:
        """A file with its fixes written, if that is wanted."""
        if not one.after or self.run_options.diff:
            return one
        trouble = write_bytes(one.path, one.before, one.after)
        if trouble is None:
            return one
        return msgspec.structs.replace(one, error=trouble, fixed=0)


def _with_bar(results: Iterator[FileResult], total: int) -> Iterator[FileResult]:
    """The results; from the second second on, a terminal shows how far they are."""
    start = monotonic()
    for number, result in enumerate(results, 1):
        yield result
        if monotonic() - start > _LONG and sys.stderr.isatty():
            from loopwise.cli.check.terminal import watched  # Costs 0.2 s.

            yield from watched(results, total, number)


def _stamp(path: str) -> tuple[int, int]:
    try:
        state = os.stat(path)
    except OSError:
        return 0, 0
    return state.st_mtime_ns, state.st_size
