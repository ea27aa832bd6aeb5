"""Refactorings at the cursor, without a finding: one file, one assist."""

__all__ = [
    "conversion",
    "offers",
]
