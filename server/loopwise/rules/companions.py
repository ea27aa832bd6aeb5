"""Which rules of other tools a project has switched on, so that ours need not say the same."""

from __future__ import annotations

from pathlib import Path


def companions(folder: Path) -> frozenset[str]:
    """The codes of the peers' rules, as our rules name them, that tools set up in ``folder`` report."""
    return frozenset()
