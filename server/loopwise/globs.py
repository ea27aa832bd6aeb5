"""Path patterns with the syntax of ``.gitignore``.

They may come from a cloned repository, so any pattern is matched in linear time.  As an ordinary regular expression,
pathspec's included, a pattern with a dozen stars would take practically forever.
"""

from __future__ import annotations

import os
import re
from collections import deque
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import count, islice
from pathlib import Path

import msgspec
from pathspec import GitIgnoreSpec, RegexPattern
from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

# fnmatch's syntax plus the backslash, which only .gitignore allows.
_TOKEN = re.compile(r"\*|(?P<set>\[[!^]?\]?[^\]]*\])|\\(?P<escaped>.)|.", re.DOTALL)

_RANGE = re.compile(r"(.)(?:-(.))?", re.DOTALL)  # of a set; a minus sign can begin or end one


def matches(pattern: str, path: Path, folder: Path) -> bool:
    """Does a pattern match a file, or a folder that contains it?

    ``folder`` is the pattern's folder: ``tests`` matches any file or folder below it with that name, ``/tests`` and
    ``a/tests`` only that one, ``tests/`` only a folder.  A leading ``!`` negates the result.
    """
    if pattern.startswith("!"):
        return not matches(pattern[1:], path, folder)
    try:
        relative = path.relative_to(folder).as_posix()
    except ValueError:
        return False
    return compiled(pattern).match(relative) is not None


class Exclude(msgspec.Struct, frozen=True):
    """Patterns that exclude paths, like a .gitignore file in a folder."""

    patterns: tuple[str, ...] = ()
    folder: str = ""
    """The absolute path that the patterns are relative to."""

    def says(self, path: str, *, folder: bool) -> bool | None:
        """Is a file or folder excluded?  The last matching pattern decides; None if no pattern matches."""
        start = f"{self.folder.rstrip(os.sep)}{os.sep}"
        if not self.patterns or not path.startswith(start):
            return None
        below = path[len(start) :].replace(os.sep, "/")
        return spec_of(self.patterns).check_file(f"{below}/" if folder else below).include


@lru_cache(256)
def spec_of(lines: tuple[str, ...]) -> GitIgnoreSpec:
    """The patterns of some lines; invalid lines are left out."""
    patterns = {line: pattern for line in lines if (pattern := _pattern(line)) is not None}
    return GitIgnoreSpec.from_lines([line for line in lines if line in patterns], patterns.__getitem__)


def _pattern(line: str) -> RegexPattern | None:
    """A line as pathspec reads it, but with an expression that matches in linear time; ``ps_d`` marks a folder."""
    body = (line if line.endswith("\\ ") else line.rstrip()).removeprefix("!")
    only_folders, parts = body.endswith("/"), body.strip("/").split("/")
    try:
        plain, include = GitIgnoreSpecPattern.pattern_to_regex(line)
        if plain is None or include is None:
            return None
        if len(parts) == 1 and parts[0] in {"*", "**"}:
            return RegexPattern(re.compile(plain), include)  # all there is, or all folders
        if len(parts) == 1 and not body.startswith("/"):
            parts = ["**", *parts]
        end = "(?P<ps_d>/)" if only_folders else r"(?:(?P<ps_d>/)|\Z)"
        return RegexPattern(re.compile(_linear(parts) + end), include)
    except (ValueError, re.error):
        return None


def folders_of(top: Path, pattern: str, most: int) -> list[Path]:
    """The folders below ``top`` that a pattern matches, in order; at most ``most`` are visited for each part of it."""
    found = {top: None}
    for part in pattern.strip("/").split("/"):
        if part == "**":
            found.update((each, None) for place in list(found) for each in islice(_below(place), most))
        elif any(sign in part for sign in "*?["):
            fits = re.compile(_linear([part]) + r"\Z")
            found = {each: None for place in found for each in _in(place) if fits.match(each.name)}
        else:
            found = {place / part: None for place in found}
        found = dict(islice(found.items(), most))
    return sorted(found)


def _below(folder: Path) -> Iterator[Path]:
    """The folders below a folder, those near the top first; links are not followed."""
    ahead = deque([folder])
    while ahead:
        for each in _in(ahead.popleft()):
            yield each
            ahead.append(each)


def _in(folder: Path) -> Iterator[Path]:
    try:
        with os.scandir(folder) as entries:
            names = sorted(entry.name for entry in entries if entry.is_dir(follow_symlinks=False))
    except (OSError, ValueError):
        return
    yield from (folder / name for name in names)


@lru_cache(1024)
def compiled(pattern: str) -> re.Pattern[str]:
    """The pattern for a whole relative path with slashes; a ``!`` is ignored."""
    body = pattern.removeprefix("./").rstrip()
    only_folders = body.endswith("/")
    parts = body.strip("/").split("/")
    if "/" not in body.rstrip("/"):
        parts = ["**", *parts]
    try:
        return re.compile(rf"{_linear(parts)}(?:/.*){'' if only_folders else '?'}\Z", re.DOTALL)
    except re.error:
        return re.compile(r"(?!)")


def _linear(parts: Sequence[str]) -> str:
    """The parts of a path as an expression that matches in linear time.

    The first position at which the text before a star, or before ``**``, matches is as good as any later one, so it is
    never given up: ``(?=(…))`` with a backreference is how Python 3.10 writes an atomic group.
    """
    # `a/**` is all below `a`; pathspec takes it for `a` itself as well, which git does not.
    parts = [*parts, "*"] if parts[-1:] == ["**"] else parts
    names = (f"g{number}" for number in count())
    runs: list[list[str]] = [[]]
    for part in parts:
        if part == "**":
            runs.append([])
        else:
            runs[-1].append(_one(part, names))
    runs[1:-1] = [run for run in runs[1:-1] if run]
    found = [f"{one}/" for one in runs[0]] if len(runs) > 1 else ["/".join(runs[0])]
    found += [_first(rf"(?:[^/]+/)*?{'/'.join(run)}/", next(names)) for run in runs[1:-1]]
    found += ["(?:[^/]+/)*" + "/".join(runs[-1])] if len(runs) > 1 else []
    return rf"\A{''.join(found)}"


def _one(part: str, names: Iterator[str]) -> str:
    """A part between slashes."""
    if not part.strip("*"):
        return "[^/]+" if part else "(?!)"
    chunks = [""]
    for one in _TOKEN.finditer(part):
        if one[0] == "*":
            chunks.append("")
        else:
            chunks[-1] += _token(one)
    inner = [_first(f"[^/]*?{chunk}", next(names)) for chunk in chunks[1:-1] if chunk]
    return chunks[0] + "".join(inner) + (f"[^/]*{chunks[-1]}" if len(chunks) > 1 else "")


def _first(expression: str, name: str) -> str:
    """Match the first fitting position only."""
    return f"(?=(?P<{name}>{expression}))(?P={name})"


def _token(one: re.Match[str]) -> str:
    if one["set"]:
        inner = one["set"][1:-1]
        negated = inner[:1] in {"!", "^"}
        ranges = _RANGE.finditer(inner[1:] if negated else inner)
        plain = "".join("-".join(map(re.escape, filter(None, each.groups()))) for each in ranges)
        return f"(?!/)[{'^' if negated else ''}{plain}]"
    if one["escaped"]:
        return re.escape(one["escaped"])
    return "[^/]" if one[0] == "?" else re.escape(one[0])
