"""The language server: the only package that imports pygls and lsprotocol."""

__all__ = [
    "demo",
    "server",
    "transport",
]
