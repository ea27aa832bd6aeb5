"""Refactorings at the cursor that need no finding: one assist per file."""

__all__ = [
    "conversion",
    "offers",
]
