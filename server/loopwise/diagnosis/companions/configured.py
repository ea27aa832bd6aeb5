"""Which rules of other tools a project has switched on, so that ours need not say the same."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from loopwise.diagnosis.companions import ruff as companions_ruff
from loopwise.diagnosis.companions.checkers import of_mypy, of_pyrefly, of_pyright, of_ty
from loopwise.diagnosis.companions.linters import of_flake8_async, of_pylint
from loopwise.rules.registry import all_rules


def companions(folder: Path) -> frozenset[str]:
    """The codes of the peers' rules, as our rules name them, that tools set up in ``folder`` report.

    Configurations are looked for in the folder and those above it, up to the one of its repository; what cannot be
    read says nothing, and what is not set up in the project is not taken to run.  Rules that say more than one of ours
    about the same place (that a variable is unused, that an attribute is missing) are not counted.
    """
    codes = _peers()
    found = (
        companions_ruff.reported(folder),
        of_flake8_async(folder, codes),
        of_pylint(folder),
        of_pyright(folder),
        of_mypy(folder),
        of_ty(folder),
        of_pyrefly(folder),
    )
    return frozenset().union(*found)


@cache
def _peers() -> frozenset[str]:
    return frozenset(peer for rule in all_rules().values() for peer in rule.peers)
