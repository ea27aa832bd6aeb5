"""Finds out which findings other tools report as well: ruff, flake8-async, pylint and the type checkers.

A finding is left to a tool only if the tool, as configured for that very file, reports that very place. The
correspondence between their rules and ours is measured (:mod:`.agreements`); in doubt a finding is shown.
"""

from __future__ import annotations

from loopwise.diagnosis.companions.config import configurations
from loopwise.diagnosis.companions.reporting import NOBODY, Companions, Reporting, is_reported

__all__ = ["NOBODY", "Companions", "Reporting", "configurations", "is_reported"]
