"""Connections, the messages that arrive over them, and a client that died."""

__all__ = [
    "inbox",
    "stdio",
    "tcp",
    "watch_client",
    "websocket",
]
