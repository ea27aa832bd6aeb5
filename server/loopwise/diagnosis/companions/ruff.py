"""The reports of ruff on a file."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable
from pathlib import Path

import msgspec

from loopwise import disk
from loopwise.diagnosis.companions.agreements import Rules, rules_of
from loopwise.diagnosis.companions.config import Config, Table, table, text, texts, toml, toml_configs, upwards
from loopwise.diagnosis.companions.patterns import maybe, surely
from loopwise.diagnosis.companions.requirements import NEWEST, Version, version_of
from loopwise.settings import read_toml

# Ruff's documentation, "Configuring Ruff": what `exclude` holds by default.
_EXCLUDE = tuple(
    ".bzr .direnv .eggs .git .git-rewrite .hg .ipynb_checkpoints .mypy_cache .nox .pants.d .pyenv .pytest_cache .pytype"
    " .ruff_cache .svn .tox .venv .vscode __pypackages__ _build buck-out build dist node_modules site-packages"
    " venv".split()
)
_OWN_FILES = (".ruff.toml", "ruff.toml")
_BASES = 5  # files that extend one another
_FIRST = re.compile(r"(\d+)\D+(\d+)")
# Told by `ruff check --show-settings`: the Python that it takes where nothing says one, by its own version.
_TARGETS = {(0, 17): (3, 11), (): (3, 10)}
_UP041_SINCE = (3, 11)  # before it, asyncio.TimeoutError is a class of its own
_REPOSITORY = re.compile(r"(?m)^\s*-\s*repo:")  # in pre-commit's configuration
_HOOK = re.compile(r"(?m)^\s*-?\s*id:")
_LINTS = re.compile(r"\s*ruff(?:-check)?\s*(?:\n|#|\Z)")
# Options of a hook by which ruff may report less than its configuration says.
_NARROWS = re.compile(r"--(?:select|ignore|extend-ignore|per-file-ignores|exclude|extend-exclude|config|isolated)\b")


class Chosen(msgspec.Struct, frozen=True):
    """The rules that a configuration selects."""

    select: tuple[str, ...] | None
    """None for ruff's default selection."""
    extend_select: tuple[str, ...]
    ignore: tuple[str, ...]
    preview: bool
    exact_preview: bool
    """Must preview rules be selected individually?"""

    def reports(self, code: str, rules: Rules, version: Version) -> bool:
        """Is a rule selected?  The longest prefix that names it decides, as in ruff."""
        chosen = _exactness(code, (*(self.select or ()), *self.extend_select))
        if self.select is None and code in rules.default and version >= rules.default_since:
            chosen = max(chosen, 1)
        if code in rules.preview and (not self.preview or (self.exact_preview and chosen < len(code))):
            return False
        return chosen > _exactness(code, self.ignore)


class Ruff(msgspec.Struct, frozen=True):
    """Ruff as configured for the files of a folder."""

    chain: tuple[Config, ...]
    """The nearest configuration, and those that it extends."""
    codes: frozenset[str]
    """The codes of its rules that are enabled."""


def configured(folder: Path) -> Ruff | None:
    """The configuration for the files of a folder; None if ruff does not run there."""
    config = next(toml_configs(folder, _OWN_FILES, "ruff"), None)
    if config is None:
        if version_of(folder, "ruff") is None and not _is_hooked(folder):
            return None
        config = Config(list(upwards(folder))[-1], {})
    chain = _with_bases(config)
    if chain is None:
        return None
    chosen, version, rules = _chosen(chain), _version(folder, chain), rules_of("ruff")
    aliases = _python(chain, folder, version) >= _UP041_SINCE
    codes = (
        code
        for code in rules.codes
        if version >= rules.since.get(code, ())
        and chosen.reports(code, rules, version)
        and (aliases or code != "UP041")
        # With names of their own for what may be unused, shapes do not tell which these are.
        and (code != "F841" or not any("dummy-variable-rgx" in _flat(each.table) for each in chain))
    )
    return Ruff(tuple(chain), frozenset(codes))


def reported(ruff: Ruff, path: Path) -> frozenset[str]:
    """The codes that are reported for a file."""
    if not _looks_at(path, ruff.chain):
        return frozenset()
    ignored = (*_ignored(path, ruff.chain), *(("UP041",) if _has_own_target(path, ruff.chain) else ()))
    return frozenset(code for code in ruff.codes if not _exactness(code, ignored))


def _with_bases(config: Config) -> list[Config] | None:
    """A configuration, and those that it extends; None if one cannot be read, because then ruff does not start."""
    chain = [config]
    while len(chain) < _BASES and isinstance(base := chain[-1].table.get("extend"), str):
        path = chain[-1].folder / Path(os.path.expandvars(base)).expanduser()
        document = toml(path)
        if not disk.is_file(path) or read_toml(path)[1] is not None:
            return None
        found = table(table(document, "tool"), "ruff") if path.name == "pyproject.toml" else document
        chain.append(Config(path.parent, found))
    return chain


def _chosen(chain: list[Config]) -> Chosen:
    flat = [_flat(each.table) for each in chain]
    select = next((texts(each["select"]) for each in flat if "select" in each), None)
    nearest = next((i for i, each in enumerate(flat) if "select" in each), len(flat) - 1)
    # A base's `ignore` holds until a nearer file selects anew.
    ignore = tuple(
        word for each in flat[: nearest + 1] for key in ("ignore", "extend-ignore") for word in texts(each.get(key))
    )
    extend = tuple(word for each in flat for word in texts(each.get("extend-select")))
    preview = next((each["preview"] for each in flat if "preview" in each), False) is True
    exact = next((each["explicit-preview-rules"] for each in flat if "explicit-preview-rules" in each), False) is True
    return Chosen(select, extend, ignore, preview, exact)


def _flat(config: Table) -> Table:
    """The linter's options, which are in a table of their own or, formerly, among the others."""
    return {**config, **table(config, "lint")}


def _looks_at(path: Path, chain: Iterable[Config]) -> bool:
    """Does ruff lint a file: is it included, and not excluded?"""
    chain = tuple(chain)
    for each in chain:
        extended = texts(each.table.get("extend-exclude"))
        linted = texts(table(each.table, "lint").get("exclude"))
        if maybe((*extended, *linted), path, each.folder):
            return False
    exclude = next(((each.folder, texts(each.table["exclude"])) for each in chain if "exclude" in each.table), None)
    folder, patterns = exclude if exclude is not None else (chain[0].folder, _EXCLUDE)
    if maybe(patterns, path, folder):
        return False
    include = next((each for each in chain if "include" in each.table), None)
    return include is None or surely(texts(include.table["include"]), path, include.folder)


def _ignored(path: Path, chain: Iterable[Config]) -> Iterable[str]:
    for each in chain:
        for key in ("per-file-ignores", "extend-per-file-ignores"):
            for pattern, words in table(_flat(each.table), key).items():
                if maybe((pattern,), path, each.folder):
                    yield from texts(words)


def _has_own_target(path: Path, chain: Iterable[Config]) -> bool:
    """May a configuration set a Python for single files?"""
    return any(maybe(table(each.table, "per-file-target-version"), path, each.folder) for each in chain)


def _version(folder: Path, chain: list[Config]) -> Version:
    """The version that the project uses: the newest if there is at most a lower bound."""
    required = next((each.table["required-version"] for each in chain if "required-version" in each.table), None)
    exact = re.match(r"\s*(?:==|~=)?\s*(\d[\d.]*)", required) if isinstance(required, str) else None
    if exact is not None:
        return tuple(int(part) for part in exact[1].split(".") if part)
    return version_of(folder, "ruff", "ruff-pre-commit") or NEWEST


def _is_hooked(folder: Path) -> bool:
    """Does pre-commit run ruff's linter, with nothing in its options that narrows what it reports?"""
    files = [text(each / ".pre-commit-config.yaml") for each in upwards(folder)]
    repositories = (each for said in files for each in _REPOSITORY.split(said)[1:])
    hooks = [hook for each in repositories if "ruff-pre-commit" in each for hook in _HOOK.split(each)[1:]]
    return any(_LINTS.match(hook) and not _NARROWS.search(hook) for hook in hooks)


def _python(chain: list[Config], folder: Path, version: Version) -> tuple[int, int]:
    """The oldest Python for which ruff checks the code."""
    said = [each.table.get("target-version") for each in chain]
    targets = [re.fullmatch(r"py(\d)(\d+)", word) for word in said if isinstance(word, str)]
    nearest = next((each / "pyproject.toml" for each in upwards(folder) if disk.is_file(each / "pyproject.toml")), None)
    required = table(toml(nearest), "project").get("requires-python") if nearest is not None else None
    found = targets[0] if targets else _FIRST.search(required) if isinstance(required, str) else None
    if found is None:
        return next(target for since, target in _TARGETS.items() if version >= since)
    return (int(found[1]), int(found[2]))


def _exactness(code: str, words: Collection[str]) -> int:
    """The length of the longest prefix that names a rule; 0 if none does."""
    given = frozenset(words)
    prefixes = (code[:length] for length in range(len(code), 0, -1))
    longest = next((len(word) for word in prefixes if word in given and _names(word, code)), 0)
    return longest or int("ALL" in given)


def _names(word: str, code: str) -> bool:
    """``ASYNC`` and ``ASYNC2`` name ``ASYNC210``, ``A`` does not; ``PL`` names ``PLE1142``."""
    letters, family = re.sub(r"\d+$", "", word), re.sub(r"\d+$", "", code)
    return word == "ALL" or (code.startswith(word) and (letters == family or (letters == "PL" and word == "PL")))
