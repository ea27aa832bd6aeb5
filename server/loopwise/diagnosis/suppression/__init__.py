"""Comments that suppress findings, ours and those of other tools."""

from __future__ import annotations

from loopwise.diagnosis.suppression.directives import directives, means
from loopwise.diagnosis.suppression.names import PYLINT_CODES
from loopwise.diagnosis.suppression.suppress import UNUSED, Suppressed, suppressed, suppression

__all__ = [
    "PYLINT_CODES",
    "UNUSED",
    "Suppressed",
    "directives",
    "means",
    "suppressed",
    "suppression",
]
