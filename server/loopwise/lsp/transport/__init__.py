"""Connections, the messages that arrive over them, and the detection of dead clients."""

__all__ = [
    "inbox",
    "stdio",
    "tcp",
    "watch_client",
    "websocket",
]
