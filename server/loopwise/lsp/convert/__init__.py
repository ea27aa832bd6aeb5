"""Values of the core as values of the protocol, and back."""

__all__ = [
    "edits",
    "findings",
    "items",
    "kinds",
    "messages",
    "positions",
]
