"""What other tools report anyway, finding by finding: ruff, flake8-async, pylint and the type checkers.

A finding is left to a tool only where the tool, as it is configured for that very file, reports that very place.
Which rules of a tool report which findings of ours is measured (:mod:`.agreements`); in doubt a finding is shown.
"""

from __future__ import annotations

from loopwise.diagnosis.companions.config import configurations
from loopwise.diagnosis.companions.reporting import NOBODY, Companions, Reporting, is_reported

__all__ = ["NOBODY", "Companions", "Reporting", "configurations", "is_reported"]
