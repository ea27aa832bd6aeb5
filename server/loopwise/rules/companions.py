"""Which rules of other tools a project has switched on, so that ours need not say the same."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from loopwise.rules import companions_ruff
from loopwise.rules.companions_checkers import of_mypy, of_pyrefly, of_pyright, of_ty
from loopwise.rules.companions_linters import of_flake8_async, of_pylint
from loopwise.rules.registry import all_rules

# They say of the same place that a variable is unused; to delete it is the wrong cure.
_SAY_SOMETHING_ELSE = frozenset({"F841", "W0612", "reportUnusedVariable"})


def companions(folder: Path) -> frozenset[str]:
    """The codes of the peers' rules, as our rules name them, that tools set up in ``folder`` report.

    Configurations are looked for in the folder and those above it, up to the one of the repository; what cannot be
    read says nothing, and what is not set up in the project is not taken to run.
    """
    codes = _peers()
    found = (
        companions_ruff.reported(folder),
        of_flake8_async(folder, codes),
        of_pylint(folder, codes),
        of_pyright(folder, codes),
        of_mypy(folder),
        of_ty(folder),
        of_pyrefly(folder),
    )
    return frozenset().union(*found) - _SAY_SOMETHING_ELSE


@cache
def _peers() -> frozenset[str]:
    return frozenset(peer for rule in all_rules().values() for peer in rule.peers)
