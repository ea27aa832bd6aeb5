"""Libraries: the packages in a project's environment, read as text and represented by summaries."""

from __future__ import annotations

from loopwise.semantics.libraries.background import Background
from loopwise.semantics.libraries.environment import find_environment
from loopwise.semantics.libraries.libraries import Batch, Libraries
from loopwise.semantics.libraries.reader import Reader

__all__ = [
    "Background",
    "Batch",
    "Libraries",
    "Reader",
    "find_environment",
]
