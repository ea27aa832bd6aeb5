"""The command line: the same core, shown in a terminal."""

__all__ = [
    "main",
]
