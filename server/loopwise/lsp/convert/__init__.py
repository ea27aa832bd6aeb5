"""Converts values of the core to values of the protocol, and back."""

__all__ = ["capabilities", "edits", "findings", "items", "kinds", "markup", "messages", "positions", "values"]
