"""Connections other than standard input and output, and a client that died."""

__all__ = [
    "tcp",
    "watch_client",
    "websocket",
]
