"""Consecutive runs of ``loopwise check``: files that changed since the last run are checked, others are known."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from time import monotonic

import msgspec

from loopwise import disk
from loopwise.cli.check.cache import Cache, key_of
from loopwise.cli.check.checker import Checker
from loopwise.cli.check.files import Target, bases, is_left_out, loose_bases, targets
from loopwise.cli.check.options import CheckOptions
from loopwise.cli.check.pool import Job, checked
from loopwise.cli.check.report import FileError, FileResult, Shown, as_shown
from loopwise.cli.check.result import RunResult
from loopwise.cli.check.source import Text, write_bytes
from loopwise.cli.screen import warn
from loopwise.project import Workspace
from loopwise.semantics.index import files_below
from loopwise.settings import is_source
from loopwise.versions import version_text

_LONG = 1.0  # seconds before there is a bar


class RunOptions(msgspec.Struct, frozen=True):
    """The options of a whole run."""

    check_options: CheckOptions
    jobs: int
    on_disk: bool = True
    """Are the findings kept for the next run?"""
    diff: bool = False
    """Are fixes only shown?"""
    force_exclude: bool = False
    quiet: bool = False
    """Is nothing printed except the findings?"""


class Session:
    """Checks the same paths any number of times."""

    def __init__(self, paths: Iterable[str], run_options: RunOptions) -> None:
        typed = {os.path.abspath(path): os.path.normpath(path) for path in paths}
        self.paths = list(typed)
        self.shown = Shown(os.getcwd(), tuple(sorted(typed.items(), key=lambda pair: -len(pair[0]))))
        self.run_options = run_options
        self._caches: dict[str, Cache] = {}
        self._workspace = self._new_workspace()

    def run(self) -> RunResult:
        """Check; files are fixed if the options say so."""
        self._workspace = self._new_workspace()
        files = self._targets()
        caches = {root: self._cache(root, files) for root in dict.fromkeys(target.root for target in files)}
        broken = self._complain()
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
        done = (one if one is not None else fresh[target.path] for target, one in known.items())
        shown = tuple(as_shown(one, self.shown) for one in done)
        return self._outcome(shown, caches, broken=broken)

    def _new_workspace(self) -> Workspace:
        return self.run_options.check_options.workspace(bases(self.paths), loose=loose_bases(self.paths))

    def _complain(self) -> bool:
        """Print problems with settings and cards; returns true if one is in a pyproject.toml's settings."""
        warn(self._workspace.problems)
        return any(problem.fatal for problem in self._workspace.problems)

    def _outcome(self, files: tuple[FileResult, ...], roots: Iterable[str], *, broken: bool) -> RunResult:
        return RunResult(
            files, self.run_options.diff, broken=broken, quiet=self.run_options.quiet, assumed=self._assumed(roots)
        )

    def _assumed(self, roots: Iterable[str]) -> str:
        """The assumed Python, if the projects declare none; else empty."""
        targets_ = (self._workspace.root(Path(root)).target for root in roots)
        return next((version_text(target.ceiling) for target in targets_ if target.assumed), "")

    def text(self, text: Text, path: Path | None, name: str) -> RunResult:
        """Check a text that is, or would be, at ``path``."""
        folder = self._workspace.root(path if path is not None else Path.cwd()).folder
        cache = self._cache(str(folder), ())
        broken = self._complain()
        cache.save()
        one = Checker(self.run_options.check_options, folder, cache.project_names).check_text(text, path, name)
        return self._outcome((as_shown(one, self.shown),), [str(folder)], broken=broken)

    def wants(self, path: Path | None) -> bool:
        """Is a file that was named explicitly not excluded?"""
        return path is None or not self.run_options.force_exclude or not is_left_out(str(path), self._workspace)

    def stamps(self) -> dict[str, tuple[int, int]]:
        """Modification times (ns) and sizes (bytes) of the files that the result depends on."""
        files = self._targets()
        roots = {self._workspace.root(Path(target.path).parent).folder for target in files}
        roots |= set(bases(self.paths))
        walks = (files_below(root, most=self._workspace.root(root).most_files) for root in roots)
        found = {one.path: one.stamp for walk in walks for one in walk if one is not None}
        others = [target.path for target in files] + [path for root in roots for path in _sources(root)]
        others += [path for folder in {Path(path).parent for path in found} for path in _sources(folder)]
        return {**found, **{path: disk.stamp(path) or (0, 0) for path in others if path not in found}}

    def _targets(self) -> list[Target]:
        return targets(self.paths, self._workspace, force_exclude=self.run_options.force_exclude)

    def _cache(self, folder: str, files: Iterable[Target]) -> Cache:
        root = self.run_options.check_options.root(self._workspace, Path(folder))
        key = key_of(root, self.run_options.check_options, (target.path for target in files if target.root == folder))
        if key in self._caches:
            self._caches[key].look(root)
        else:
            self._caches[key] = Cache(root, key, on_disk=self.run_options.on_disk)
        return self._caches[key]

    def _known(self, cache: Cache, path: str) -> FileResult | None:
        """The findings of an earlier run; ``None`` if they are out of date, or there are fixes to apply."""
        one, wanted = cache.found(path), self.run_options.check_options
        if one is None or not wanted.fix:
            return one
        mends = [report.fix for report in one.reports]
        return None if any(mend is not None and (mend.safe or wanted.unsafe) for mend in mends) else one

    def _check(self, caches: dict[str, Cache], todo: dict[str, list[str]]) -> Iterator[FileResult]:
        job = Job(self.run_options.check_options, {root: cache.project_names for root, cache in caches.items()})
        return _with_bar(checked(job, todo, self.run_options.jobs), sum(map(len, todo.values())))

    def _kept(self, one: FileResult) -> FileResult:
        """A result, after writing its fixes if the options say so."""
        if not one.after or self.run_options.diff:
            return one
        trouble = _OUTSIDE if self._leads_out(one.path) else write_bytes(one.path, one.before, one.after)
        if trouble is None:
            return one
        return msgspec.structs.replace(one, error=trouble, fixed=0)

    def _leads_out(self, path: str) -> bool:
        """Is it a link, not named explicitly, to a file outside the named folders?"""
        if path in self.paths:
            return False
        real = os.path.realpath(path)
        return not any(real.startswith(os.path.realpath(named).rstrip(os.sep) + os.sep) for named in self.paths)


_OUTSIDE = FileError("it is a link to a file elsewhere, so it was left as it is: name it to fix what it leads to")


def _with_bar(results: Iterator[FileResult], total: int) -> Iterator[FileResult]:
    """Pass the results through; after one second, a terminal shows a progress bar."""
    start = monotonic()
    for number, result in enumerate(results, 1):
        yield result
        if monotonic() - start > _LONG and sys.stderr.isatty():
            from loopwise.cli.check.terminal import watched  # Costs 0.2 s.

            yield from watched(results, total, number)


def _sources(folder: Path) -> list[str]:
    """The configuration files in a folder that other files' checks depend on."""
    try:
        return [str(path) for path in folder.iterdir() if is_source(path.name)]
    except OSError:
        return []
