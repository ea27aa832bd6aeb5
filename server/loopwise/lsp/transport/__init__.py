"""Connections, the messages that arrive over them, a client that died, and a watch for long steps."""

__all__ = [
    "inbox",
    "stdio",
    "tcp",
    "watch_client",
    "websocket",
]
