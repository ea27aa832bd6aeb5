"""LW5xx: newer and simpler ways."""

__all__ = [
    "prefer_to_thread",
]
