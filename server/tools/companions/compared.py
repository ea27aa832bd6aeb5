"""Compare our findings with the reports of other tools: the shapes that each of their rules always reports."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import peers
from ours import Ours

# Who has a rule that is called so: the codes of the linters look alike.
_OWNERS = (
    (("ASYNC",), ("ruff", "flake8-async")),
    (("RUF", "PL", "UP", "PT", "F8"), ("ruff",)),
    (("E1", "W0"), ("pylint",)),
    (("report",), ("pyright",)),
)

Said = dict[str, dict[str, list[peers.Said]]]
"""Messages by tool and Python; those of linters are under ``""``."""
Python = str


class Agreement(NamedTuple):
    tool: str
    code: str
    rule: str
    pythons: str = ""
    """The Pythons of a type checker for which it holds, such as ``-3.12``; empty for all."""


def agreements(found: Iterable[Ours], said: Said) -> Mapping[Agreement, list[str]]:
    """The shapes that each peer always reports when one of our rules finds them."""
    counts: dict[tuple[Agreement, str], dict[Python, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    places = {tool: {python: _by_place(each) for python, each in by.items()} for tool, by in said.items()}
    for one in found:
        for code in one.rule.peers:
            for tool in said.keys() & _owners(code):
                if tool in peers.CHECKERS and not one.checked:
                    continue
                for python, by_place in places[tool].items():
                    same = by_place.get((one.file, code), ())
                    agrees = any(each.first <= one.last and one.first <= each.last for each in same)
                    counts[Agreement(tool, code, one.rule.name), one.shape][python][agrees] += 1
    result: dict[Agreement, list[str]] = defaultdict(list)
    for (agreement, shape), by_python in sorted(counts.items()):
        for held in _ranges([python for python, (no, yes) in by_python.items() if yes and not no], list(by_python)):
            result[agreement._replace(pythons=held)].append(shape)
    return result


def _by_place(said: Iterable[peers.Said]) -> Mapping[tuple[str, str], list[peers.Said]]:
    found: dict[tuple[str, str], list[peers.Said]] = defaultdict(list)
    for one in said:
        found[one.file, one.code].append(one)
    return found


def _ranges(held: list[Python], known: list[Python]) -> Iterator[str]:
    """The runs of neighbours among the known Pythons, as ranges that are open at the ends of what is known."""
    runs: list[list[Python]] = []
    for python in held:
        if runs and known.index(runs[-1][-1]) + 1 == known.index(python):
            runs[-1].append(python)
        else:
            runs.append([python])
    for run in runs:
        first, last = ("" if run[0] == known[0] else run[0]), ("" if run[-1] == known[-1] else run[-1])
        yield f"{first}-{last}" if last else f"{first}+" if first else ""


def _owners(code: str) -> tuple[str, ...]:
    return next((tools for starts, tools in _OWNERS if code.startswith(starts)), ("mypy", "ty", "pyrefly"))
