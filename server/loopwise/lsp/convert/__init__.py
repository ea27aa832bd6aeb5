"""Values of the core as values of the protocol, and back."""

__all__ = [
    "capabilities",
    "edits",
    "findings",
    "items",
    "kinds",
    "positions",
]
