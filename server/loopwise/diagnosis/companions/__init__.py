"""Other tools that a project has configured, and what they report of asyncio."""

from __future__ import annotations

from loopwise.diagnosis.companions.configured import companions

__all__ = [
    "companions",
]
