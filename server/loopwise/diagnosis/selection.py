"""Selects the rules for a file, and the severity of their findings, from settings and companions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from pathlib import Path

import msgspec

from loopwise.analysis.rule import Evidence, Rule, Severity
from loopwise.diagnosis.companions import NOBODY, Companions, Reporting
from loopwise.diagnosis.run import Found
from loopwise.diagnosis.suppression import UNUSED
from loopwise.globs import matches
from loopwise.problem import Problem
from loopwise.project import Root
from loopwise.rules.registry import all_rules
from loopwise.settings import Layer, Settings

_EXACT = 1_000  # more than the longest start of a code
_OFF = "off"
_MOST_TOLD = 20  # words that name no rule: to look for a similar name takes 0.4 ms each


class Selection(msgspec.Struct, frozen=True):
    """The selection for one file."""

    rules: tuple[Rule, ...]
    """The rules that run."""
    named: frozenset[str] = frozenset()
    """Names of the rules that settings name individually: they are shown whatever another tool reports."""
    off: frozenset[str] = frozenset()
    """Names of the rules that do not run."""
    severities: Mapping[str, Severity] = {}
    """Severities by rule name, where settings change them."""
    reporting: Reporting = NOBODY
    """The other tools' reports on the file."""

    def severity(self, rule: Rule) -> Severity:
        """The severity of a rule's findings."""
        return self.severities.get(rule.name, rule.severity)

    def shown_as(self, found: Found) -> Severity:
        """The severity of a finding: at most its own, and at most a warning without certain evidence."""
        most = [self.severity(found.rule)]
        if found.finding.evidence is not Evidence.CERTAIN:
            most.append(Severity.WARNING)
        if found.finding.severity is not None:
            most.append(found.finding.severity)
        return max(most, key=list(Severity).index)


def selection_for(root: Root, path: Path | None) -> Selection:
    """The selection for a file of a root; without a path, for a text that is not a file."""
    key = (selection_for, path)
    if key not in root.derived:
        root.derived[key] = selection(root.settings, root.base, path, _companions(root).reporting(path))
    found: Selection = root.derived[key]
    return found


def _companions(root: Root) -> Companions:
    """The companions of a root, if the settings leave findings to them."""
    if Companions not in root.derived:
        wanted = root.settings.companion
        tools = () if wanted == "off" else None if wanted == "auto" else wanted
        root.derived[Companions] = Companions(tools, root.target)
    found: Companions = root.derived[Companions]
    return found


def selection(settings: Settings, folder: Path, path: Path | None, reporting: Reporting = NOBODY) -> Selection:
    """The selection for a file; ``folder`` is the folder that the patterns of ``settings`` are relative to.

    ``reporting`` are the other tools' reports on the file.
    """
    ignored = tuple(
        word
        for pattern, words in settings.per_file_ignores.items()
        if path is not None and matches(pattern, path, folder)
        for word in words
    )
    severity = tuple(settings.severity.items())
    lists = (settings.select, settings.extend_select, settings.ignore)
    chosen = _selected(*(tuple(dict.fromkeys(words)) for words in lists), severity, ignored)
    return msgspec.structs.replace(chosen, reporting=reporting) if reporting.peers else chosen


def widened(chosen: Selection) -> Selection:
    """The same selection plus all default rules, to see what else would be reported on a piece of code."""
    rules = tuple(rule for rule in all_rules().values() if rule.default_on or rule in chosen.rules)
    return msgspec.structs.replace(chosen, rules=rules)


def known_rules() -> tuple[Rule, ...]:
    """All rules that settings can name, in the order of codes."""
    return (UNUSED, *all_rules().values())


def named(word: str, rule: Rule) -> int:
    """The specificity with which a word in the settings names a rule: 0 if it does not, lowest for ``ALL``."""
    if word in {rule.name, rule.code}:
        return _EXACT
    if word == "ALL":
        return 1
    return len(word) if word.startswith("LW") and rule.code.startswith(word) else 0


def meant(text: str) -> tuple[Rule, ...]:
    """The rules meant by a name, a code, a code prefix (``LW2``), or another tool's code."""
    word = text.strip()
    name = word.lower().replace("_", "-")
    exact = [rule for rule in known_rules() if name == rule.name or word.upper() == rule.code]
    if exact or word == "ALL":
        return tuple(exact)
    # Our own codes and prefixes take precedence over those of other tools.
    starts = [rule for rule in known_rules() if named(word.upper(), rule)]
    return tuple(starts or [rule for rule in known_rules() if word in rule.peers])


def unknown_rules(layer: Layer, file: str) -> tuple[Problem, ...]:
    """Problems for the words in a settings layer that name no rule; of very many, the first ones."""
    words = [(key, word) for key in ("select", "extend-select", "ignore", "severity") for word in layer.get(key, ())]
    for pattern, given in layer.get("per-file-ignores", {}).items():
        words += [(f"per-file-ignores.{pattern}", word) for word in given]
    unknown = [(key, word) for key, word in dict.fromkeys(words) if not _is_known(word)]
    problems = [_unknown(file, key, word) for key, word in unknown[:_MOST_TOLD]]
    if len(unknown) > _MOST_TOLD:
        problems.append(Problem(file, "", 0, f"{len(unknown) - _MOST_TOLD} more words name no rule"))
    return tuple(problems)


def nearest(word: str) -> str | None:
    """The rule name or code that is most similar to a word."""
    from difflib import get_close_matches  # Only a mistake needs it.

    names = {rule.name: rule.name for rule in known_rules()} | {rule.code.lower(): rule.code for rule in known_rules()}
    close = get_close_matches(word.lower().replace("_", "-"), list(names), 1)
    return names[close[0]] if close else None


@lru_cache(256)
def _selected(
    select: tuple[str, ...],
    extend: tuple[str, ...],
    ignore: tuple[str, ...],
    severity: tuple[tuple[str, str], ...],
    ignored: tuple[str, ...],
) -> Selection:
    levels = {rule.name: _level(rule, severity) for rule in known_rules()}
    switched = tuple(word for word, level in severity if level != _OFF and _is_exact(word))
    on = {
        rule.name
        for rule in known_rules()
        if _is_on(rule, select, (*extend, *switched), ignore)
        and levels[rule.name] != _OFF
        and not any(named(word, rule) for word in ignored)
    }
    rules = tuple(rule for rule in all_rules().values() if rule.name in on)
    return Selection(
        rules,
        frozenset(rule.name for rule in rules if _best(rule, (*select, *extend, *switched)) == _EXACT),
        frozenset(rule.name for rule in known_rules() if rule.name not in on),
        {name: Severity(level) for name, level in levels.items() if level not in {None, _OFF}},
    )


def _is_on(rule: Rule, select: tuple[str, ...], extend: tuple[str, ...], ignore: tuple[str, ...]) -> bool:
    """Is a rule selected more exactly than it is ignored?"""
    chosen = max(_best(rule, select) if select else int(rule.default_on), _best(rule, extend))
    return chosen > _best(rule, ignore)


def _best(rule: Rule, words: Iterable[str]) -> int:
    return max((named(word, rule) for word in words), default=0)


def _level(rule: Rule, severity: Iterable[tuple[str, str]]) -> str | None:
    """The level for the most exact word; the later one of two."""
    said = [(named(word, rule), level) for word, level in severity if named(word, rule)]
    most = max((exact for exact, _ in said), default=0)
    return [level for exact, level in said if exact == most][-1] if said else None


def _is_exact(word: str) -> bool:
    return any(named(word, rule) == _EXACT for rule in known_rules())


def _is_known(word: str) -> bool:
    return word in _words() or any(named(word, rule) for rule in (known_rules() if word.startswith("LW") else ()))


@cache
def _words() -> frozenset[str]:
    """All that names a rule exactly, or all rules."""
    return frozenset({"ALL"}.union(*({rule.name, rule.code} for rule in known_rules())))


def _unknown(file: str, key: str, word: str) -> Problem:
    if re.fullmatch(r"(?i)lw\d*", word) and word.upper() not in {rule.code for rule in known_rules()}:
        families = sorted({rule.code[:3] for rule in known_rules()})
        return Problem(file, key, 0, f"no rule `{word}`: the code prefixes are {', '.join(families)}")
    close = nearest(word)
    advice = f"did you mean `{close}`?" if close else "`loopwise explain LW` lists them"
    return Problem(file, key, 0, f"no rule `{word}`: {advice}")
